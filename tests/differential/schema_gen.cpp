// In: a seed. Out: a schema as DDL and as what the statement generator needs to know of it. Views
// and functions come in pairs of a sound shape and one that is nearly the same and leaks.
#include "tests/differential/schema_gen.h"

#include <fmt/format.h>

#include "tests/differential/rows_gen.h"

namespace tenantlint::differential {

bool RelationPlan::has(const std::string& column) const {
  for (const Column& c : columns) {
    if (c.name == column) return true;
  }
  return false;
}

std::string SchemaPlan::literal(int tenant_number) const {
  return fmt::format("('{}'::{})", tenant.values[tenant_number], tenant.sql);
}

static TenantType tenant_type(int number) {
  static const TenantType kTypes[] = {
      {"text", "", {"acme", "ACME", "zeta"}, false},
      {"uuid",
       "",
       {"a0000000-0000-0000-0000-000000000001", "b0000000-0000-0000-0000-000000000002",
        "c0000000-0000-0000-0000-000000000003"},
       false},
      {"int", "", {"102", "101", "103"}, false},
      {"varchar(20)", "", {"b7", "b", "b70"}, false},
      {"bigint", "", {"5000000001", "5000000002", "4999999999"}, false},
      {"text", " COLLATE ci", {"acme", "ACME", "zeta"}, true},
      {"text", "", {"7", "07", "8"}, false},
      {"citext", "", {"acme", "ACME", "zeta"}, true},
  };
  return kTypes[number % 8];
}

static std::string sql_type(const SchemaPlan& plan, Type type) {
  switch (type) {
    case Type::Int: return "int";
    case Type::Text: return "text";
    case Type::Bool: return "boolean";
    case Type::Tenant: return plan.tenant.sql + plan.tenant.collate;
  }
  return "";
}

static void add_table(SchemaPlan& plan, Random& random, const std::string& name) {
  RelationPlan table;
  table.origin = Origin::Tenant;
  table.name = name;
  table.columns = {{"id", Type::Int},
                   {"ref", Type::Int},
                   {"val", Type::Int},
                   {"name", Type::Text},
                   {"flag", Type::Bool}};
  if (random.chance(60)) table.columns.push_back({"org", Type::Tenant});
  const Column tenant{"tenant_id", Type::Tenant};
  table.columns.insert(random.chance(70) ? table.columns.begin() : table.columns.end(), tenant);
  const int key = random.weighted({45, 20, 15, 20});
  table.nullable = key != 0 && random.chance(50);
  if (key == 0) table.keys.push_back("tenant_id, id");
  if (key == 1) table.keys.push_back("id");
  if (key == 3) table.keys.push_back("id, tenant_id");
  if (key != 2 && random.chance(25)) table.keys.push_back("tenant_id, val, ref");
  std::string text = "CREATE TABLE " + name + " (";
  for (const Column& c : table.columns) {
    const bool not_null = c.name == "id" || (c.name == "tenant_id" && !table.nullable);
    text += c.name + " " + sql_type(plan, c.type) + (not_null ? " NOT NULL, " : ", ");
  }
  for (std::size_t i = 0; i < table.keys.size(); ++i) {
    const bool primary = i == 0 && (key == 0 || key == 1);
    text += fmt::format("{} ({}), ", primary ? "PRIMARY KEY" : "UNIQUE", table.keys[i]);
  }
  for (const RelationPlan& other : plan.tables) {
    const bool keyed = !other.keys.empty() && other.keys[0] != "id";
    if (!keyed || !table.refers_to.empty() || !random.chance(40)) continue;
    table.refers_to = other.name;
    text += fmt::format("FOREIGN KEY (tenant_id, ref) REFERENCES {} (tenant_id, id), ", other.name);
  }
  text.resize(text.size() - 2);
  plan.ddl.push_back(text + ")");
  plan.tables.push_back(table);
}

static void add_shared(SchemaPlan& plan) {
  plan.ddl.push_back(
      fmt::format("CREATE TABLE tenants (id {} PRIMARY KEY, slug text UNIQUE, "
                  "name text)",
                  sql_type(plan, Type::Tenant)));
  plan.shared.push_back({Origin::Shared,
                         "tenants",
                         {{"id", Type::Tenant}, {"slug", Type::Text}, {"name", Type::Text}},
                         {},
                         false,
                         {"id", "slug"}});
  plan.ddl.push_back("CREATE TABLE lookup (id int PRIMARY KEY, val int, name text)");
  plan.shared.push_back({Origin::Shared,
                         "lookup",
                         {{"id", Type::Int}, {"val", Type::Int}, {"name", Type::Text}},
                         {},
                         false,
                         {"id"}});
}

struct ViewShape {
  const char* name;
  const char* columns;  // letters: t tenant_id, i id, r ref, v val, n name
  const char* query;    // {0}, {1}: two tables; {2}: the setting as the tenant's type
  bool sound = true;    // tied by a tie of its tenant column
  Origin origin = Origin::View;
};

static constexpr ViewShape kViews[] = {
    {"w_open", "tirvn", "SELECT tenant_id, id, ref, val, name FROM {0}"},
    {"w_star", "tirvn", "SELECT x.tenant_id, x.id, x.ref, x.val, x.name FROM {0} AS x WHERE flag"},
    {"w_join", "tirvn",
     "SELECT a.tenant_id, b.id, a.ref, b.val, a.name FROM {0} a JOIN {1} b ON a.tenant_id = "
     "b.tenant_id AND a.ref = b.id"},
    {"w_loose", "tirvn",
     "SELECT a.tenant_id, b.id, a.ref, b.val, a.name FROM {0} a JOIN {1} b ON a.ref = b.id", false},
    {"w_using", "tiv", "SELECT tenant_id, a.id, b.val FROM {0} a JOIN {1} b USING (tenant_id)"},
    {"w_full", "tiv",
     "SELECT tenant_id, a.id, b.val FROM {0} a FULL JOIN {1} b USING (tenant_id, id)", false},
    {"w_left", "tiv", "SELECT a.tenant_id, a.id, b.val FROM {0} a LEFT JOIN {1} b ON b.id = a.ref",
     false},
    {"w_leftok", "tiv",
     "SELECT a.tenant_id, a.id, b.val FROM {0} a LEFT JOIN {1} b ON b.id = a.ref AND b.tenant_id "
     "= a.tenant_id"},
    {"w_nullable", "tiv",
     "SELECT b.tenant_id, a.id, b.val FROM {0} a LEFT JOIN {1} b ON b.id = a.ref AND b.tenant_id "
     "= a.tenant_id",
     false},
    {"w_group", "tiv",
     "SELECT tenant_id, max(id) AS id, count(*)::int AS val FROM {0} GROUP BY tenant_id"},
    {"w_group2", "tiv", "SELECT tenant_id, max(id) AS id, val FROM {0} GROUP BY val, tenant_id"},
    {"w_rollup", "tv",
     "SELECT tenant_id, count(*)::int AS val FROM {0} GROUP BY ROLLUP (tenant_id)", false},
    {"w_total", "iv", "SELECT max(id) AS id, val FROM {0} GROUP BY val", false},
    {"w_top", "tiv", "SELECT tenant_id, id, val FROM {0} ORDER BY 3, 2, 1 LIMIT 4", false},
    {"w_rank", "tiv",
     "SELECT tenant_id, id, (rank() OVER (PARTITION BY tenant_id ORDER BY id))::int AS val FROM "
     "{0}"},
    {"w_rankall", "tiv", "SELECT tenant_id, id, (rank() OVER (ORDER BY id))::int AS val FROM {0}",
     false},
    {"w_rankval", "tiv",
     "SELECT tenant_id, id, (count(*) OVER (PARTITION BY val))::int AS val FROM {0}", false},
    {"w_union", "tiv",
     "SELECT tenant_id, id, val FROM {0} UNION ALL SELECT tenant_id, ref, val FROM {1}"},
    {"w_unionset", "tiv",
     "SELECT tenant_id, id, val FROM {0} UNION SELECT tenant_id, ref, val FROM {1}"},
    {"w_except", "tiv",
     "SELECT tenant_id, id, val FROM {0} EXCEPT SELECT tenant_id, id, val FROM {1}"},
    {"w_exceptbad", "i", "SELECT id FROM {0} EXCEPT SELECT id FROM {1}", false},
    {"w_const", "tiv", "SELECT tenant_id, id, val FROM {0} UNION ALL SELECT {2}, id, val FROM {1}",
     false},
    {"w_distinct", "tv", "SELECT DISTINCT tenant_id, val FROM {0}"},
    {"w_first", "tiv", "SELECT DISTINCT ON (val) tenant_id, id, val FROM {0} ORDER BY 3, 2, 1",
     false},
    {"w_firstok", "tiv",
     "SELECT DISTINCT ON (tenant_id) tenant_id, id, val FROM {0} ORDER BY 1, 2, 3"},
    {"w_cte", "tiv", "WITH c AS (SELECT * FROM {0}) SELECT c.tenant_id, c.id, c.val FROM c"},
    {"w_sub", "tiv",
     "SELECT a.tenant_id, a.id, (SELECT count(*)::int FROM {1} b WHERE b.ref = a.id) AS val FROM "
     "{0} a",
     false},
    {"w_subok", "tiv",
     "SELECT a.tenant_id, a.id, (SELECT count(*)::int FROM {1} b WHERE b.ref = a.id AND "
     "b.tenant_id = a.tenant_id) AS val FROM {0} a"},
    {"w_mine", "tirvn", "SELECT tenant_id, id, ref, val, name FROM {0} WHERE tenant_id = {2}", true,
     Origin::Own},
    {"w_hidden", "irvn", "SELECT id, ref, val, name FROM {0} WHERE tenant_id = {2}", true,
     Origin::Own},
};

static std::vector<Column> columns_by_letters(const char* letters) {
  std::vector<Column> out;
  for (const char* l = letters; *l != 0; ++l) {
    if (*l == 't') out.push_back({"tenant_id", Type::Tenant});
    if (*l == 'i') out.push_back({"id", Type::Int});
    if (*l == 'r') out.push_back({"ref", Type::Int});
    if (*l == 'v') out.push_back({"val", Type::Int});
    if (*l == 'n') out.push_back({"name", Type::Text});
  }
  return out;
}

static std::string setting_of(const SchemaPlan& plan) {
  const std::string text = "current_setting('app.current_tenant', true)";
  return plan.tenant.sql == "text" ? text : text + "::" + plan.tenant.sql;
}

static void add_views(SchemaPlan& plan, Random& random) {
  for (const ViewShape& shape : kViews) {
    if (!random.chance(45)) continue;
    plan.ddl.push_back(fmt::format("CREATE VIEW {} AS ", shape.name) +
                       fmt::format(fmt::runtime(shape.query), random.pick(plan.tables).name,
                                   random.pick(plan.tables).name, setting_of(plan)));
    plan.views.push_back(
        {shape.origin, shape.name, columns_by_letters(shape.columns), {}, true, {}, shape.sound});
  }
}

struct FunctionShape {
  const char* name;
  const char* parameters;  // letters: t tenant, i int
  const char* columns;
  const char* body;  // {0}: a table; {1}: the setting
  bool sound = true;
};

static constexpr FunctionShape kFunctions[] = {
    {"f_of", "t", "ivn", "SELECT t.id, t.val, t.name FROM {0} t WHERE t.tenant_id = $1"},
    {"f_named", "ti", "ivn",
     "SELECT t.id, t.val, t.name FROM {0} t WHERE t.tenant_id = p1 AND t.id <> p2"},
    {"f_either", "ti", "ivn",
     "SELECT t.id, t.val, t.name FROM {0} t WHERE t.tenant_id = $1 OR t.id = $2", false},
    {"f_open", "i", "ivn", "SELECT t.id, t.val, t.name FROM {0} t WHERE t.id = $1", false},
    {"f_mine", "", "ivn", "SELECT t.id, t.val, t.name FROM {0} t WHERE t.tenant_id = {1}"},
    {"f_all", "", "tivn", "SELECT t.tenant_id, t.id, t.val, t.name FROM {0} t"},
    {"f_top", "", "tivn",
     "SELECT t.tenant_id, t.id, t.val, t.name FROM {0} t ORDER BY 2, 3, 4, 1 LIMIT 3", false},
};

static void add_functions(SchemaPlan& plan, Random& random) {
  plan.ddl.push_back(
      fmt::format("CREATE FUNCTION current_tenant() RETURNS {} LANGUAGE sql STABLE "
                  "AS $$ SELECT {} $$",
                  plan.tenant.sql, setting_of(plan)));
  for (const FunctionShape& shape : kFunctions) {
    if (!random.chance(60)) continue;
    RelationPlan function{
        Origin::Function, shape.name, columns_by_letters(shape.columns), {}, true, {}, shape.sound};
    std::string parameters, returns;
    for (const char* l = shape.parameters; *l != 0; ++l) {
      function.parameters.push_back(*l == 't' ? Type::Tenant : Type::Int);
      parameters += fmt::format("{}p{} {}", parameters.empty() ? "" : ", ",
                                function.parameters.size(), *l == 't' ? plan.tenant.sql : "int");
    }
    for (const Column& c : function.columns) {
      const std::string type = c.type == Type::Tenant ? plan.tenant.sql : sql_type(plan, c.type);
      returns += fmt::format("{}{} {}", returns.empty() ? "" : ", ", c.name, type);
    }
    plan.ddl.push_back(fmt::format(
        "CREATE FUNCTION {}({}) RETURNS TABLE ({}) LANGUAGE sql STABLE AS $$ {} $$", shape.name,
        parameters, returns,
        fmt::format(fmt::runtime(shape.body), random.pick(plan.tables).name, setting_of(plan))));
    plan.functions.push_back(function);
  }
}

SchemaPlan generate_schema(std::uint64_t seed, int number) {
  Random random(derived_seed(seed, static_cast<std::uint64_t>(number)));
  SchemaPlan plan;
  plan.tenant = tenant_type(number);
  if (!plan.tenant.collate.empty()) {
    plan.ddl.push_back(
        "CREATE COLLATION ci (provider = icu, locale = 'und-u-ks-level2', "
        "deterministic = false)");
  }
  if (plan.tenant.sql == "citext") plan.ddl.push_back("CREATE EXTENSION citext");
  for (const char* name : {"orders", "items", "notes", "events"}) add_table(plan, random, name);
  add_shared(plan);
  add_views(plan, random);
  add_functions(plan, random);
  generate_rows(plan, random);
  return plan;
}

}  // namespace tenantlint::differential
