// Flags tenant columns whose default is a constant tenant.
#include "analyzer/lint/rule.h"
#include "analyzer/schema/expressions.h"

namespace tenantlint::rules {

static void check(const SchemaFacts& facts, Report& report) {
  for (const schema::Relation* table : facts.tenant_tables) {
    if (table->is_partition) continue;
    const schema::Column& column = facts.tenant_column(*table);
    if (!schema::is_constant(column.default_expr)) continue;
    const std::string name = schema::qualified_name(*table) + "." + std::string(column.name);
    report
        .add("Tenant column '" + name + "' defaults to one fixed tenant",
             column.default_place != nullptr ? *column.default_place : column.place)
        .object("column", name)
        .reason("literal-default")
        .help("Drop the default, or take it from the context: DEFAULT current_setting('" +
              (facts.config.tenancy.settings.empty() ? std::string("app.current_tenant")
                                                     : facts.config.tenancy.settings.front()) +
              "')");
  }
}

static constexpr Example examples[] = {
    bad("Everything falls to acme", R"sql(
CREATE TABLE notes (tenant_id text NOT NULL DEFAULT 'acme', id int, PRIMARY KEY (tenant_id, id));
--                                          ^^^^^^^ finding: tenant-column-literal-default
ALTER TABLE notes ENABLE ROW LEVEL SECURITY;
ALTER TABLE notes FORCE ROW LEVEL SECURITY;
CREATE POLICY tenant_isolation ON notes
    USING (tenant_id = current_setting('app.current_tenant'));
)sql"),
    good("From the context", R"sql(
CREATE TABLE notes (tenant_id text NOT NULL DEFAULT current_setting('app.current_tenant'), id int,
    PRIMARY KEY (tenant_id, id));
ALTER TABLE notes ENABLE ROW LEVEL SECURITY;
ALTER TABLE notes FORCE ROW LEVEL SECURITY;
CREATE POLICY tenant_isolation ON notes
    USING (tenant_id = current_setting('app.current_tenant'));
)sql"),
};

DEFINE_RULE(tenant_column_literal_default) = {
    .severity = Severity::Error,
    .summary = "The default of a tenant column is a constant tenant",
    .why = R"md(With a constant default, an INSERT that forgets the tenant does not fail: it
silently gives the row to somebody. Data of one customer ends up in the hands of another, or in
a tenant that was meant for tests, and nobody notices until it is asked for. A missing tenant
has to be an error, or come from the context of the session.)md",
    .limits = R"md(Defaults that call functions are not looked into. A trigger that fills the
column is not seen.)md",
    .controls = {kSoc2Cc61, kGdpr32, kIso27001A9, kIso27001_5_15, kIso27001_8_3},
    .cwe = {1188},
    .examples = examples,
    .check_schema = check,
};

}  // namespace tenantlint::rules
