// tenantlint rules, explain and version: what the program knows about itself.
#include <fmt/format.h>

#include <nlohmann/json.hpp>

#include "analyzer/lint/suggest.h"
#include "analyzer/sql/lower.h"
#include "rules/registry.h"
#include "sql-linter/common.h"
#include "sql-linter/verbs.h"

namespace tenantlint {

int verb_rules(const Options& options) {
  if (!options.outputs.empty() && options.outputs[0].format == "json") {
    nlohmann::ordered_json list = nlohmann::ordered_json::array();
    for (const RuleEntry& r : rules::all()) {
      list.push_back({{"id", r.id},
                      {"rule", r.name},
                      {"group", r.group},
                      {"severity", to_string(r.definition->severity)},
                      {"default", r.definition->on_by_default},
                      {"summary", r.definition->summary}});
    }
    return deliver("", list.dump(1) + "\n") ? kClean : kUsage;
  }
  std::string out;
  for (const RuleEntry& r : rules::all()) {
    out +=
        fmt::format("{}  {:<32}{:<9}{}{}\n", r.id, r.name, to_string(r.definition->severity),
                    r.definition->summary, r.definition->on_by_default ? "" : " (off by default)");
  }
  return deliver("", out) ? kClean : kUsage;
}

int verb_explain(const Options& options) {
  const RuleEntry* rule = rules::find(options.paths[0]);
  if (rule == nullptr) {
    std::vector<std::string_view> names;
    for (const RuleEntry& r : rules::all()) names.push_back(r.name);
    fmt::print(stderr, "tenantlint: There is no rule '{}'{}\n", options.paths[0],
               suggest(options.paths[0], names));
    return kUsage;
  }
  const RuleDefinition& d = *rule->definition;
  std::string out = fmt::format(
      "{} {} ({}{})\n\n{}.\n\nWhy\n{}\n\nLimits\n{}\n", rule->id, rule->name, to_string(d.severity),
      d.on_by_default ? "" : ", off by default", d.summary, d.why, d.limits);
  std::vector<std::string> cwe;
  for (const std::uint16_t n : d.cwe.view()) cwe.push_back(fmt::format("CWE-{}", n));
  out +=
      fmt::format("\nSupports {}; {}\n", fmt::join(d.controls.view(), ", "), fmt::join(cwe, ", "));
  for (const Example& e : d.examples)
    out += fmt::format("\n{}: {}\n{}", e.is_bad ? "Bad" : "Good", e.title, e.sql);
  return deliver("", out) ? kClean : kUsage;
}

int verb_version(const Options& options) {
  const std::string out = options.json ? nlohmann::ordered_json{{"name", "tenantlint"},
                                                                {"version", TENANTLINT_VERSION},
                                                                {"grammar", sql::grammar_version()}}
                                                 .dump() +
                                             "\n"
                                       : fmt::format("tenantlint {} ({})\n", TENANTLINT_VERSION,
                                                     sql::grammar_version());
  return deliver("", out) ? kClean : kUsage;
}

}  // namespace tenantlint
