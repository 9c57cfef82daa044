// Flags foreign keys between tenant-owned tables that do not carry the tenant.
#include "analyzer/lint/rule.h"

namespace tenantlint::rules {

static bool acts(ast::ReferentialAction action) {
  return action == ast::ReferentialAction::Cascade || action == ast::ReferentialAction::SetNull ||
         action == ast::ReferentialAction::SetDefault;
}

// Does ON DELETE write the tenant column itself? SET NULL (a, b) names its columns; else it is all.
static bool wipes_tenant(const schema::Constraint& key, std::uint16_t tenant) {
  if (key.on_delete != ast::ReferentialAction::SetNull &&
      key.on_delete != ast::ReferentialAction::SetDefault) {
    return false;
  }
  if (key.on_delete_columns.empty()) return true;
  for (const std::uint16_t column : key.on_delete_columns) {
    if (column == tenant) return true;
  }
  return false;
}

static void check(const SchemaFacts& facts, Report& report) {
  for (const schema::Relation* table : facts.tenant_tables) {
    if (table->is_partition) continue;
    const int own = facts.tenancy.of(*table).column;
    for (const schema::Constraint* key : table->constraints) {
      if (key->type != schema::ConstraintType::ForeignKey || key->parent != nullptr) continue;
      const schema::Relation& target = *key->ref_table;
      if (!facts.tenancy.tenant_owned(target) || key->ref_columns.size() != key->columns.size())
        continue;
      const int theirs = facts.tenancy.of(target).column;
      bool paired = false;
      bool mentions = false;
      for (std::size_t i = 0; i < key->columns.size(); ++i) {
        paired = paired || (key->columns[i] == own && key->ref_columns[i] == theirs);
        mentions = mentions || key->columns[i] == own;
      }
      const std::string name = schema::qualified_name(*table) + "." + std::string(key->name);
      const std::string parent = schema::qualified_name(target);
      if (paired) {
        if (!wipes_tenant(*key, static_cast<std::uint16_t>(own))) continue;
        report
            .add("Foreign key '" + name + "' overwrites the tenant when the parent is deleted",
                 key->place)
            .object("constraint", name)
            .reason("set-null-wipes-tenant")
            .severity(Severity::Error)
            .help("List the columns: ON DELETE SET NULL (" +
                  std::string(table->columns[key->columns.back()].name) + ")");
        continue;
      }
      auto finding = report.add(
          "Foreign key '" + name + "' to '" + parent + "' does not carry the tenant", key->place);
      finding.object("constraint", name)
          .reason(mentions ? "pairs-other-column" : "tenant-not-in-key")
          .note("'" + parent + "' is tenant-owned: " + facts.tenancy.of(target).reason,
                facts.tenancy.of(target).place)
          .help("FOREIGN KEY (" + std::string(facts.tenant_column(*table).name) +
                ", …) REFERENCES " + parent + " (" + std::string(facts.tenant_column(target).name) +
                ", …)");
      if (acts(key->on_delete) || acts(key->on_update)) finding.severity(Severity::Error);
    }
  }
}

static constexpr Example examples[] = {
    bad("The parent may be somebody else's", R"sql(
CREATE TABLE notes (tenant_id uuid NOT NULL, id int GENERATED ALWAYS AS IDENTITY UNIQUE,
-- <- finding: unique-without-tenant
    PRIMARY KEY (tenant_id, id));
ALTER TABLE notes ENABLE ROW LEVEL SECURITY;
ALTER TABLE notes FORCE ROW LEVEL SECURITY;
CREATE POLICY tenant_isolation ON notes
    USING (tenant_id = current_setting('app.current_tenant')::uuid);
CREATE TABLE tags (tenant_id uuid NOT NULL, note int REFERENCES notes (id),
--                                                   ^^^^^^^^^^ finding: foreign-key-without-tenant
    PRIMARY KEY (tenant_id, note));
ALTER TABLE tags ENABLE ROW LEVEL SECURITY;
ALTER TABLE tags FORCE ROW LEVEL SECURITY;
CREATE POLICY tenant_isolation ON tags
    USING (tenant_id = current_setting('app.current_tenant')::uuid);
)sql"),
    bad("Deleting the parent takes the tenant away", R"sql(
CREATE TABLE notes (tenant_id uuid NOT NULL, id int, body text, PRIMARY KEY (tenant_id, id));
ALTER TABLE notes ENABLE ROW LEVEL SECURITY;
ALTER TABLE notes FORCE ROW LEVEL SECURITY;
CREATE POLICY tenant_isolation ON notes
    USING (tenant_id = current_setting('app.current_tenant')::uuid);
CREATE TABLE tags (tenant_id uuid NOT NULL, n int, note int, PRIMARY KEY (tenant_id, n),
    FOREIGN KEY (tenant_id, note) REFERENCES notes (tenant_id, id) ON DELETE SET NULL);
--  ^^^^^^^ finding: foreign-key-without-tenant "set-null-wipes-tenant"
ALTER TABLE tags ENABLE ROW LEVEL SECURITY;
ALTER TABLE tags FORCE ROW LEVEL SECURITY;
CREATE POLICY tenant_isolation ON tags
    USING (tenant_id = current_setting('app.current_tenant')::uuid);
)sql"),
    good("Tenant to tenant", R"sql(
CREATE TABLE notes (tenant_id uuid NOT NULL, id int, body text, PRIMARY KEY (tenant_id, id));
ALTER TABLE notes ENABLE ROW LEVEL SECURITY;
ALTER TABLE notes FORCE ROW LEVEL SECURITY;
CREATE POLICY tenant_isolation ON notes
    USING (tenant_id = current_setting('app.current_tenant')::uuid);
CREATE TABLE tags (tenant_id uuid NOT NULL, n int, note int, PRIMARY KEY (tenant_id, n),
    FOREIGN KEY (tenant_id, note) REFERENCES notes (tenant_id, id) ON DELETE SET NULL (note));
ALTER TABLE tags ENABLE ROW LEVEL SECURITY;
ALTER TABLE tags FORCE ROW LEVEL SECURITY;
CREATE POLICY tenant_isolation ON tags
    USING (tenant_id = current_setting('app.current_tenant')::uuid);
)sql"),
};

DEFINE_RULE(foreign_key_without_tenant) = {
    .severity = Severity::Warning,
    .summary = "A foreign key between tenant-owned tables does not carry the tenant column",
    .why = R"md(Referential integrity is checked without policies: with an identifier of another
tenant's row, a child can be attached to it. Joins then pair rows of two tenants, a failed
insert tells that the identifier exists, and ON DELETE CASCADE or SET NULL lets one tenant's
delete reach into another's rows. A composite key with the tenant on both sides makes all of
this impossible.)md",
    .limits = R"md(Keys to shared tables and to the table of tenants are fine. Triggers that
check the tenant instead are not seen.)md",
    .controls = {kSoc2Cc61, kGdpr32, kIso27001A9, kIso27001_5_15, kIso27001_8_3},
    .cwe = {639},
    .examples = examples,
    .check_schema = check,
};

}  // namespace tenantlint::rules
