// In: what is in scope. Out: conditions and expressions, and the many ways to say that a row is the
// current tenant's.
#include <fmt/format.h>

#include "tests/differential/statement_gen.h"

namespace tenantlint::differential {

NodePtr StatementGenerator::source() {
  const std::string& type = plan_.tenant.sql;
  const std::string setting = "current_setting('app.current_tenant', true)";
  switch (random_.weighted({55, 8, 14, 6, 8, 5, 3})) {
    case 0: return atom("$1");
    case 1: return atom("$1::" + type);
    case 2: return atom(type == "text" ? setting : setting + "::" + type);
    case 3: return atom(fmt::format("NULLIF({}, '')::{}", setting, type));
    case 4: return atom("current_tenant()");
    case 5: return atom(fmt::format("(SELECT {}::{})", setting, type));
    default: return atom("(SELECT current_tenant())");
  }
}

const Item* StatementGenerator::earlier_tenant(const Scope& scope, const std::string& not_alias) {
  std::vector<const Item*> found;
  for (const Scope* s = &scope; s != nullptr; s = s->outer) {
    for (const Item& item : s->items) {
      // Items behind the one to be tied are tied to it: only those before it will do.
      if (item.alias == not_alias) break;
      if (item.tenant) found.push_back(&item);
    }
  }
  return found.empty() ? nullptr : random_.pick(found);
}

NodePtr StatementGenerator::equals_source(const std::string& column, bool nullable) {
  const bool swapped = random_.chance(15);
  NodePtr left = atom(column), right = source();
  if (swapped) std::swap(left, right);
  switch (random_.weighted({70, 5, 5, 4, 4, 4, 3, 3, 2})) {
    case 0: return infix(left, "=", right);
    case 1: return infix(wrap("", left, "::text"), "=", wrap("", right, "::text"));
    case 2: return infix(left, "=", right);
    case 3: return infix(left, nullable ? "=" : "IS NOT DISTINCT FROM", right);
    case 4: return infix(atom(column), "IN", list({source()}, "(", ")"));
    case 5: return infix(atom(column), "= ANY", wrap("(ARRAY[", source(), "])"));
    case 6:
      return infix(list({left, constant(Type::Int)}, "(", ")"), "=",
                   list({right, constant(Type::Int)}, "(", ")"));
    case 7: plain_ = false; return negated(infix(left, "<>", right));
    default: return infix(left, "= ALL", wrap("(ARRAY[", right, "])"));
  }
}

// Semi-joins with something that is tied itself.
NodePtr StatementGenerator::through_subquery(const Item& item, const Scope& scope) {
  const RelationPlan& table = random_.pick(plan_.tables);
  const std::string a = alias();
  const std::string own = item.alias + ".tenant_id";
  const std::string from = fmt::format(" FROM {} AS {} WHERE ", table.name, a);
  NodePtr inner = tie(equals_source(a + ".tenant_id", table.nullable));
  switch (random_.below(5)) {
    case 0:
      return infix(atom(own), "IN",
                   wrap(fmt::format("(SELECT {}.tenant_id{}", a, from), inner, ")"));
    case 1:
      return infix(atom(own), "= ANY",
                   wrap(fmt::format("(SELECT {}.tenant_id{}", a, from), inner, ")"));
    case 2: {
      if (!item.columns.empty() && item.columns[0].type == Type::Int) {
        return infix(list({atom(own), atom(item.alias + "." + item.columns[0].name)}, "(", ")"),
                     "IN",
                     wrap(fmt::format("(SELECT {0}.tenant_id, {0}.ref{1}", a, from), inner, ")"));
      }
      return infix(atom(own), "IN", atom("(SELECT t.id FROM tenants t WHERE t.slug = $3)"));
    }
    case 3:
      return infix(atom(own), "=",
                   wrap(fmt::format("(SELECT {}.id FROM tenants {} WHERE {}.id = ", a, a, a),
                        source(), ")"));
    default: {
      Scope sub;
      sub.outer = &scope;
      return wrap(fmt::format("EXISTS (SELECT 1{}", from),
                  all_of({inner, infix(atom(a + ".tenant_id"), "=", atom(own))}), ")");
    }
  }
}

NodePtr StatementGenerator::tie_of(const Item& item, const Scope& scope, int depth) {
  const std::string own = item.alias + ".tenant_id";
  const Item* peer = earlier_tenant(scope, item.alias);
  NodePtr result;
  switch (random_.weighted({45, peer != nullptr ? 60 : 0, 6, 3, 2, 2})) {
    case 0: result = equals_source(own, item.nullable); break;
    case 1: {
      NodePtr other = atom(peer->alias + ".tenant_id");
      result = random_.chance(50) ? infix(atom(own), "=", other) : infix(other, "=", atom(own));
      break;
    }
    case 2: result = through_subquery(item, scope); break;
    case 3:
      result = any_of({all_of({tie(equals_source(own, item.nullable)), condition(scope, 0)}),
                       all_of({tie(equals_source(own, item.nullable)), condition(scope, 0)})});
      break;
    case 4:
      // With a NULL tenant this takes the rows of nobody, unless there can be none.
      plain_ = plain_ && !item.nullable;
      result =
          negated(any_of({infix(atom(own), "IS DISTINCT FROM", source()), condition(scope, 0)}));
      break;
    default:
      result = all_of(
          {tie(equals_source(own, item.nullable)), condition(scope, depth > 0 ? depth - 1 : 0)});
      break;
  }
  return tie(result);
}

NodePtr StatementGenerator::constant(Type type) {
  switch (type) {
    case Type::Int:
      return atom(random_.chance(3) ? "NULL::int" : random_.pick({"0", "1", "2", "3", "4", "$2"}));
    case Type::Text: return atom(random_.pick({"'a'", "'A'", "'b'", "''", "$4"}));
    case Type::Bool: return atom(random_.pick({"true", "false", "NULL::boolean"}));
    case Type::Tenant: return source();
  }
  return atom("NULL");
}

NodePtr StatementGenerator::column(Type type, const Scope& scope, bool outer_too) {
  std::vector<std::string> found;
  bool inner = true;
  for (const Scope* s = &scope; s != nullptr; s = s->outer) {
    if (!inner && (!outer_too || (!found.empty() && !random_.chance(30)))) break;
    for (const Item& item : s->items) {
      for (const Column& c : item.columns) {
        if (c.type == type) found.push_back(item.alias + "." + c.name);
      }
    }
    inner = false;
  }
  return found.empty() ? constant(type) : atom(random_.pick(found));
}

NodePtr StatementGenerator::subquery_condition(const Scope& scope, int depth) {
  const Type type = random_.pick({Type::Int, Type::Int, Type::Text});
  switch (random_.weighted({25, 15, 20, 12, 10, 10, 8})) {
    case 0: return wrap("EXISTS (", query(depth - 1, &scope, {false, {type}, true}), ")");
    case 1: return wrap("NOT EXISTS (", query(depth - 1, &scope, {false, {type}, true}), ")");
    case 2:
      return infix(expression(type, scope, 0), "IN",
                   wrap("(", query(depth - 1, &scope, {false, {type}, true}), ")"));
    case 3:
      return infix(expression(type, scope, 0), "NOT IN",
                   wrap("(", query(depth - 1, &scope, {false, {type}, true}), ")"));
    case 4:
      return infix(expression(type, scope, 0), random_.pick({"= ANY", "< ANY", ">= ALL", "<> ALL"}),
                   wrap("(", query(depth - 1, &scope, {false, {type}, true}), ")"));
    case 5:
      return infix(expression(Type::Int, scope, 0), random_.pick({"=", "<", ">=", "<>"}),
                   scalar_subquery(Type::Int, scope, depth - 1));
    default:
      return infix(expression(type, scope, 0), "= ANY",
                   wrap("(ARRAY(", query(depth - 1, &scope, {false, {type}, true}), "))"));
  }
}

NodePtr StatementGenerator::condition(const Scope& scope, int depth) {
  if (depth > 0 && random_.chance(35)) return subquery_condition(scope, depth);
  const Type type = random_.pick({Type::Int, Type::Int, Type::Text});
  switch (random_.weighted({30, 10, 8, 8, 8, 8, 8, 6, 5, 4, 5})) {
    case 0:
      return infix(column(type, scope, true), random_.pick({"=", "=", "<", ">=", "<>"}),
                   expression(type, scope, 0));
    case 1: return infix(column(Type::Int, scope, true), "=", column(Type::Int, scope, true));
    case 2:
      return wrap("(", column(type, scope, true), random_.pick({" IS NULL)", " IS NOT NULL)"}));
    case 3: return column(Type::Bool, scope, true);
    case 4:
      return fixed({atom("("), column(Type::Int, scope, true), atom(" BETWEEN "),
                    constant(Type::Int), atom(" AND "), constant(Type::Int), atom(")")});
    case 5:
      return infix(column(Type::Int, scope, true), random_.pick({"IN", "IN", "NOT IN"}),
                   list({constant(Type::Int), constant(Type::Int)}, "(", ")"));
    case 6:
      return infix(column(Type::Text, scope, true), "LIKE", atom(random_.pick({"'a%'", "'%b'"})));
    case 7: return negated(condition(scope, 0));
    case 8: return any_of({condition(scope, 0), condition(scope, 0)});
    case 9: return wrap("COALESCE(", list({condition(scope, 0), atom("false")}), ")");
    default:
      return infix(column(type, scope, true),
                   random_.pick({"IS DISTINCT FROM", "IS NOT DISTINCT FROM"}),
                   expression(type, scope, 0));
  }
}

NodePtr StatementGenerator::scalar_subquery(Type type, const Scope& scope, int depth) {
  if (random_.chance(35) && depth > 0) {
    // One row at most, and always the same: the first of an ordering by the only column.
    return fixed(
        {atom("(("), query(depth, &scope, {false, {type}, true}), atom(") ORDER BY 1 LIMIT 1)")});
  }
  Scope inner;
  inner.outer = &scope;
  std::vector<NodePtr> where;
  NodePtr from = from_clause(depth > 0 ? depth - 1 : 0, inner, {false, {type}, true}, where);
  if (random_.chance(50)) where.push_back(condition(inner, 0));
  return fixed({atom("("),
                fixed({wrap("SELECT ", aggregate(type, inner, 0), ""), clause(" FROM ", from),
                       clause(" WHERE ", all_of(where))},
                      Kind::Select),
                atom(")")});
}

NodePtr StatementGenerator::aggregate(Type type, const Scope& scope, int depth) {
  NodePtr call;
  switch (type) {
    case Type::Int:
      switch (random_.below(5)) {
        case 0: call = atom("count(*)"); break;
        case 1: call = wrap("count(DISTINCT ", expression(Type::Int, scope, depth), ")"); break;
        case 2: call = wrap("sum(", expression(Type::Int, scope, depth), ")"); break;
        case 3: call = wrap("max(", expression(Type::Int, scope, depth), ")"); break;
        default: call = wrap("min(", expression(Type::Int, scope, depth), ")"); break;
      }
      break;
    case Type::Text:
      if (random_.chance(40)) {
        NodePtr value = column(Type::Text, scope, false);
        call =
            fixed({atom("string_agg("), value, atom(", ',' ORDER BY "), clone(value), atom(")")});
      } else {
        call = wrap(random_.pick({"max(", "min("}), expression(Type::Text, scope, depth), ")");
      }
      break;
    case Type::Bool: return wrap(random_.pick({"bool_or(", "bool_and("}), condition(scope, 0), ")");
    case Type::Tenant: return wrap("max(", column(Type::Tenant, scope, false), ")");
  }
  if (random_.chance(12)) {
    call = fixed({call, wrap(" FILTER (WHERE ", condition(scope, 0), ")", Kind::Clause)});
  }
  // count, sum and the like are wider than int; types of set branches have to meet.
  return type == Type::Int ? wrap("", wrap("(", call, ")"), "::int") : call;
}

NodePtr StatementGenerator::window(const Scope& scope) {
  const Item* item = nullptr;
  for (const Item& i : scope.items) {
    if (i.tenant && random_.chance(70)) item = &i;
  }
  std::vector<NodePtr> parts;
  if (item != nullptr) parts.push_back(atom(item->alias + ".tenant_id"));
  if (random_.chance(40)) parts.push_back(column(Type::Int, scope, false));
  NodePtr partition = parts.empty() ? nullptr : clause("PARTITION BY ", list(parts));
  NodePtr value = column(Type::Int, scope, false);
  NodePtr call, order;
  switch (random_.below(4)) {
    case 0:
      call = atom("row_number()");
      order = clause(" ORDER BY ", all_columns(scope));
      break;
    case 1:
      call = atom("rank()");
      order = clause(" ORDER BY ", value);
      break;
    case 2: call = wrap("count(", value, ")"); break;
    default:
      call = wrap("max(", value, ")");
      if (random_.chance(50)) order = clause(" ORDER BY ", column(Type::Int, scope, false));
      break;
  }
  return fixed({atom("("), call, atom(" OVER ("), partition, order, atom("))::int")});
}

NodePtr StatementGenerator::expression(Type type, const Scope& scope, int depth) {
  if (type == Type::Bool) return condition(scope, depth);
  switch (random_.weighted({60, 15, 6, 6, depth > 0 ? 12 : 0, 4})) {
    case 0: return column(type, scope, true);
    case 1: return type == Type::Tenant ? column(type, scope, true) : constant(type);
    case 2: return wrap("COALESCE(", list({column(type, scope, true), constant(type)}), ")");
    case 3:
      return fixed({atom("(CASE WHEN "), condition(scope, 0), atom(" THEN "),
                    column(type, scope, true), atom(" ELSE "), constant(type), atom(" END)")});
    case 4:
      if (type == Type::Tenant) return column(type, scope, true);
      return scalar_subquery(type, scope, depth - 1);
    default:
      if (type == Type::Int) {
        return infix(column(type, scope, true), random_.pick({"+", "-", "*"}), constant(type));
      }
      if (type == Type::Text) return wrap("lower(", column(type, scope, true), ")");
      return column(type, scope, true);
  }
}

}  // namespace tenantlint::differential
