// Flags rows that are inserted without the tenant, or with one that is not the current tenant.
#include "analyzer/lint/query_report.h"
#include "analyzer/lint/rule.h"

namespace tenantlint::rules {

static void check(const SchemaFacts& facts, std::span<const QueryFacts> queries, Report& report) {
  for (const QueryFacts& query : queries) {
    for (const isolation::Occurrence& o : query.judged.occurrences) {
      if (fault_of(o) != QueryFault::InsertWithoutTenant) continue;
      auto finding = report_occurrence(
          facts, query, o,
          "Rows are inserted into '" + o.table + "' without the tenant: " + because_clause(o),
          report);
      if (o.relation != nullptr && facts.tenancy.tenant_owned(*o.relation)) {
        finding.help("Give '" + std::string(facts.tenant_column(*o.relation).name) +
                     "' the tenant: a parameter, or the setting");
      }
    }
  }
}

static constexpr Example examples[] = {
    bad("Nobody's row", R"sql(
CREATE TABLE notes (tenant_id uuid, id int, body text);
-- file: tenantlint.toml
[rules]
select = ["query"]
-- file: queries/notes.sql
INSERT INTO notes (id, body) VALUES ($1, $2);
--          ^^^^^ finding: insert-without-tenant "tenant-not-given"
)sql"),
    bad("The tenant is what another value happens to be", R"sql(
CREATE TABLE notes (tenant_id uuid, id int, body text);
CREATE TABLE imports (id int, owner uuid, body text);
-- file: tenantlint.toml
[rules]
select = ["query"]
-- file: queries/notes.sql
INSERT INTO notes (tenant_id, id, body) SELECT owner, id, body FROM imports WHERE id = $1;
--          ^^^^^ finding: insert-without-tenant "tenant-no-source"
)sql"),
    good("From a parameter, or by default from the setting", R"sql(
CREATE TABLE notes (tenant_id uuid, id int, body text);
CREATE TABLE drafts (tenant_id uuid DEFAULT current_setting('app.current_tenant')::uuid, id int);
-- file: tenantlint.toml
[rules]
select = ["query"]
-- file: queries/notes.sql
INSERT INTO notes (tenant_id, id, body) VALUES ($1, $2, $3);
INSERT INTO drafts (id) VALUES ($1);
INSERT INTO notes (tenant_id, id, body) SELECT d.tenant_id, d.id, '' FROM drafts d
WHERE d.tenant_id = $1;
)sql"),
};

DEFINE_RULE(insert_without_tenant) = {
    .severity = Severity::Error,
    .summary = "A row is inserted without the tenant, or with one that is no source of the tenant",
    .why = R"md(A row without its tenant belongs to nobody: policies hide it, or, where a check is
loose, show it to everybody. A row that is given a tenant out of another column, a request or a
generated value is written into whatever tenant that names, which is how one customer's data ends
up in another one's account without any query being wrong.)md",
    .limits = R"md(A trigger that fills the column in is not seen. What the application binds to the
parameter is not seen here either.)md",
    .controls = {kSoc2Cc61, kGdpr32, kIso27001A9, kIso27001_5_15, kIso27001_8_3},
    .cwe = {639, 862},
    .examples = examples,
    .check_queries = check,
};

}  // namespace tenantlint::rules
