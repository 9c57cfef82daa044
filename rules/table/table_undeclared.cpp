// Flags tables that are neither tenant-owned nor declared shared, where the configuration is
// strict.
#include "analyzer/lint/rule.h"

namespace tenantlint::rules {

static void check(const SchemaFacts& facts, Report& report) {
  for (const schema::Relation* table : facts.tables) {
    if (table->is_partition || table == facts.tenancy.tenants_table()) continue;
    if (facts.tenancy.of(*table).kind != schema::TenancyKind::Undeclared) continue;
    const std::string name = schema::qualified_name(*table);
    report.add("Table '" + name + "' is neither tenant-owned nor declared shared", table->place)
        .object("table", name)
        .reason("undeclared")
        .help("Add a tenant column, or list it under [tenancy] shared");
  }
}

static constexpr Example examples[] = {
    bad("Nobody said whose it is", R"sql(
CREATE TABLE countries (code text PRIMARY KEY);
--           ^^^^^^^^^ finding: table-undeclared
-- file: tenantlint.toml
[tenancy]
strict = true
)sql"),
    good("Declared shared", R"sql(
CREATE TABLE countries (code text PRIMARY KEY);
-- file: tenantlint.toml
[tenancy]
strict = true
shared = ["public.countries"]
)sql"),
};

DEFINE_RULE(table_undeclared) = {
    .severity = Severity::Warning,
    .on_by_default = false,
    .summary = "A table is neither tenant-owned nor declared shared",
    .why = R"md(The table that nobody thought about is the one that leaks. With tenancy.strict
every new table has to say whose rows it holds: a tenant column, or a line in the configuration
that a reviewer sees. It costs one line for each shared table and turns forgetting into a failed
build.)md",
    .limits = R"md(The rule runs only with strict = true. Views are not asked.)md",
    .controls = {kSoc2Cc61, kGdpr32, kIso27001A9, kIso27001_5_15, kIso27001_8_3},
    .cwe = {1059},
    .examples = examples,
    .check_schema = check,
};

}  // namespace tenantlint::rules
