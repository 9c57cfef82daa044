// Flags tables with row-level security and no permissive policy.
#include "analyzer/lint/mend.h"
#include "analyzer/lint/rule.h"

namespace tenantlint::rules {

static void check(const SchemaFacts& facts, Report& report) {
  for (const schema::Relation* table : facts.tenant_tables) {
    if (!table->rls) continue;
    // A partition that nothing was granted on is reached through its parent alone.
    if (table->is_partition && table->grants.empty()) continue;
    bool permissive = false;
    for (const schema::Policy* policy : table->policies)
      permissive = permissive || policy->permissive;
    // Only restrictive ones: policy-restrictive-only says so, with the policy at hand.
    if (permissive || !table->policies.empty()) continue;
    const std::string name = schema::qualified_name(*table);
    report
        .add("Row-level security of '" + name +
                 "' is on, but there is no policy: no row can be read",
             table->place)
        .object("table", name)
        .reason("no-policy")
        .note("enabled here", table->rls_place)
        .help("CREATE POLICY tenant_isolation ON " + sql_name(*table) + " USING (" +
              std::string(facts.tenant_column(*table).name) + " = …);");
  }
}

static constexpr Example examples[] = {
    bad("No policy", R"sql(
CREATE TABLE invoices (tenant_id uuid NOT NULL, id int, PRIMARY KEY (tenant_id, id));
--           ^^^^^^^^ finding: rls-without-policy
ALTER TABLE invoices ENABLE ROW LEVEL SECURITY;
ALTER TABLE invoices FORCE ROW LEVEL SECURITY;
)sql"),
    good("With its policy", R"sql(
CREATE TABLE invoices (tenant_id uuid NOT NULL, id int, PRIMARY KEY (tenant_id, id));
ALTER TABLE invoices ENABLE ROW LEVEL SECURITY;
ALTER TABLE invoices FORCE ROW LEVEL SECURITY;
CREATE POLICY tenant_isolation ON invoices
    USING (tenant_id = current_setting('app.current_tenant')::uuid);
)sql"),
};

DEFINE_RULE(rls_without_policy) = {
    .severity = Severity::Warning,
    .summary = "Row-level security is on and no permissive policy exists",
    .why = R"md(Without a permissive policy PostgreSQL denies everything: the table looks
isolated and is unfinished. The application sees empty results, and the usual quick repair is a
policy USING (true), a connection as owner or BYPASSRLS, each of which opens all tenants. A
policy that was lost by DROP … CASCADE shows up here as well.)md",
    .limits = R"md(A table that the application never reads may be meant to be closed; waive it
with that reason.)md",
    .controls = {kSoc2Cc61, kGdpr32, kIso27001A9, kIso27001_5_15, kIso27001_8_3},
    .cwe = {862},
    .examples = examples,
    .check_schema = check,
};

}  // namespace tenantlint::rules
