// Runs the rules over the facts: selection, severities, waivers, order, fingerprints.
#pragma once

#include <functional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "analyzer/lint/facts.h"
#include "analyzer/lint/finding.h"
#include "analyzer/lint/rule.h"
#include "analyzer/text/source_file.h"

namespace tenantlint {

// Everything that rules look at, and how they are asked.
struct LintInput {
  std::span<const RuleEntry> rules;
  const Config* config = nullptr;
  const SourceSet* sources = nullptr;
  const schema::Model* model = nullptr;
  const schema::Tenancy* tenancy = nullptr;
  const PolicyFacts* policies = nullptr;  // of policy_facts.h; null: there are none
  MigrationFacts migrations;
  std::span<const QueryFacts> queries;
  std::vector<Waiver> waivers;
  // Only findings in files for which this holds are kept; empty: all.
  std::function<bool(FileId)> reported;
};

struct LintResult {
  std::vector<Finding> findings;  // sorted by file, offset, rule; waived ones included
  std::vector<Waiver> waivers;
  bool app_roles_inferred = false;
  std::vector<std::string> app_roles;
};

// `word`: a rule's name, id or number, a group, a prefix such as TL10, "default" or "all".
bool selects(std::string_view word, const RuleEntry& rule);
// Only a rule's own name, id or number.
bool names_rule(std::string_view word, std::span<const RuleEntry> rules);
bool is_rule_word(std::string_view word, std::span<const RuleEntry> rules);

SchemaFacts make_facts(const schema::Model& model, const schema::Tenancy& tenancy,
                       const Config& config);

LintResult lint(LintInput input);

}  // namespace tenantlint
