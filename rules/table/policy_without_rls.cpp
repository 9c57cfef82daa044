// Flags tables whose policies do nothing because row-level security is off.
#include "analyzer/lint/mend.h"
#include "analyzer/lint/rule.h"

namespace tenantlint::rules {

static void check(const SchemaFacts& facts, Report& report) {
  for (const schema::Relation* table : facts.tables) {
    if (table->rls || table->policies.empty()) continue;
    const std::string name = schema::qualified_name(*table);
    auto finding = report.add(
        "The policies of '" + name + "' do nothing: row-level security is off", table->place);
    finding.object("table", name)
        .reason(table->force_rls ? "forced-but-off" : "rls-off")
        .note("policy '" + std::string(table->policies[0]->name) + "' is defined here",
              table->policies[0]->place)
        .help("ALTER TABLE " + sql_name(*table) + " ENABLE ROW LEVEL SECURITY;");
    if (!table->rls_place.known()) {
      finding.fix(mend_table(facts.model, *table, nullptr, "Let the policies take effect",
                             "ALTER TABLE ", " ENABLE ROW LEVEL SECURITY"));
    }
    if (table->rls_place.known()) finding.note("switched off here", table->rls_place);
    if (table->force_rls) finding.note("FORCE alone does not switch it on", table->force_place);
  }
}

static constexpr Example examples[] = {
    bad("A policy, and nothing enabled", R"sql(
CREATE TABLE notes (id int PRIMARY KEY, owner text);
--           ^^^^^ finding: policy-without-rls
CREATE POLICY own ON notes USING (owner = current_user);
)sql"),
    good("Enabled", R"sql(
CREATE TABLE notes (id int PRIMARY KEY, owner text);
ALTER TABLE notes ENABLE ROW LEVEL SECURITY;
CREATE POLICY own ON notes USING (owner = current_user);
)sql"),
};

DEFINE_RULE(policy_without_rls) = {
    .severity = Severity::Error,
    .summary = "Policies exist but row-level security is off",
    .why = R"md(CREATE POLICY does not switch row-level security on, and neither does FORCE ROW
LEVEL SECURITY. Until ENABLE is said, the policies are stored and ignored, every role that was
granted the table reads everything, and a review that looks for policies finds them. This is the
fault that looks most like a finished job.)md",
    .limits = R"md(What is enabled outside of the migrations is not seen.)md",
    .controls = {kSoc2Cc61, kGdpr32, kIso27001A9, kIso27001_5_15, kIso27001_8_3},
    .cwe = {862, 1188},
    .examples = examples,
    .check_schema = check,
};

}  // namespace tenantlint::rules
