// Flags statements that are tied to a list of tenants whose members nobody can see.
#include "analyzer/lint/query_report.h"
#include "analyzer/lint/rule.h"

namespace tenantlint::rules {

static void check(const SchemaFacts& facts, std::span<const QueryFacts> queries, Report& report) {
  for (const QueryFacts& query : queries) {
    for (const isolation::Occurrence& o : query.judged.occurrences) {
      if (fault_of(o) != QueryFault::Set) continue;
      report_occurrence(facts, query, o,
                        "'" + o.table + "' is tied to a set of tenants that cannot be seen here",
                        report)
          .help("Ask for one tenant, or join the table of the tenants that a user belongs to");
    }
  }
}

static constexpr Example examples[] = {
    bad("Who filled the list?", R"sql(
CREATE TABLE notes (tenant_id uuid NOT NULL, id int, body text);
-- file: tenantlint.toml
[rules]
select = ["query"]
-- file: queries/notes.sql
SELECT body FROM notes WHERE tenant_id = ANY ($1);
--               ^^^^^ finding: tenant-set
)sql"),
    good("One tenant", R"sql(
CREATE TABLE notes (tenant_id uuid NOT NULL, id int, body text);
-- file: tenantlint.toml
[rules]
select = ["query"]
-- file: queries/notes.sql
SELECT body FROM notes WHERE tenant_id = $1 AND id = ANY ($2);
)sql"),
};

DEFINE_RULE(tenant_set) = {
    .severity = Severity::Warning,
    .summary = "A statement is tied to a set of tenants that cannot be seen",
    .why =
        R"md(A list of tenants is right where one user belongs to several, and wrong where the
list comes from the request: then the caller chooses whose rows he reads. From the statement alone
the two cannot be told apart, and what is right today is one careless caller away from being
wrong.)md",
    .limits = R"md(Who fills the list is not followed. A set whose every member is a source of the
tenant is proven and not flagged.)md",
    .controls = {kSoc2Cc61, kGdpr32, kIso27001A9, kIso27001_5_15, kIso27001_8_3},
    .cwe = {639},
    .examples = examples,
    .check_queries = check,
};

}  // namespace tenantlint::rules
