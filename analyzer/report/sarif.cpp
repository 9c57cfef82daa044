// For code scanning: SARIF 2.1.0, as GitHub, GitLab and the SARIF validator want it.
// Source: OASIS SARIF 2.1.0; GitHub's "SARIF support for code scanning".
#include <fmt/format.h>

#include <algorithm>
#include <nlohmann/json.hpp>

#include "analyzer/report/report.h"
#include "analyzer/sql/locate.h"

namespace tenantlint::report {

namespace {

using Json = nlohmann::ordered_json;

constexpr std::string_view kHome = "https://github.com/tenantlint/tenantlint";

std::string_view level(Severity s) {
  return to_string(s);
}

// Everything but unreserved characters and '/' (RFC 3986).
std::string uri(std::string_view path) {
  std::string out;
  for (const char c : path) {
    const bool plain = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
                       c == '/' || c == '-' || c == '.' || c == '_' || c == '~';
    if (plain) {
      out += c;
    } else {
      out += fmt::format("%{:02X}", static_cast<unsigned char>(c));
    }
  }
  return out;
}

std::string sentence(std::string_view text) {
  std::string out(text);
  if (!out.ends_with('.')) out += '.';
  return out;
}

class Writer {
 public:
  explicit Writer(const Run& run) : run_(run) {}
  Json write() const;

 private:
  Json driver() const;
  Json rule(const RuleEntry& rule) const;
  Json result(const Finding& f) const;
  Json region(const SourceFile& file, Span range) const;
  Json location(FileId id, Span range, bool context) const;
  Json fix(const Fix& fix) const;
  Json notification(const Problem& p) const;
  Json taxonomies() const;
  std::size_t index(const RuleEntry& rule) const {
    return static_cast<std::size_t>(&rule - run_.rules.data());
  }

