// Flags tenant columns that may be NULL.
#include "analyzer/lint/mend.h"
#include "analyzer/lint/rule.h"
#include "analyzer/schema/identifiers.h"

namespace tenantlint::rules {

static void check(const SchemaFacts& facts, Report& report) {
  for (const schema::Relation* table : facts.tenant_tables) {
    // A partition's column is judged with its parent's.
    if (table->is_partition) continue;
    const schema::Column& column = facts.tenant_column(*table);
    if (column.not_null) continue;
    const std::string table_name = schema::qualified_name(*table);
    const std::string name = table_name + "." + std::string(column.name);
    const std::string mend =
        " ALTER COLUMN " + schema::quote_identifier(column.name) + " SET NOT NULL";
    auto finding = report.add("Tenant column '" + name + "' may be NULL: rows can belong to nobody",
                              column.place);
    finding.object("table", table_name)
        .reason(column.null_place != nullptr ? "not-null-dropped" : "never-not-null")
        .help("ALTER TABLE " + sql_name(*table) + mend + ";");
    if (column.null_place == nullptr) {
      finding.fix(mend_table(facts.model, *table, &column, "Forbid rows without a tenant",
                             "ALTER TABLE ", mend));
    }
    if (column.null_place != nullptr) finding.note("NOT NULL was dropped here", *column.null_place);
  }
}

static constexpr Example examples[] = {
    bad("Nothing forbids NULL", R"sql(
CREATE TABLE notes (tenant_id uuid, id int, UNIQUE (tenant_id, id));
--                  ^^^^^^^^^ finding: tenant-column-nullable
ALTER TABLE notes ENABLE ROW LEVEL SECURITY;
ALTER TABLE notes FORCE ROW LEVEL SECURITY;
CREATE POLICY tenant_isolation ON notes
    USING (tenant_id = current_setting('app.current_tenant')::uuid);
)sql"),
    bad("Dropped later", R"sql(
CREATE TABLE notes (tenant_id uuid NOT NULL, id int, UNIQUE (tenant_id, id));
--                  ^^^^^^^^^ finding: tenant-column-nullable "not-null-dropped"
ALTER TABLE notes ENABLE ROW LEVEL SECURITY;
ALTER TABLE notes FORCE ROW LEVEL SECURITY;
CREATE POLICY tenant_isolation ON notes
    USING (tenant_id = current_setting('app.current_tenant')::uuid);
ALTER TABLE notes ALTER COLUMN tenant_id DROP NOT NULL;
)sql"),
    good("Part of the primary key", R"sql(
CREATE TABLE notes (tenant_id uuid, id int, PRIMARY KEY (tenant_id, id));
ALTER TABLE notes ENABLE ROW LEVEL SECURITY;
ALTER TABLE notes FORCE ROW LEVEL SECURITY;
CREATE POLICY tenant_isolation ON notes
    USING (tenant_id = current_setting('app.current_tenant')::uuid);
)sql"),
};

DEFINE_RULE(tenant_column_nullable) = {
    .severity = Severity::Warning,
    .summary = "The tenant column may be NULL",
    .why = R"md(A row without a tenant belongs to nobody: no policy that compares shows it, no
export or deletion of a tenant finds it, and a policy that is kind to NULL shows it to all.
Foreign keys with several columns are not checked at all when one of them is NULL, so the row
may point to another tenant's parent. UNIQUE keys let any number of such rows in.)md",
    .limits = R"md(CHECK (tenant_id IS NOT NULL) is not taken for NOT NULL. A domain that
forbids NULL is.)md",
    .controls = {kSoc2Cc61, kGdpr32, kIso27001A9, kIso27001_5_15, kIso27001_8_3},
    .cwe = {20, 1284},
    .examples = examples,
    .check_schema = check,
};

}  // namespace tenantlint::rules
