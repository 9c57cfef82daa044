// Flags tenant-owned tables without any index led by the tenant column.
#include "analyzer/lint/mend.h"
#include "analyzer/lint/rule.h"
#include "analyzer/schema/identifiers.h"

namespace tenantlint::rules {

static void check(const SchemaFacts& facts, Report& report) {
  for (const schema::Relation* table : facts.tenant_tables) {
    // Partitions and children are as good as their parent.
    if (!table->parents.empty() || table->kind == schema::RelationKind::Foreign) continue;
    const int tenant = facts.tenancy.of(*table).column;
    bool led = false;
    for (const schema::Index* index : table->indexes) led = led || index->keys[0].column == tenant;
    if (led) continue;
    const std::string name = schema::qualified_name(*table);
    const schema::Column& owner = facts.tenant_column(*table);
    const std::string column(owner.name);
    const std::string keys = " (" + schema::quote_identifier(column) + ")";
    auto finding = report.add(
        "No index of '" + name + "' begins with tenant column '" + column + "'", table->place);
    finding.object("table", name)
        .reason(table->indexes.empty() ? "no-index-at-all" : "no-index")
        // Without a single index it is a heap for copies and exports: nobody looks rows up in it.
        .severity(table->indexes.empty() ? Severity::Note : Severity::Warning)
        .help("CREATE INDEX ON " + sql_name(*table) + keys + ";")
        .fix(mend_table(facts.model, *table, &owner, "Index the tenant column", "CREATE INDEX ON ",
                        keys));
  }
}

static constexpr Example examples[] = {
    bad("Only the key of its own", R"sql(
CREATE TABLE notes (tenant_id uuid NOT NULL, id uuid DEFAULT gen_random_uuid() PRIMARY KEY);
--           ^^^^^ finding: no-tenant-index
-- <- finding: primary-key-without-tenant
ALTER TABLE notes ENABLE ROW LEVEL SECURITY;
ALTER TABLE notes FORCE ROW LEVEL SECURITY;
CREATE POLICY tenant_isolation ON notes
    USING (tenant_id = current_setting('app.current_tenant')::uuid);
)sql"),
    good("The primary key will do", R"sql(
CREATE TABLE notes (tenant_id uuid NOT NULL, id int, body text, PRIMARY KEY (tenant_id, id));
ALTER TABLE notes ENABLE ROW LEVEL SECURITY;
ALTER TABLE notes FORCE ROW LEVEL SECURITY;
CREATE POLICY tenant_isolation ON notes
    USING (tenant_id = current_setting('app.current_tenant')::uuid);
)sql"),
};

DEFINE_RULE(no_tenant_index) = {
    .severity = Severity::Warning,
    .summary = "No index of a tenant-owned table is led by the tenant column",
    .why = R"md(The policy adds its condition to every query. Without an index that begins with
the tenant column each of them reads the whole table, all tenants' rows, to find the few that
belong to the current one. It works in tests and becomes slower with each customer, which is how
policies come to be switched off.)md",
    .limits = R"md(Very small tables do well without; waive it there.)md",
    .controls = {kSoc2Cc61, kGdpr32, kIso27001A9, kIso27001_5_15, kIso27001_8_3},
    .cwe = {1050},
    .examples = examples,
    .check_schema = check,
};

}  // namespace tenantlint::rules
