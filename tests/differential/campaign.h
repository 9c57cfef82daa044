// Runs random statements against the prover and the server, and counts what came out.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "tests/differential/compare.h"
#include "tests/differential/judge.h"
#include "tests/differential/server.h"
#include "tests/differential/tree.h"

namespace tenantlint::differential {

struct Figures {
  std::uint64_t statements = 0;  // valid ones: PostgreSQL runs them
  std::uint64_t invalid = 0;
  std::uint64_t not_comparable = 0;
  std::uint64_t unsound = 0;
  std::uint64_t unsound_without = 0;  // only where the tenant is NULL
  std::uint64_t by_verdict[3] = {0, 0, 0};
  std::uint64_t leaked[3] = {0, 0, 0};                  // by verdict
  std::map<std::string, std::uint64_t> never_missing;   // never leaked, yet missing: by reason
  std::map<std::string, std::uint64_t> never_unknown;   // never leaked, yet unknown
  std::map<std::string, std::uint64_t> leaked_unknown;  // leaked, and called unknown
  // Of statements that were left as they should be: what a reviewer would accept
  std::uint64_t plain = 0;  // and never leaked
  std::map<std::string, std::uint64_t> plain_missing;
  std::map<std::string, std::uint64_t> plain_unknown;
  // Mutation check
  std::uint64_t weakened = 0;
  std::uint64_t weakened_proven = 0;  // still proven, and nothing leaks: by the rest
  std::uint64_t weakened_unsound = 0;
};

std::string to_string(const Figures& figures);

struct CampaignOptions {
  std::uint64_t seed = 1;
  std::uint64_t cases = 20000;
  int schemas = 8;
  int first_schema = 0;
  int mutants = 1;        // weakened statements looked at for each one that was proven
  int max_failures = 20;  // printed in full, shrunk
  bool verbose = false;   // print false `missing` and `unknown` verdicts as well
  double deadline = 0;    // seconds of steady_clock; 0: none
};

// Runs `cases` statements over schemas `first_schema` …; `judge_of` makes the judge of a schema.
// Failures are printed to stdout as they are found.
Figures run_statements(Server& server, const CampaignOptions& options,
                       const std::function<Judge(const SchemaPlan&)>& judge_of);

// Judges and runs each statement of a script (one a line) over a generated schema; prints both.
void run_file(Server& server, const CampaignOptions& options, const std::string& path);

}  // namespace tenantlint::differential
