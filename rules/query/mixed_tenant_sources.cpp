// Flags statements whose tables are tied to the tenant by different parameters.
#include "analyzer/lint/query_report.h"
#include "analyzer/lint/rule.h"

namespace tenantlint::rules {

static void check(const SchemaFacts&, std::span<const QueryFacts> queries, Report& report) {
  for (const QueryFacts& query : queries) {
    report_remarks(query, isolation::remark::kMixedSources,
                   "Use one parameter for the tenant, or compare the tenant columns", report);
  }
}

static constexpr Example examples[] = {
    bad("Two parameters, two tenants", R"sql(
CREATE TABLE invoices (tenant_id uuid NOT NULL, id int);
CREATE TABLE payments (tenant_id uuid NOT NULL, invoice int, amount numeric);
-- file: tenantlint.toml
[rules]
select = ["query"]
-- file: queries/payments.sql
SELECT p.amount FROM invoices i JOIN payments p ON p.invoice = i.id
--                                   ^^^^^^^^ finding: mixed-tenant-sources
WHERE i.tenant_id = $1 AND p.tenant_id = $2;
)sql"),
    good("One tenant, twice", R"sql(
CREATE TABLE invoices (tenant_id uuid NOT NULL, id int);
CREATE TABLE payments (tenant_id uuid NOT NULL, invoice int, amount numeric);
-- file: tenantlint.toml
[rules]
select = ["query"]
-- file: queries/payments.sql
SELECT p.amount FROM invoices i JOIN payments p ON p.invoice = i.id
WHERE i.tenant_id = $1 AND p.tenant_id = $1;
)sql"),
};

DEFINE_RULE(mixed_tenant_sources) = {
    .severity = Severity::Warning,
    .summary = "The tables of one statement are tied to the tenant by different parameters",
    .why =
        R"md(Each table is tied to a tenant, but not both to the same one. As long as every caller
binds the same value twice, nothing happens; the first one that swaps its arguments, or passes the
user in place of the tenant, joins rows of two tenants, and the statement looks reviewed.)md",
    .limits = R"md(What is bound to the parameters is not seen here.)md",
    .controls = {kSoc2Cc61, kGdpr32, kIso27001A9, kIso27001_5_15, kIso27001_8_3},
    .cwe = {639},
    .examples = examples,
    .check_queries = check,
};

}  // namespace tenantlint::rules
