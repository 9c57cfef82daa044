// Flags tables none of whose policies applies to a role of the application.
#include <algorithm>

#include "analyzer/lint/policy_report.h"
#include "analyzer/lint/rule.h"
#include "analyzer/schema/roles.h"

namespace tenantlint::rules {

// Has the role something to lose there?
static bool concerned(const SchemaFacts& facts, const schema::Relation& table,
                      const schema::Role* role) {
  constexpr std::uint32_t kRows =
      schema::kSelect | schema::kInsert | schema::kUpdate | schema::kDelete;
  if (role == nullptr) return !facts.config.roles.app.empty() && table.grants.empty();
  const bool application =
      std::find(facts.app_roles.begin(), facts.app_roles.end(), role) != facts.app_roles.end();
  return application && (table.grants.empty() ? !facts.app_roles_inferred
                                              : schema::grant_to(table, role, kRows) != nullptr);
}

static void check_role(const SchemaFacts& facts, const isolation::TablePolicies& policies,
                       const isolation::BoundRole& bound, Report& report) {
  const schema::Relation& table = *policies.table;
  if (!bound.bound || table.is_partition || !concerned(facts, table, bound.role)) return;
  for (const isolation::ActionVerdict& action : policies.actions) {
    if (action.role == bound.role && !action.denied) return;
  }
  const schema::Policy* permissive = nullptr;
  for (const schema::Policy* p : table.policies) {
    if (p->permissive && permissive == nullptr) permissive = p;
  }
  if (permissive == nullptr || permissive->roles.empty()) return;
  const std::string who =
      bound.role == nullptr ? facts.config.roles.app[0] : std::string(bound.role->name);
  const std::string name = schema::qualified_name(table);
  auto finding = report_policy(
      *permissive, "No policy of '" + name + "' applies to '" + who + "': it sees no row", report);
  finding.reason("role-not-covered").help("CREATE POLICY … TO " + who + ", or TO PUBLIC");
  if (const schema::Grant* grant = schema::grant_to(table, bound.role, ~std::uint32_t{0}))
    finding.note("granted to '" + who + "' here", grant->place);
}

static void check(const SchemaFacts& facts, Report& report) {
  if (facts.policies == nullptr) return;
  for (const isolation::TablePolicies* table : facts.policies->tables) {
    for (const isolation::BoundRole& role : table->roles) check_role(facts, *table, role, report);
  }
}

static constexpr Example examples[] = {
    bad("Another role than the one that was granted the table", R"sql(
CREATE TABLE docs (tenant_id text NOT NULL, id int, body text, PRIMARY KEY (tenant_id, id));
ALTER TABLE docs ENABLE ROW LEVEL SECURITY;
ALTER TABLE docs FORCE ROW LEVEL SECURITY;
CREATE POLICY tenant_isolation ON docs TO reporting
--            ^^^^^^^^^^^^^^^^ finding: policy-role-gap "app_user"
    USING (tenant_id = current_setting('app.current_tenant'));
GRANT SELECT, INSERT ON docs TO app_user;
)sql"),
    good("The role that was granted the table", R"sql(
CREATE TABLE docs (tenant_id text NOT NULL, id int, body text, PRIMARY KEY (tenant_id, id));
ALTER TABLE docs ENABLE ROW LEVEL SECURITY;
ALTER TABLE docs FORCE ROW LEVEL SECURITY;
CREATE POLICY tenant_isolation ON docs TO app_user
    USING (tenant_id = current_setting('app.current_tenant'));
GRANT SELECT, INSERT ON docs TO app_user;
)sql"),
};

DEFINE_RULE(policy_role_gap) = {
    .severity = Severity::Warning,
    .summary = "No policy of a table applies to an application role",
    .why =
        R"md(A policy applies to the roles that it names and to those that inherit
from them. A policy TO a role that the application does not use, or TO CURRENT_USER, which is
the role that runs the migration, leaves the application with default deny: no rows, no error.
And a restrictive guard that is addressed to the wrong role guards nobody.)md",
    .limits =
        R"md(Roles are those of [roles] app, or those that are granted rows of
tenants. A role that does not inherit from the group gets its policies by SET ROLE only.)md",
    .controls = {kSoc2Cc61, kGdpr32, kIso27001A9, kIso27001_5_15, kIso27001_8_3},
    .cwe = {285, 863},
    .examples = examples,
    .check_schema = check,
};

}  // namespace tenantlint::rules
