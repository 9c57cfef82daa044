// Runs random sets of policies against the analyzer and the server.
#pragma once

#include <cstdint>
#include <map>
#include <string>

#include "tests/differential/campaign.h"
#include "tests/differential/policy_judge.h"

namespace tenantlint::differential {

struct PolicyFigures {
  std::uint64_t sets = 0;
  std::uint64_t not_comparable = 0;
  std::uint64_t unsound = 0;
  std::uint64_t verdicts[3] = {0, 0, 0};  // of each command of each set
  std::uint64_t leaked[3] = {0, 0, 0};
  std::uint64_t plain = 0;                             // commands of sets without a near miss …
  std::map<std::string, std::uint64_t> plain_missing;  // … that never leaked, and are not proven
};

std::string to_string(const PolicyFigures& figures);

// `sets` of them over the schemas of `options`.
PolicyFigures run_policies(Server& server, const CampaignOptions& options, std::uint64_t sets,
                           const std::function<PolicyJudge(const SchemaPlan&)>& judge_of);

}  // namespace tenantlint::differential
