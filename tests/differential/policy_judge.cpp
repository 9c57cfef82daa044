// In: a set of policies. Out: for each command, whether what it lets through is tied to the tenant.
// How policies combine is the manual's, section 5.8: permissive ones are OR'ed, restrictive ones
// AND'ed, and none permissive denies all.
#include "tests/differential/policy_judge.h"

#include <deque>
#include <stdexcept>

#include "analyzer/isolation/prover.h"
#include "analyzer/schema/replay.h"
#include "analyzer/sql/script.h"

namespace tenantlint::differential {

using isolation::Verdict;
using schema::PolicyCommand;

struct PolicyProver::State {
  SourceSet sources;
  std::deque<sql::Script> scripts;
  schema::Model model;
  std::unique_ptr<schema::Tenancy> tenancy;
  isolation::SourceOptions options;
  std::unique_ptr<isolation::Prover> prover;

  void replay(const std::vector<std::string>& statements) {
    std::string text;
    for (const std::string& line : statements) text += line + ";\n";
    const FileId file = sources.add("schema.sql", std::move(text));
    scripts.push_back(sql::read_script(sources, file, {}));
    schema::Replay replay(model);
    replay.run(scripts.back());
    for (const Problem& p : scripts.back().problems) throw std::runtime_error(p.message);
    for (const Problem& p : replay.problems()) throw std::runtime_error(p.message);
  }
};

const char* name_of(Deed deed) {
  static constexpr const char* kNames[] = {"SELECT", "INSERT", "UPDATE (old row)",
                                           "UPDATE (new row)", "DELETE"};
  return kNames[deed];
}

PolicyProver::PolicyProver(const SchemaPlan& plan) : state_(std::make_unique<State>()) {
  state_->replay(plan.ddl);
  state_->replay(policy_roles());
  schema::TenancyConfig config;
  config.is_shared = [](std::string_view name) {
    return name == "public.tenants" || name == "public.lookup";
  };
  state_->tenancy = std::make_unique<schema::Tenancy>(state_->model, config);
  state_->prover =
      std::make_unique<isolation::Prover>(state_->model, *state_->tenancy, state_->options);
}

PolicyProver::~PolicyProver() = default;

namespace {

bool covers(const schema::Policy& policy, Deed deed) {
  switch (policy.command) {
    case PolicyCommand::All: return true;
    case PolicyCommand::Select: return deed == kSee;
    case PolicyCommand::Insert: return deed == kAdd;
    case PolicyCommand::Update: return deed == kChange || deed == kChangeTo;
    case PolicyCommand::Delete: return deed == kRemove;
  }
  return false;
}

bool for_app(const schema::Policy& policy) {
  if (policy.roles.empty()) return true;
  for (const schema::Role* role : policy.roles) {
    if (role->name == "app_user" || role->name == "staff") return true;
  }
  return false;
}

struct Expression {
  const ast::Expr* tree = nullptr;
  const SqlText* text = nullptr;
  schema::Step step = 0;
};

Expression expression_of(const schema::Policy& policy, Deed deed) {
  const bool checks = deed == kAdd || deed == kChangeTo;
  if (checks && policy.check_expr != nullptr) {
    return {policy.check_expr, policy.check_text, policy.check_step};
  }
  return {policy.using_expr, policy.using_text, policy.using_step};
}

struct Verdicts {
  Verdict row = Verdict::Missing;
  Verdict others = Verdict::Proven;
  std::string reason = "no expression";
};

Verdicts judge(isolation::Prover& prover, const schema::Policy& policy, Deed deed) {
  Verdicts out;
  const Expression e = expression_of(policy, deed);
  if (e.tree == nullptr) return out;
  isolation::NameScope scope;
  const auto verdict = prover.prove_condition(*policy.table, *e.tree, *e.text, scope);
  out.row = verdict.row.verdict;
  out.reason = verdict.row.reason;
  for (const isolation::Occurrence& o : verdict.others) {
    if (o.verdict > out.others) out.others = o.verdict;
  }
  return out;
}

}  // namespace

static void judge_deed(isolation::Prover& prover, const schema::Relation& table, Deed deed,
                       PolicyJudgement& out) {
  Verdict permissive = Verdict::Proven, restrictive = Verdict::Missing, others = Verdict::Proven;
  bool any = false;
  std::string reason;
  for (const schema::Policy* policy : table.policies) {
    if (!covers(*policy, deed) || !for_app(*policy)) continue;
    const Verdicts v = judge(prover, *policy, deed);
    others = std::max(others, v.others);
    if (policy->permissive) {
      any = true;
      if (v.row > permissive) reason = v.reason;
      permissive = std::max(permissive, v.row);
    } else {
      restrictive = std::min(restrictive, v.row);
    }
  }
  Verdict row = any ? std::min(permissive, restrictive) : Verdict::Proven;
  if (row == Verdict::Proven && any) reason = others == Verdict::Proven ? "" : "subquery";
  out.verdicts[deed] = any ? std::max(row, others) : row;
  out.reasons[deed] = reason;
}

PolicyJudgement PolicyProver::operator()(const PolicySet& set) {
  schema::Model& model = state_->model;
  PolicyJudgement out;
  model.savepoint();
  state_->replay(set.ddl);
  const schema::Relation& table = *model.find_relation(*model.find_schema("public"), set.table);
  for (int deed = 0; deed < kDeeds; ++deed) {
    judge_deed(*state_->prover, table, static_cast<Deed>(deed), out);
  }
  model.rollback();
  return out;
}

PolicyJudgement gullible_policy_judge(const PolicySet& set) {
  PolicyJudgement out;
  bool mentions = false;
  for (const std::string& line : set.ddl) {
    mentions = mentions || line.find("tenant_id") != std::string::npos;
  }
  for (Verdict& v : out.verdicts) v = mentions ? Verdict::Proven : Verdict::Missing;
  return out;
}

}  // namespace tenantlint::differential
