// In: a schema. Out: INSERT, UPDATE, DELETE and MERGE that write the current tenant's rows.
#include <fmt/format.h>

#include "tests/differential/statement_gen.h"

namespace tenantlint::differential {

NodePtr StatementGenerator::returning(const Item& target, bool all, const Scope& scope) {
  if (all) {
    return atom(fmt::format(" RETURNING {0}.tenant_id, {0}.id, {0}.val", target.alias),
                Kind::Clause);
  }
  if (!random_.chance(35)) return nullptr;
  if (random_.chance(30)) return atom(" RETURNING " + target.alias + ".*", Kind::Clause);
  Scope own;
  own.items = {target};
  own.outer = scope.outer;
  return clause(" RETURNING ",
                list({expression(Type::Int, own, 1), expression(Type::Text, own, 0)}));
}

NodePtr StatementGenerator::insert_source(const RelationPlan& table,
                                          std::vector<std::string>& columns) {
  columns = {"tenant_id", "id", "val"};
  if (random_.chance(50)) columns.push_back("name");
  if (table.has("org") && random_.chance(15)) columns.push_back("org");
  Scope none;
  if (random_.chance(45)) {
    std::vector<NodePtr> values = {tie(source(), Ties::Value),
                                   atom(random_.pick({"$2", "5", "9", "20", "21", "22"})),
                                   expression(Type::Int, none, 1)};
    for (std::size_t i = 3; i < columns.size(); ++i) {
      values.push_back(constant(columns[i] == "org" ? Type::Tenant : Type::Text));
    }
    NodePtr row = list(values, " VALUES (", ")");
    row->kind = Kind::Fixed;
    return row;
  }
  // The tenant as the query has it, or as the caller says.
  Want want;
  want.tenant = random_.chance(55);
  for (const std::string& c : columns) {
    if (c == "tenant_id" || c == "org") continue;
    want.types.push_back(c == "name" ? Type::Text : Type::Int);
  }
  if (columns.back() == "org") columns.pop_back();
  NodePtr inner = query(random_.below(2), nullptr, want);
  // Of rows with the same key the first is inserted: their order is given.
  const char* order = columns.size() == 4 ? " ORDER BY 1, 2, 3, 4" : " ORDER BY 1, 2, 3";
  if (want.tenant) return fixed({atom(" ("), inner, atom(")"), atom(order)});
  std::string names, list_of;
  for (std::size_t i = 1; i < columns.size(); ++i) {
    names += fmt::format("{}c{}", i == 1 ? "" : ", ", i);
    list_of += fmt::format(", s.c{}", i);
  }
  return fixed({atom(" SELECT "), tie(source(), Ties::Value), atom(list_of + " FROM ("), inner,
                atom(fmt::format(") AS s ({})", names)), atom(order)});
}

NodePtr StatementGenerator::on_conflict(const RelationPlan& table) {
  if (table.keys.empty() || !random_.chance(45)) return nullptr;
  const std::string key = random_.pick(table.keys);
  for (const std::string& k : table.keys) plain_ = plain_ && k != "id";
  switch (random_.below(4)) {
    case 0: return atom(fmt::format(" ON CONFLICT ({}) DO NOTHING", key), Kind::Clause);
    case 1: return atom(" ON CONFLICT DO NOTHING", Kind::Clause);
    default: break;
  }
  NodePtr where;
  if (key == "id" || random_.chance(20)) {
    where = clause(" WHERE ", tie(random_.chance(50) ? infix(atom("x.tenant_id"), "=", source())
                                                     : infix(atom("x.tenant_id"), "=",
                                                             atom("excluded.tenant_id"))));
  }
  return fixed({atom(fmt::format(" ON CONFLICT ({}) DO UPDATE SET {}", key,
                                 random_.pick({"val = excluded.val", "flag = true",
                                               "val = x.val + 1, flag = NULL"}))),
                where},
               Kind::Clause);
}

NodePtr StatementGenerator::insert(bool returning_all) {
  const RelationPlan& table = random_.pick(plan_.tables);
  std::vector<std::string> columns;
  NodePtr what = insert_source(table, columns);
  std::string names;
  for (const std::string& c : columns) names += (names.empty() ? "" : ", ") + c;
  Scope scope;
  const Item target = item_of(table, "x");
  scope.items = {target};
  return fixed({atom(fmt::format("INSERT INTO {} AS x ({})", table_name(table), names)), what,
                on_conflict(table), returning(target, returning_all, scope)});
}

NodePtr StatementGenerator::assignments(const RelationPlan& table, const Scope& scope) {
  std::vector<NodePtr> sets;
  if (random_.chance(70)) sets.push_back(wrap("val = ", expression(Type::Int, scope, 1), ""));
  if (random_.chance(30)) sets.push_back(wrap("name = ", expression(Type::Text, scope, 1), ""));
  if (random_.chance(6)) sets.push_back(wrap("tenant_id = ", source(), ""));
  if (table.has("org") && random_.chance(8)) {
    sets.push_back(wrap("org = ", column(Type::Tenant, scope, false), ""));
  }
  if (sets.empty()) sets.push_back(atom("flag = NOT flag"));
  return clause(" SET ", list(sets));
}

NodePtr StatementGenerator::update(bool returning_all) {
  const RelationPlan& table = random_.pick(plan_.tables);
  Scope target_only;
  const Item target = item_of(table, alias());
  target_only.items = {target};
  Scope scope = target_only;
  std::vector<NodePtr> where = {tie_of(target, scope, 1)};
  NodePtr from;
  if (random_.chance(35)) {
    bool needs_tie = false;
    from = from_item(1, scope, true, needs_tie);
    if (from->open.starts_with("LATERAL")) from = nullptr;
    if (!from) scope.items.pop_back();
    if (from && needs_tie) where.push_back(tie_of(scope.items.back(), scope, 0));
    if (from) {
      where.push_back(infix(column(Type::Int, Scope{{scope.items.back()}, nullptr}, false), "=",
                            atom(target.alias + ".id")));
    }
    if (from && random_.chance(15)) from = add_join(0, scope, from, where);
  }
  if (random_.chance(65)) where.push_back(condition(scope, 1));
  // Which of several joined rows is taken is not determined: values come from the target alone.
  NodePtr sets = assignments(table, target_only);
  return fixed({atom(fmt::format("UPDATE {} AS {}", table_name(table), target.alias)), sets,
                clause(" FROM ", from), clause(" WHERE ", all_of(where)),
                returning(target, returning_all, target_only)});
}

NodePtr StatementGenerator::remove(bool returning_all) {
  const RelationPlan& table = random_.pick(plan_.tables);
  const Item target = item_of(table, alias());
  Scope scope;
  scope.items = {target};
  Scope target_only = scope;
  std::vector<NodePtr> where = {tie_of(target, scope, 1)};
  NodePtr from;
  if (random_.chance(35)) {
    bool needs_tie = false;
    from = from_item(1, scope, true, needs_tie);
    if (from->open.starts_with("LATERAL")) {
      from = nullptr;
      scope.items.pop_back();
    } else if (needs_tie) {
      where.push_back(tie_of(scope.items.back(), scope, 0));
    }
  }
  if (random_.chance(75)) where.push_back(condition(scope, 1));
  return fixed({atom(fmt::format("DELETE FROM {} AS {}", table_name(table), target.alias)),
                clause(" USING ", from), clause(" WHERE ", all_of(where)),
                returning(target, returning_all, target_only)});
}

NodePtr StatementGenerator::merge() {
  const RelationPlan& table = random_.pick(plan_.tables);
  const Item target = item_of(table, alias());
  Scope scope;
  scope.items = {target};
  Want want{true, {Type::Int, Type::Int}, random_.chance(85)};
  NodePtr inner = query(random_.below(2), nullptr, want);
  Item source_item{alias(), {{"c1", Type::Int}, {"c2", Type::Int}}, true, true, ""};
  scope.items.push_back(source_item);
  const std::string& t = target.alias;
  const std::string& s = source_item.alias;
  std::vector<NodePtr> on = {infix(atom(t + ".id"), "=", atom(s + ".c1"))};
  on.push_back(tie(random_.chance(60) ? infix(atom(t + ".tenant_id"), "=", atom(s + ".tenant_id"))
                                      : equals_source(t + ".tenant_id", table.nullable)));
  if (!want.tied || random_.chance(20)) on.push_back(tie(equals_source(s + ".tenant_id", true)));
  std::vector<NodePtr> actions;
  if (random_.chance(60)) {
    actions.push_back(fixed({atom(" WHEN MATCHED"), clause(" AND ", condition(scope, 0)),
                             atom(random_.pick({" THEN DELETE", " THEN DO NOTHING"}))},
                            Kind::Clause));
  }
  if (random_.chance(60)) {
    actions.push_back(
        atom(fmt::format(" WHEN MATCHED THEN UPDATE SET val = {}.c2", s), Kind::Clause));
  }
  if (random_.chance(60) || actions.empty()) {
    NodePtr tenant = random_.chance(50) ? source() : atom(s + ".tenant_id");
    actions.push_back(fixed({atom(" WHEN NOT MATCHED THEN INSERT (tenant_id, id, val) VALUES ("),
                             tie(tenant, Ties::Value), atom(fmt::format(", {0}.c1, {0}.c2)", s))},
                            Kind::Clause));
  }
  std::vector<NodePtr> parts = {
      atom(fmt::format("MERGE INTO {} AS {}", table_name(table), t)),
      wrap(" USING (", inner, fmt::format(") AS {} (tenant_id, c1, c2)", s), Kind::From),
      clause(" ON ", all_of(on))};
  for (NodePtr& action : actions) parts.push_back(action);
  return fixed(parts);
}

}  // namespace tenantlint::differential
