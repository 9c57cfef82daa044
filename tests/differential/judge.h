// What the analyzer says of a statement, in this process.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "analyzer/isolation/verdict.h"
#include "tests/differential/schema_gen.h"

namespace tenantlint::differential {

struct Judgement {
  isolation::Verdict verdict = isolation::Verdict::Unknown;
  std::string reason;                    // of the worst occurrence
  std::vector<std::string> occurrences;  // one line each, for people
  bool parsed = true;
};

using Judge = std::function<Judgement(const std::string& sql)>;

// The prover over a generated schema.
class ProverJudge {
 public:
  // Throws std::runtime_error if the schema is not understood: then the generator is wrong.
  explicit ProverJudge(const SchemaPlan& plan);
  ~ProverJudge();
  Judgement operator()(const std::string& sql);

 private:
  struct State;
  std::unique_ptr<State> state_;
};

// What is being judged at the moment, for the message of a crash.
const char* being_judged();

// Believes everything that mentions the tenant column. The test must catch it.
Judgement gullible_judge(const std::string& sql);

}  // namespace tenantlint::differential
