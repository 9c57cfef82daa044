// Flags commands that the application is granted and that no permissive policy allows.
#include <algorithm>

#include "analyzer/lint/reach.h"
#include "analyzer/lint/rule.h"

namespace tenantlint::rules {

namespace {

struct Command {
  isolation::Deed deed;
  std::uint32_t privilege;
  std::string_view word;
};
constexpr Command kCommands[] = {
    {isolation::Deed::See, schema::kSelect, "SELECT"},
    {isolation::Deed::Add, schema::kInsert, "INSERT"},
    {isolation::Deed::Change, schema::kUpdate, "UPDATE"},
    {isolation::Deed::Remove, schema::kDelete, "DELETE"},
};

bool any_permissive(const schema::Relation& table) {
  return std::any_of(table.policies.begin(), table.policies.end(),
                     [](const schema::Policy* p) { return p->permissive; });
}

}  // namespace

static void check(const SchemaFacts& facts, Report& report) {
  for (const schema::Relation* table : facts.tenant_tables) {
    if (!table->rls || !any_permissive(*table)) continue;
    std::string gaps;
    const schema::Grant* grant = nullptr;
    for (const Command& command : kCommands) {
      const schema::Grant* given = grant_to_application(facts, *table, command.privilege);
      const bool allowed = std::any_of(
          table->policies.begin(), table->policies.end(), [&](const schema::Policy* policy) {
            return policy->permissive && isolation::covers(*policy, command.deed);
          });
      if (given == nullptr || allowed) continue;
      grant = given;
      gaps += gaps.empty() ? "" : ", ";
      gaps += command.word;
    }
    if (gaps.empty()) continue;
    // That rows can be read and nothing else is forgotten more often than meant.
    const bool reads_alone = std::none_of(
        table->policies.begin(), table->policies.end(), [](const schema::Policy* policy) {
          return policy->permissive && policy->command != schema::PolicyCommand::Select;
        });
    const std::string name = schema::qualified_name(*table);
    report.add("No policy of '" + name + "' allows " + gaps + ": it is denied", table->place)
        .object("table", name)
        .reason("no-policy-for-command")
        .severity(reads_alone ? Severity::Warning : Severity::Note)
        .note("granted here", grant->place)
        .help("add policies for these commands, or do not grant them");
  }
}

static constexpr Example examples[] = {
    bad("Rows can be read and not written", R"sql(
CREATE TABLE docs (tenant_id text NOT NULL, id bigint NOT NULL, PRIMARY KEY (tenant_id, id));
--           ^^^^ finding: policy-command-gap "INSERT"
ALTER TABLE docs ENABLE ROW LEVEL SECURITY;
ALTER TABLE docs FORCE ROW LEVEL SECURITY;
CREATE POLICY reading ON docs FOR SELECT
    USING (tenant_id = current_setting('app.current_tenant'));
GRANT SELECT, INSERT ON docs TO app_user;
)sql"),
    good("Only what is allowed is granted", R"sql(
CREATE TABLE docs (tenant_id text NOT NULL, id bigint NOT NULL, PRIMARY KEY (tenant_id, id));
ALTER TABLE docs ENABLE ROW LEVEL SECURITY;
ALTER TABLE docs FORCE ROW LEVEL SECURITY;
CREATE POLICY reading ON docs FOR SELECT
    USING (tenant_id = current_setting('app.current_tenant'));
GRANT SELECT ON docs TO app_user;
)sql"),
};

DEFINE_RULE(policy_command_gap) = {
    .severity = Severity::Warning,
    .summary = "A granted command has no policy that allows it",
    .why =
        R"md(What no permissive policy speaks of is denied: an INSERT fails with an error, an
UPDATE or DELETE silently touches no row. It is found in production, and repaired with FOR ALL
USING (true) or with a role that bypasses row-level security.)md",
    .limits =
        R"md(A table that can be read and changed in some ways and not in others is a note.
Roles are not told apart: a policy for any role is enough. Grants that are made outside of the
migrations are not seen.)md",
    .controls = {kSoc2Cc61, kGdpr32, kIso27001A9, kIso27001_5_15, kIso27001_8_3},
    .cwe = {862},
    .examples = examples,
    .check_schema = check,
};

}  // namespace tenantlint::rules
