// Reads a fixture apart, runs the same stages as the program on it, in memory, and holds findings
// and problems against the marks, both ways.
#include "tests/support/fixture.h"

#include <fmt/format.h>

#include <algorithm>
#include <memory>

#include "analyzer/driver/migrations.h"
#include "analyzer/driver/queries.h"
#include "analyzer/isolation/dump.h"
#include "analyzer/lint/config_reader.h"
#include "analyzer/lint/lint.h"
#include "analyzer/lint/policy_facts.h"
#include "analyzer/lint/waiver.h"
#include "analyzer/schema/dump.h"
#include "analyzer/schema/replay.h"
#include "analyzer/sql/locate.h"
#include "rules/registry.h"

namespace tenantlint::test {

namespace {

struct Mark {
  std::string file;
  std::uint32_t line = 0;   // that it speaks of
  std::uint32_t begin = 0;  // bytes in the line, from 0; end 0: anywhere on it
  std::uint32_t end = 0;
  std::string kind;  // finding, problem
  std::string rule;
  std::string text;
  bool met = false;
};

struct Part {
  std::string name;
  std::string text;
};

// The text between "-- file:" lines; what stands before the first is migrations/0001.sql.
std::vector<Part> parts_of(std::string_view text) {
  std::vector<Part> out = {{"migrations/0001.sql", ""}};
  while (!text.empty()) {
    const std::size_t end = std::min(text.find('\n'), text.size());
    const std::string_view line = text.substr(0, end);
    text.remove_prefix(std::min(end + 1, text.size()));
    constexpr std::string_view kFile = "-- file: ";
    if (line.starts_with(kFile)) {
      out.push_back({std::string(line.substr(kFile.size())), ""});
    } else {
      out.back().text.append(line).append("\n");
    }
  }
  if (out[0].text.find_first_not_of(" \n") == std::string::npos) out.erase(out.begin());
  return out;
}

// Marks stand below their line; several may stand below one.
void read_marks(const Part& part, std::vector<Mark>& out) {
  std::uint32_t line = 0, speaks_of = 0;
  std::string_view text = part.text;
  while (!text.empty()) {
    const std::size_t end = std::min(text.find('\n'), text.size());
    const std::string_view row = text.substr(0, end);
    text.remove_prefix(std::min(end + 1, text.size()));
    ++line;
    const bool comment = row.starts_with("--");
    const std::size_t caret = row.find('^');
    const std::size_t arrow = row.find("<-");
    const std::size_t colon = row.find(": ", std::min(caret, arrow));
    const bool mark = comment && colon != std::string_view::npos &&
                      (caret != std::string_view::npos || arrow != std::string_view::npos);
    if (!mark) {
      speaks_of = line;
      continue;
    }
    Mark m;
    m.file = part.name;
    m.line = speaks_of;
    if (caret != std::string_view::npos) {
      m.begin = static_cast<std::uint32_t>(caret);
      m.end = static_cast<std::uint32_t>(row.find_first_not_of('^', caret));
    }
    const std::size_t word = row.rfind(' ', colon - 1) + 1;
    m.kind = row.substr(word, colon - word);
    std::string_view rest = row.substr(colon + 2);
    const std::size_t quote = rest.find('"');
    if (quote != std::string_view::npos) {
      m.text = rest.substr(quote + 1, rest.rfind('"') - quote - 1);
      rest = rest.substr(0, quote);
    }
    m.rule = rest.substr(0, rest.find(' '));
    out.push_back(std::move(m));
  }
}

struct Run {
  SourceSet sources;
  std::vector<std::unique_ptr<sql::Script>> scripts;
  schema::Model model;
  std::vector<Problem> problems;
  std::vector<QueryFacts> queries;
  LintResult lint;
};

bool is_query(const Part& part) {
  return part.name.starts_with("queries/") && part.name.ends_with(".sql");
}

void replay(Run& run, const std::vector<Part>& parts, LintInput& input) {
  std::vector<std::string> names;
  for (const Part& part : parts) {
    if (part.name.ends_with(".sql") && !is_query(part)) names.push_back(part.name);
  }
  const MigrationOrder order =
      order_migrations(std::move(names), "auto", false, [](const std::string&) { return ""; });
  std::vector<std::pair<std::string, FileId>> ids;
  schema::Replay replay(run.model);
  for (const MigrationFile& file : order.files) {
    for (const Part& part : parts) {
      if (part.name != file.path) continue;
      const FileId id = run.sources.add(part.name, part.text);
      ids.emplace_back(part.name, id);
      run.scripts.push_back(std::make_unique<sql::Script>(sql::read_script(run.sources, id, {})));
      replay.run(*run.scripts.back());
      for (const Problem& p : run.scripts.back()->problems) run.problems.push_back(p);
    }
  }
  for (const Problem& p : replay.problems()) run.problems.push_back(p);
  const auto id_of = [&](const std::string& name) {
    for (const auto& [path, id] : ids) {
      if (path == name) return id;
    }
    return kNoFile;
  };
  for (const Ambiguity& a : order.ambiguities) {
    input.migrations.ambiguities.push_back({a.first,
                                            a.second,
                                            a.reason,
                                            a.detail,
                                            {id_of(a.first), 0, 0, Extent::Token},
                                            {id_of(a.second), 0, 0, Extent::Token}});
  }
}

// The statements of the parts below queries/, and those in functions.
void judge(Run& run, const std::vector<Part>& parts, const schema::Tenancy& tenancy,
           const Config& config) {
  std::vector<const sql::Script*> scripts;
  for (const Part& part : parts) {
    if (!is_query(part)) continue;
    const FileId id = run.sources.add(part.name, part.text);
    sql::ScriptOptions options;
    options.sections = sql::Sections::None;
    run.scripts.push_back(
        std::make_unique<sql::Script>(sql::read_script(run.sources, id, options)));
    for (const Problem& p : run.scripts.back()->problems) run.problems.push_back(p);
    scripts.push_back(run.scripts.back().get());
  }
  const QueryContext context{run.sources, run.model, tenancy, config, {"public"}, 1};
  run.queries = judge_queries(context, scripts);
  for (QueryFacts& q : judge_functions(context, std::vector<bool>(run.sources.size(), true)))
    run.queries.push_back(std::move(q));
}

// Fixtures about statements or policies would drown in what is missing of their tables. Gives the
// group that runs alone; empty: all of them.
std::string_view group_alone(std::string_view name) {
  const std::string_view folder = name.substr(0, name.find('/'));
  if (folder == "isolation") return "query";
  const RuleEntry* rule = rules::find(folder);
  const bool alone = rule != nullptr && (rule->group == "query" || rule->group == "policy");
  return alone ? rule->group : std::string_view();
}

std::unique_ptr<Run> run_fixture(const std::vector<Part>& parts, std::string_view name,
                                 std::vector<std::string>& faults) {
  auto run = std::make_unique<Run>();
  Config config;
  const auto is_rule = [](std::string_view word) { return is_rule_word(word, rules::all()); };
  const auto names = [](std::string_view word) { return names_rule(word, rules::all()); };
  for (const Part& part : parts) {
    if (part.name != "tenantlint.toml") continue;
    ConfigResult read = read_config(part.text, part.name, is_rule);
    for (const ConfigError& e : read.errors)
      faults.push_back(fmt::format("tenantlint.toml:{}: {}", e.line, e.message));
    config = std::move(read.config);
  }
  const bool chosen = config.rules.select != RuleOptions{}.select;
  const std::string_view group = group_alone(name);
  if (!chosen && !group.empty()) config.rules.select = {std::string(group)};
  LintInput input;
  replay(*run, parts, input);
  const schema::Tenancy tenants(run->model, tenancy_config(config.tenancy));
  judge(*run, parts, tenants, config);
  input.queries = run->queries;
  const SchemaFacts schema = make_facts(run->model, tenants, config);
  const isolation::SourceOptions sources = source_options(config.tenancy);
  const auto policies = judge_policies(schema, sources);
  if (policies != nullptr) input.policies = &policies->facts();
  input.rules = rules::all();
  input.config = &config;
  input.sources = &run->sources;
  input.model = &run->model;
  input.tenancy = &tenants;
  for (const auto& script : run->scripts) {
    for (Waiver& w :
         read_waivers(run->sources[script->file], script->file, *script, names, "2026-01-01")) {
      input.waivers.push_back(std::move(w));
    }
  }
  run->lint = lint(std::move(input));
  return run;
}

bool is_known_wrong(std::string_view kind) {
  return kind == "missing" || kind == "spurious";
}

bool has_mark(const std::vector<Mark>& marks, std::string_view kind, std::string_view rule) {
  return std::any_of(marks.begin(), marks.end(),
                     [&](const Mark& m) { return !m.met && m.kind == kind && m.rule == rule; });
}

// Marks off the first mark that fits; else says what is there and not marked.
void take(std::vector<Mark>& marks, const Run& run, const Place& place, Span range,
          std::string_view kind, std::string_view rule, const std::string& text,
          std::vector<std::string>& out) {
  const SourceFile& file = run.sources[place.file];
  const Position start = file.position(range.begin);
  const std::uint32_t column = range.begin - file.line(start.line).begin;
  for (Mark& m : marks) {
    const bool here =
        m.end == 0 || (m.begin == column && m.end - m.begin == range.end - range.begin);
    // What is known to be wrong is marked as such, and has to be unmarked when it is cured.
    const bool alike = m.kind == kind || (kind == "finding" && is_known_wrong(m.kind));
    if (m.met || m.file != file.path() || m.line != start.line || !alike || m.rule != rule || !here)
      continue;
    if (text.find(m.text) == std::string::npos) continue;
    if (m.kind == "missing") break;
    m.met = true;
    return;
  }
  out.push_back(fmt::format("{}:{}:{}-{}: not marked: {}: {} \"{}\"", file.path(), start.line,
                            column, column + range.end - range.begin, kind, rule, text));
}

// The parts with the edits made; those of one fix do not overlap.
std::vector<Part> mended(std::vector<Part> parts, const Run& run, const Fix& fix) {
  std::vector<TextEdit> edits = fix.edits;
  std::sort(edits.begin(), edits.end(),
            [](const auto& a, const auto& b) { return a.place.begin > b.place.begin; });
  for (const TextEdit& edit : edits) {
    for (Part& part : parts) {
      if (part.name == run.sources[edit.place.file].path())
        part.text.replace(edit.place.begin, edit.place.end - edit.place.begin, edit.text);
    }
  }
  return parts;
}

}  // namespace

bool has_marks(std::string_view text) {
  std::vector<Mark> marks;
  for (const Part& part : parts_of(text)) read_marks(part, marks);
  return !marks.empty();
}

std::vector<std::string> check_fixture(std::string_view text, std::string_view name) {
  std::vector<std::string> out;
  const std::vector<Part> parts = parts_of(text);
  std::vector<Mark> marks;
  for (const Part& part : parts) read_marks(part, marks);
  const std::unique_ptr<Run> run = run_fixture(parts, name, out);
  for (const Finding& f : run->lint.findings) {
    if (f.status != FindingStatus::New) continue;
    const std::string said = f.message + " " + std::string(f.reason);
    // "unknown: REASON" is the short form for what query-not-proven says.
    const bool unknown = f.rule->name == "query-not-proven" && has_mark(marks, "unknown", f.reason);
    take(marks, *run, f.place, f.range, unknown ? "unknown" : "finding",
         unknown ? f.reason : f.rule->name, said, out);
  }
  for (const Problem& p : run->problems) {
    take(marks, *run, p.place, sql::resolve(run->sources, p.place), "problem", p.code, p.message,
         out);
  }
  for (const Mark& m : marks) {
    if (!m.met && m.kind != "missing")
      out.push_back(fmt::format("{}:{}: marked, not found: {}: {} \"{}\"", m.file, m.line, m.kind,
                                m.rule, m.text));
  }
  for (std::string& line : out) line = fmt::format("{}: {}", name, line);
  return out;
}

std::vector<std::string> check_fixes(std::string_view text, std::string_view name, int& applied) {
  std::vector<std::string> out;
  const std::vector<Part> parts = parts_of(text);
  const std::unique_ptr<Run> before = run_fixture(parts, name, out);
  for (const Finding& f : before->lint.findings) {
    if (!f.fix || f.status != FindingStatus::New) continue;
    ++applied;
    const std::unique_ptr<Run> after = run_fixture(mended(parts, *before, *f.fix), name, out);
    if (after->problems.size() > before->problems.size()) {
      out.push_back(fmt::format("{}: the correction of {} is not understood: {}", name,
                                f.rule->name, after->problems.back().message));
    }
    const auto alike = [&](const Run& run) {
      return std::count_if(run.lint.findings.begin(), run.lint.findings.end(),
                           [&](const Finding& other) {
                             return other.rule == f.rule && other.object.name == f.object.name;
                           });
    };
    // Several statements may have the same fault with the same table.
    if (alike(*after) >= alike(*before)) {
      out.push_back(
          fmt::format("{}: the correction of {} leaves it: {}", name, f.rule->name, f.message));
    }
    if (f.rule->group == "query" && after->lint.findings.size() >= before->lint.findings.size()) {
      out.push_back(fmt::format("{}: the correction of {} brings others", name, f.rule->name));
    }
  }
  return out;
}

std::string fixture_schema(std::string_view text, std::string_view name) {
  std::vector<std::string> faults;
  return schema::dump_text(run_fixture(parts_of(text), name, faults)->model);
}

std::string fixture_isolation(std::string_view text, std::string_view name) {
  std::vector<std::string> faults;
  const std::unique_ptr<Run> run = run_fixture(parts_of(text), name, faults);
  std::string out;
  const auto line_of = [&](const Place& place) {
    const Position p = run->sources[place.file].position(sql::resolve(run->sources, place).begin);
    return fmt::format("{}:{}", p.line, p.column);
  };
  for (const QueryFacts& q : run->queries) {
    out += isolation::dump_text(q.judged, q.source->path() + ":" + line_of(q.place), line_of);
  }
  return out;
}

}  // namespace tenantlint::test
