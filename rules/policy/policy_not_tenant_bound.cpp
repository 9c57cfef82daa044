// Flags policies that let a role at rows of other tenants.
#include "analyzer/lint/policy_report.h"
#include "analyzer/lint/rule.h"

namespace tenantlint::rules {

// PostgreSQL cannot expand policies that come back to their own table.
static void circles(const SchemaFacts& facts, Report& report) {
  for (const isolation::TablePolicies* table : facts.policies->tables) {
    if (table->circular == nullptr) continue;
    const std::string name = schema::qualified_name(*table->table);
    const std::string through = table->circular_through == nullptr
                                    ? " reads its own table"
                                    : " reads '" +
                                          schema::qualified_name(*table->circular_through) +
                                          "', whose policies come back to '" + name + "'";
    report_policy(*table->circular,
                  "Every query of '" + name + "' fails: policy '" +
                      std::string(table->circular->name) + "'" + through,
                  report)
        .reason(isolation::reason::kReadsOwnTable)
        .help("USING (" + tenant_condition(facts, *table->table) + ")");
  }
}

static void check(const SchemaFacts& facts, Report& report) {
  if (facts.policies == nullptr) return;
  report_open_policies(facts, PolicyFault::NotTenantBound, report);
  circles(facts, report);
}

static constexpr Example examples[] = {
    bad("A second policy that was meant to narrow the first", R"sql(
CREATE TABLE docs (tenant_id text NOT NULL, id int, body text, PRIMARY KEY (tenant_id, id));
ALTER TABLE docs ENABLE ROW LEVEL SECURITY;
ALTER TABLE docs FORCE ROW LEVEL SECURITY;
CREATE POLICY tenant_isolation ON docs
    USING (tenant_id = current_setting('app.current_tenant'));
CREATE POLICY hide_drafts ON docs USING (body NOT LIKE 'draft%');
--            ^^^^^^^^^^^ finding: policy-not-tenant-bound "permissive-union"
)sql"),
    bad("Deleting was left open", R"sql(
CREATE TABLE docs (tenant_id text NOT NULL, id int, body text, PRIMARY KEY (tenant_id, id));
ALTER TABLE docs ENABLE ROW LEVEL SECURITY;
ALTER TABLE docs FORCE ROW LEVEL SECURITY;
CREATE POLICY r ON docs FOR SELECT USING (tenant_id = current_setting('app.current_tenant'));
CREATE POLICY d ON docs FOR DELETE USING (true);
--            ^ finding: policy-not-tenant-bound "always-true"
)sql"),
    bad("AND binds tighter than OR", R"sql(
CREATE TABLE docs (tenant_id text NOT NULL, id int, body text, featured boolean,
    PRIMARY KEY (tenant_id, id));
ALTER TABLE docs ENABLE ROW LEVEL SECURITY;
ALTER TABLE docs FORCE ROW LEVEL SECURITY;
CREATE POLICY tenant_isolation ON docs
--            ^^^^^^^^^^^^^^^^ finding: policy-not-tenant-bound "or-branch"
    USING (tenant_id = current_setting('app.current_tenant') AND id > 0 OR featured);
)sql"),
    good("A permissive policy for all, and a restrictive guard", R"sql(
CREATE TABLE docs (tenant_id text NOT NULL, id int, body text, PRIMARY KEY (tenant_id, id));
ALTER TABLE docs ENABLE ROW LEVEL SECURITY;
ALTER TABLE docs FORCE ROW LEVEL SECURITY;
CREATE POLICY everyone ON docs USING (true);
CREATE POLICY tenant_guard ON docs AS RESTRICTIVE
    USING (tenant_id = current_setting('app.current_tenant'));
)sql"),
};

DEFINE_RULE(policy_not_tenant_bound) = {
    .severity = Severity::Error,
    .summary = "What a policy lets a role read or change is not tied to the tenant",
    .why =
        R"md(A policy is the last thing between a query and the rows of all tenants.
PostgreSQL puts the policies of one command and one role together: the permissive ones are
OR-ed, the restrictive ones AND-ed. One permissive policy that is not tied to the tenant
therefore opens the table, however good the others are; a guard that is restrictive FOR UPDATE
alone, or TO another role, guards nothing else; and AND binds tighter than OR. Each command
counts by itself. SELECT policies also filter an UPDATE or DELETE that reads a column, so that
tests pass, but a bare `DELETE FROM docs` reads none, and deletes what its own policy lets
through. A policy that reads its own table is refused by PostgreSQL at each query, and the usual
repair is a function that runs as the owner.)md",
    .limits =
        R"md(The reasons say what was written instead: always-true,
no-tenant-column, or-branch, self-comparison, not-equality, other-column, subquery,
permissive-union, reads-own-table. Where no role of the application is known, PUBLIC and each
role that the policies name are judged. A command that is granted to no application role is a
note, and so are rows that a FOR SELECT policy shares on purpose (an is_public flag, a tenant
that is NULL). What is not understood is a warning.)md",
    .controls = {kSoc2Cc61, kGdpr32, kIso27001A9, kIso27001_5_15, kIso27001_8_3},
    .cwe = {639, 863, 285},
    .examples = examples,
    .check_schema = check,
};

}  // namespace tenantlint::rules