  const Run& run_;
};

Json Writer::region(const SourceFile& file, Span range) const {
  const Position start = file.position(range.begin), end = file.position(range.end);
  Json out = {{"startLine", start.line},
              {"startColumn", start.utf16},
              {"endLine", end.line},
              {"endColumn", end.utf16}};
  std::string snippet(file.slice(range));
  if (!snippet.empty() && snippet.size() < 2000) out["snippet"] = {{"text", std::move(snippet)}};
  return out;
}

Json Writer::location(FileId id, Span range, bool context) const {
  const SourceFile& file = run_.sources[id];
  Json physical = {{"artifactLocation", {{"uri", uri(file.path())}, {"uriBaseId", "SRCROOT"}}},
                   {"region", region(file, range)}};
  if (context) {
    // The lines around it: strictly more than the region itself.
    const std::uint32_t first = file.position(range.begin).line,
                        last = file.position(range.end).line;
    const Span around{file.line(first > 1 ? first - 1 : 1).begin,
                      file.line(std::min(last + 1, file.line_count())).end};
    const bool larger = around.begin <= range.begin && around.end >= range.end && around != range;
    const bool readable = around.end - around.begin < 4000;
    if (larger && readable) physical["contextRegion"] = region(file, around);
  }
  return {{"physicalLocation", std::move(physical)}};
}

Json Writer::rule(const RuleEntry& r) const {
  const RuleDefinition& d = *r.definition;
  const std::string why(d.why), limits(d.limits);
  Json out = {
      {"id", r.id},
      {"name", pascal_case(r.name)},
      {"shortDescription", {{"text", sentence(d.summary)}}},
      {"fullDescription",
       {{"text", sentence(why.substr(0, std::min<std::size_t>(why.size(), 1000)))}}},
      {"helpUri", fmt::format("{}/blob/main/rules/pages/{}.md", kHome, r.name)},
      {"help",
       {{"text", why + "\n\nLimits: " + limits}, {"markdown", why + "\n\n**Limits.** " + limits}}},
      {"messageStrings", {{"default", {{"text", "'{0}': {1}."}}}}},
      {"defaultConfiguration", {{"level", level(d.severity)}, {"enabled", d.on_by_default}}}};
  Json relationships = Json::array();
  Json tags = {"security", "tenant-isolation"};
  for (const std::uint16_t cwe : d.cwe.view()) {
    relationships.push_back(
        {{"target", {{"id", fmt::format("CWE-{}", cwe)}, {"toolComponent", {{"name", "CWE"}}}}},
         {"kinds", {"superset"}}});
    tags.push_back(fmt::format("external/cwe/cwe-{:03}", cwe));
  }
  for (const std::string_view control : d.controls.view()) tags.push_back(control);
  out["relationships"] = std::move(relationships);
  out["properties"] = {
      {"tags", std::move(tags)},
      {"precision", "high"},
      {"problem.severity", d.severity == Severity::Note ? "recommendation" : level(d.severity)},
      {"security-severity", d.severity == Severity::Error     ? "8.0"
                            : d.severity == Severity::Warning ? "5.0"
                                                              : "2.0"}};
  return out;
}

Json Writer::driver() const {
  Json out = {{"name", "tenantlint"},    {"fullName", "tenantlint tenant isolation linter"},
              {"version", run_.version}, {"semanticVersion", run_.version},
              {"informationUri", kHome}, {"rules", Json::array()}};
  for (const RuleEntry& r : run_.rules) out["rules"].push_back(rule(r));
  out["notifications"] = {
      {{"id", "problem"},
       {"name", "AnalysisProblem"},
       {"help", {{"text", "Cure what the message says, or allow it with --allow-incomplete."}}},
       {"shortDescription", {{"text", "Something could not be analysed."}}},
       {"fullDescription",
        {{"text", "Something could not be read, parsed or replayed; the analysis is incomplete."}}},
       {"messageStrings", {{"default", {{"text", "'{0}': {1}."}}}}},
       {"helpUri", kHome}}};
  out["supportedTaxonomies"] = {{{"name", "CWE"}, {"index", 0}}};
  return out;
}

Json Writer::fix(const Fix& f) const {
  Json changes = Json::array();
  for (const TextEdit& edit : f.edits) {
    const SourceFile& file = run_.sources[edit.place.file];
    const Position start = file.position(edit.place.begin), end = file.position(edit.place.end);
    changes.push_back({{"artifactLocation", {{"uri", uri(file.path())}, {"uriBaseId", "SRCROOT"}}},
                       {"replacements",
                        {{{"deletedRegion",
                           {{"startLine", start.line},
                            {"startColumn", start.utf16},
                            {"endLine", end.line},
                            {"endColumn", end.utf16}}},
                          {"insertedContent", {{"text", edit.text}}}}}}});
  }
  return {{"description", {{"text", sentence(f.title)}}}, {"artifactChanges", std::move(changes)}};
}

Json Writer::result(const Finding& f) const {
  const std::string object = f.object.name.empty() ? std::string(f.rule->name) : f.object.name;
  Json out = {
      {"ruleId", f.rule->id},
      {"ruleIndex", index(*f.rule)},
      {"kind", "fail"},
      {"level", level(f.severity)},
      {"message",
       {{"id", "default"},
        {"arguments", {object, f.message}},
        {"text", fmt::format("'{}': {}.", object, f.message)}}},
      {"locations", {location(f.place.file, f.range, true)}},
      {"fingerprints", {{"tenantlint/finding/v1", f.fingerprint}}},
      {"properties", {{"reason", f.reason}, {"objectKind", f.object.kind}, {"help", f.help}}}};
  // GitHub's own line hash is left to its upload action, which computes it from the file.
  Json related = Json::array();
  for (const Note& note : f.notes) {
    Json l = location(note.place.file, sql::resolve(run_.sources, note.place), false);
    l["id"] = related.size() + 1;
    l["message"] = {{"text", sentence(note.message)}};
    related.push_back(std::move(l));
  }
  if (!related.empty()) out["relatedLocations"] = std::move(related);
  if (f.fix && !f.fix->edits.empty()) out["fixes"] = {fix(*f.fix)};
  if (f.status == FindingStatus::Waived && f.waiver != nullptr) {
    out["suppressions"] = {
        {{"kind", "inSource"}, {"status", "accepted"}, {"justification", f.waiver->reason}}};
  }
  return out;
}

Json Writer::notification(const Problem& p) const {
  Json out = {{"descriptor", {{"id", "problem"}, {"index", 0}}},
              {"level", "error"},
              {"message",
               {{"id", "default"},
                {"arguments", {p.code, p.message}},
                {"text", fmt::format("'{}': {}.", p.code, p.message)}}}};
  if (p.place.known()) {
    const Span range = sql::resolve(run_.sources, p.place);
    Json place = location(p.place.file, range, false);
    if (range.empty()) place["physicalLocation"].erase("region");
    out["locations"] = {std::move(place)};
  }
  return out;
}

Json Writer::taxonomies() const {
  std::vector<std::uint16_t> all;
  for (const RuleEntry& r : run_.rules) {
    for (const std::uint16_t cwe : r.definition->cwe.view()) {
      if (std::find(all.begin(), all.end(), cwe) == all.end()) all.push_back(cwe);
    }
  }
  std::sort(all.begin(), all.end());
  Json taxa = Json::array();
  for (const std::uint16_t cwe : all) {
    const std::string id = fmt::format("CWE-{}", cwe);
    taxa.push_back(
        {{"id", id},
         {"name", fmt::format("Weakness{}", cwe)},
         {"shortDescription", {{"text", id + " of the Common Weakness Enumeration."}}},
         {"helpUri", fmt::format("https://cwe.mitre.org/data/definitions/{}.html", cwe)}});
  }
  return {{{"name", "CWE"},
           {"version", "4.15"},
           {"organization", "MITRE"},
           {"informationUri", "https://cwe.mitre.org/"},
           {"shortDescription", {{"text", "The MITRE Common Weakness Enumeration."}}},
           {"taxa", std::move(taxa)}}};
}

Json Writer::write() const {
  Json run = {
      {"tool", {{"driver", driver()}}},
      {"columnKind", "utf16CodeUnits"},
      {"automationDetails", {{"id", "tenantlint/"}}},
      {"originalUriBaseIds",
       {{"SRCROOT", {{"description", {{"text", "The folder in which the analysis ran."}}}}}}}};
  Json invocation = {{"executionSuccessful", run_.exit_code != 2}, {"exitCode", run_.exit_code}};
  Json notifications = Json::array();
  for (const Problem& p : run_.problems) notifications.push_back(notification(p));
  invocation["toolExecutionNotifications"] = std::move(notifications);
  run["invocations"] = {std::move(invocation)};
  run["taxonomies"] = taxonomies();
  Json artifacts = Json::array();
  for (const FileId id : run_.analysed) {
    const SourceFile& file = run_.sources[id];
    artifacts.push_back({{"location", {{"uri", uri(file.path())}, {"uriBaseId", "SRCROOT"}}},
                         {"length", file.text().size()},
                         {"roles", {"analysisTarget"}},
                         {"mimeType", "application/sql"},
                         {"sourceLanguage", "sql"}});
  }
  run["artifacts"] = std::move(artifacts);
  run["results"] = Json::array();
  for (const Finding& f : run_.findings) run["results"].push_back(result(f));
  return {{"$schema",
           "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/"
           "sarif-schema-2.1.0.json"},
          {"version", "2.1.0"},
          {"runs", {std::move(run)}}};
}

}  // namespace

std::string pascal_case(std::string_view kebab) {
  std::string out;
  bool upper = true;
  for (const char c : kebab) {
    if (c == '-') {
      upper = true;
      continue;
    }
    out += upper && c >= 'a' && c <= 'z' ? static_cast<char>(c - 'a' + 'A') : c;
    upper = false;
  }
  return out;
}

std::string sarif(const Run& run) {
  return Writer(run).write().dump(1, ' ', false, Json::error_handler_t::replace) + "\n";
}

}  // namespace tenantlint::report
