// Flags tables of tenants that a SELECT, UPDATE, DELETE or MERGE does not tie to the tenant.
#include "analyzer/lint/query_report.h"
#include "analyzer/lint/rule.h"

namespace tenantlint::rules {

static void check(const SchemaFacts& facts, std::span<const QueryFacts> queries, Report& report) {
  for (const QueryFacts& query : queries) {
    for (const isolation::Occurrence& o : query.judged.occurrences) {
      if (fault_of(o) != QueryFault::WithoutPredicate) continue;
      auto finding =
          report_occurrence(facts, query, o,
                            "Rows of '" + o.table + "' are " + std::string(done_to(o.access)) +
                                " for all tenants: " + because_clause(o),
                            report);
      if (!o.tenant_column.empty())
        finding.help("Tie '" + o.alias + "' to the tenant: " + tenant_predicate(facts, query, o));
      finding.fix(add_predicate(facts, query, o));
    }
  }
}

static constexpr Example examples[] = {
    bad("The key of another tenant's row is a number away", R"sql(
CREATE TABLE invoices (tenant_id uuid NOT NULL, id int, paid boolean);
-- file: tenantlint.toml
[rules]
select = ["query"]
-- file: queries/invoices.sql
SELECT * FROM invoices WHERE id = $1;
--            ^^^^^^^^ finding: query-without-tenant-predicate "no-predicate"
UPDATE invoices SET paid = true WHERE id = $1;
--     ^^^^^^^^ finding: query-without-tenant-predicate "changed for all tenants"
)sql"),
    bad("A filter inside OR does not bind", R"sql(
CREATE TABLE invoices (tenant_id uuid NOT NULL, id int, paid boolean);
-- file: tenantlint.toml
[rules]
select = ["query"]
-- file: queries/invoices.sql
SELECT * FROM invoices WHERE tenant_id = $1 OR paid;
--            ^^^^^^^^ finding: query-without-tenant-predicate "or-branch"
)sql"),
    bad("The joined table is not tied", R"sql(
CREATE TABLE invoices (tenant_id uuid NOT NULL, id int, paid boolean);
CREATE TABLE payments (tenant_id uuid NOT NULL, invoice int, amount numeric);
-- file: tenantlint.toml
[rules]
select = ["query"]
-- file: queries/payments.sql
SELECT p.amount
FROM invoices i
LEFT JOIN payments p ON p.invoice = i.id
--        ^^^^^^^^ finding: query-without-tenant-predicate "join-without-tenant"
WHERE i.tenant_id = $1;
)sql"),
    good("Every table carries the tenant", R"sql(
CREATE TABLE invoices (tenant_id uuid NOT NULL, id int, paid boolean);
CREATE TABLE payments (tenant_id uuid NOT NULL, invoice int, amount numeric);
-- file: tenantlint.toml
[rules]
select = ["query"]
-- file: queries/payments.sql
SELECT p.amount
FROM invoices i
LEFT JOIN payments p ON p.tenant_id = i.tenant_id AND p.invoice = i.id
WHERE i.tenant_id = $1 AND (i.paid OR i.id = $2);
)sql"),
};

DEFINE_RULE(query_without_tenant_predicate) = {
    .severity = Severity::Error,
    .summary = "A statement reads or changes a tenant-owned table without tying it to the tenant",
    .why =
        R"md(Application code decides by its predicates whose rows it sees. One statement that asks
by an identifier alone hands out, changes or deletes the row of whoever owns that identifier, and
identifiers are guessed, logged and shared. The usual forms are not a forgotten WHERE but one that
looks right: the tenant in one branch of OR, a parameter that means everything when it is NULL, a
join that pairs rows by id alone, a filter above LIMIT or an aggregate that has already mixed the
tenants. Row-level security is the second line; ADR-012 asks for the first one as well.)md",
    .limits = R"md(A statement is judged by its text and the schema: what the application binds to
the tenant's parameter is not seen here. Only tables that are tenant-owned by the configuration
count. Row-level security that would filter the rows anyway is no excuse, by intent; in bodies of
functions, where it is the usual way and the table's is on and forced, the finding is a note.)md",
    .controls = {kSoc2Cc61, kGdpr32, kIso27001A9, kIso27001_5_15, kIso27001_8_3},
    .cwe = {639, 566, 862},
    .examples = examples,
    .check_queries = check,
};

}  // namespace tenantlint::rules
