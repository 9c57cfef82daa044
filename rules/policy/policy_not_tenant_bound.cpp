// Flags policies whose USING lets rows of other tenants through.
#include "analyzer/lint/policy_report.h"

namespace tenantlint::rules {

static void check(const SchemaFacts& facts, Report& report) {
  report_policies(facts, PolicyFaultKind::NotBound, "does not tie its rows to the tenant",
                  "tie it: tenant_id = current_setting(…), or make it AS RESTRICTIVE", report);
}

static constexpr Example examples[] = {
    bad("Open to all", R"sql(
CREATE TABLE docs (tenant_id text NOT NULL, id bigint NOT NULL, body text,
    PRIMARY KEY (tenant_id, id));
ALTER TABLE docs ENABLE ROW LEVEL SECURITY;
ALTER TABLE docs FORCE ROW LEVEL SECURITY;
CREATE POLICY everyone ON docs USING (true);
--            ^^^^^^^^ finding: policy-not-tenant-bound "does not tie"
)sql"),
    bad("Two permissive policies are OR'ed", R"sql(
CREATE TABLE docs (tenant_id text NOT NULL, id bigint NOT NULL, body text,
    PRIMARY KEY (tenant_id, id));
ALTER TABLE docs ENABLE ROW LEVEL SECURITY;
ALTER TABLE docs FORCE ROW LEVEL SECURITY;
CREATE POLICY tenant_isolation ON docs
    USING (tenant_id = current_setting('app.current_tenant'));
CREATE POLICY no_drafts ON docs USING (body NOT LIKE 'draft%');
--            ^^^^^^^^^ finding: policy-not-tenant-bound "permissive-union"
)sql"),
    good("The second one is restrictive", R"sql(
CREATE TABLE docs (tenant_id text NOT NULL, id bigint NOT NULL, body text,
    PRIMARY KEY (tenant_id, id));
ALTER TABLE docs ENABLE ROW LEVEL SECURITY;
ALTER TABLE docs FORCE ROW LEVEL SECURITY;
CREATE POLICY tenant_isolation ON docs
    USING (tenant_id = current_setting('app.current_tenant'));
CREATE POLICY no_drafts ON docs AS RESTRICTIVE USING (body NOT LIKE 'draft%');
)sql"),
    good("Tied by a restrictive guard", R"sql(
CREATE TABLE docs (tenant_id text NOT NULL, id bigint NOT NULL, body text,
    PRIMARY KEY (tenant_id, id));
ALTER TABLE docs ENABLE ROW LEVEL SECURITY;
ALTER TABLE docs FORCE ROW LEVEL SECURITY;
CREATE POLICY everyone ON docs USING (true);
CREATE POLICY guard ON docs AS RESTRICTIVE
    USING (tenant_id = current_setting('app.current_tenant'));
)sql"),
};

DEFINE_RULE(policy_not_tenant_bound) = {
    .severity = Severity::Error,
    .summary = "What a policy lets a role read or change is not tied to the tenant",
    .why =
        R"md(Permissive policies are OR'ed: one that is true for rows of another tenant opens
these rows, whatever the others say. It shows in no test with one tenant. The usual ways in are
an OR without parentheses, a comparison with the row's own column, LIKE, and a second policy
that was meant to narrow the first and widens it, for it was not declared AS RESTRICTIVE.)md",
    .limits =
        R"md(What a function that is not SQL decides is not followed: then the policy is a
warning and not an error. Policies for roles that the application neither is nor inherits from
are not judged.)md",
    .controls = {kSoc2Cc61, kGdpr32, kIso27001A9, kIso27001_5_15, kIso27001_8_3},
    .cwe = {639, 863},
    .examples = examples,
    .check_schema = check,
};

}  // namespace tenantlint::rules
