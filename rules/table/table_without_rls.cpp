// Flags tenant-owned tables that the migrations leave without row-level security.
#include "analyzer/lint/mend.h"
#include "analyzer/lint/reach.h"
#include "analyzer/lint/rule.h"

namespace tenantlint::rules {

// How the table came to be open, for the reason and the note.
static void explain(const schema::Relation& table, Report::Builder& finding) {
  using schema::TableOrigin;
  if (table.rls_place.known()) {
    finding.reason("rls-disabled").note("switched off here", table.rls_place);
    return;
  }
  const auto copied = [&](std::string_view reason, std::string_view how) {
    const std::string from = table.origin_table == nullptr
                                 ? ""
                                 : " from '" + schema::qualified_name(*table.origin_table) + "'";
    finding.reason(reason).note("copied" + from + " by " + std::string(how) +
                                    ", which takes neither row-level security nor policies along",
                                table.statement);
  };
  switch (table.origin) {
    case TableOrigin::CreateTableAs: return copied("copied-by-create-table-as", "CREATE TABLE AS");
    case TableOrigin::SelectInto: return copied("copied-by-select-into", "SELECT INTO");
    case TableOrigin::Like: return copied("copied-by-like", "LIKE");
    case TableOrigin::Create:
    case TableOrigin::PartitionOf:
    case TableOrigin::Inherits: break;
  }
  finding.reason("rls-never-enabled");
}

static void check(const SchemaFacts& facts, Report& report) {
  for (const schema::Relation* table : facts.tenant_tables) {
    // Partitions are reached through their parent; child-bypasses-parent-policy judges the other
    // ways. Row-level security does not exist for foreign tables.
    if (table->rls || table->is_partition || table->kind == schema::RelationKind::Foreign) continue;
    const std::string name = schema::qualified_name(*table);
    auto finding = report.add(
        "Table '" + name + "' holds tenant data but row-level security is off", table->place);
    finding.object("table", name)
        .help("ALTER TABLE " + sql_name(*table) + " ENABLE ROW LEVEL SECURITY; and a policy on '" +
              std::string(facts.tenant_column(*table).name) + "'");
    explain(*table, finding);
    // A policy has to be there already: without one, nobody would see a row any more.
    if (!table->policies.empty() && !table->rls_place.known()) {
      finding.fix(mend_table(facts.model, *table, nullptr, "Enable row-level security",
                             "ALTER TABLE ", " ENABLE ROW LEVEL SECURITY"));
    }
    if (!application_may_reach(facts, *table)) finding.severity(Severity::Note);
    finding.note(facts.tenancy.of(*table).reason, facts.tenancy.of(*table).place);
  }
}

static constexpr Example examples[] = {
    bad("Created, never protected", R"sql(
CREATE TABLE invoices (tenant_id uuid NOT NULL, total numeric, PRIMARY KEY (tenant_id, total));
--           ^^^^^^^^ finding: table-without-rls "row-level security is off"
)sql"),
    bad("Switched off again", R"sql(
CREATE TABLE invoices (tenant_id uuid NOT NULL, total numeric, PRIMARY KEY (tenant_id, total));
--           ^^^^^^^^ finding: table-without-rls "rls-disabled"
ALTER TABLE invoices ENABLE ROW LEVEL SECURITY;
ALTER TABLE invoices DISABLE ROW LEVEL SECURITY;
)sql"),
    good("Enabled in a later migration", R"sql(
CREATE TABLE invoices (tenant_id uuid NOT NULL, total numeric, PRIMARY KEY (tenant_id, total));
ALTER TABLE invoices ENABLE ROW LEVEL SECURITY;
ALTER TABLE invoices FORCE ROW LEVEL SECURITY;
CREATE POLICY tenant_isolation ON invoices
    USING (tenant_id = current_setting('app.current_tenant')::uuid);
)sql"),
};

DEFINE_RULE(table_without_rls) = {
    .severity = Severity::Error,
    .summary = "A tenant-owned table has row-level security switched off",
    .why = R"md(Without row-level security the database hands out every row to every role that
was granted the table. A single query that forgets its tenant predicate, an ad-hoc report or an
injected condition then reads all tenants at once, and nothing stops it. Copies are the usual
way in: CREATE TABLE AS, SELECT INTO and LIKE take the rows or the columns of a protected table
along, but neither its policies nor its row-level security. ADR-012 asks for the database as the
second line of defence on each table.)md",
    .limits = R"md(What is enabled or granted outside of the migrations is not seen. Where
[roles] app is configured and no grant reaches these roles, the finding is a note. Whether the
policies are right is the business of other rules, and so are partitions and foreign tables.)md",
    .controls = {kSoc2Cc61, kGdpr32, kIso27001A9, kIso27001_5_15, kIso27001_8_3},
    .cwe = {639, 862},
    .examples = examples,
    .check_schema = check,
};

}  // namespace tenantlint::rules
