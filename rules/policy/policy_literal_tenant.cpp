// Flags policies that compare the tenant column with a constant.
#include "analyzer/lint/policy_report.h"

namespace tenantlint::rules {

static void check(const SchemaFacts& facts, Report& report) {
  report_policies(facts, PolicyFaultKind::Literal, "names a constant tenant",
                  "compare with the setting that carries the tenant", report);
}

static constexpr Example examples[] = {
    bad("One tenant for all", R"sql(
CREATE TABLE docs (tenant_id text NOT NULL, id bigint NOT NULL, body text,
    PRIMARY KEY (tenant_id, id));
ALTER TABLE docs ENABLE ROW LEVEL SECURITY;
ALTER TABLE docs FORCE ROW LEVEL SECURITY;
CREATE POLICY tenant_isolation ON docs USING (tenant_id = 'acme');
--            ^^^^^^^^^^^^^^^^ finding: policy-literal-tenant "constant tenant"
)sql"),
    good("The current tenant", R"sql(
CREATE TABLE docs (tenant_id text NOT NULL, id bigint NOT NULL, body text,
    PRIMARY KEY (tenant_id, id));
ALTER TABLE docs ENABLE ROW LEVEL SECURITY;
ALTER TABLE docs FORCE ROW LEVEL SECURITY;
CREATE POLICY tenant_isolation ON docs
    USING (tenant_id = current_setting('app.current_tenant'));
)sql"),
};

DEFINE_RULE(policy_literal_tenant) = {
    .severity = Severity::Error,
    .summary = "A policy names one tenant as a constant",
    .why =
        R"md(Everybody whom the policy applies to sees that tenant's rows, whoever they work
for. It is left from a first try, or from a script that was meant to be filled in.)md",
    .limits =
        R"md(A policy for a role that belongs to one tenant is meant; waive it, or leave that
role out of [roles] app.)md",
    .controls = {kSoc2Cc61, kGdpr32, kIso27001A9, kIso27001_5_15, kIso27001_8_3},
    .cwe = {639, 798},
    .examples = examples,
    .check_schema = check,
};

}  // namespace tenantlint::rules
