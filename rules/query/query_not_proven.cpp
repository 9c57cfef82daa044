// Notes what in a statement could not be judged, with the reason.
#include "analyzer/lint/query_report.h"
#include "analyzer/lint/rule.h"

namespace tenantlint::rules {

namespace reason = isolation::reason;

struct Advice {
  std::string_view reason;
  std::string_view help;
};
static constexpr Advice kAdvice[] = {
    {reason::kUnknownTable, "Give the migration that makes it, or its schema by --baseline-schema"},
    {reason::kUnknownColumn,
     "Give the migration that makes it, or its schema by --baseline-schema"},
    {reason::kAmbiguousColumn, "Write the table's name or alias before the column"},
    {reason::kUnknownFunction,
     "If it returns the current tenant, name it in [tenancy] functions of tenantlint.toml"},
    {reason::kRunsSql, "Run the statement itself instead of its text"},
    {reason::kDynamicText, "Run the statement itself instead of its text"},
    {reason::kMergingCast, "Compare the tenant column as it is, and cast the parameter"},
    {reason::kTransformedSource, "Compare the tenant column with the tenant itself"},
    {reason::kNullsEqual, "Compare with =, or make the tenant column NOT NULL"},
    {reason::kUniqueAcrossTenants, "Make the unique key contain the tenant column"},
};

static std::string help_for(const isolation::Occurrence& occurrence) {
  for (const Advice& a : kAdvice) {
    if (a.reason == occurrence.reason) return std::string(a.help);
  }
  return "Write the condition on the tenant so that it stands alone, or waive this with the reason";
}

static std::string message_for(const isolation::Occurrence& occurrence) {
  const std::string why = because_clause(occurrence);
  if (occurrence.relation == nullptr) return "The statement is not proven: " + why;
  return "'" + occurrence.table + "' is not proven to be tied to the tenant: " + why;
}

static void check(const SchemaFacts& facts, std::span<const QueryFacts> queries, Report& report) {
  for (const QueryFacts& query : queries) {
    // What does not parse is a problem, and said there.
    if (!query.parsed || query.judged.verdict == isolation::Verdict::Proven) continue;
    bool said = query.judged.verdict != isolation::Verdict::Unknown;
    for (const isolation::Occurrence& o : query.judged.occurrences) {
      said = said || fault_of(o) == QueryFault::Set || fault_of(o) == QueryFault::Literal;
      if (fault_of(o) != QueryFault::NotProven) continue;
      said = true;
      report_occurrence(facts, query, o, message_for(o), report).help(help_for(o));
    }
    if (said) continue;
    report.add("The statement is not proven", query.place)
        .reason(reason::kNotUnderstood)
        .statement(query.place);
  }
}

static constexpr Example examples[] = {
    bad("A table that no migration made", R"sql(
CREATE TABLE notes (tenant_id uuid NOT NULL, id int, body text);
-- file: tenantlint.toml
[rules]
select = ["query"]
-- file: queries/notes.sql
SELECT title FROM drafts WHERE tenant_id = $1;
--                ^^^^^^ unknown: unknown-table
)sql"),
    good("Everything is known", R"sql(
CREATE TABLE notes (tenant_id uuid NOT NULL, id int, body text);
-- file: tenantlint.toml
[rules]
select = ["query"]
-- file: queries/notes.sql
SELECT lower(body), count(*) FROM notes WHERE tenant_id = $1 GROUP BY 1;
)sql"),
};

DEFINE_RULE(query_not_proven) = {
    .severity = Severity::Note,
    .summary = "A statement could not be judged, for the reason that is given",
    .why =
        R"md(What is not understood is not proven. Such a statement may be right; it is counted and
shown, so that nobody takes a clean report for more than it says. Most reasons go away with a small
change: the missing migration, a table's name before a column, a function declared in the
configuration.)md",
    .limits =
        R"md(A note does not fail a run. Where it should, set severity = { "query-not-proven" =
"error" } in tenantlint.toml. Statements that do not parse are problems, not findings.)md",
    .controls = {kSoc2Cc61, kIso27001A9, kIso27001_8_3},
    .cwe = {1059},
    .examples = examples,
    .check_queries = check,
};

}  // namespace tenantlint::rules
