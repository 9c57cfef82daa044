// Flags partitions, indexes, schemas and roles that exist once for each tenant.
#include "analyzer/lint/rule.h"
#include "analyzer/schema/expressions.h"

namespace tenantlint::rules {

// "tenant_42", "customer-acme": a word for tenants, a separator, and something behind it.
static bool named_after_tenant(std::string_view name) {
  for (const std::string_view word : {"tenant", "customer", "client", "org"}) {
    if (!name.starts_with(word) || name.size() < word.size() + 2) continue;
    const char separator = name[word.size()];
    const bool separated = separator == '_' || separator == '-';
    const std::string_view rest = name.substr(word.size() + (separated ? 1 : 0));
    bool digits = !rest.empty();
    for (const char c : rest) digits = digits && c >= '0' && c <= '9';
    if (digits) return true;
  }
  return false;
}

static void partitions(const SchemaFacts& facts, Report& report) {
  for (const schema::Relation* table : facts.tenant_tables) {
    if (!table->is_partition || table->bound == nullptr || table->partition_default) continue;
    const schema::Relation& parent = *table->parents[0];
    const bool by_tenant = parent.partition_strategy == ast::PartitionStrategy::List &&
                           parent.partition_keys.size() == 1 &&
                           parent.partition_keys[0].column == facts.tenancy.of(parent).column;
    if (!by_tenant || table->bound->values.size() != 1) continue;
    const std::string name = schema::qualified_name(*table);
    report.add("Partition '" + name + "' exists for a single tenant", table->place)
        .object("table", name)
        .reason("partition-per-tenant")
        .note("'" + schema::qualified_name(parent) + "' is partitioned by tenant, value by value",
              parent.place)
        .help("PARTITION BY HASH spreads any number of tenants over a fixed number of partitions");
  }
}

static void indexes(const SchemaFacts& facts, Report& report) {
  for (const schema::Relation* table : facts.tenant_tables) {
    for (const schema::Index* index : table->indexes) {
      const std::string_view column = schema::column_fixed_to_constant(index->predicate);
      if (column.empty() || column != facts.tenant_column(*table).name || index->parent != nullptr)
        continue;
      const std::string name = schema::qualified_name(*index->relation);
      report.add("Index '" + name + "' exists for a single tenant", index->place)
          .object("index", name)
          .reason("index-per-tenant")
          .help("One index led by the tenant column serves all tenants");
    }
  }
}

static void check(const SchemaFacts& facts, Report& report) {
  partitions(facts, report);
  indexes(facts, report);
  for (const schema::Schema& s : facts.model.schemas) {
    if (s.dropped || s.stub || !named_after_tenant(s.name)) continue;
    report.add("Schema '" + std::string(s.name) + "' looks like one for a single tenant", s.place)
        .object("schema", std::string(s.name))
        .reason("schema-per-tenant")
        .help("ADR-012 chose one shared schema with a tenant column");
  }
  for (const schema::Role& r : facts.model.roles) {
    if (r.dropped || r.stub || !r.declared || !named_after_tenant(r.name)) continue;
    report.add("Role '" + std::string(r.name) + "' looks like one for a single tenant", r.place)
        .object("role", std::string(r.name))
        .reason("role-per-tenant")
        .help("One application role and the tenant in the session's context serve all tenants");
  }
  for (const schema::OtherObject& o : facts.model.others) {
    const bool database = o.type == ast::ObjectType::Database && !o.dropped && !o.stub;
    if (!database || !named_after_tenant(o.name)) continue;
    report.add("Database '" + std::string(o.name) + "' looks like one for a single tenant", o.place)
        .object("database", std::string(o.name))
        .reason("database-per-tenant")
        .help("ADR-012 chose one shared schema with a tenant column");
  }
}

static constexpr Example examples[] = {
    bad("A partition for each tenant", R"sql(
CREATE TABLE events (tenant_id text NOT NULL, id int, PRIMARY KEY (tenant_id,
    id)) PARTITION BY LIST (tenant_id);
ALTER TABLE events ENABLE ROW LEVEL SECURITY;
ALTER TABLE events FORCE ROW LEVEL SECURITY;
CREATE POLICY tenant_isolation ON events
    USING (tenant_id = current_setting('app.current_tenant'));
CREATE TABLE events_acme PARTITION OF events FOR VALUES IN ('acme');
--           ^^^^^^^^^^^ finding: object-per-tenant
)sql"),
    bad("A schema for each tenant", R"sql(
CREATE SCHEMA tenant_42;
--            ^^^^^^^^^ finding: object-per-tenant
)sql"),
    good("A fixed number of partitions", R"sql(
CREATE TABLE events (tenant_id text NOT NULL, id int, PRIMARY KEY (tenant_id,
    id)) PARTITION BY HASH (tenant_id);
ALTER TABLE events ENABLE ROW LEVEL SECURITY;
ALTER TABLE events FORCE ROW LEVEL SECURITY;
CREATE POLICY tenant_isolation ON events
    USING (tenant_id = current_setting('app.current_tenant'));
CREATE TABLE events_0 PARTITION OF events FOR VALUES WITH (MODULUS 2, REMAINDER 0);
CREATE TABLE events_1 PARTITION OF events FOR VALUES WITH (MODULUS 2, REMAINDER 1);
)sql"),
};

DEFINE_RULE(object_per_tenant) = {
    .severity = Severity::Warning,
    .summary = "A partition, index, schema, role or database exists once per tenant",
    .why = R"md(ADR-012 asks for more than a thousand tenants without changes of architecture,
and rejects a database or a schema for each (options A and B). An object for each tenant makes
onboarding a migration, planning slower with each customer, and protection something that has to
be repeated: the one that was forgotten is open.)md",
    .limits = R"md(Schemas, roles and databases are recognised by their names (tenant_42); other
names are not guessed at.)md",
    .controls = {kSoc2Cc61, kGdpr32, kIso27001A9, kIso27001_5_15, kIso27001_8_3},
    .cwe = {1059},
    .examples = examples,
    .check_schema = check,
};

}  // namespace tenantlint::rules
