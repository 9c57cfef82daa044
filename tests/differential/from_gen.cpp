// In: what a block wants. Out: its FROM, with the ties of what it names: in ON where that is
// enough, else in WHERE.
#include <fmt/format.h>

#include "tests/differential/statement_gen.h"

namespace tenantlint::differential {

std::string StatementGenerator::alias() {
  static constexpr const char* kLetters = "abcdefghijklmnopqrstuvwxyz";
  const int n = aliases_++;
  std::string name(1, kLetters[n % 26]);
  return n < 26 ? name : name + std::to_string(n / 26);
}

// Qualified where a common table expression hides the table.
std::string StatementGenerator::table_name(const RelationPlan& table) {
  bool hidden = false;
  for (const Common& c : commons_) hidden = hidden || c.name == table.name;
  return hidden || random_.chance(10) ? "public." + table.name : table.name;
}

Item StatementGenerator::item_of(const RelationPlan& relation, std::string name) const {
  Item item;
  item.alias = std::move(name);
  item.nullable = relation.nullable;
  if (relation.origin == Origin::Tenant) item.table = relation.name;
  for (const Column& c : relation.columns) {
    if (c.name == "tenant_id") item.tenant = true;
    if (c.name != "tenant_id") item.columns.push_back(c);
  }
  return item;
}

NodePtr StatementGenerator::function_item(Scope& scope, bool& needs_tie) {
  const RelationPlan& function = random_.pick(plan_.functions);
  std::vector<NodePtr> arguments;
  for (const Type type : function.parameters) {
    const Item* peer = earlier_tenant(scope, "");
    if (type == Type::Tenant && peer != nullptr && random_.chance(40)) {
      arguments.push_back(atom(peer->alias + ".tenant_id"));
    } else {
      arguments.push_back(type == Type::Tenant ? source() : constant(type));
    }
  }
  plain_ = plain_ && function.sound;
  const Item item = item_of(function, alias());
  needs_tie = item.tenant;
  scope.items.push_back(item);
  NodePtr call =
      arguments.empty() ? atom(function.name + "()") : list(arguments, function.name + "(", ")");
  return fixed({call, atom(" AS " + item.alias)}, Kind::From);
}

NodePtr StatementGenerator::derived_item(int depth, Scope& scope, bool tied, bool& needs_tie) {
  const bool lateral = !scope.items.empty() && random_.chance(35);
  Want want;
  want.tenant = !tied || random_.chance(60);
  // Left open inside: this block ties it, through the exported column.
  want.tied = tied && !(want.tenant && random_.chance(45));
  want.types = random_types(1, 3);
  NodePtr inner = query(depth - 1, lateral ? &scope : scope.outer, want);
  Item item;
  item.alias = alias();
  item.tenant = want.tenant;
  item.nullable = true;
  needs_tie = !want.tied;
  std::string names = want.tenant ? "tenant_id" : "";
  for (std::size_t i = 0; i < want.types.size(); ++i) {
    item.columns.push_back({fmt::format("c{}", i + 1), want.types[i]});
    names += (names.empty() ? "" : ", ") + item.columns.back().name;
  }
  scope.items.push_back(item);
  return wrap(lateral ? "LATERAL (" : "(", inner, fmt::format(") AS {} ({})", item.alias, names),
              Kind::From);
}

NodePtr StatementGenerator::from_item(int depth, Scope& scope, bool tied, bool& needs_tie) {
  const bool functions = !plan_.functions.empty();
  const bool views = !plan_.views.empty();
  switch (random_.weighted({50, tied ? 9 : 0, views ? 14 : 0, functions && tied ? 6 : 0,
                            depth > 0 ? 16 : 0, commons_.empty() ? 0 : 25})) {
    case 0: {
      const RelationPlan& table = random_.pick(plan_.tables);
      const Item item = item_of(table, alias());
      scope.items.push_back(item);
      needs_tie = true;
      return atom(fmt::format("{} AS {}", table_name(table), item.alias), Kind::From);
    }
    case 1: {
      const RelationPlan& table = random_.pick(plan_.shared);
      const Item item = item_of(table, alias());
      scope.items.push_back(item);
      needs_tie = false;
      return atom(fmt::format("{} AS {}", table_name(table), item.alias), Kind::From);
    }
    case 2: {
      const RelationPlan& view = random_.pick(plan_.views);
      plain_ = plain_ && view.sound;
      const Item item = item_of(view, alias());
      scope.items.push_back(item);
      needs_tie = item.tenant && view.origin == Origin::View;
      return atom(fmt::format("{} AS {}", view.name, item.alias), Kind::From);
    }
    case 3: return function_item(scope, needs_tie);
    case 4: return derived_item(depth, scope, tied, needs_tie);
    default: {
      const Common& common = random_.pick(commons_);
      Item item;
      item.alias = alias();
      item.nullable = common.nullable;
      for (const Column& c : common.columns) {
        if (c.name == "tenant_id") item.tenant = true;
        if (c.name != "tenant_id") item.columns.push_back(c);
      }
      scope.items.push_back(item);
      needs_tie = item.tenant && common.open;
      if (common.open && random_.chance(10)) plain_ = needs_tie = false;
      return atom(fmt::format("{} AS {}", common.name, item.alias), Kind::From);
    }
  }
}

const RelationPlan* StatementGenerator::table_of(const Item& item) const {
  for (const RelationPlan& table : plan_.tables) {
    if (table.name == item.table) return &table;
  }
  return nullptr;
}

// To the same row again, by its key, or along a foreign key, in either direction: with and without
// the tenant.
NodePtr StatementGenerator::join_by_key(Scope& scope, NodePtr left) {
  const Item from = random_.pick(scope.items);
  const RelationPlan* table = table_of(from);
  if (table == nullptr) return nullptr;
  const RelationPlan* goal = table;
  std::string own = "id", other = "id";
  for (const RelationPlan& t : plan_.tables) {
    if (t.name == table->refers_to && random_.chance(60)) {
      goal = &t;
      other = "ref";
    }
    if (t.refers_to == table->name && random_.chance(40)) {
      goal = &t;
      own = "ref";
      other = "id";
    }
  }
  const Item item = item_of(*goal, alias());
  scope.items.push_back(item);
  std::vector<NodePtr> on = {
      infix(atom(item.alias + "." + own), "=", atom(from.alias + "." + other))};
  if (random_.chance(45)) {
    on.push_back(tie(infix(atom(item.alias + ".tenant_id"), "=", atom(from.alias + ".tenant_id"))));
  } else {
    plain_ = false;
  }
  if (random_.chance(20)) on.push_back(condition(scope, 0));
  return join(left, random_.pick({"JOIN", "JOIN", "LEFT JOIN", "RIGHT JOIN", "FULL JOIN"}),
              atom(fmt::format("{} AS {}", table_name(*goal), item.alias), Kind::From),
              clause(" ON ", all_of(on)));
}

// a JOIN b USING (tenant_id), NATURAL JOIN of narrow derived tables, FULL JOIN … USING.
NodePtr StatementGenerator::join_using(Scope& scope, NodePtr left, std::vector<NodePtr>& where) {
  const RelationPlan& table = random_.pick(plan_.tables);
  const Item item = item_of(table, alias());
  std::vector<NodePtr> columns = {tie(atom("tenant_id"), Ties::Column)};
  if (random_.chance(40)) columns.push_back(atom("id"));
  scope.items.push_back(item);
  const std::string kind = random_.pick({"JOIN", "JOIN", "LEFT JOIN", "FULL JOIN", "RIGHT JOIN"});
  if (kind == "FULL JOIN" || kind == "RIGHT JOIN") plain_ = false;
  if (kind != "JOIN" && kind != "LEFT JOIN" && random_.chance(70)) {
    where.push_back(
        infix(atom(random_.chance(60) ? "tenant_id" : item.alias + ".tenant_id"), "=", source()));
  }
  return join(left, kind, atom(fmt::format("{} AS {}", table_name(table), item.alias), Kind::From),
              list(columns, " USING (", ")"));
}

NodePtr StatementGenerator::add_join(int depth, Scope& scope, NodePtr left,
                                     std::vector<NodePtr>& where) {
  const bool using_works = scope.items.size() == 1 && scope.items[0].tenant;
  if (using_works && random_.chance(12)) {
    for (const Column& c : scope.items[0].columns) {
      if (c.name == "id") return join_using(scope, left, where);
    }
  }
  if (random_.chance(14)) {
    if (NodePtr joined = join_by_key(scope, left)) return joined;
  }
  bool needs_tie = false;
  NodePtr right = from_item(depth, scope, true, needs_tie);
  const Item item = scope.items.back();
  const bool lateral = right->open.starts_with("LATERAL");
  const std::string kind = lateral ? random_.pick({"JOIN", "LEFT JOIN", "CROSS JOIN"})
                                   : random_.pick({"JOIN", "JOIN", "JOIN", "LEFT JOIN", "LEFT JOIN",
                                                   "RIGHT JOIN", "FULL JOIN", "CROSS JOIN", ","});
  NodePtr ties = needs_tie ? tie_of(item, scope, depth) : nullptr;
  if (kind == "CROSS JOIN" || kind == ",") {
    if (ties) where.push_back(ties);
    return join(left, kind, right, nullptr);
  }
  std::vector<NodePtr> on;
  const bool in_on = kind == "LEFT JOIN" || (kind == "JOIN" && random_.chance(75));
  if (ties && in_on) on.push_back(ties);
  if (ties && !in_on) where.push_back(ties);
  if (on.empty() || random_.chance(60)) {
    NodePtr own = column(Type::Int, Scope{{item}, nullptr}, false);
    on.push_back(infix(own, "=", column(Type::Int, scope, false)));
  }
  return join(left, kind, right, clause(" ON ", all_of(on)));
}

NodePtr StatementGenerator::from_clause(int depth, Scope& scope, const Want& want,
                                        std::vector<NodePtr>& where) {
  bool needs_tie = false;
  NodePtr from = from_item(depth, scope, want.tied, needs_tie);
  // Asked for the tenant: the first item has to have it.
  for (int i = 0; i < 20 && want.tenant && !scope.items[0].tenant; ++i) {
    scope.items.clear();
    from = from_item(depth, scope, want.tied, needs_tie);
  }
  if (needs_tie && want.tied) where.push_back(tie_of(scope.items[0], scope, depth));
  const int more = random_.weighted({50, 35, 12, 3});
  for (int i = 0; i < more; ++i) from = add_join(depth, scope, from, where);
  return from;
}

}  // namespace tenantlint::differential
