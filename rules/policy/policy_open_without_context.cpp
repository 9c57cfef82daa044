// Flags policies that open all rows where the tenant setting is missing or empty.
#include "analyzer/lint/policy_report.h"

namespace tenantlint::rules {

static void check(const SchemaFacts& facts, Report& report) {
  report_policies(facts, PolicyFaultKind::OpenWithoutContext,
                  "opens rows where something is NULL or empty",
                  "compare with the setting alone: a missing tenant then matches no row", report);
}

static constexpr Example examples[] = {
    bad("An empty setting is let through", R"sql(
CREATE TABLE docs (tenant_id text NOT NULL, id bigint NOT NULL, body text,
    PRIMARY KEY (tenant_id, id));
ALTER TABLE docs ENABLE ROW LEVEL SECURITY;
ALTER TABLE docs FORCE ROW LEVEL SECURITY;
CREATE POLICY tenant_isolation ON docs
--            ^^^^^^^^^^^^^^^^ finding: policy-open-without-context "NULL or empty"
    USING (tenant_id = current_setting('app.current_tenant', true)
    OR current_setting('app.current_tenant', true) = '');
)sql"),
    good("No tenant, no rows", R"sql(
CREATE TABLE docs (tenant_id text NOT NULL, id bigint NOT NULL, body text,
    PRIMARY KEY (tenant_id, id));
ALTER TABLE docs ENABLE ROW LEVEL SECURITY;
ALTER TABLE docs FORCE ROW LEVEL SECURITY;
CREATE POLICY tenant_isolation ON docs
    USING (tenant_id = NULLIF(current_setting('app.current_tenant', true), ''));
)sql"),
};

DEFINE_RULE(policy_open_without_context) = {
    .severity = Severity::Error,
    .summary = "A missing or empty value opens the rows of all tenants",
    .why =
        R"md(On a pooled connection the setting is empty more often than one thinks: after
RESET, after the end of the transaction that set it, before the first request. A policy that is
true then gives every tenant's rows to whoever asks first, and fails in the direction that
nobody notices.)md",
    .limits =
        R"md(Rows that belong to nobody (tenant_id IS NULL) are meant by some; waive the policy
then, and let WITH CHECK refuse to make new ones.)md",
    .controls = {kSoc2Cc61, kGdpr32, kIso27001A9, kIso27001_5_15, kIso27001_8_3},
    .cwe = {636, 639},
    .examples = examples,
    .check_schema = check,
};

}  // namespace tenantlint::rules
