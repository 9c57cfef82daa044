// The pipeline: files in, findings out. Finds and reads the files, parses them side by side,
// replays them in order, and runs the rules.
#pragma once

#include <memory>
#include <span>
#include <string>
#include <vector>

#include "analyzer/lint/config.h"
#include "analyzer/lint/facts.h"
#include "analyzer/lint/lint.h"
#include "analyzer/schema/model.h"
#include "analyzer/schema/tenancy.h"
#include "analyzer/sql/script.h"
#include "analyzer/text/problem.h"
#include "analyzer/text/source_file.h"

namespace tenantlint {

struct AnalysisOptions {
  Config config;
  std::vector<std::string> paths;  // of the command line; empty: what the configuration says
  std::vector<std::string> baseline_schemas;  // replayed first, never reported
  // Files of the command line that the configuration does not know are queries, not migrations.
  bool others_are_queries = false;
  std::string stdin_name;  // the content of this file comes from standard input
  unsigned jobs = 0;       // 0: as many as there are cores
};

struct Coverage {
  std::size_t files = 0;
  std::size_t statements = 0;
  std::size_t queries = 0;  // statements that read or write, of query files and functions …
  std::size_t proven = 0;   // … by verdict
  std::size_t missing = 0;
  std::size_t unknown = 0;  // those that do not parse among them
};

struct Analysis {
  SourceSet sources;
  std::vector<std::unique_ptr<sql::Script>> scripts;
  schema::Model model;
  std::unique_ptr<schema::Tenancy> tenancy;
  MigrationFacts migrations;
  std::vector<QueryFacts> queries;    // of the files that are asked about, in their order
  std::vector<Problem> problems;      // sorted by file and offset
  std::vector<std::string> messages;  // about what was found and how, for --verbose
  std::vector<bool> reported;         // by file: is it asked about?
  Coverage coverage;
  bool no_input = false;
};

// Reads, parses and replays. Never throws; what goes wrong is in `problems`.
std::unique_ptr<Analysis> analyse(const AnalysisOptions& options);

// The findings of an analysis. `today` is YYYY-MM-DD.
LintResult run_rules(const Analysis& analysis, const Config& config,
                     std::span<const RuleEntry> rules, std::string_view today);

}  // namespace tenantlint
