// Flags exclusion constraints of tenant-owned tables that span all tenants.
#include "analyzer/lint/rule.h"

namespace tenantlint::rules {

static void check(const SchemaFacts& facts, Report& report) {
  for (const schema::Relation* table : facts.tenant_tables) {
    if (table->is_partition) continue;
    const int tenant = facts.tenancy.of(*table).column;
    for (const schema::Constraint* constraint : table->constraints) {
      if (constraint->type != schema::ConstraintType::Exclusion || constraint->index == nullptr)
        continue;
      bool bound = false;
      for (std::size_t i = 0; i < constraint->index->keys.size(); ++i) {
        const bool equal = i < constraint->exclude_ops.size() && constraint->exclude_ops[i] == "=";
        bound = bound || (equal && constraint->index->keys[i].column == tenant);
      }
      if (bound) continue;
      const std::string name = schema::qualified_name(*table) + "." + std::string(constraint->name);
      report.add("Exclusion constraint '" + name + "' spans all tenants", constraint->place)
          .object("constraint", name)
          .reason("tenant-not-compared")
          .help("Add '" + std::string(facts.tenant_column(*table).name) +
                " WITH =' (needs btree_gist)");
    }
  }
}

static constexpr Example examples[] = {
    bad("Rooms of different tenants collide", R"sql(
CREATE TABLE bookings (tenant_id uuid NOT NULL, id int, during tstzrange,
    PRIMARY KEY (tenant_id, id),
    EXCLUDE USING gist (during WITH &&));
--  ^^^^^^^ finding: exclusion-without-tenant
ALTER TABLE bookings ENABLE ROW LEVEL SECURITY;
ALTER TABLE bookings FORCE ROW LEVEL SECURITY;
CREATE POLICY tenant_isolation ON bookings
    USING (tenant_id = current_setting('app.current_tenant')::uuid);
)sql"),
    good("Within the tenant", R"sql(
CREATE TABLE bookings (tenant_id uuid NOT NULL, id int, during tstzrange,
    PRIMARY KEY (tenant_id, id),
    EXCLUDE USING gist (tenant_id WITH =, during WITH &&));
ALTER TABLE bookings ENABLE ROW LEVEL SECURITY;
ALTER TABLE bookings FORCE ROW LEVEL SECURITY;
CREATE POLICY tenant_isolation ON bookings
    USING (tenant_id = current_setting('app.current_tenant')::uuid);
)sql"),
};

DEFINE_RULE(exclusion_without_tenant) = {
    .severity = Severity::Warning,
    .summary = "An exclusion constraint does not compare the tenant column with =",
    .why = R"md(An exclusion constraint is a unique key in other words: it is checked against
the rows of all tenants, without policies. The booking of one tenant makes the booking of
another fail, and the failure tells that there is one.)md",
    .limits = R"md(An operator other than = on the tenant column is not taken for a comparison
of tenants.)md",
    .controls = {kSoc2Cc61, kGdpr32, kIso27001A9, kIso27001_5_15, kIso27001_8_3},
    .cwe = {203, 204},
    .examples = examples,
    .check_schema = check,
};

}  // namespace tenantlint::rules
