// Flags policies that compare the tenant with a setting that is not the configured one.
#include "analyzer/lint/policy_report.h"
#include "analyzer/lint/rule.h"

namespace tenantlint::rules {

static void check(const SchemaFacts& facts, Report& report) {
  report_open_policies(facts, PolicyFault::OtherSetting, report);
}

static constexpr Example examples[] = {
    bad("One letter too many", R"sql(
CREATE TABLE docs (tenant_id text NOT NULL, id int, body text, PRIMARY KEY (tenant_id, id));
ALTER TABLE docs ENABLE ROW LEVEL SECURITY;
ALTER TABLE docs FORCE ROW LEVEL SECURITY;
CREATE POLICY tenant_isolation ON docs
--            ^^^^^^^^^^^^^^^^ finding: policy-reads-other-setting "app.current_tenants"
    USING (tenant_id = current_setting('app.current_tenants'));
)sql"),
    good("The configured one", R"sql(
CREATE TABLE docs (tenant_id text NOT NULL, id int, body text, PRIMARY KEY (tenant_id, id));
ALTER TABLE docs ENABLE ROW LEVEL SECURITY;
ALTER TABLE docs FORCE ROW LEVEL SECURITY;
CREATE POLICY tenant_isolation ON docs
    USING (tenant_id = current_setting('app.current_tenant'));
)sql"),
};

DEFINE_RULE(policy_reads_other_setting) = {
    .severity = Severity::Error,
    .summary = "A policy reads a setting that does not carry the tenant",
    .why =
        R"md(The application sets one setting, and the policy reads another: a
misspelt one, one of an older name, application_name, the name of the database role. At best
nobody sees a row. At worst the other setting is one that the client chooses when it connects,
or one that some other code sets, and then the tenant is whatever that says.)md",
    .limits =
        R"md(Settings that really carry the tenant belong into [tenancy] settings,
and functions that return it into [tenancy] functions.)md",
    .controls = {kSoc2Cc61, kGdpr32, kIso27001A9, kIso27001_5_15, kIso27001_8_3},
    .cwe = {639, 807},
    .examples = examples,
    .check_schema = check,
};

}  // namespace tenantlint::rules
