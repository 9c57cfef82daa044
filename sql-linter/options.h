// The command line: what was asked for, checked, with a message and exit code 2 for what makes no
// sense.
#pragma once

#include <string>
#include <utility>
#include <vector>

#include "analyzer/lint/finding.h"

namespace tenantlint {

inline constexpr int kClean = 0;
inline constexpr int kFindings = 1;
inline constexpr int kUsage = 2;
inline constexpr int kIncomplete = 3;

struct Output {
  std::string format;
  std::string file;  // empty: standard output
};

struct Options {
  std::string verb;
  std::vector<std::string> paths;  // or the operand of explain and config
  std::vector<std::string> select;
  std::vector<std::string> ignore;
  std::vector<std::string> severity;  // RULE=LEVEL
  Severity fail_on = Severity::Warning;
  std::vector<Output> outputs;
  std::vector<std::string> baseline_schemas;
  std::string stdin_filename;
  std::string config;
  std::string color = "auto";
  unsigned jobs = 0;
  bool statistics = false;
  bool isolated = false;
  bool quiet = false;
  bool verbose = false;
  bool exit_zero = false;
  bool allow_incomplete = false;
  bool json = false;  // version --json
};

// The verb and its options, or an exit code if there is nothing more to do (help, or a fault that
// was said on standard error).
struct Parsed {
  Options options;
  int exit_code = -1;
};
Parsed parse_options(int argc, char** argv);

}  // namespace tenantlint
