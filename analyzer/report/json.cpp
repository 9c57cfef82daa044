// For programs: version 1 of the JSON that PRODUCT.md describes, whole or line by line.
#include <fmt/format.h>

#include <nlohmann/json.hpp>

#include "analyzer/report/report.h"
#include "analyzer/sql/locate.h"

namespace tenantlint::report {

namespace {

using Json = nlohmann::ordered_json;

class Writer {
 public:
  explicit Writer(const Run& run) : run_(run) {}

  Json tool() const {
    return {{"name", "tenantlint"}, {"version", run_.version}, {"grammar", run_.grammar}};
  }
  Json finding(const Finding& f) const;
  Json problem(const Problem& p) const;
  Json query(const QueryFacts& q) const;
  Json coverage() const {
    const CoverageCounts& c = run_.coverage;
    return {{"files", c.files},           {"statements", c.statements},
            {"queries", c.queries},       {"proven", c.proven},
            {"missing", c.missing},       {"unknown", c.unknown},
            {"call_sites", c.call_sites}, {"problems", run_.problems.size()}};
  }

 private:
  Json position(const SourceFile& file, std::uint32_t offset) const {
    const Position p = file.position(offset);
    return {{"line", p.line}, {"column", p.column}, {"offset", p.offset}};
  }
  void place(Json& out, const Place& at) const {
    if (at.known()) place(out, at.file, sql::resolve(run_.sources, at));
  }
  void place(Json& out, FileId id, Span range) const {
    const SourceFile& file = run_.sources[id];
    out["file"] = file.path();
    out["range"] = {{"start", position(file, range.begin)}, {"end", position(file, range.end)}};
  }

