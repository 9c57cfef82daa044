// In: judged statements. Out: the table of `tenantlint queries`: a line for each statement, below
// it one for each relation, at the end the numbers. For a person who wants to believe a verdict.
#include <fmt/format.h>

#include <algorithm>

#include "analyzer/report/report.h"
#include "analyzer/sql/locate.h"

namespace tenantlint::report {

namespace {

using isolation::Verdict;

std::string painted(Verdict verdict, std::size_t width, bool colour) {
  const std::string word = fmt::format("{:<{}}", to_string(verdict), width);
  if (!colour) return word;
  const int code = verdict == Verdict::Proven ? 32 : verdict == Verdict::Missing ? 31 : 33;
  return fmt::format("\x1b[{}m{}\x1b[0m", code, word);
}

std::string where(const Run& run, const Place& place) {
  if (!place.known()) return {};
  const SourceFile& file = run.sources[place.file];
  return fmt::format("{}:{}", file.path(),
                     file.position(sql::resolve(run.sources, place).begin).line);
}

// "invoices i", "public.invoices" or, where no relation is meant, what the occurrence is about.
std::string relation(const isolation::Occurrence& o) {
  const std::size_t dot = o.table.rfind('.');
  const bool renamed = !o.alias.empty() && o.alias != o.table.substr(dot + 1);
  return renamed ? o.table + " " + o.alias : o.table;
}

// The lines of some statements, in columns of their own width.
void table(const Run& run, const std::vector<const QueryFacts*>& shown, bool colour,
           std::string& out) {
  std::size_t place_width = 0, name_width = 0, relation_width = 0;
  const auto name = [](const QueryFacts& q) { return q.name.empty() ? q.function : q.name; };
  for (const QueryFacts* q : shown) {
    place_width = std::max(place_width, where(run, q->place).size());
    name_width = std::max(name_width, name(*q).size());
    for (const isolation::Occurrence& o : q->judged.occurrences)
      relation_width = std::max(relation_width, relation(o).size());
  }
  for (const QueryFacts* q : shown) {
    out += fmt::format("{:<{}}  ", where(run, q->place), place_width);
    if (name_width > 0) out += fmt::format("{:<{}}  ", name(*q), name_width);
    out += fmt::format("{:<8}  {}\n", to_string(q->judged.kind),
                       painted(q->judged.verdict, 0, colour));
    for (const isolation::Occurrence& o : q->judged.occurrences) {
      out += fmt::format("    {:<{}}  {}  {}", relation(o), relation_width,
                         painted(o.verdict, 7, colour), o.reason);
      if (o.verdict != Verdict::Proven && !o.detail.empty()) out += ": " + o.detail;
      out += '\n';
    }
  }
}

}  // namespace

std::vector<const QueryFacts*> shown_queries(std::span<const QueryFacts> queries) {
  std::vector<const QueryFacts*> all, out;
  for (const QueryFacts& q : queries) {
    if (!q.function.empty()) continue;
    all.push_back(&q);
    if (q.judged.is_query || !q.parsed) out.push_back(&q);
  }
  return out.empty() ? all : out;
}

std::vector<const QueryFacts*> shown_bodies(std::span<const QueryFacts> queries) {
  std::vector<const QueryFacts*> out;
  for (const QueryFacts& q : queries) {
    if (!q.function.empty() && (q.judged.is_query || !q.parsed)) out.push_back(&q);
  }
  return out;
}

std::string queries_text(const Run& run, std::span<const QueryFacts> queries, bool colour) {
  std::string out;
  table(run, shown_queries(queries), colour, out);
  const std::vector<const QueryFacts*> bodies = shown_bodies(queries);
  if (!bodies.empty()) out += "In functions:\n";
  table(run, bodies, colour, out);
  const CoverageCounts& c = run.coverage;
  out += fmt::format("{} {}: {} proven, {} missing, {} unknown\n", c.queries,
                     c.queries == 1 ? "query" : "queries", c.proven, c.missing, c.unknown);
  return out;
}

}  // namespace tenantlint::report
