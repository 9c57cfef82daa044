// In: query files as scripts, the schema, the configuration. Out: a verdict for each statement.
// Decides what a statement is judged with (search_path, sources) and spreads the work over threads;
// the judgement itself is isolation::Prover's.
#include "analyzer/driver/queries.h"

#include <algorithm>

#include "analyzer/driver/parallel.h"
#include "analyzer/driver/query_paths.h"
#include "analyzer/text/glob.h"

namespace tenantlint {

namespace {

using isolation::Verdict;

// Below this a thread costs more than it saves.
constexpr std::size_t kStatementsPerJob = 256;

struct Task {
  const sql::ScriptStatement* statement;
  std::size_t paths;  // index into the list of paths
  QueryFacts* facts;
};

class Judge {
 public:
  explicit Judge(const QueryContext& context)
      : context_(context), sources_(source_options(context.config.tenancy)) {}

  std::vector<QueryFacts> run(std::span<const sql::Script* const> scripts);

 private:
  void collect(const sql::Script& script);
  void judge(isolation::Bodies& bodies, const Task& task) const;

  const QueryContext& context_;
  const isolation::SourceOptions sources_;
  std::vector<std::vector<SearchPath>> paths_;  // each: the alternatives for some statements
  std::vector<QueryFacts> facts_;
  std::vector<Task> tasks_;
};

void Judge::collect(const sql::Script& script) {
  QueryPaths paths(context_.model, context_.start_path, context_.config.roles.app);
  paths_.push_back(paths.current());
  for (const sql::ScriptStatement& statement : script.statements) {
    QueryFacts& facts = facts_.emplace_back();
    facts.place = statement.text->place(statement.span);
    facts.source = &context_.sources[facts.place.known() ? facts.place.file : script.file];
    tasks_.push_back({&statement, paths_.size() - 1, nullptr});
    if (statement.tree != nullptr && paths.follow(*statement.tree, statement.uncertain))
      paths_.push_back(paths.current());
  }
}

// What a DO block does, as one statement.
isolation::StatementVerdict of_block(isolation::BodyVerdict body) {
  isolation::StatementVerdict out;
  out.kind = isolation::StatementKind::Do;
  out.verdict = body.verdict;
  out.is_query = true;
  out.remarks = std::move(body.remarks);
  for (isolation::BodyStatement& statement : body.statements) {
    auto& [kind, verdict, occurrences, remarks, source, is_query] = statement.judged;
    std::move(occurrences.begin(), occurrences.end(), std::back_inserter(out.occurrences));
    std::move(remarks.begin(), remarks.end(), std::back_inserter(out.remarks));
  }
  return out;
}

void Judge::judge(isolation::Bodies& bodies, const Task& task) const {
  isolation::StatementVerdict& out = task.facts->judged;
  const sql::ScriptStatement& statement = *task.statement;
  if (statement.tree == nullptr) {
    task.facts->parsed = false;
    out.verdict = Verdict::Unknown;
    return;
  }
  bool first = true;
  for (const SearchPath& names : paths_[task.paths]) {
    isolation::NameScope scope;
    scope.search_path.assign(names.begin(), names.end());
    const auto* block = ast::as<ast::DoBlock>(statement.tree);
    isolation::StatementVerdict found =
        block != nullptr ? of_block(bodies.judge(*block, *statement.text, scope))
                         : bodies.prover().prove(*statement.tree, *statement.text, scope);
    // It has to hold under each path that may be in force.
    if (first || found.verdict > out.verdict) out = std::move(found);
    first = false;
  }
  if (paths_[task.paths].size() > 1) {
    // What mends it under one path may be an error under another.
    for (isolation::Occurrence& o : out.occurrences) o.where_clause = o.fix_after = Place{};
  }
  if (!statement.executes_result) return;
  isolation::Occurrence& runs = out.occurrences.emplace_back();
  runs.verdict = Verdict::Unknown;
  runs.reason = isolation::reason::kDynamicText;
  runs.detail = "\\gexec runs what the statement returns";
  runs.place = task.facts->place;
  out.verdict = std::max(out.verdict, Verdict::Unknown);
  out.is_query = true;
}

// "public.total(uuid, integer)"
std::string signature(const schema::Function& function) {
  std::string out = function.schema == nullptr ? "" : std::string(function.schema->name) + ".";
  out.append(function.name).append("(");
  bool first = true;
  for (const schema::Parameter& p : function.parameters) {
    if (p.mode == ast::ParameterMode::Out || p.mode == ast::ParameterMode::Table) continue;
    out.append(first ? "" : ", ").append(schema::format_type(p.type));
    first = false;
  }
  return out + ")";
}

void add_body(const QueryContext& context, const schema::Function& function,
              const isolation::BodyVerdict& body, std::vector<QueryFacts>& out) {
  const auto add = [&](const Place& place) -> QueryFacts& {
    QueryFacts& facts = out.emplace_back();
    facts.place = place.known() ? place : function.place;
    facts.function = signature(function);
    facts.source = &context.sources[facts.place.file];
    return facts;
  };
  for (const isolation::BodyStatement& statement : body.statements) {
    QueryFacts& facts = add(statement.place);
    facts.dynamic = statement.dynamic;
    facts.parsed = statement.parsed;
    facts.judged = statement.judged;
  }
  // What is true of the body and of no statement in it.
  if (!body.remarks.empty()) add(function.place).judged.remarks = body.remarks;
}

std::vector<QueryFacts> Judge::run(std::span<const sql::Script* const> scripts) {
  for (const sql::Script* script : scripts) collect(*script);
  if (tasks_.empty()) return {};
  for (std::size_t i = 0; i < tasks_.size(); ++i) tasks_[i].facts = &facts_[i];
  const std::size_t useful = std::max<std::size_t>(1, tasks_.size() / kStatementsPerJob);
  const std::size_t jobs = std::clamp<std::size_t>(context_.jobs, 1, useful);
  const std::size_t share = (tasks_.size() + jobs - 1) / jobs;
  // Trees may be deep: the prover too wants the parser's stack.
  parse_in_order(
      jobs, static_cast<unsigned>(jobs),
      [&](std::size_t job) {
        isolation::Bodies bodies(context_.model, context_.tenancy, sources_);
        const std::size_t end = std::min(tasks_.size(), (job + 1) * share);
        for (std::size_t i = job * share; i < end; ++i) judge(bodies, tasks_[i]);
      },
      [](std::size_t) {});
  return std::move(facts_);
}

}  // namespace

std::vector<QueryFacts> judge_queries(const QueryContext& context,
                                      std::span<const sql::Script* const> scripts) {
  return Judge(context).run(scripts);
}

std::vector<QueryFacts> judge_functions(const QueryContext& context,
                                        const std::vector<bool>& reported) {
  std::vector<QueryFacts> out;
  const isolation::SourceOptions sources = source_options(context.config.tenancy);
  const auto judge = [&](std::size_t) {
    isolation::Bodies bodies(context.model, context.tenancy, sources);
    for (const schema::Function& function : context.model.functions) {
      if (function.dropped || function.stub || !function.extension.empty()) continue;
      const FileId file = function.place.file;
      if (!function.place.known() || file >= reported.size() || !reported[file]) continue;
      add_body(context, function, bodies.judge(function), out);
    }
  };
  if (!context.model.functions.empty()) parse_in_order(1, 1, judge, [](std::size_t) {});
  return out;
}

schema::TenancyConfig tenancy_config(const TenancyOptions& tenancy) {
  schema::TenancyConfig out;
  out.columns = tenancy.columns;
  out.is_shared = [&tenancy](std::string_view name) {
    return std::any_of(tenancy.shared.begin(), tenancy.shared.end(),
                       [&](const std::string& p) { return glob_match(p, name); });
  };
  out.column_of = [&tenancy](std::string_view name) {
    for (const TenancyOptions::Table& table : tenancy.tables) {
      if (glob_match(table.name, name)) return table.column;
    }
    return std::string();
  };
  return out;
}

isolation::SourceOptions source_options(const TenancyOptions& tenancy) {
  isolation::SourceOptions out;
  out.columns = tenancy.columns;
  // A parameter called like the tenant column of one table is the tenant everywhere.
  for (const TenancyOptions::Table& table : tenancy.tables) {
    if (std::find(out.columns.begin(), out.columns.end(), table.column) == out.columns.end())
      out.columns.push_back(table.column);
  }
  out.settings = tenancy.settings;
  out.functions = tenancy.functions;
  return out;
}

}  // namespace tenantlint
