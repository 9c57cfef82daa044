// Flags tenant-owned tables that the migrations leave without row-level security.
#include "analyzer/lint/rule.h"

namespace tenantlint::rules {

static void check(const SchemaFacts& facts, Report& report) {
  for (const schema::Relation* table : facts.tenant_tables) {
    if (table->rls) continue;
    const std::string name = schema::qualified_name(*table);
    report.add("Table '" + name + "' holds tenant data but row-level security is off", table->place)
        .object("table", name)
        .reason("rls-off");
  }
}

static constexpr Example examples[] = {
    bad("Created, never protected", R"sql(
CREATE TABLE invoices (tenant_id uuid NOT NULL, total numeric);
--           ^^^^^^^^ finding: table-without-rls "row-level security is off"
)sql"),
};

DEFINE_RULE(table_without_rls) = {
    .severity = Severity::Error,
    .summary = "A tenant-owned table has row-level security switched off",
    .controls = {kSoc2Cc61, kGdpr32, kIso27001A9},
    .cwe = {639, 862},
    .examples = examples,
    .check_schema = check,
};

}  // namespace tenantlint::rules
