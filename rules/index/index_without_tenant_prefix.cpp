// Flags indexes on tenant-owned tables that do not begin with the tenant column.
#include "analyzer/lint/rule.h"

namespace tenantlint::rules {

static bool has_key(const schema::Index& index, int column) {
  for (const schema::IndexKey& key : index.keys) {
    if (key.column == column) return true;
  }
  return false;
}

// Methods whose first column is no better than any other.
static bool has_prefix(std::string_view method) {
  return method == "btree";
}

static std::string_view reason_of(const schema::Index& index, int column) {
  if (!has_prefix(index.method)) return "method-without-prefix";
  if (index.keys[0].column < 0) return "expression-first";
  return has_key(index, column) ? "tenant-not-first" : "tenant-not-in-index";
}

static void check(const SchemaFacts& facts, Report& report) {
  for (const schema::Relation* table : facts.tenant_tables) {
    // The indexes of a partition are judged with its parent's.
    if (table->is_partition) continue;
    const int column = facts.tenancy.of(*table).column;
    const std::string tenant(table->columns[static_cast<std::size_t>(column)].name);
    for (const schema::Index* index : table->indexes) {
      // Keys have rules of their own, but for a unique one that has the tenant further back.
      if (index->primary || index->exclusion || index->keys.empty()) continue;
      if (index->unique && !has_key(*index, column)) continue;
      if (index->keys[0].column == column) continue;
      const std::string name = schema::qualified_name(*index->relation);
      report
          .add("Index '" + name + "' does not begin with tenant column '" + tenant + "'",
               index->place)
          .object("index", name)
          .reason(reason_of(*index, column))
          .note("'" + schema::qualified_name(*table) +
                    "' is tenant-owned: " + facts.tenancy.of(*table).reason,
                facts.tenancy.of(*table).place)
          .help(has_prefix(index->method)
                    ? "Put '" + tenant + "' first"
                    : "Add a btree index led by '" + tenant +
                          "', or put the column first with btree_gin or btree_gist");
    }
  }
}

static constexpr Example examples[] = {
    bad("The tenant is not in it", R"sql(
CREATE TABLE notes (tenant_id uuid NOT NULL, id int, body text, PRIMARY KEY (tenant_id, id));
ALTER TABLE notes ENABLE ROW LEVEL SECURITY;
ALTER TABLE notes FORCE ROW LEVEL SECURITY;
CREATE POLICY tenant_isolation ON notes
    USING (tenant_id = current_setting('app.current_tenant')::uuid);
CREATE INDEX notes_body ON notes (body);
--           ^^^^^^^^^^ finding: index-without-tenant-prefix "tenant-not-in-index"
)sql"),
    bad("The tenant comes second", R"sql(
CREATE TABLE notes (tenant_id uuid NOT NULL, id int, body text, PRIMARY KEY (tenant_id, id));
ALTER TABLE notes ENABLE ROW LEVEL SECURITY;
ALTER TABLE notes FORCE ROW LEVEL SECURITY;
CREATE POLICY tenant_isolation ON notes
    USING (tenant_id = current_setting('app.current_tenant')::uuid);
CREATE INDEX notes_body ON notes (body, tenant_id);
--           ^^^^^^^^^^ finding: index-without-tenant-prefix "tenant-not-first"
)sql"),
    good("The tenant first, expressions behind it", R"sql(
CREATE TABLE notes (tenant_id uuid NOT NULL, id int, body text, PRIMARY KEY (tenant_id, id));
ALTER TABLE notes ENABLE ROW LEVEL SECURITY;
ALTER TABLE notes FORCE ROW LEVEL SECURITY;
CREATE POLICY tenant_isolation ON notes
    USING (tenant_id = current_setting('app.current_tenant')::uuid);
CREATE INDEX notes_body ON notes (tenant_id, lower(body));
)sql"),
};

DEFINE_RULE(index_without_tenant_prefix) = {
    .severity = Severity::Warning,
    .summary = "An index on a tenant-owned table does not begin with the tenant column",
    .why = R"md(Every query of the application carries the tenant: by its own predicate or by
the policy. An index that does not begin with the tenant column makes PostgreSQL read the
entries of all tenants and throw most of them away, so that the largest tenant sets the speed of
the smallest. How long that takes tells one tenant about the volume of the others. ADR-012's
index design standard asks for the prefix.)md",
    .limits = R"md(Methods such as GIN or BRIN have no prefix and are named with a reason of
their own. Indexes that only operators use are not told apart.)md",
    .controls = {kSoc2Cc61, kGdpr32, kIso27001A9, kIso27001_5_15, kIso27001_8_3},
    .cwe = {1050},
    .examples = examples,
    .check_schema = check,
};

}  // namespace tenantlint::rules
