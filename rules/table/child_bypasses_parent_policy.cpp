// Flags partitions and children that can be reached without the policies of their parent.
#include "analyzer/lint/reach.h"
#include "analyzer/lint/rule.h"

namespace tenantlint::rules {

// The grant that lets the application at the rows of the child itself.
static const schema::Grant* way_in(const SchemaFacts& facts, const schema::Relation& table) {
  return grant_to_application(
      facts, table, schema::kSelect | schema::kInsert | schema::kUpdate | schema::kDelete);
}

// pg_partman makes partitions later, with the grants of the parent and without its policies.
static void managed(const SchemaFacts& facts, Report& report) {
  for (const schema::Relation* table : facts.tenant_tables) {
    if (!table->rls || !table->copies_grants.known()) continue;
    const schema::Grant* way = way_in(facts, *table);
    if (way == nullptr) continue;
    const std::string name = schema::qualified_name(*table);
    report
        .add("Partitions of '" + name + "' get its grants but not its policies",
             table->copies_grants)
        .object("table", name)
        .reason("partition-manager-copies-grants")
        .note("granted here", way->place)
        .help("Leave inherit_privileges off: the application reads through the parent");
  }
}

static void check(const SchemaFacts& facts, Report& report) {
  managed(facts, report);
  for (const schema::Relation* table : facts.tenant_tables) {
    if (table->parents.empty() || table->rls) continue;
    const schema::Relation& parent = *table->parents[0];
    // An open parent is a fault of its own, and the child hides nothing that it does not show.
    if (!parent.rls) continue;
    const schema::Grant* way = way_in(facts, *table);
    if (way == nullptr) continue;
    const std::string name = schema::qualified_name(*table);
    const std::string who =
        way->grantee == nullptr ? "PUBLIC" : "'" + std::string(way->grantee->name) + "'";
    report
        .add("'" + name + "' can be read without the policies of its parent '" +
                 schema::qualified_name(parent) + "'",
             table->place)
        .object("table", name)
        .reason(table->is_partition ? "partition-granted" : "child-granted")
        .note("granted to " + who + " here", way->place)
        .note("row-level security is on for the parent alone", parent.rls_place)
        .help("REVOKE the grant, or enable row-level security and add the policies on '" + name +
              "' as well");
  }
}

static constexpr Example examples[] = {
    bad("A partition that is granted on its own", R"sql(
CREATE TABLE events (tenant_id uuid NOT NULL, id int, PRIMARY KEY (tenant_id, id))
    PARTITION BY HASH (tenant_id);
ALTER TABLE events ENABLE ROW LEVEL SECURITY;
ALTER TABLE events FORCE ROW LEVEL SECURITY;
CREATE POLICY tenant_isolation ON events
    USING (tenant_id = current_setting('app.current_tenant')::uuid);
CREATE TABLE events_0 PARTITION OF events FOR VALUES WITH (MODULUS 1, REMAINDER 0);
--           ^^^^^^^^ finding: child-bypasses-parent-policy
GRANT SELECT ON events_0 TO app_user;
)sql"),
    good("Reached through the parent only", R"sql(
CREATE TABLE events (tenant_id uuid NOT NULL, id int, PRIMARY KEY (tenant_id, id))
    PARTITION BY HASH (tenant_id);
ALTER TABLE events ENABLE ROW LEVEL SECURITY;
ALTER TABLE events FORCE ROW LEVEL SECURITY;
CREATE POLICY tenant_isolation ON events
    USING (tenant_id = current_setting('app.current_tenant')::uuid);
CREATE TABLE events_0 PARTITION OF events FOR VALUES WITH (MODULUS 1, REMAINDER 0);
GRANT SELECT ON events TO app_user;
)sql"),
};

DEFINE_RULE(child_bypasses_parent_policy) = {
    .severity = Severity::Error,
    .summary = "A partition or inheritance child can be reached without its parent's policy",
    .why = R"md(Policies belong to the table that is named in the query. Who reads a partition
by its own name is not asked for the parent's policies, and partitions inherit neither row-level
security nor policies. GRANT … ON ALL TABLES IN SCHEMA, default privileges and tools that make
partitions and copy grants give the application a way in that no one wrote down.)md",
    .limits = R"md(Without grants in the migrations, a partition is taken to be out of reach.
The owner of the tables is the business of rls-not-forced.)md",
    .controls = {kSoc2Cc61, kGdpr32, kIso27001A9, kIso27001_5_15, kIso27001_8_3},
    .cwe = {639, 863},
    .examples = examples,
    .check_schema = check,
};

}  // namespace tenantlint::rules
