// In: a set of policies. Out: for each command, whether what it lets through is tied to the tenant.
// How policies combine is isolation::Policies', which is what is tested here.
#include "tests/differential/policy_judge.h"

#include <algorithm>
#include <deque>
#include <stdexcept>

#include "analyzer/isolation/policies.h"
#include "analyzer/isolation/prover.h"
#include "analyzer/schema/replay.h"
#include "analyzer/sql/script.h"

namespace tenantlint::differential {

using isolation::RowAction;
using isolation::Verdict;

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

PolicyJudgement PolicyProver::operator()(const PolicySet& set) {
  schema::Model& model = state_->model;
  PolicyJudgement out;
  model.savepoint();
  state_->replay(set.ddl);
  const schema::Relation& table = *model.find_relation(*model.find_schema("public"), set.table);
  const schema::Role* app = model.find_role("app_user");
  isolation::Policies policies(model, *state_->tenancy, *state_->prover, {app});
  static constexpr RowAction kActions[kDeeds] = {RowAction::Select, RowAction::Insert,
                                                 RowAction::UpdateOld, RowAction::UpdateNew,
                                                 RowAction::Delete};
  const auto judged = policies.judge(table);
  for (int deed = 0; deed < kDeeds; ++deed) {
    const isolation::ActionVerdict& v = *judged->find(kActions[deed], app);
    out.verdicts[deed] = std::max(v.verdict, v.reads);
    if (!v.open.empty()) {
      out.reasons[deed] = v.open[0]->reason;
    } else if (v.reads != Verdict::Proven) {
      out.reasons[deed] = "subquery";
    }
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
