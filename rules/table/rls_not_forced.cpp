// Flags tables whose owner walks past row-level security because it is not forced.
#include "analyzer/lint/mend.h"
#include "analyzer/lint/reach.h"
#include "analyzer/lint/rule.h"

namespace tenantlint::rules {

static void check(const SchemaFacts& facts, Report& report) {
  const schema::Role* runner = facts.model.find_role("postgres");
  for (const schema::Relation* table : facts.tenant_tables) {
    if (!table->rls || table->force_rls) continue;
    // A partition that nothing was granted on is reached through its parent alone.
    if (table->is_partition && table->grants.empty()) continue;
    const schema::Role* owner = table->owner != nullptr ? table->owner : runner;
    const schema::Role* application = nullptr;
    for (const schema::Role* role : facts.app_roles) {
      if (owner != nullptr && inherits_from(*role, *owner)) application = role;
    }
    const std::string name = schema::qualified_name(*table);
    auto finding = report.add(
        "Row-level security of '" + name + "' does not bind the owner of the table", table->place);
    finding.object("table", name)
        .reason(application != nullptr ? "application-owns-table" : "owner-bypasses")
        .note(
            table->force_place.known() ? "no longer forced since here" : "enabled here, not forced",
            table->force_place.known() ? table->force_place : table->rls_place)
        .help("ALTER TABLE " + sql_name(*table) + " FORCE ROW LEVEL SECURITY;");
    if (!table->force_place.known()) {
      finding.fix(mend_table(facts.model, *table, nullptr, "Bind the owner as well", "ALTER TABLE ",
                             " FORCE ROW LEVEL SECURITY"));
    }
    if (application != nullptr) {
      finding.severity(Severity::Error)
          .note("the application role '" + std::string(application->name) + "' acts as the owner",
                application->place);
    } else if (!facts.config.roles.app.empty()) {
      // The application is known, and it is not the owner: nothing leaks today.
      finding.severity(Severity::Note);
    }
  }
}

static constexpr Example examples[] = {
    bad("Enabled, not forced", R"sql(
CREATE TABLE invoices (tenant_id uuid NOT NULL, id int, PRIMARY KEY (tenant_id, id));
--           ^^^^^^^^ finding: rls-not-forced
ALTER TABLE invoices ENABLE ROW LEVEL SECURITY;
CREATE POLICY tenant_isolation ON invoices
    USING (tenant_id = current_setting('app.current_tenant')::uuid);
)sql"),
    good("Forced", R"sql(
CREATE TABLE invoices (tenant_id uuid NOT NULL, id int, PRIMARY KEY (tenant_id, id));
ALTER TABLE invoices ENABLE ROW LEVEL SECURITY;
ALTER TABLE invoices FORCE ROW LEVEL SECURITY;
CREATE POLICY tenant_isolation ON invoices
    USING (tenant_id = current_setting('app.current_tenant')::uuid);
)sql"),
};

DEFINE_RULE(rls_not_forced) = {
    .severity = Severity::Warning,
    .summary = "Row-level security is on but not forced: the owner of the table bypasses it",
    .why = R"md(Policies do not apply to the owner of a table, nor to roles that inherit from
the owner, unless row- level security is FORCEd. Applications that connect with the role that
runs the migrations are owners without knowing it: all their tests pass, and every policy is
ignored. Views and SECURITY DEFINER functions run as their owner and step around the policies in
the same way.)md",
    .limits = R"md(Who owns a table is known only from ALTER TABLE … OWNER TO and SET ROLE; else
the role that runs the migrations is taken to own it. Superusers and roles with BYPASSRLS ignore
even forced policies.)md",
    .controls = {kSoc2Cc61, kGdpr32, kIso27001A9, kIso27001_5_15, kIso27001_8_3},
    .cwe = {639, 863},
    .examples = examples,
    .check_schema = check,
};

}  // namespace tenantlint::rules
