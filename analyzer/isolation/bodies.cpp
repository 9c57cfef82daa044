// Functions of the schema and DO blocks to verdicts of their statements, and to summaries for those
// who call them. Decides what a body is judged with (names, tables of a trigger, which parameters
// are the tenant); body_walk.cpp and the prover judge it.
#include "analyzer/isolation/bodies.h"

#include <algorithm>
#include <limits>
#include <optional>
#include <unordered_map>

#include "analyzer/isolation/body_walk.h"
#include "analyzer/isolation/function_body.h"

namespace tenantlint::isolation {

namespace {

bool is_input(const schema::Parameter& p) {
  return p.mode != ast::ParameterMode::Out && p.mode != ast::ParameterMode::Table;
}

// The value of SET search_path, by name.
std::vector<std::string_view> path_of(std::string_view value) {
  std::vector<std::string_view> out;
  while (!value.empty()) {
    const std::size_t comma = value.find(',');
    std::string_view name = value.substr(0, comma);
    value = comma == std::string_view::npos ? std::string_view() : value.substr(comma + 1);
    const std::size_t begin = name.find_first_not_of(" \"'");
    if (begin == std::string_view::npos) continue;
    out.push_back(name.substr(begin, name.find_last_not_of(" \"'") + 1 - begin));
  }
  return out;
}

std::vector<std::string_view> search_path(const schema::Function& function) {
  for (const auto& [name, value] : function.settings) {
    if (name == "search_path") return path_of(value);
  }
  if (!function.search_path.empty()) return function.search_path;
  return NameScope{}.search_path;
}

bool same(const FunctionSummary& a, const FunctionSummary& b) {
  return a.reads_tenant_data == b.reads_tenant_data && a.verdict == b.verdict &&
         a.tenant_parameters == b.tenant_parameters;
}

void keep_worse(BodyVerdict& out, BodyVerdict more) {
  out.verdict = std::max(out.verdict, more.verdict);
  out.depends_on_text = out.depends_on_text || more.depends_on_text;
  for (Remark& r : more.remarks) out.remarks.push_back(std::move(r));
  for (std::size_t i = 0; i < more.statements.size() && i < out.statements.size(); ++i) {
    if (more.statements[i].judged.verdict <= out.statements[i].judged.verdict) continue;
    out.statements[i] = std::move(more.statements[i]);
  }
}

// [tenancy] functions say what the tenant is; that is for the configuration to be sure of.
bool is_configured(const SourceOptions& options, const schema::Function& function) {
  return std::any_of(options.functions.begin(), options.functions.end(), [&](const auto& name) {
    const std::size_t dot = name.rfind('.');
    if (dot == std::string::npos) return name == function.name;
    return name.substr(dot + 1) == function.name && function.schema != nullptr &&
           name.substr(0, dot) == function.schema->name;
  });
}

// What touches no rows is of no interest.
void leave_out_others(BodyVerdict& verdict) {
  std::erase_if(verdict.statements, [](const BodyStatement& s) {
    return s.parsed && !s.judged.is_query && s.judged.occurrences.empty();
  });
}

}  // namespace

struct Bodies::Impl {
  Impl(Bodies& owner, const schema::Model& m, const schema::Tenancy& t, const SourceOptions& o)
      : model(m),
        tenancy(t),
        options(o),
        prover(m, t, options, &owner),
        context{m, t, options, prover} {
    for (const schema::Trigger& trigger : m.triggers) {
      if (trigger.dropped || trigger.function == nullptr || trigger.parent != nullptr) continue;
      note_trigger(trigger);
    }
  }

  void note_trigger(const schema::Trigger& trigger);

  BodyVerdict judge(const schema::Function& function, const std::vector<bool>* tenant_parameters);
  BodyVerdict judge_sql(const schema::Function& function,
                        const std::vector<bool>* tenant_parameters);
  BodyVerdict judge_plpgsql(const schema::Function& function,
                            const std::vector<bool>* tenant_parameters);
  FunctionSummary summary(const schema::Function& function);
  FunctionSummary summarise(const schema::Function& function);
  std::vector<int> needed_parameters(const schema::Function& function);

  const schema::Model& model;
  const schema::Tenancy& tenancy;
  const SourceOptions options;
  Prover prover;
  BodyContext context;
  FunctionBodies sql_bodies;
  std::unordered_map<const schema::Function*, std::unique_ptr<BodyCode>> code;
  struct TriggerTable {
    const schema::Relation* table = nullptr;
    std::vector<TransitionTable> transitions;
  };
  std::unordered_map<const schema::Function*, std::vector<TriggerTable>> trigger_tables;
  std::unordered_map<const schema::Function*, std::unique_ptr<BodyVerdict>> verdicts;

