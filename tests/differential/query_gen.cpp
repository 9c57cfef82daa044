// In: what a query is wanted for. Out: a SELECT with its blocks, set operations and common table
// expressions, over what from_gen and expression_gen make.
#include <fmt/format.h>

#include "tests/differential/statement_gen.h"

namespace tenantlint::differential {

std::vector<Type> StatementGenerator::random_types(int low, int high) {
  std::vector<Type> out;
  const int count = random_.between(low, high);
  for (int i = 0; i < count; ++i) {
    out.push_back(random_.pick({Type::Int, Type::Int, Type::Int, Type::Text}));
  }
  return out;
}

// ORDER BY 1, 2, …: what it does not tell apart is equal in all that is shown.
NodePtr StatementGenerator::order_by_all(std::size_t count) {
  std::string text = " ORDER BY 1";
  for (std::size_t i = 2; i <= count; ++i) text += fmt::format(", {}", i);
  if (random_.chance(20)) text.insert(text.find('1') + 1, " DESC NULLS LAST");
  return atom(text, Kind::Clause);
}

NodePtr StatementGenerator::all_columns(const Scope& scope) {
  std::vector<NodePtr> items;
  for (const Item& item : scope.items) {
    for (const Column& c : item.columns) items.push_back(atom(item.alias + "." + c.name));
    if (item.tenant) items.push_back(atom(item.alias + ".tenant_id"));
  }
  NodePtr out = list(items);
  out->kind = Kind::Fixed;
  return out;
}

NodePtr StatementGenerator::query(int depth, const Scope* outer, const Want& want) {
  if (depth > 0 && random_.chance(9)) return with(depth, outer, want);
  if (depth > 0 && random_.chance(11)) {
    Want right = want;
    NodePtr a = block(depth - 1, outer, want);
    NodePtr b = block(depth - 1, outer, right);
    auto node = std::make_shared<Node>();
    node->kind = Kind::SetOp;
    node->separator = random_.pick({" UNION ALL ", " UNION ", " EXCEPT ", " INTERSECT "});
    node->children = {wrap("(", a, ")", Kind::Fixed), wrap("(", b, ")", Kind::Fixed)};
    return node;
  }
  return block(depth, outer, want);
}

NodePtr StatementGenerator::block(int depth, const Scope* outer, const Want& want) {
  Scope scope;
  scope.outer = outer;
  std::vector<NodePtr> where;
  NodePtr from = from_clause(depth, scope, want, where);
  if (!want.tied && scope.items[0].tenant && random_.chance(25)) {
    // A semi-join that is open itself: what ties the one from outside ties the other.
    where.push_back(infix(atom(scope.items[0].alias + ".tenant_id"), random_.pick({"IN", "= ANY"}),
                          atom(fmt::format("(SELECT {0}.tenant_id FROM {1} AS {0})", alias(),
                                           random_.pick(plan_.tables).name))));
  }
  if (random_.chance(55)) where.push_back(condition(scope, depth));
  if (random_.chance(15)) where.push_back(condition(scope, depth));
  NodePtr filter = clause(" WHERE ", all_of(where));
  return random_.chance(18) ? finish_grouped(depth, scope, want, from, filter)
                            : finish_plain(depth, scope, want, from, filter);
}

NodePtr StatementGenerator::finish_plain(int depth, Scope& scope, const Want& want, NodePtr from,
                                         NodePtr where) {
  std::vector<NodePtr> targets;
  if (want.tenant) targets.push_back(atom(scope.items[0].alias + ".tenant_id"));
  for (const Type type : want.types) {
    const bool windowed = type == Type::Int && random_.chance(want.tied ? 7 : 4);
    targets.push_back(windowed ? window(scope) : expression(type, scope, depth));
  }
  const std::size_t count = targets.size();
  // An open block is transparent, most of the time.
  const bool plain = !want.tied && random_.chance(60);
  plain_ = plain_ && (want.tied || plain);
  std::string head = "SELECT ";
  NodePtr order, limit;
  switch (plain ? 0 : random_.weighted({74, 8, 6, 12})) {
    case 1: head = "SELECT DISTINCT "; break;
    case 2:
      head = fmt::format("SELECT DISTINCT ON ({}) ", print(targets[0]));
      order = order_by_all(count);
      order->kind = Kind::Fixed;
      break;
    case 3:
      order = order_by_all(count);
      limit = atom(random_.pick({" LIMIT 1", " LIMIT 2", " LIMIT 3", " LIMIT 2 OFFSET 1",
                                 " OFFSET 1", " FETCH FIRST 2 ROWS WITH TIES"}),
                   Kind::Clause);
      order->kind = Kind::Fixed;
      break;
    default: break;
  }
  NodePtr shown = list(targets, head, "");
  shown->kind = Kind::Fixed;
  return fixed({shown, clause(" FROM ", from), where, order, limit}, Kind::Select);
}

NodePtr StatementGenerator::finish_grouped(int depth, Scope& scope, const Want& want, NodePtr from,
                                           NodePtr where) {
  std::vector<NodePtr> targets, keys;
  const std::string tenant = scope.items[0].alias + ".tenant_id";
  const bool by_tenant = want.tenant || (scope.items[0].tenant && random_.chance(30));
  if (by_tenant) keys.push_back(atom(tenant));
  if (want.tenant) targets.push_back(atom(tenant));
  for (const Type type : want.types) {
    if (random_.chance(35)) {
      NodePtr key = column(type, scope, false);
      if (key->open.find('.') != std::string::npos) {
        keys.push_back(key);
        targets.push_back(clone(key));
        continue;
      }
    }
    targets.push_back(aggregate(type, scope, depth > 0 ? depth - 1 : 0));
  }
  std::vector<NodePtr> having;
  if (by_tenant && random_.chance(25)) having.push_back(equals_source(tenant, true));
  if (random_.chance(15)) {
    having.push_back(
        infix(aggregate(Type::Int, scope, 0), random_.pick({">", "=", "<="}), constant(Type::Int)));
  }
  NodePtr group;
  if (!keys.empty()) {
    const int shape = want.tied ? random_.weighted({86, 6, 4, 4}) : 0;
    const char* open[] = {"", "ROLLUP (", "CUBE (", "GROUPING SETS ("};
    group = clause(" GROUP BY ", list(keys, open[shape], shape == 0 ? "" : ")"));
  }
  NodePtr shown = list(targets, "SELECT ", "");
  shown->kind = Kind::Fixed;
  return fixed({shown, clause(" FROM ", from), where, group, clause(" HAVING ", all_of(having))},
               Kind::Select);
}

// WITH RECURSIVE r: from tied rows along references of the same tenant.
NodePtr StatementGenerator::recursive(Common& common) {
  const RelationPlan& table = random_.pick(plan_.tables);
  const RelationPlan& next = random_.chance(70) ? table : random_.pick(plan_.tables);
  const std::string a = alias(), b = alias(), r = alias();
  Scope scope;
  scope.items.push_back(item_of(table, a));
  common.columns = {{"tenant_id", Type::Tenant}, {"id", Type::Int}, {"n", Type::Int}};
  NodePtr first =
      fixed({atom(fmt::format("SELECT {0}.tenant_id, {0}.id, 0", a)),
             clause(" FROM ", atom(table_name(table) + " AS " + a, Kind::From)),
             clause(" WHERE ", all_of({tie_of(scope.items[0], scope, 0), condition(scope, 0)}))},
            Kind::Select);
  std::vector<NodePtr> on = {
      infix(atom(b + ".ref"), "=", atom(r + ".id")),
      tie(random_.chance(70) ? infix(atom(b + ".tenant_id"), "=", atom(r + ".tenant_id"))
                             : equals_source(b + ".tenant_id", next.nullable))};
  const char* tenant = random_.chance(60) ? "b" : "r";
  NodePtr step = fixed(
      {atom(fmt::format("SELECT {}.tenant_id, {}.id, {}.n + 1", *tenant == 'b' ? b : r, b, r)),
       clause(" FROM ",
              join(atom(table_name(next) + " AS " + b, Kind::From), "JOIN",
                   atom(common.name + " AS " + r, Kind::From), clause(" ON ", all_of(on)))),
       clause(" WHERE ", infix(atom(r + ".n"), "<", atom("3")))},
      Kind::Select);
  auto both = std::make_shared<Node>();
  both->kind = Kind::SetOp;
  both->separator = random_.pick({" UNION ALL ", " UNION "});
  both->children = {first, step};
  return wrap(common.name + " (tenant_id, id, n) AS (", both, ")", Kind::Fixed);
}

NodePtr StatementGenerator::with(int depth, const Scope* outer, const Want& want) {
  const std::size_t before = commons_.size();
  const int count = random_.weighted({70, 25, 5}) + 1;
  std::vector<NodePtr> parts;
  const bool recursion = random_.chance(15);
  const std::string head = recursion ? "WITH RECURSIVE " : "WITH ";
  for (int i = 0; i < count; ++i) {
    Common common;
    // Sometimes under the name of a table, which it hides.
    common.name = random_.chance(recursion ? 0 : 20) ? random_.pick(plan_.tables).name
                                                     : fmt::format("{}_cte", alias());
    bool taken = false;
    for (const Common& c : commons_) taken = taken || c.name == common.name;
    if (taken) common.name = alias() + "_cte";
    if (recursion && random_.chance(75)) {
      parts.push_back(recursive(common));
      commons_.push_back(common);
      continue;
    }
    Want inner;
    inner.tenant = random_.chance(60);
    inner.tied = !inner.tenant || random_.chance(75);
    common.open = !inner.tied;
    inner.types = random_types(1, 2);
    std::string names = inner.tenant ? "tenant_id" : "";
    if (inner.tenant) common.columns.push_back({"tenant_id", Type::Tenant});
    for (std::size_t c = 0; c < inner.types.size(); ++c) {
      common.columns.push_back({fmt::format("c{}", c + 1), inner.types[c]});
      names += (names.empty() ? "" : ", ") + common.columns.back().name;
    }
    NodePtr body = query(depth - 1, outer, inner);
    const char* how = random_.pick({"", "", "MATERIALIZED ", "NOT MATERIALIZED "});
    parts.push_back(
        wrap(fmt::format("{} ({}) AS {}(", common.name, names, how), body, ")", Kind::Fixed));
    commons_.push_back(common);
  }
  NodePtr body = block(depth - 1, outer, want);
  commons_.resize(before);
  NodePtr heads = list(parts, head, " ");
  heads->kind = Kind::With;
  return fixed({heads, body}, Kind::Query);
}

NodePtr StatementGenerator::top_select() {
  Want want;
  want.tenant = random_.chance(25);
  want.types = random_types(1, 3);
  const int depth = random_.weighted({15, 40, 35, 10});
  if (depth > 0 && random_.chance(12)) {
    // A statement that writes, as a common table expression.
    const std::string name = alias() + "_dml";
    NodePtr dml = random_.below(3) == 0 ? insert(true)
                  : random_.chance(50)  ? update(true)
                                        : remove(true);
    commons_.push_back(
        {name, {{"tenant_id", Type::Tenant}, {"id", Type::Int}, {"val", Type::Int}}, true});
    NodePtr body = block(depth - 1, nullptr, want);
    NodePtr heads = list({wrap(name + " AS (", dml, ")", Kind::Fixed)}, "WITH ", " ");
    heads->kind = Kind::With;
    return fixed({heads, body}, Kind::Query);
  }
  return query(depth, nullptr, want);
}

NodePtr StatementGenerator::statement() {
  switch (random_.weighted({66, 11, 11, 8, 4})) {
    case 0: return top_select();
    case 1: return insert(false);
    case 2: return update(false);
    case 3: return remove(false);
    default: return merge();
  }
}

}  // namespace tenantlint::differential
