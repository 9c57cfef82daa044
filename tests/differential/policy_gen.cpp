// In: a schema. Out: policies as people write them, half of the sets with one near miss: an OR, the
// wrong column or setting, a command that is not covered, a role that is another's.
#include "tests/differential/policy_gen.h"

#include <fmt/format.h>

namespace tenantlint::differential {
namespace {

struct Writer {
  const SchemaPlan& plan;
  Random& random;
  const RelationPlan& table;

  std::string source() {
    const std::string& type = plan.tenant.sql;
    const std::string setting = "current_setting('app.current_tenant', true)";
    switch (random.weighted({40, 20, 15, 15, 10})) {
      case 0: return type == "text" ? setting : setting + "::" + type;
      case 1: return fmt::format("NULLIF({}, '')::{}", setting, type);
      case 2: return "current_tenant()";
      case 3: return fmt::format("(SELECT {}::{})", setting, type);
      default: return "(SELECT current_tenant())";
    }
  }

  std::string condition() {
    return random.pick({"flag", "val = 2", "val IS NOT NULL", "name <> 'b'", "id > 2",
                        "EXISTS (SELECT 1 FROM lookup l WHERE l.id = val)",
                        "id IN (SELECT l.id FROM lookup l)"});
  }

  std::string column() { return random.chance(30) ? table.name + ".tenant_id" : "tenant_id"; }

  // Ties the row.
  std::string sound() {
    const RelationPlan& other = random.pick(plan.tables);
    switch (random.weighted({45, 12, 8, 8, 6, 6, 6, 5})) {
      case 0: return fmt::format("{} = {}", column(), source());
      case 1: return fmt::format("{} = {} AND {}", column(), source(), condition());
      case 2: return fmt::format("{} = {}", source(), column());
      case 3:
        return fmt::format("tenant_id IN (SELECT x.tenant_id FROM {} x WHERE x.tenant_id = {})",
                           other.name, source());
      case 4:
        return fmt::format(
            "EXISTS (SELECT 1 FROM tenants t WHERE t.id = {}.tenant_id AND t.id = "
            "{})",
            table.name, source());
      case 5:
        return fmt::format("(tenant_id = {0} AND flag) OR (tenant_id = {0} AND {1})", source(),
                           condition());
      case 6:
        return fmt::format("{} = {} AND id IN (SELECT x.ref FROM {} x WHERE x.tenant_id = {})",
                           column(), source(), other.name, source());
      default: return fmt::format("tenant_id = ANY (ARRAY[{}])", source());
    }
  }

  std::string near_miss() {
    const RelationPlan& other = random.pick(plan.tables);
    const std::string type = plan.tenant.sql;
    switch (random.below(18)) {
      case 0: return "true";
      case 1: return fmt::format("tenant_id = {} OR {}", source(), condition());
      case 2: return "tenant_id IS NOT NULL";
      case 3: return fmt::format("tenant_id = {}.tenant_id", table.name);
      case 4: return table.has("org") ? "org = " + source() : condition();
      case 5: return fmt::format("tenant_id = current_setting('app.other_tenant', true)::{}", type);
      case 6: return fmt::format("tenant_id = {0} OR {0} IS NULL", source());
      case 7: return fmt::format("COALESCE(tenant_id = {}, true)", source());
      case 8: return fmt::format("NOT (tenant_id <> {})", source());
      case 9: return fmt::format("(tenant_id = {}) IS NOT FALSE", source());
      case 10: return fmt::format("lower(tenant_id::text) = lower({}::text)", source());
      case 11: return condition();
      case 12:
        return fmt::format("id IN (SELECT x.id FROM {} x WHERE x.tenant_id = {})", other.name,
                           source());
      case 13:
        return fmt::format("tenant_id = {} AND id IN (SELECT x.ref FROM {} x)", source(),
                           other.name);
      case 14:
        return fmt::format(
            "tenant_id IN (SELECT x.tenant_id FROM {} x WHERE x.tenant_id = "
            "x.tenant_id)",
            other.name);
      case 15:
        return fmt::format("CASE WHEN {} THEN true ELSE tenant_id = {} END", condition(), source());
      case 16: return fmt::format("tenant_id IS NOT DISTINCT FROM {}", source());
      default:
        return fmt::format(
            "EXISTS (SELECT 1 FROM {} x WHERE x.tenant_id = {} AND x.tenant_id = "
            "tenant_id)",
            other.name, source());
    }
  }
};

}  // namespace

std::vector<std::string> policy_roles() {
  return {"CREATE ROLE staff", "CREATE ROLE stranger", "CREATE ROLE app_user",
          "GRANT staff TO app_user"};
}

PolicySet generate_policies(const SchemaPlan& plan, Random& random) {
  const RelationPlan& table = random.pick(plan.tables);
  Writer writer{plan, random, table};
  PolicySet set;
  set.table = table.name;
  set.ddl.push_back(fmt::format("ALTER TABLE {} ENABLE ROW LEVEL SECURITY", table.name));
  const int count = random.between(1, 4);
  const int bad = random.chance(55) ? random.below(count) : -1;
  const bool whole = random.chance(45);  // the first covers all commands
  for (int i = 0; i < count; ++i) {
    const auto expression = [&] {
      const bool miss = i == bad && random.chance(70);
      set.broken = set.broken || miss;
      return miss ? writer.near_miss() : writer.sound();
    };
    const bool restrictive = !(i == 0 && whole) && random.chance(25);
    const std::string command =
        i == 0 && whole ? "ALL"
                        : random.pick({"ALL", "ALL", "SELECT", "INSERT", "UPDATE", "DELETE"});
    const std::string role =
        random.pick({"PUBLIC", "PUBLIC", "PUBLIC", "app_user", "app_user", "staff", "stranger"});
    std::string text = fmt::format("CREATE POLICY p{} ON {} AS {} FOR {} TO {}", i, table.name,
                                   restrictive ? "RESTRICTIVE" : "PERMISSIVE", command, role);
    const std::size_t without = text.size();
    const bool check_possible = command != "SELECT" && command != "DELETE";
    const bool using_possible = command != "INSERT";
    if (using_possible && random.chance(95)) text += fmt::format(" USING ({})", expression());
    if (check_possible && (command == "INSERT" ? random.chance(95) : random.chance(40))) {
      text += fmt::format(" WITH CHECK ({})", expression());
    }
    // Without an expression it lets everything through.
    set.broken = set.broken || text.size() == without;
    set.ddl.push_back(text);
  }
  return set;
}

}  // namespace tenantlint::differential
