// Flags policies that let everything through where no tenant is set.
#include "analyzer/lint/policy_report.h"
#include "analyzer/lint/rule.h"

namespace tenantlint::rules {

static void check(const SchemaFacts& facts, Report& report) {
  report_open_policies(facts, PolicyFault::OpenWithoutContext, report);
}

static constexpr Example examples[] = {
    bad("The empty setting means everything", R"sql(
CREATE TABLE docs (tenant_id text NOT NULL, id int, body text, PRIMARY KEY (tenant_id, id));
ALTER TABLE docs ENABLE ROW LEVEL SECURITY;
ALTER TABLE docs FORCE ROW LEVEL SECURITY;
CREATE POLICY tenant_isolation ON docs
--            ^^^^^^^^^^^^^^^^ finding: policy-open-without-context
    USING (tenant_id = current_setting('app.current_tenant', true)
        OR current_setting('app.current_tenant', true) = '');
)sql"),
    good("The empty setting matches nothing", R"sql(
CREATE TABLE docs (tenant_id text NOT NULL, id int, body text, PRIMARY KEY (tenant_id, id));
ALTER TABLE docs ENABLE ROW LEVEL SECURITY;
ALTER TABLE docs FORCE ROW LEVEL SECURITY;
CREATE POLICY tenant_isolation ON docs
    USING (tenant_id = NULLIF(current_setting('app.current_tenant', true), ''));
)sql"),
};

DEFINE_RULE(policy_open_without_context) = {
    .severity = Severity::Error,
    .summary = "A missing or empty setting opens the rows of all tenants",
    .why =
        R"md(Settings are missing more often than one thinks: in the first statement
of a connection, in a background job, after RESET or DISCARD ALL. A setting that was once set by
SET LOCAL is not NULL afterwards but the empty string, for as long as the pooled connection
lives. A policy that takes either for "no restriction" shows all tenants' rows at exactly those
moments, and no test on a fresh connection sees it. IS NOT DISTINCT FROM with a setting that may
be NULL opens the rows whose tenant is NULL.)md",
    .limits =
        R"md(Looks at the setting and at functions without arguments. A function
that itself returns a default tenant is judged by its body where that is one query.)md",
    .controls = {kSoc2Cc61, kGdpr32, kIso27001A9, kIso27001_5_15, kIso27001_8_3},
    .cwe = {636, 863},
    .examples = examples,
    .check_schema = check,
};

}  // namespace tenantlint::rules
