// Flags tenant columns whose type is another one than elsewhere.
#include "analyzer/lint/rule.h"

namespace tenantlint::rules {

// Types whose values compare as themselves: text and its kin, the integers.
static std::string family(const schema::TypeRef& type) {
  const schema::Type* t = type.type;
  while (t->kind == schema::TypeKind::Domain && t->base != nullptr) t = t->base;
  const std::string_view name = t->name;
  if (t->schema == nullptr && !type.array) {
    if (name == "text" || name == "varchar" || name == "bpchar" || name == "name") return "text";
    if (name == "int2" || name == "int4" || name == "int8") return "integer";
  }
  return schema::format_type({t, -1, -1, type.array});
}

static void check(const SchemaFacts& facts, Report& report) {
  std::vector<std::pair<std::string, std::size_t>> votes;
  const schema::Relation* first = nullptr;
  const auto vote = [&](const std::string& type, std::size_t weight) {
    for (auto& [name, count] : votes) {
      if (name == type) {
        count += weight;
        return;
      }
    }
    votes.emplace_back(type, weight);
  };
  for (const schema::Relation* table : facts.tenant_tables) {
    const schema::TypeRef& type = facts.tenant_column(*table).type;
    if (!table->is_partition && type.type->kind != schema::TypeKind::Unknown) vote(family(type), 1);
  }
  if (votes.size() < 2) return;
  std::size_t best = 0;
  for (std::size_t i = 1; i < votes.size(); ++i) {
    if (votes[i].second > votes[best].second) best = i;
  }
  const std::string& usual = votes[best].first;
  for (const schema::Relation* table : facts.tenant_tables) {
    if (first == nullptr && family(facts.tenant_column(*table).type) == usual) first = table;
  }
  for (const schema::Relation* table : facts.tenant_tables) {
    const schema::Column& column = facts.tenant_column(*table);
    if (table->is_partition || column.type.type->kind == schema::TypeKind::Unknown) continue;
    if (family(column.type) == usual) continue;
    const std::string name = schema::qualified_name(*table) + "." + std::string(column.name);
    report
        .add("Tenant column '" + name + "' is of type " + schema::format_type(column.type) +
                 "; elsewhere it is " + usual,
             column.type_place != nullptr ? *column.type_place : column.place)
        .object("column", name)
        .reason("type-differs")
        .note("for example here", facts.tenant_column(*first).place)
        .help("Use one type for the tenant everywhere: " + usual);
  }
}

static constexpr Example examples[] = {
    bad("Text here, a number there", R"sql(
CREATE TABLE notes (tenant_id text NOT NULL, id int, PRIMARY KEY (tenant_id, id));
ALTER TABLE notes ENABLE ROW LEVEL SECURITY;
ALTER TABLE notes FORCE ROW LEVEL SECURITY;
CREATE POLICY tenant_isolation ON notes
    USING (tenant_id = current_setting('app.current_tenant'));
CREATE TABLE tags (tenant_id int NOT NULL, id int, PRIMARY KEY (tenant_id, id));
--                 ^^^^^^^^^ finding: tenant-column-type-mismatch
ALTER TABLE tags ENABLE ROW LEVEL SECURITY;
ALTER TABLE tags FORCE ROW LEVEL SECURITY;
CREATE POLICY tenant_isolation ON tags
    USING (tenant_id = current_setting('app.current_tenant')::int);
)sql"),
    good("varchar and text compare as themselves", R"sql(
CREATE TABLE notes (tenant_id text NOT NULL, id int, PRIMARY KEY (tenant_id, id));
ALTER TABLE notes ENABLE ROW LEVEL SECURITY;
ALTER TABLE notes FORCE ROW LEVEL SECURITY;
CREATE POLICY tenant_isolation ON notes
    USING (tenant_id = current_setting('app.current_tenant'));
CREATE TABLE tags (tenant_id varchar(40) NOT NULL, id int, PRIMARY KEY (tenant_id, id));
ALTER TABLE tags ENABLE ROW LEVEL SECURITY;
ALTER TABLE tags FORCE ROW LEVEL SECURITY;
CREATE POLICY tenant_isolation ON tags
    USING (tenant_id = current_setting('app.current_tenant'));
)sql"),
};

DEFINE_RULE(tenant_column_type_mismatch) = {
    .severity = Severity::Warning,
    .summary = "The type of a tenant column differs from the other tables",
    .why = R"md(A tenant that is a number in one table and a text in another cannot be compared
without a cast: joins and foreign keys between the two are impossible or convert, indexes are
not used, and '007', 7 and ' 7' are three tenants or one depending on the table. One of the two
sides ends up cast in a policy, which is where mistakes happen.)md",
    .limits = R"md(Types are compared by family: text and varchar are one, the integers are one.
Domains count as what they are made of.)md",
    .controls = {kSoc2Cc61, kGdpr32, kIso27001A9, kIso27001_5_15, kIso27001_8_3},
    .cwe = {704},
    .examples = examples,
    .check_schema = check,
};

}  // namespace tenantlint::rules
