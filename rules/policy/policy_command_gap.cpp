// Flags tables whose policies cover some of the commands that are granted.
#include <algorithm>

#include "analyzer/lint/policy_report.h"
#include "analyzer/lint/rule.h"
#include "analyzer/schema/roles.h"

namespace tenantlint::rules {

using isolation::ActionVerdict;
using isolation::RowAction;

// The grant that promises what the policies deny; not one that every new table gets.
static const schema::Grant* promise(const SchemaFacts& facts, const schema::Relation& table,
                                    const ActionVerdict& action) {
  const schema::Grant* grant =
      schema::grant_to(table, action.role, isolation::privilege_for(action.action));
  if (grant == nullptr) return nullptr;
  for (const schema::DefaultPrivilege& d : facts.model.default_privileges) {
    const Place& by = d.grant.place;
    if (by.file == grant->place.file && by.begin == grant->place.begin) return nullptr;
  }
  return grant;
}

// A policy for the command that says nothing about the rows it is asked for.
static bool lacks_expression(const schema::Relation& table, RowAction action) {
  for (const schema::Policy* p : table.policies) {
    if (p->permissive && p->command == schema::PolicyCommand::All && p->using_expr == nullptr &&
        !isolation::writes_row(action)) {
      return true;
    }
  }
  return false;
}

// Policies that were written command by command were chosen; one half of what a table is for was
// forgotten.
static bool half_is_missing(const std::vector<RowAction>& denied,
                            const std::vector<RowAction>& covered) {
  const auto writes = [](RowAction a) { return a != RowAction::Select; };
  const bool reads_denied =
      std::find(denied.begin(), denied.end(), RowAction::Select) != denied.end();
  return reads_denied || std::none_of(covered.begin(), covered.end(), writes);
}

static void check_table(const SchemaFacts& facts, const isolation::TablePolicies& policies,
                        Report& report) {
  const schema::Relation& table = *policies.table;
  std::vector<RowAction> denied;
  std::vector<RowAction> allowed;
  std::vector<const schema::Role*> roles;
  const schema::Grant* grant = nullptr;
  const schema::Policy* covering = nullptr;
  for (const isolation::BoundRole& bound : policies.roles) {
    std::vector<RowAction> gaps;
    bool covered = false;
    for (const ActionVerdict& action : policies.actions) {
      if (action.role != bound.role) continue;
      if (!action.denied) {
        covered = true;
        allowed.push_back(action.action);
        covering = action.permissive[0]->policy;
        continue;
      }
      const schema::Grant* promised = promise(facts, table, action);
      if (promised == nullptr) continue;
      gaps.push_back(action.action);
      grant = promised;
    }
    if (!covered || gaps.empty()) continue;
    roles.push_back(bound.role);
    for (const RowAction a : gaps) {
      if (std::find(denied.begin(), denied.end(), a) == denied.end()) denied.push_back(a);
    }
  }
  if (denied.empty()) return;
  const std::string name = schema::qualified_name(table);
  auto finding =
      report
          .add("No policy of '" + name + "' lets " + role_list(roles) + " " + action_list(denied) +
                   ", which is granted",
               table.place)
          .object("table", name)
          .reason(lacks_expression(table, denied[0]) ? "using-missing" : "command-denied")
          .note("granted here", grant->place)
          .note("'" + std::string(covering->name) + "' covers other commands", covering->place)
          .help("A policy FOR ALL covers every command; or REVOKE what is not to be done");
  if (!half_is_missing(denied, allowed)) finding.severity(Severity::Note);
}

static void check(const SchemaFacts& facts, Report& report) {
  if (facts.policies == nullptr) return;
  for (const isolation::TablePolicies* table : facts.policies->tables)
    check_table(facts, *table, report);
}

static constexpr Example examples[] = {
    bad("Reading alone is covered", R"sql(
CREATE TABLE docs (tenant_id text NOT NULL, id int, body text, PRIMARY KEY (tenant_id, id));
--           ^^^^ finding: policy-command-gap "INSERT, UPDATE and DELETE"
ALTER TABLE docs ENABLE ROW LEVEL SECURITY;
ALTER TABLE docs FORCE ROW LEVEL SECURITY;
CREATE POLICY r ON docs FOR SELECT USING (tenant_id = current_setting('app.current_tenant'));
GRANT SELECT, INSERT, UPDATE, DELETE ON docs TO app_user;
)sql"),
    good("What is not covered is not granted", R"sql(
CREATE TABLE docs (tenant_id text NOT NULL, id int, body text, PRIMARY KEY (tenant_id, id));
ALTER TABLE docs ENABLE ROW LEVEL SECURITY;
ALTER TABLE docs FORCE ROW LEVEL SECURITY;
CREATE POLICY r ON docs FOR SELECT USING (tenant_id = current_setting('app.current_tenant'));
GRANT SELECT ON docs TO app_user;
)sql"),
};

DEFINE_RULE(policy_command_gap) = {
    .severity = Severity::Warning,
    .summary = "Some commands are covered by policies, others fall to default deny",
    .why =
        R"md(Where no permissive policy covers a command, PostgreSQL denies it:
INSERT raises an error, UPDATE and DELETE find no row and say nothing. A job that deletes old
rows then runs for months and deletes none. The usual repair in a hurry is a policy USING (true)
for the command that did not work.)md",
    .limits =
        R"md(Only commands that the migrations grant to an application role count;
a command that is to be impossible should not be granted. Grants by default privileges do not
count.)md",
    .controls = {kSoc2Cc61, kGdpr32, kIso27001A9, kIso27001_5_15, kIso27001_8_3},
    .cwe = {285, 863},
    .examples = examples,
    .check_schema = check,
};

}  // namespace tenantlint::rules