  const Run& run_;
};

Json Writer::finding(const Finding& f) const {
  Json out = {{"rule", f.rule->name},
              {"id", f.rule->id},
              {"severity", to_string(f.severity)},
              {"message", f.message}};
  place(out, f.place.file, f.range);
  out["object"] = {{"kind", f.object.kind}, {"name", f.object.name}};
  out["reason"] = f.reason;
  if (!f.help.empty()) out["help"] = f.help;
  out["notes"] = Json::array();
  for (const Note& note : f.notes) {
    Json j = {{"message", note.message}};
    place(j, note.place);
    out["notes"].push_back(std::move(j));
  }
  if (f.fix) {
    Json fix = {{"title", f.fix->title},
                {"trust", f.fix->trust == Trust::Safe ? "safe" : "suggested"},
                {"edits", Json::array()}};
    for (const TextEdit& edit : f.fix->edits) {
      Json j;
      // An insertion has an empty range, which a place that is only shown would not have.
      const Span exact{edit.place.begin, edit.place.end};
      place(j, edit.place.file,
            edit.place.extent == Extent::Range ? exact : sql::resolve(run_.sources, edit.place));
      j["text"] = edit.text;
      fix["edits"].push_back(std::move(j));
    }
    out["fix"] = std::move(fix);
  }
  out["controls"] = Json::array();
  for (const std::string_view control : f.rule->definition->controls.view())
    out["controls"].push_back(control);
  out["cwe"] = Json::array();
  for (const std::uint16_t cwe : f.rule->definition->cwe.view())
    out["cwe"].push_back(fmt::format("CWE-{}", cwe));
  out["fingerprint"] = f.fingerprint;
  out["status"] = f.status == FindingStatus::New      ? "new"
                  : f.status == FindingStatus::Waived ? "waived"
                                                      : "baseline";
  if (f.waiver != nullptr) {
    out["waiver"] = {{"reason", f.waiver->reason}};
    if (!f.waiver->owner.empty()) out["waiver"]["owner"] = f.waiver->owner;
    if (!f.waiver->expires.empty()) out["waiver"]["expires"] = f.waiver->expires;
  }
  return out;
}

Json Writer::problem(const Problem& p) const {
  Json out = {{"code", p.code}, {"message", p.message}};
  place(out, p.place);
  return out;
}

Json Writer::query(const QueryFacts& q) const {
  Json out = Json::object();
  place(out, q.place);
  if (!q.name.empty()) out["name"] = q.name;
  if (!q.function.empty()) out["function"] = q.function;
  out["kind"] = to_string(q.judged.kind);
  out["verdict"] = to_string(q.judged.verdict);
  if (q.dynamic) out["dynamic"] = true;
  if (!q.parsed) out["reason"] = isolation::reason::kNotParsed;
  out["relations"] = Json::array();
  for (const isolation::Occurrence& o : q.judged.occurrences) {
    Json relation = {{"table", o.table},
                     {"alias", o.alias},
                     {"verdict", to_string(o.verdict)},
                     {"reason", o.reason}};
    if (!o.detail.empty()) relation["detail"] = o.detail;
    place(relation, o.place);
    out["relations"].push_back(std::move(relation));
  }
  if (q.judged.remarks.empty()) return out;
  out["remarks"] = Json::array();
  for (const isolation::Remark& r : q.judged.remarks) {
    Json remark = {{"kind", r.kind}, {"message", r.message}};
    place(remark, r.place);
    out["remarks"].push_back(std::move(remark));
  }
  return out;
}

std::string print(const Json& j, int indent) {
  // Names in a database need not be UTF-8; output always is.
  return j.dump(indent, ' ', false, Json::error_handler_t::replace) + "\n";
}

// Lists are written item by item: one tree of twenty thousand findings would take more memory than
// the run.
template <typename Items, typename Convert>
std::string list(const Items& items, Convert convert) {
  std::string out = "[";
  bool first = true;
  for (const auto& item : items) {
    out += first ? "\n  " : ",\n  ";
    first = false;
    std::string line = print(convert(item), -1);
    line.pop_back();
    out += line;
  }
  return out + "]";
}

}  // namespace

std::string json(const Run& run) {
  const Writer writer(run);
  std::string out = "{\"version\": 1,\n \"tool\": " + writer.tool().dump();
  out += ",\n \"findings\": " +
         list(run.findings, [&](const Finding& f) { return writer.finding(f); });
  out += ",\n \"problems\": " +
         list(run.problems, [&](const Problem& p) { return writer.problem(p); });
  return out + ",\n \"coverage\": " + writer.coverage().dump() + "}\n";
}

std::string queries_json(const Run& run, std::span<const QueryFacts> queries) {
  const Writer writer(run);
  const auto one = [&](const QueryFacts* q) { return writer.query(*q); };
  std::string out = "{\"version\": 1,\n \"tool\": " + writer.tool().dump();
  out += ",\n \"queries\": " + list(shown_queries(queries), one);
  out += ",\n \"functions\": " + list(shown_bodies(queries), one);
  out += ",\n \"problems\": " +
         list(run.problems, [&](const Problem& p) { return writer.problem(p); });
  return out + ",\n \"coverage\": " + writer.coverage().dump() + "}\n";
}

std::string jsonl(const Run& run) {
  const Writer writer(run);
  std::string out;
  const auto line = [&](std::string_view type, Json body) {
    Json j = {{"type", type}};
    j.update(body);
    out += print(j, -1);
  };
  for (const Finding& f : run.findings) line("finding", writer.finding(f));
  for (const Problem& p : run.problems) line("problem", writer.problem(p));
  line("coverage", writer.coverage());
  return out;
}

std::string gitlab(const Run& run) {
  Json out = Json::array();
  const auto entry = [&](std::string text, std::string_view check, std::string_view severity,
                         std::string print_id, const Place& place, Span range) {
    const SourceFile& file = run.sources[place.file];
    out.push_back(
        {{"description", std::move(text)},
         {"check_name", check},
         {"fingerprint", std::move(print_id)},
         {"severity", severity},
         {"location",
          {{"path", file.path()}, {"lines", {{"begin", file.position(range.begin).line}}}}}});
  };
  for (const Finding& f : run.findings) {
    if (f.status != FindingStatus::New) continue;
    const std::string_view severity = f.severity == Severity::Error     ? "critical"
                                      : f.severity == Severity::Warning ? "major"
                                                                        : "info";
    entry(f.message, f.rule->name, severity, f.fingerprint, f.place, f.range);
  }
  for (const Problem& p : run.problems) {
    if (!p.place.known()) continue;
    const Span range = sql::resolve(run.sources, p.place);
    entry(p.message, p.code, "blocker", fmt::format("{}-{}-{}", p.code, p.place.file, range.begin),
          p.place, range);
  }
  return print(out, 1);
}

}  // namespace tenantlint::report
