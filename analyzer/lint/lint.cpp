// The run of the rules: facts in, findings out, in an order and with fingerprints that depend on
// nothing but the input.
#include "analyzer/lint/lint.h"

#define XXH_INLINE_ALL
#include <fmt/format.h>
#include <xxhash.h>

#include <algorithm>
#include <unordered_map>

#include "analyzer/sql/locate.h"
#include "analyzer/sql/tokens.h"
#include "analyzer/text/glob.h"

namespace tenantlint {

bool selects(std::string_view word, const RuleEntry& rule) {
  if (word == "all") return true;
  if (word == "default") return rule.definition->on_by_default;
  if (word == rule.name || word == rule.group || word == rule.id || word == rule.id.substr(2))
    return true;
  return word.starts_with("TL") && word.size() > 2 && rule.id.starts_with(word);
}

bool names_rule(std::string_view word, std::span<const RuleEntry> rules) {
  return std::any_of(rules.begin(), rules.end(), [&](const RuleEntry& r) {
    return word == r.name || word == r.id || word == r.id.substr(2);
  });
}

bool is_rule_word(std::string_view word, std::span<const RuleEntry> rules) {
  return word == "all" || word == "default" ||
         std::any_of(rules.begin(), rules.end(),
                     [&](const RuleEntry& r) { return selects(word, r); });
}

namespace {

bool any_selects(const std::vector<std::string>& words, const RuleEntry& rule) {
  return std::any_of(words.begin(), words.end(),
                     [&](const std::string& w) { return selects(w, rule); });
}

bool enabled(const RuleEntry& rule, const Config& config) {
  bool on = any_selects(config.rules.select, rule);
  // tenancy.strict asks for the rule that it is about.
  on = on || (config.tenancy.strict && rule.number == 1009);
  // A rule that some paths switch on has to run; the others are taken out afterwards.
  for (const OverrideOptions& o : config.overrides) on = on || any_selects(o.select, rule);
  return on && !any_selects(config.rules.ignore, rule);
}

// What [[overrides]] say about a finding in its file: false takes it out.
bool apply_overrides(Finding& finding, const std::string& path, const Config& config) {
  bool on = any_selects(config.rules.select, *finding.rule) ||
            (config.tenancy.strict && finding.rule->number == 1009);
  for (const auto& [word, level] : config.rules.severity) {
    if (selects(word, *finding.rule)) finding.severity = level;
  }
  for (const OverrideOptions& o : config.overrides) {
    const bool here = std::any_of(o.paths.begin(), o.paths.end(),
                                  [&](const std::string& p) { return glob_match(p, path); });
    if (!here) continue;
    if (any_selects(o.select, *finding.rule)) on = true;
    if (any_selects(o.ignore, *finding.rule)) on = false;
    for (const auto& [word, level] : o.severity) {
      if (selects(word, *finding.rule)) finding.severity = level;
    }
  }
  return on;
}

// rule + object + reason + the tokens of the place, or of the statement: lines may move, comments
// may change.
std::string fingerprint(const Finding& f, const SourceSet& sources) {
  std::string key =
      fmt::format("{}\n{}\n{}\n{}\n", f.rule->id, f.object.kind, f.object.name, f.reason);
  if (f.object.name.empty() || f.statement.known()) {
    const std::string_view text = sources[f.place.file].text();
    const Span range = f.statement.known() ? sql::resolve(sources, f.statement) : f.range;
    for (const sql::Token& t : sql::code_tokens(text, range)) {
      key.append(text.substr(t.span.begin, t.span.end - t.span.begin)).push_back(' ');
    }
  }
  const XXH128_hash_t hash = XXH3_128bits(key.data(), key.size());
  return fmt::format("{:016x}{:016x}", hash.high64, hash.low64);
}

void waive(Finding& finding, std::vector<Waiver>& waivers) {
  // A finding about waivers cannot be waived away.
  if (finding.rule->number >= 9004 && finding.rule->number <= 9006) return;
  for (Waiver& w : waivers) {
    if (w.place.file != finding.place.file || w.malformed || w.expired) continue;
    if (finding.range.begin < w.covers.begin || finding.range.begin >= w.covers.end) continue;
    if (!any_selects(w.rules, *finding.rule)) continue;
    w.used = true;
    finding.status = FindingStatus::Waived;
    finding.waiver = &w;
    return;
  }
}

}  // namespace

SchemaFacts make_facts(const schema::Model& model, const schema::Tenancy& tenancy,
                       const Config& config) {
  SchemaFacts out{model, tenancy, config, {}, {}, {}, false, nullptr};
  for (const schema::Relation& r : model.relations) {
    if (r.dropped || r.stub || !r.is_table() || r.persistence == 't') continue;
    out.tables.push_back(&r);
    if (tenancy.tenant_owned(r)) out.tenant_tables.push_back(&r);
  }
  for (const std::string& name : config.roles.app) {
    if (const schema::Role* role = model.find_role(name)) out.app_roles.push_back(role);
  }
  if (!config.roles.app.empty()) return out;
  // Nobody said who the application is: those who may touch tenants' rows and do not own the table.
  constexpr std::uint32_t kRows =
      schema::kSelect | schema::kInsert | schema::kUpdate | schema::kDelete;
  for (const schema::Relation* table : out.tenant_tables) {
    for (const schema::Grant& g : table->grants) {
      if (g.grantee == nullptr || (g.privileges & kRows) == 0 || g.grantee == table->owner)
        continue;
      if (std::find(out.app_roles.begin(), out.app_roles.end(), g.grantee) == out.app_roles.end()) {
        out.app_roles.push_back(g.grantee);
      }
    }
  }
  out.app_roles_inferred = !out.app_roles.empty();
  return out;
}

LintResult lint(LintInput input) {
  LintResult out;
  const Config& config = *input.config;
  const SourceSet& sources = *input.sources;
  SchemaFacts facts = make_facts(*input.model, *input.tenancy, config);
  facts.policies = input.policies;
  out.app_roles_inferred = facts.app_roles_inferred;
  for (const schema::Role* role : facts.app_roles) out.app_roles.emplace_back(role->name);
  out.waivers = std::move(input.waivers);
  std::vector<Finding> found;
  for (const RuleEntry& rule : input.rules) {
    if (!enabled(rule, config)) continue;
    Report report(rule, found);
    if (rule.definition->check_schema != nullptr) rule.definition->check_schema(facts, report);
    if (rule.definition->check_queries != nullptr)
      rule.definition->check_queries(facts, input.queries, report);
    if (rule.definition->check_migrations != nullptr)
      rule.definition->check_migrations(input.migrations, report);
  }
  const auto settle = [&](std::vector<Finding>& list) {
    for (Finding& f : list) {
      if (!f.place.known() || !apply_overrides(f, sources[f.place.file].path(), config)) continue;
      f.range = sql::resolve(sources, f.place);
      f.fingerprint = fingerprint(f, sources);
      waive(f, out.waivers);
      out.findings.push_back(std::move(f));
    }
  };
  settle(found);
  // Which waivers were of use is known only now.
  std::vector<Finding> about_waivers;
  for (const RuleEntry& rule : input.rules) {
    if (rule.definition->check_waivers == nullptr || !enabled(rule, config)) continue;
    Report report(rule, about_waivers);
    rule.definition->check_waivers({out.waivers}, report);
  }
  settle(about_waivers);
  if (input.reported) {
    std::erase_if(out.findings, [&](const Finding& f) { return !input.reported(f.place.file); });
  }
  std::stable_sort(out.findings.begin(), out.findings.end(),
                   [&](const Finding& a, const Finding& b) {
                     if (a.place.file != b.place.file) {
                       return sources[a.place.file].path() < sources[b.place.file].path();
                     }
                     if (a.range.begin != b.range.begin) return a.range.begin < b.range.begin;
                     return a.rule->number < b.rule->number;
                   });
  // Equal findings are told apart by their number.
  std::unordered_map<std::string, int> seen;
  for (Finding& f : out.findings) {
    const int n = seen[f.fingerprint]++;
    if (n > 0) f.fingerprint += fmt::format("-{}", n + 1);
  }
  return out;
}

}  // namespace tenantlint
