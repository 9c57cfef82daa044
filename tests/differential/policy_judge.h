// What the analyzer says of a set of policies, command by command.
#pragma once

#include <functional>
#include <memory>
#include <string>

#include "analyzer/isolation/verdict.h"
#include "tests/differential/policy_gen.h"

namespace tenantlint::differential {

// What a role of the application may do; UPDATE has two sides.
enum Deed { kSee, kAdd, kChange, kChangeTo, kRemove, kDeeds };
const char* name_of(Deed deed);

struct PolicyJudgement {
  isolation::Verdict verdicts[kDeeds] = {};
  std::string reasons[kDeeds];
};

using PolicyJudge = std::function<PolicyJudgement(const PolicySet&)>;

// Over a schema: policies are replayed on its model, judged, and taken back.
class PolicyProver {
 public:
  explicit PolicyProver(const SchemaPlan& plan);  // throws std::runtime_error
  ~PolicyProver();
  PolicyJudgement operator()(const PolicySet& set);

 private:
  struct State;
  std::unique_ptr<State> state_;
};

// Believes every policy that mentions the tenant column.
PolicyJudgement gullible_policy_judge(const PolicySet& set);

}  // namespace tenantlint::differential
