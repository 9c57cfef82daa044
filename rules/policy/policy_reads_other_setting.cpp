// Flags policies that compare with a setting that does not carry the tenant.
#include "analyzer/lint/policy_report.h"

namespace tenantlint::rules {

static void check(const SchemaFacts& facts, Report& report) {
  report_policies(facts, PolicyFaultKind::OtherSetting,
                  "compares with a setting that does not carry the tenant",
                  "name the setting of the configuration, or add this one to [tenancy] settings",
                  report);
}

static constexpr Example examples[] = {
    bad("A setting that nobody sets", R"sql(
CREATE TABLE docs (tenant_id text NOT NULL, id bigint NOT NULL, body text,
    PRIMARY KEY (tenant_id, id));
ALTER TABLE docs ENABLE ROW LEVEL SECURITY;
ALTER TABLE docs FORCE ROW LEVEL SECURITY;
CREATE POLICY tenant_isolation ON docs
--            ^^^^^^^^^^^^^^^^ finding: policy-reads-other-setting "does not carry"
    USING (tenant_id = current_setting('app.tenant', true));
)sql"),
    good("The configured one", R"sql(
CREATE TABLE docs (tenant_id text NOT NULL, id bigint NOT NULL, body text,
    PRIMARY KEY (tenant_id, id));
ALTER TABLE docs ENABLE ROW LEVEL SECURITY;
ALTER TABLE docs FORCE ROW LEVEL SECURITY;
CREATE POLICY tenant_isolation ON docs
    USING (tenant_id = current_setting('app.current_tenant', true));
)sql"),
};

DEFINE_RULE(policy_reads_other_setting) = {
    .severity = Severity::Error,
    .summary = "The setting that a policy reads is not one of those that carry the tenant",
    .why =
        R"md(A mistyped setting is NULL, and the table looks empty until somebody "repairs" it;
a setting that a client chooses when it connects (application_name, the role's name) lets it
choose its tenant.)md",
    .limits =
        R"md(Which settings carry the tenant is the configuration's word: [tenancy] settings.)md",
    .controls = {kSoc2Cc61, kGdpr32, kIso27001A9, kIso27001_5_15, kIso27001_8_3},
    .cwe = {639, 807},
    .examples = examples,
    .check_schema = check,
};

}  // namespace tenantlint::rules
