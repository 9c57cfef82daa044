// What a run says, in every format. Writers take the same view of the run and give back the whole
// text.
#pragma once

#include <cstddef>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "analyzer/lint/finding.h"
#include "analyzer/lint/rule.h"
#include "analyzer/text/problem.h"
#include "analyzer/text/source_file.h"

namespace tenantlint::report {

struct CoverageCounts {
  std::size_t files = 0;
  std::size_t statements = 0;
  std::size_t queries = 0;
  std::size_t proven = 0;
  std::size_t missing = 0;
  std::size_t unknown = 0;
  std::size_t call_sites = 0;
};

struct Run {
  const SourceSet& sources;
  const std::vector<Finding>& findings;
  const std::vector<Problem>& problems;
  std::span<const RuleEntry> rules;
  CoverageCounts coverage;
  std::string_view version;  // of the tool
  std::string_view grammar;  // "PostgreSQL 15"
  int exit_code = 0;
  std::vector<FileId> analysed;
};

struct TextStyle {
  bool colour = false;
  bool full = true;  // code frames, notes and help; else one line each
};

std::string text(const Run& run, const TextStyle& style);
std::string json(const Run& run);
std::string jsonl(const Run& run);
std::string sarif(const Run& run);
// `tenantlint queries`: the verdict of every statement, relation by relation, as a table for people
// and as version 1 of the JSON for programs. Statements that neither read nor write are shown where
// there is nothing else.
std::string queries_text(const Run& run, std::span<const QueryFacts> queries, bool colour);
std::string queries_json(const Run& run, std::span<const QueryFacts> queries);
// GitLab's Code Quality report: new findings, and problems as blockers.
std::string gitlab(const Run& run);

// The statements that `queries` shows: of query files, and of functions' bodies.
std::vector<const QueryFacts*> shown_queries(std::span<const QueryFacts> queries);
std::vector<const QueryFacts*> shown_bodies(std::span<const QueryFacts> queries);

// "table-without-rls" → "TableWithoutRls".
std::string pascal_case(std::string_view kebab);

}  // namespace tenantlint::report
