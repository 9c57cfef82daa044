// Flags primary keys that are not led by the tenant column.
#include "analyzer/lint/rule.h"

namespace tenantlint::rules {

static void check(const SchemaFacts& facts, Report& report) {
  for (const schema::Relation* table : facts.tenant_tables) {
    if (table->is_partition) continue;
    const int column = facts.tenancy.of(*table).column;
    for (const schema::Index* index : table->indexes) {
      if (!index->primary || index->keys[0].column == column) continue;
      const std::string name = schema::qualified_name(*index->relation);
      report.add("Primary key '" + name + "' is not led by the tenant column", index->place)
          .object("index", name)
          .reason("tenant-not-first")
          .help("PRIMARY KEY (" + std::string(facts.tenant_column(*table).name) +
                ", …) keeps a tenant's rows together");
    }
  }
}

static constexpr Example examples[] = {
    bad("A key of its own", R"sql(
CREATE TABLE notes (tenant_id uuid NOT NULL, id uuid DEFAULT gen_random_uuid() PRIMARY KEY);
-- <- finding: primary-key-without-tenant
CREATE INDEX notes_tenant ON notes (tenant_id);
ALTER TABLE notes ENABLE ROW LEVEL SECURITY;
ALTER TABLE notes FORCE ROW LEVEL SECURITY;
CREATE POLICY tenant_isolation ON notes
    USING (tenant_id = current_setting('app.current_tenant')::uuid);
)sql"),
    good("Led by the tenant", R"sql(
CREATE TABLE notes (tenant_id uuid NOT NULL, id int, body text, PRIMARY KEY (tenant_id, id));
ALTER TABLE notes ENABLE ROW LEVEL SECURITY;
ALTER TABLE notes FORCE ROW LEVEL SECURITY;
CREATE POLICY tenant_isolation ON notes
    USING (tenant_id = current_setting('app.current_tenant')::uuid);
)sql"),
};

DEFINE_RULE(primary_key_without_tenant) = {
    .severity = Severity::Note,
    .summary = "The primary key of a tenant-owned table is not led by the tenant column",
    .why = R"md(A primary key that begins with the tenant keeps the rows of a tenant together,
lets foreign keys carry the tenant, and gives the policy an index for free. It also makes
sharding by tenant possible later without a rewrite. This is a note: a random key of its own
isolates as well.)md",
    .limits = R"md(Whether the key is ever used without the tenant is not known.)md",
    .controls = {kSoc2Cc61, kGdpr32, kIso27001A9, kIso27001_5_15, kIso27001_8_3},
    .cwe = {1059},
    .examples = examples,
    .check_schema = check,
};

}  // namespace tenantlint::rules
