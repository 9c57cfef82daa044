// Flags tables that hang on a tenant-owned table and have no tenant column of their own.
#include "analyzer/lint/mend.h"
#include "analyzer/lint/rule.h"

namespace tenantlint::rules {

// CREATE TABLE IF NOT EXISTS with a tenant column, on a table that was there without one.
static void passed_over(const SchemaFacts& facts, Report& report) {
  for (const schema::PassedOver& passed : facts.model.passed_over) {
    const schema::Relation& table = *passed.table;
    if (table.dropped || table.stub ||
        facts.tenancy.of(table).kind != schema::TenancyKind::Undeclared)
      continue;
    for (const std::string_view column : passed.columns) {
      bool tenant = false;
      for (const std::string& name : facts.config.tenancy.columns)
        tenant = tenant || name == column;
      if (!tenant) continue;
      const std::string name = schema::qualified_name(table);
      report
          .add("Table '" + name + "' was there already: it does not get tenant column '" +
                   std::string(column) + "'",
               passed.place)
          .object("table", name)
          .reason("if-not-exists-passed-over")
          .note("the table was made here, without the column", table.place)
          .help("ALTER TABLE " + sql_name(table) + " ADD COLUMN " + std::string(column) + " …");
      break;
    }
  }
}

static void check(const SchemaFacts& facts, Report& report) {
  passed_over(facts, report);
  for (const schema::Relation* table : facts.tables) {
    if (table->is_partition) continue;
    if (facts.tenancy.of(*table).kind != schema::TenancyKind::Undeclared) continue;
    if (table == facts.tenancy.tenants_table()) continue;
    for (const schema::Constraint* key : table->constraints) {
      const bool reaches = key->type == schema::ConstraintType::ForeignKey &&
                           key->ref_table != nullptr && !key->ref_table->stub &&
                           facts.tenancy.tenant_owned(*key->ref_table);
      if (!reaches) continue;
      const std::string name = schema::qualified_name(*table);
      const std::string parent = schema::qualified_name(*key->ref_table);
      report
          .add("Table '" + name + "' belongs to tenant-owned '" + parent +
                   "' but has no tenant column",
               table->place)
          .object("table", name)
          .reason("references-tenant-table")
          .note("foreign key '" + std::string(key->name) + "' points to '" + parent + "'",
                key->place)
          .note("'" + parent + "' is tenant-owned: " + facts.tenancy.of(*key->ref_table).reason,
                facts.tenancy.of(*key->ref_table).place)
          .help("Add '" + facts.config.tenancy.columns.front() +
                "', or declare the table shared in tenantlint.toml");
      break;
    }
  }
}

static constexpr Example examples[] = {
    bad("Lines of invoices", R"sql(
CREATE TABLE invoices (tenant_id uuid NOT NULL, id int, PRIMARY KEY (tenant_id, id));
ALTER TABLE invoices ENABLE ROW LEVEL SECURITY;
ALTER TABLE invoices FORCE ROW LEVEL SECURITY;
CREATE POLICY tenant_isolation ON invoices
    USING (tenant_id = current_setting('app.current_tenant')::uuid);
CREATE TABLE lines (n int PRIMARY KEY, tenant uuid, invoice int, FOREIGN KEY (tenant,
--           ^^^^^ finding: tenant-column-missing
    invoice) REFERENCES invoices);
)sql"),
    bad("The table was there already", R"sql(
CREATE TABLE notes (id int PRIMARY KEY);
CREATE TABLE IF NOT EXISTS notes (tenant_id uuid NOT NULL, id int, PRIMARY KEY (tenant_id, id));
--                         ^^^^^ finding: tenant-column-missing "if-not-exists-passed-over"
)sql"),
    good("With its tenant column", R"sql(
CREATE TABLE invoices (tenant_id uuid NOT NULL, id int, PRIMARY KEY (tenant_id, id));
ALTER TABLE invoices ENABLE ROW LEVEL SECURITY;
ALTER TABLE invoices FORCE ROW LEVEL SECURITY;
CREATE POLICY tenant_isolation ON invoices
    USING (tenant_id = current_setting('app.current_tenant')::uuid);
CREATE TABLE lines (tenant_id uuid, n int, invoice int, PRIMARY KEY (tenant_id, n),
    FOREIGN KEY (tenant_id, invoice) REFERENCES invoices);
ALTER TABLE lines ENABLE ROW LEVEL SECURITY;
ALTER TABLE lines FORCE ROW LEVEL SECURITY;
CREATE POLICY tenant_isolation ON lines
    USING (tenant_id = current_setting('app.current_tenant')::uuid);
)sql"),
};

DEFINE_RULE(tenant_column_missing) = {
    .severity = Severity::Warning,
    .summary = "A table references a tenant-owned table but has no tenant column",
    .why = R"md(ADR-012 puts the tenant on every table that is scoped to one. A table that is
tied to its tenant only through a foreign key cannot have a policy without a sub-query, cannot
have an index that begins with the tenant, and cannot keep its rows from pointing to a parent of
somebody else. Each query has to remember the join.)md",
    .limits = R"md(Tables that are tied to a tenant in another way than by a foreign key are not
seen; tenancy.strict asks for every table.)md",
    .controls = {kSoc2Cc61, kGdpr32, kIso27001A9, kIso27001_5_15, kIso27001_8_3},
    .cwe = {639, 1188},
    .examples = examples,
    .check_schema = check,
};

}  // namespace tenantlint::rules