  // Functions that call themselves: a summary is assumed for those that are being judged, and they
  // are judged again until it is what comes out.
  static constexpr std::size_t kNoHit = std::numeric_limits<std::size_t>::max();
  struct InProgress {
    const schema::Function* function;
    FunctionSummary assumed;
  };
  std::unordered_map<const schema::Function*, FunctionSummary> summaries;
  std::vector<InProgress> stack;
  std::vector<const schema::Function*> tentative;  // summaries that rest on an assumed one
  std::size_t lowest_hit = kNoHit;                 // the outermost one that was assumed
};

void Bodies::Impl::note_trigger(const schema::Trigger& trigger) {
  std::vector<TriggerTable>& tables = trigger_tables[trigger.function];
  auto at = std::find_if(tables.begin(), tables.end(),
                         [&](const TriggerTable& t) { return t.table == trigger.table; });
  if (at == tables.end()) at = tables.insert(tables.end(), {trigger.table, {}});
  if (trigger.tree == nullptr) return;
  for (const std::string_view name : {trigger.tree->old_table, trigger.tree->new_table}) {
    if (!name.empty()) at->transitions.push_back({name, trigger.table});
  }
}

BodyVerdict Bodies::Impl::judge(const schema::Function& function,
                                const std::vector<bool>* tenant_parameters) {
  BodyVerdict out;
  out.function = &function;
  if (function.tree == nullptr || function.text == nullptr) return out;
  if (is_configured(options, function)) return out;
  if (function.language == "sql") {
    out = judge_sql(function, tenant_parameters);
  } else if (function.language == "plpgsql") {
    out = judge_plpgsql(function, tenant_parameters);
  }
  out.function = &function;
  return out;
}

BodyVerdict Bodies::Impl::judge_sql(const schema::Function& function,
                                    const std::vector<bool>* tenant_parameters) {
  BodyVerdict out;
  const FunctionBody& body = sql_bodies.of(function);
  std::vector<Variable> variables;
  int number = 0;
  for (const schema::Parameter& p : function.parameters) {
    if (!is_input(p)) continue;
    Variable& v = variables.emplace_back();
    v.name = p.name;
    v.qualifier = function.name;
    v.number = ++number;
    const auto i = static_cast<std::size_t>(number - 1);
    v.tenant = tenant_parameters == nullptr || (*tenant_parameters)[i];
  }
  NameScope names;
  names.search_path = search_path(function);
  names.variables = &variables;
  if (function.tree->has_atomic_body) {
    names.bindings = &function.bindings;
    names.step = function.body_step;
  }
  for (std::size_t i = 0; i < body.statements.size(); ++i) {
    if (body.statements[i] == nullptr) continue;
    BodyStatement& s = out.statements.emplace_back();
    s.place = body.text->place(body.spans[i]);
    s.judged = prover.prove(*body.statements[i], *body.text, names);
    out.verdict = std::max(out.verdict, s.judged.verdict);
  }
  if (body.parsed) return out;
  BodyStatement& s = out.statements.emplace_back();
  s.place = function.place;
  s.parsed = false;
  s.judged.verdict = out.verdict = Verdict::Unknown;
  Occurrence& o = s.judged.occurrences.emplace_back();
  o.reason = reason::kNotParsed;
  o.detail = body.error;
  o.place = body.error_place.known() ? body.error_place : function.place;
  return out;
}

BodyVerdict Bodies::Impl::judge_plpgsql(const schema::Function& function,
                                        const std::vector<bool>* tenant_parameters) {
  std::unique_ptr<BodyCode>& parsed = code[&function];
  if (parsed == nullptr) {
    parsed = std::make_unique<BodyCode>(function.tree->body, *function.text);
  }
  BodyTask task;
  task.function = &function;
  task.search_path = search_path(function);
  task.tenant_parameters = tenant_parameters;
  const auto found = trigger_tables.find(&function);
  if (found == trigger_tables.end()) return BodyWalk(context, *parsed, task).run();
  std::optional<BodyVerdict> out;
  for (const TriggerTable& fires : found->second) {
    task.trigger_table = fires.table;
    task.transitions = &fires.transitions;
    BodyVerdict verdict = BodyWalk(context, *parsed, task).run();
    if (!out) {
      out = std::move(verdict);
    } else {
      keep_worse(*out, std::move(verdict));
    }
  }
  return std::move(*out);
}

// Which parameters must be the tenant for the body to be proven: those without which it is not.
// One is left out after the other, so that what is left is enough.
std::vector<int> Bodies::Impl::needed_parameters(const schema::Function& function) {
  std::vector<int> out;
  const auto inputs = static_cast<std::size_t>(
      std::count_if(function.parameters.begin(), function.parameters.end(), is_input));
  std::vector<bool> tenant(inputs, false);
  if (inputs == 0 || judge(function, &tenant).verdict == Verdict::Proven) return out;
  tenant.assign(inputs, true);
  for (std::size_t i = 0; i < inputs; ++i) {
    tenant[i] = false;
    if (judge(function, &tenant).verdict == Verdict::Proven) continue;
    tenant[i] = true;
    out.push_back(static_cast<int>(i) + 1);
  }
  return out;
}

FunctionSummary Bodies::Impl::summarise(const schema::Function& function) {
  FunctionSummary out;
  if (function.language != "sql" && function.language != "plpgsql") return out;
  if (function.tree == nullptr || function.text == nullptr) return out;
  const BodyVerdict verdict = judge(function, nullptr);
  out.verdict = verdict.verdict;
  if (out.verdict == Verdict::Proven) out.tenant_parameters = needed_parameters(function);
  out.reads_tenant_data =
      out.verdict != Verdict::Proven || !out.tenant_parameters.empty() ||
      std::any_of(verdict.statements.begin(), verdict.statements.end(),
                  [](const BodyStatement& s) { return !s.judged.occurrences.empty(); });
  return out;
}

FunctionSummary Bodies::Impl::summary(const schema::Function& function) {
  const auto known = summaries.find(&function);
  if (known != summaries.end()) return known->second;
  for (std::size_t i = 0; i < stack.size(); ++i) {
    if (stack[i].function != &function) continue;
    lowest_hit = std::min(lowest_hit, i);
    return stack[i].assumed;
  }
  constexpr std::size_t kDeepest = 60;
  if (stack.size() >= kDeepest) return {};
  constexpr int kMostRounds = 6;
  const std::size_t outer_hit = lowest_hit;
  const std::size_t own = stack.size();
  const std::size_t first_tentative = tentative.size();
  stack.push_back({&function, {false, Verdict::Proven, {}}});
  FunctionSummary out;
  for (int round = 0;; ++round) {
    lowest_hit = kNoHit;
    out = summarise(function);
    if (lowest_hit > own) lowest_hit = kNoHit;
    if (lowest_hit == kNoHit || same(out, stack[own].assumed)) break;
    for (std::size_t i = first_tentative; i < tentative.size(); ++i) summaries.erase(tentative[i]);
    tentative.resize(first_tentative);
    stack[own].assumed = out;
    if (round < kMostRounds) continue;
    out = FunctionSummary{};
    break;
  }
  stack.pop_back();
  summaries.emplace(&function, out);
  if (lowest_hit < own) {
    tentative.push_back(&function);
  } else {
    tentative.resize(first_tentative);
    lowest_hit = kNoHit;
  }
  lowest_hit = std::min(lowest_hit, outer_hit);
  return out;
}

Bodies::Bodies(const schema::Model& model, const schema::Tenancy& tenancy,
               const SourceOptions& sources)
    : impl_(std::make_unique<Impl>(*this, model, tenancy, sources)) {}
Bodies::~Bodies() = default;

Prover& Bodies::prover() {
  return impl_->prover;
}

const BodyVerdict& Bodies::judge(const schema::Function& function) {
  std::unique_ptr<BodyVerdict>& known = impl_->verdicts[&function];
  if (known == nullptr) {
    BodyVerdict verdict = impl_->judge(function, nullptr);
    leave_out_others(verdict);
    known = std::make_unique<BodyVerdict>(std::move(verdict));
  }
  return *known;
}

BodyVerdict Bodies::judge(const ast::DoBlock& block, const SqlText& text, const NameScope& scope) {
  BodyVerdict out;
  if (block.language != "plpgsql") {
    BodyStatement& s = out.statements.emplace_back();
    s.place = text.place(block.at, Extent::Token);
    s.parsed = false;
    s.judged.verdict = out.verdict = Verdict::Unknown;
    Occurrence& o = s.judged.occurrences.emplace_back();
    o.reason = reason::kNotUnderstood;
    o.detail = "The block is written in " + std::string(block.language);
    o.place = s.place;
    return out;
  }
  BodyCode code(block.body, text);
  BodyTask task;
  task.search_path = scope.search_path;
  out = BodyWalk(impl_->context, code, task).run();
  leave_out_others(out);
  return out;
}

FunctionSummary Bodies::summary(const schema::Function& function) {
  return impl_->summary(function);
}

}  // namespace tenantlint::isolation
