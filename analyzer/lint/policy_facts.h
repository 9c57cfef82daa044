// Policies judged for the roles of the application, once for all rules.
#pragma once

#include <memory>

#include "analyzer/isolation/prover.h"
#include "analyzer/lint/facts.h"

namespace tenantlint {

// Owns what the facts point to.
class PolicyJudgement {
 public:
  virtual ~PolicyJudgement() = default;
  virtual const PolicyFacts& facts() const = 0;
};

// Null where no tenant-owned table has row-level security. All arguments outlive the result. Trees
// may be deep: run it on a thread with a parser's stack.
std::unique_ptr<PolicyJudgement> judge_policies(const SchemaFacts& schema,
                                                const isolation::SourceOptions& sources);

}  // namespace tenantlint
