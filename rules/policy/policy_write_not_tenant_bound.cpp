// Flags policies whose WITH CHECK lets rows be written for other tenants.
#include "analyzer/lint/policy_report.h"

namespace tenantlint::rules {

static void check(const SchemaFacts& facts, Report& report) {
  report_policies(facts, PolicyFaultKind::WriteNotBound, "lets rows be written for other tenants",
                  "leave WITH CHECK out (USING stands in), or tie it as USING is", report);
}

static constexpr Example examples[] = {
    bad("A check that is always true", R"sql(
CREATE TABLE docs (tenant_id text NOT NULL, id bigint NOT NULL, body text,
    PRIMARY KEY (tenant_id, id));
ALTER TABLE docs ENABLE ROW LEVEL SECURITY;
ALTER TABLE docs FORCE ROW LEVEL SECURITY;
CREATE POLICY reading ON docs FOR SELECT
    USING (tenant_id = current_setting('app.current_tenant'));
CREATE POLICY writing ON docs FOR UPDATE
--            ^^^^^^^ finding: policy-write-not-tenant-bound "written for other tenants"
    USING (tenant_id = current_setting('app.current_tenant')) WITH CHECK (true);
)sql"),
    good("Without WITH CHECK, USING is the check", R"sql(
CREATE TABLE docs (tenant_id text NOT NULL, id bigint NOT NULL, body text,
    PRIMARY KEY (tenant_id, id));
ALTER TABLE docs ENABLE ROW LEVEL SECURITY;
ALTER TABLE docs FORCE ROW LEVEL SECURITY;
CREATE POLICY reading ON docs FOR SELECT
    USING (tenant_id = current_setting('app.current_tenant'));
CREATE POLICY writing ON docs FOR UPDATE
    USING (tenant_id = current_setting('app.current_tenant'));
)sql"),
};

DEFINE_RULE(policy_write_not_tenant_bound) = {
    .severity = Severity::Error,
    .summary = "New rows that a policy accepts are not tied to the tenant",
    .why =
        R"md(USING says which rows may be touched, WITH CHECK what may become of them. A loose
check lets a tenant plant rows with another, or move its own rows there: an UPDATE that reads no
column is bound by nothing else. In tests it looks safe, for an UPDATE with a WHERE also meets
the SELECT policies.)md",
    .limits = R"md(As for policy-not-tenant-bound.)md",
    .controls = {kSoc2Cc61, kGdpr32, kIso27001A9, kIso27001_5_15, kIso27001_8_3},
    .cwe = {639, 863},
    .examples = examples,
    .check_schema = check,
};

}  // namespace tenantlint::rules
