// Flags statements that find the tenant by a unique value of the caller's, such as a slug.
#include "analyzer/lint/query_report.h"
#include "analyzer/lint/rule.h"

namespace tenantlint::rules {

static void check(const SchemaFacts&, std::span<const QueryFacts> queries, Report& report) {
  for (const QueryFacts& query : queries) {
    report_remarks(query, isolation::remark::kLookedUp,
                   "Resolve the tenant once, where the caller's right to it is checked, and pass "
                   "it as a parameter",
                   report);
  }
}

static constexpr Example examples[] = {
    bad("Whoever knows the name is the tenant", R"sql(
CREATE TABLE tenants (id uuid PRIMARY KEY, slug text NOT NULL UNIQUE);
CREATE TABLE notes (tenant_id uuid NOT NULL REFERENCES tenants (id), id int, body text);
-- file: tenantlint.toml
[rules]
select = ["query"]
-- file: queries/notes.sql
SELECT n.body FROM notes n JOIN tenants t ON t.id = n.tenant_id WHERE t.slug = $1;
--                 ^^^^^ finding: tenant-looked-up
)sql"),
    good("The tenant is known before", R"sql(
CREATE TABLE tenants (id uuid PRIMARY KEY, slug text NOT NULL UNIQUE);
CREATE TABLE notes (tenant_id uuid NOT NULL REFERENCES tenants (id), id int, body text);
-- file: tenantlint.toml
[rules]
select = ["query"]
-- file: queries/notes.sql
SELECT id FROM tenants WHERE slug = $1;
SELECT n.body, t.slug FROM notes n JOIN tenants t ON t.id = n.tenant_id WHERE n.tenant_id = $1;
)sql"),
};

DEFINE_RULE(tenant_looked_up) = {
    .severity = Severity::Warning,
    .summary = "A statement finds the tenant by a value that the caller supplies",
    .why = R"md(The statement returns rows of exactly one tenant, the one whose slug, host name or
API key was sent. Slugs and host names are public: whoever sends another tenant's gets his rows,
unless something before the statement has checked that the caller belongs to him. That check is in
no statement, and the next route that reuses this one does not have it.)md",
    .limits = R"md(Whether the caller's right was checked before is not seen. A lookup by a secret
(the hash of an API key) is right, and wants a waiver that says so.)md",
    .controls = {kSoc2Cc61, kGdpr32, kIso27001A9, kIso27001_5_15, kIso27001_8_3},
    .cwe = {639, 863},
    .examples = examples,
    .check_queries = check,
};

}  // namespace tenantlint::rules
