// Flags policies that let a role write rows for other tenants.
#include "analyzer/lint/policy_report.h"
#include "analyzer/lint/rule.h"

namespace tenantlint::rules {

static void check(const SchemaFacts& facts, Report& report) {
  report_open_policies(facts, PolicyFault::WriteNotTenantBound, report);
}

static constexpr Example examples[] = {
    bad("WITH CHECK (true)", R"sql(
CREATE TABLE docs (tenant_id text NOT NULL, id int, body text, PRIMARY KEY (tenant_id, id));
ALTER TABLE docs ENABLE ROW LEVEL SECURITY;
ALTER TABLE docs FORCE ROW LEVEL SECURITY;
CREATE POLICY r ON docs FOR SELECT USING (tenant_id = current_setting('app.current_tenant'));
CREATE POLICY u ON docs FOR UPDATE USING (tenant_id = current_setting('app.current_tenant'))
--            ^ finding: policy-write-not-tenant-bound "always-true"
    WITH CHECK (true);
)sql"),
    good("USING stands in for WITH CHECK", R"sql(
CREATE TABLE docs (tenant_id text NOT NULL, id int, body text, PRIMARY KEY (tenant_id, id));
ALTER TABLE docs ENABLE ROW LEVEL SECURITY;
ALTER TABLE docs FORCE ROW LEVEL SECURITY;
CREATE POLICY tenant_isolation ON docs
    USING (tenant_id = current_setting('app.current_tenant'));
)sql"),
};

DEFINE_RULE(policy_write_not_tenant_bound) = {
    .severity = Severity::Error,
    .summary =
        "New rows are not tied to the tenant: WITH CHECK is loose, or nothing stands in for it",
    .why =
        R"md(USING decides which rows a command finds, WITH CHECK which rows it may
leave behind. A loose check lets a tenant plant rows with another tenant, who then reads them as
his own, and move its rows away: an UPDATE that reads a column is refused, because the new row
has to pass the SELECT policies as well, but `UPDATE docs SET tenant_id = 'b'` reads none. Tests
pass, and the hole stays.)md",
    .limits =
        R"md(Without WITH CHECK, USING is used in its place for UPDATE and ALL,
which is right and no finding. Checks in triggers do not count. Where the migrations grant the
command to no application role, the finding is a note.)md",
    .controls = {kSoc2Cc61, kGdpr32, kIso27001A9, kIso27001_5_15, kIso27001_8_3},
    .cwe = {639, 863},
    .examples = examples,
    .check_schema = check,
};

}  // namespace tenantlint::rules
