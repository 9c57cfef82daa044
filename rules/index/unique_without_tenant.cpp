// Flags unique keys of tenant-owned tables that span all tenants.
#include "analyzer/lint/rule.h"
#include "analyzer/schema/expressions.h"

namespace tenantlint::rules {

// Nobody can guess one, so nobody can ask whether it is taken.
static bool random_surrogate(const schema::Relation& table, const schema::Index& index) {
  for (const schema::IndexKey& key : index.keys) {
    if (key.column < 0) continue;
    if (schema::is_random(table.columns[static_cast<std::size_t>(key.column)].default_expr))
      return true;
  }
  return false;
}

// A primary key is a collision waiting to happen where the application chooses a small number for
// it: a number without a generator that is not taken over from another table either. Texts and
// uuids are taken for made-up identifiers, composite keys for links between rows.
static bool chosen_number(const schema::Relation& table, const schema::Index& index) {
  if (index.keys.size() != 1 || index.keys[0].column < 0) return false;
  const schema::Column& column = table.columns[static_cast<std::size_t>(index.keys[0].column)];
  const std::string type = schema::format_type(column.type);
  const bool number =
      type == "bigint" || type == "integer" || type == "smallint" || type.starts_with("numeric");
  if (!number || column.identity != 0 || column.serial || column.default_expr != nullptr)
    return false;
  for (const schema::Constraint* c : table.constraints) {
    const bool link = c->type == schema::ConstraintType::ForeignKey && c->columns.size() == 1 &&
                      c->columns[0] == index.keys[0].column;
    if (link) return false;
  }
  return true;
}

static void check(const SchemaFacts& facts, Report& report) {
  for (const schema::Relation* table : facts.tenant_tables) {
    if (table->is_partition) continue;
    const int tenant = facts.tenancy.of(*table).column;
    for (const schema::Index* index : table->indexes) {
      if (!index->unique) continue;
      bool has_tenant = false;
      for (const schema::IndexKey& key : index->keys)
        has_tenant = has_tenant || key.column == tenant;
      if (has_tenant) continue;
      if (index->primary ? !chosen_number(*table, *index) : random_surrogate(*table, *index))
        continue;
      const std::string name = schema::qualified_name(*index->relation);
      report.add("Unique key '" + name + "' spans all tenants", index->place)
          .object("index", name)
          .reason(index->primary ? "primary-key-chosen-by-client" : "tenant-not-in-key")
          .note("'" + schema::qualified_name(*table) +
                    "' is tenant-owned: " + facts.tenancy.of(*table).reason,
                facts.tenancy.of(*table).place)
          .help("Add '" + std::string(facts.tenant_column(*table).name) + "' to the key");
    }
  }
}

static constexpr Example examples[] = {
    bad("One e-mail address for all tenants", R"sql(
CREATE TABLE notes (tenant_id uuid NOT NULL, id int, body text, PRIMARY KEY (tenant_id, id));
ALTER TABLE notes ENABLE ROW LEVEL SECURITY;
ALTER TABLE notes FORCE ROW LEVEL SECURITY;
CREATE POLICY tenant_isolation ON notes
    USING (tenant_id = current_setting('app.current_tenant')::uuid);
ALTER TABLE notes ADD CONSTRAINT notes_body UNIQUE (body);
--                    ^^^^^^^^^^ finding: unique-without-tenant
)sql"),
    good("Unique within the tenant", R"sql(
CREATE TABLE notes (tenant_id uuid NOT NULL, id int, body text, PRIMARY KEY (tenant_id, id));
ALTER TABLE notes ENABLE ROW LEVEL SECURITY;
ALTER TABLE notes FORCE ROW LEVEL SECURITY;
CREATE POLICY tenant_isolation ON notes
    USING (tenant_id = current_setting('app.current_tenant')::uuid);
ALTER TABLE notes ADD CONSTRAINT notes_body UNIQUE (tenant_id, body);
)sql"),
    good("A random token says nothing", R"sql(
CREATE TABLE notes (tenant_id uuid NOT NULL, id int,
    token uuid DEFAULT gen_random_uuid() UNIQUE, PRIMARY KEY (tenant_id, id));
ALTER TABLE notes ENABLE ROW LEVEL SECURITY;
ALTER TABLE notes FORCE ROW LEVEL SECURITY;
CREATE POLICY tenant_isolation ON notes
    USING (tenant_id = current_setting('app.current_tenant')::uuid);
)sql"),
};

DEFINE_RULE(unique_without_tenant) = {
    .severity = Severity::Warning,
    .summary = "A unique key of a tenant-owned table does not contain the tenant column",
    .why = R"md(Row-level security does not apply to uniqueness. A key without the tenant makes
one tenant's insert fail because another has the value already: a collision that the customer
cannot explain, and an oracle that answers whether anybody has this e-mail address, order number
or name. ON CONFLICT on such a key meets rows that the policy hides.)md",
    .limits = R"md(Unique keys over a column with a random default are exempt. Of primary keys,
only single numbers without a generator are reported: texts and uuids are taken for identifiers
that were made up at random.)md",
    .controls = {kSoc2Cc61, kGdpr32, kIso27001A9, kIso27001_5_15, kIso27001_8_3},
    .cwe = {203, 204},
    .examples = examples,
    .check_schema = check,
};

}  // namespace tenantlint::rules
