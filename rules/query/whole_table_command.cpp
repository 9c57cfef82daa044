// Flags TRUNCATE, COPY of a table and LOCK in application SQL: they have no predicate.
#include "analyzer/lint/query_report.h"
#include "analyzer/lint/rule.h"

namespace tenantlint::rules {

static void check(const SchemaFacts& facts, std::span<const QueryFacts> queries, Report& report) {
  for (const QueryFacts& query : queries) {
    for (const isolation::Occurrence& o : query.judged.occurrences) {
      if (fault_of(o) != QueryFault::WholeTable) continue;
      report_occurrence(facts, query, o,
                        "'" + o.table + "' is taken as a whole: " + because_clause(o), report)
          .help(
              "Use a statement with a condition on the tenant: DELETE … WHERE, COPY (SELECT …) "
              "TO, SELECT … FOR UPDATE");
    }
  }
}

static constexpr Example examples[] = {
    bad("Everybody's rows at once", R"sql(
CREATE TABLE notes (tenant_id uuid NOT NULL, id int, body text);
-- file: tenantlint.toml
[rules]
select = ["query"]
-- file: queries/notes.sql
TRUNCATE notes;
--       ^^^^^ finding: whole-table-command "TRUNCATE"
COPY notes TO STDOUT;
--   ^^^^^ finding: whole-table-command "COPY"
)sql"),
    good("The rows of one tenant", R"sql(
CREATE TABLE notes (tenant_id uuid NOT NULL, id int, body text);
-- file: tenantlint.toml
[rules]
select = ["query"]
-- file: queries/notes.sql
DELETE FROM notes WHERE tenant_id = $1;
COPY (SELECT id, body FROM notes WHERE tenant_id = current_setting('app.current_tenant')::uuid)
TO STDOUT;
)sql"),
};

DEFINE_RULE(whole_table_command) = {
    .severity = Severity::Error,
    .summary = "Application SQL takes a tenant-owned table as a whole",
    .why = R"md(TRUNCATE, COPY of a table and LOCK TABLE have no WHERE, and row-level security does
not apply to TRUNCATE and LOCK at all. In the application, "clear this tenant's import" written as
TRUNCATE empties the table for every tenant; COPY … TO exports everybody; LOCK lets one tenant stop
all others.)md",
    .limits = R"md(Only SQL of the application is judged: query files and function bodies.
Migrations may take tables as a whole.)md",
    .controls = {kSoc2Cc61, kGdpr32, kIso27001A9, kIso27001_5_15, kIso27001_8_3},
    .cwe = {639, 862},
    .examples = examples,
    .check_queries = check,
};

}  // namespace tenantlint::rules
