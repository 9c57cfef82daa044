// Flags policies that name one tenant.
#include "analyzer/lint/policy_report.h"
#include "analyzer/lint/rule.h"

namespace tenantlint::rules {

static void check(const SchemaFacts& facts, Report& report) {
  report_open_policies(facts, PolicyFault::Literal, report);
}

static constexpr Example examples[] = {
    bad("One customer", R"sql(
CREATE TABLE docs (tenant_id text NOT NULL, id int, body text, PRIMARY KEY (tenant_id, id));
ALTER TABLE docs ENABLE ROW LEVEL SECURITY;
ALTER TABLE docs FORCE ROW LEVEL SECURITY;
CREATE POLICY tenant_isolation ON docs USING (tenant_id = 'acme');
--            ^^^^^^^^^^^^^^^^ finding: policy-literal-tenant
)sql"),
    good("Whoever asks", R"sql(
CREATE TABLE docs (tenant_id text NOT NULL, id int, body text, PRIMARY KEY (tenant_id, id));
ALTER TABLE docs ENABLE ROW LEVEL SECURITY;
ALTER TABLE docs FORCE ROW LEVEL SECURITY;
CREATE POLICY tenant_isolation ON docs
    USING (tenant_id = current_setting('app.current_tenant'));
)sql"),
};

DEFINE_RULE(policy_literal_tenant) = {
    .severity = Severity::Error,
    .summary = "A policy compares the tenant with a constant",
    .why =
        R"md(A tenant in the text of a policy is a support case, a demo or a template
that reached production: whoever asks gets that tenant's rows, in place of his own or beside
them.)md",
    .limits =
        R"md(A constant that stands for no tenant (rows of defaults for all) is
flagged too: keep such rows in a table that is declared shared.)md",
    .controls = {kSoc2Cc61, kGdpr32, kIso27001A9, kIso27001_5_15, kIso27001_8_3},
    .cwe = {639, 798},
    .examples = examples,
    .check_schema = check,
};

}  // namespace tenantlint::rules
