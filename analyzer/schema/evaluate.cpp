// Expressions: our tree and a scope of rows go in, a value or the reason why there is none comes
// out. Source: PostgreSQL manual chapter 9; three-valued logic as in 9.1, with "unknown" as a
// fourth value that yields wherever the known operands decide.
#include "analyzer/schema/evaluate.h"

#include <algorithm>

namespace tenantlint::schema {

namespace {

constexpr int kDeepest = 400;

// Unknown text of which the beginning is known.
Value unknown_text(const Value& why, std::string prefix) {
  Value out = Value::unknown_because(why.text);
  out.items.push_back(Value::string(prefix));
  return out;
}

std::string known_prefix(const Value& value) {
  if (!value.unknown() || value.items.empty()) return {};
  return value.items[0].text;
}

bool words_only(std::string_view text) {
  return !text.empty() && std::all_of(text.begin(), text.end(), [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '_';
  });
}

// Is the word in text that may be spelled another way? Words that printing may add are not decided.
Value approximate_like(std::string_view text, std::string_view pattern) {
  static constexpr std::string_view kAdded[] = {"text", "any",  "array", "and", "or",  "is",
                                                "not",  "null", "int",   "var", "char"};
  std::string_view word = pattern;
  while (!word.empty() && word.front() == '%') word.remove_prefix(1);
  while (!word.empty() && word.back() == '%') word.remove_suffix(1);
  const bool inside = pattern.starts_with('%') && pattern.ends_with('%') && words_only(word);
  const bool added = std::find(std::begin(kAdded), std::end(kAdded), word) != std::end(kAdded);
  if (!inside || added) return Value::unknown_because("reads the text of an expression");
  return Value::boolean(text.find(word) != std::string_view::npos);
}

}  // namespace

Value Evaluator::eval(const ast::Expr* expr, const Scope* scope) {
  if (expr == nullptr) return {};
  if (++depth_ > kDeepest) {
    --depth_;
    return Value::unknown_because("is nested too deeply");
  }
  using K = ast::Kind;
  Value out;
  switch (expr->kind) {
    case K::Literal: out = literal(static_cast<const ast::Literal&>(*expr)); break;
    case K::ColumnRef: out = column(static_cast<const ast::ColumnRef&>(*expr), scope); break;
    case K::Param: out = env_.parameter(static_cast<const ast::Param&>(*expr).number); break;
    case K::BoolExpr: out = logic(static_cast<const ast::BoolExpr&>(*expr), scope); break;
    case K::Operator: out = operation(static_cast<const ast::Operator&>(*expr), scope); break;
    case K::FuncCall: out = call(static_cast<const ast::FuncCall&>(*expr), scope); break;
    case K::SubLink: out = sublink(static_cast<const ast::SubLink&>(*expr), scope); break;
    case K::Case: out = choose(static_cast<const ast::Case&>(*expr), scope); break;
    case K::Coalesce: out = coalesce(static_cast<const ast::Coalesce&>(*expr), scope); break;
    case K::Indirection: out = subscript(static_cast<const ast::Indirection&>(*expr), scope); break;
    case K::BooleanTest:
      out = boolean_test(static_cast<const ast::BooleanTest&>(*expr), scope);
      break;
    case K::ValueFunction:
      out = value_function(static_cast<const ast::ValueFunction&>(*expr).name);
      break;
    case K::Collate: out = eval(static_cast<const ast::Collate&>(*expr).arg, scope); break;
    case K::NamedArg: out = eval(static_cast<const ast::NamedArg&>(*expr).arg, scope); break;
    case K::TypeCast: {
      const auto& cast_expr = static_cast<const ast::TypeCast&>(*expr);
      const Value arg = eval(cast_expr.arg, scope);
      out = cast_expr.type->percent_type
                ? arg
                : cast(arg, cast_expr.type->name.name, cast_expr.type->array_dims > 0);
      break;
    }
    case K::NullTest: {
      const auto& test = static_cast<const ast::NullTest&>(*expr);
      out = eval(test.arg, scope);
      if (!out.unknown()) out = Value::boolean(out.null() != test.is_not);
      break;
    }
    case K::ArrayExpr:
    case K::RowExpr: {
      const auto args = expr->kind == K::RowExpr ? static_cast<const ast::RowExpr&>(*expr).args
                                                 : static_cast<const ast::ArrayExpr&>(*expr).args;
      std::vector<Value> items;
      for (const ast::Expr* arg : args) items.push_back(eval(arg, scope));
      out = Value::array(std::move(items));
      if (expr->kind == K::RowExpr) {
        out.kind = Value::Kind::Record;
        for (std::size_t i = 0; i < out.items.size(); ++i) {
          out.names.push_back("f" + std::to_string(i + 1));
        }
      }
      break;
    }
    default: out = Value::unknown_because("uses an expression that is not followed"); break;
  }
  --depth_;
  return out;
}

Value Evaluator::literal(const ast::Literal& literal) {
  switch (literal.type) {
    case ast::LiteralType::Null: return {};
    case ast::LiteralType::Boolean: return Value::boolean(literal.text == "t");
    case ast::LiteralType::Integer: return cast(Value::string(literal.text), "int8", false);
    case ast::LiteralType::String: return Value::string(literal.text);
    case ast::LiteralType::Float:
    case ast::LiteralType::BitString: break;
  }
  return Value::unknown_because("computes with a fraction");
}

bool Evaluator::part_has(const Part& part, std::string_view name) {
  if (part.unknown != nullptr) return false;
  if (part.table != nullptr) {
    return std::any_of(part.table->columns.begin(), part.table->columns.end(),
                       [&](const CatalogueColumn& c) { return c.name == name; });
  }
  const auto& names = part.record->names;
  return std::find(names.begin(), names.end(), name) != names.end();
}

bool Evaluator::part_column(const Part& part, std::string_view name, Value& out) {
  if (part.unknown != nullptr) {
    out = Value::unknown_because(*part.unknown);
    return true;
  }
  if (part.table != nullptr) {
    for (const CatalogueColumn& c : part.table->columns) {
      if (c.name != name) continue;
      out = part.row.first == nullptr ? Value{}  // the missing side of an outer join
            : c.get == nullptr ? Value::unknown_because("reads " + std::string(part.table->name) +
                                                        "." + std::string(name))
                               : c.get(r_.model, part.row);
      return true;
    }
    out =
        Value::unknown_because("reads " + std::string(part.table->name) + "." + std::string(name));
    return false;
  }
  for (std::size_t i = 0; i < part.record->names.size(); ++i) {
    if (part.record->names[i] != name) continue;
    out = i < part.record->items.size() ? part.record->items[i] : Value{};
    return true;
  }
  return false;
}

Value Evaluator::column(const ast::ColumnRef& ref, const Scope* scope) {
  if (ref.fields.empty()) return Value::unknown_because("reads a whole row");
  const std::string_view name = ref.fields.back();
  const std::string_view qualifier =
      ref.fields.size() > 1 ? ref.fields[ref.fields.size() - 2] : std::string_view{};
  Value out;
  const Part* opaque = nullptr;
  for (const Scope* s = scope; s != nullptr && !ref.star; s = s->outer) {
    if (s->parts == nullptr) continue;
    for (const Part& part : *s->parts) {
      if (!qualifier.empty() && part.alias != qualifier) continue;
      if (part.unknown != nullptr && opaque == nullptr) opaque = &part;
      if ((part_has(part, name) || (!qualifier.empty() && part.unknown != nullptr)) &&
          part_column(part, name, out)) {
        return out;
      }
      if (!qualifier.empty() && part.table != nullptr) {
        part_column(part, name, out);
        return out;
      }
    }
  }
  if (env_.variable(ref.fields, out)) return out;
  // The name of a FROM item alone is its whole row.
  for (const Scope* s = scope; s != nullptr; s = s->outer) {
    if (s->parts == nullptr || !qualifier.empty()) continue;
    for (const Part& part : *s->parts) {
      if (part.alias != name || part.record == nullptr) continue;
      return part.record->items.size() == 1 ? part.record->items[0] : *part.record;
    }
  }
  if (opaque != nullptr) return Value::unknown_because(*opaque->unknown);
  return Value::unknown_because("reads '" + std::string(name) + "', which is not known here");
}

Value Evaluator::logic(const ast::BoolExpr& expr, const Scope* scope) {
  if (expr.op == ast::BoolOp::Not) {
    const Value arg = eval(expr.args[0], scope);
    if (arg.unknown() || arg.null()) return arg;
    return Value::boolean(!arg.is_true());
  }
  const bool decides = expr.op == ast::BoolOp::Or;  // the value that ends the search
  Value unknown;
  bool null = false;
  for (const ast::Expr* arg : expr.args) {
    const Value value = eval(arg, scope);
    if (value.unknown()) {
      unknown = value;
    } else if (value.null()) {
      null = true;
    } else if (value.is_true() == decides) {
      return Value::boolean(decides);
    }
  }
  if (unknown.unknown()) return unknown;
  return null ? Value{} : Value::boolean(!decides);
}

Value Evaluator::operation(const ast::Operator& op, const Scope* scope) {
  using F = ast::OperatorForm;
  switch (op.form) {
    case F::Plain: break;
    case F::Any:
    case F::All: return any_all(op, scope);
    case F::In:
    case F::NotIn: return in_list(op, scope);
    case F::Like:
    case F::NotLike:
    case F::ILike:
    case F::NotILike: return matches(op, scope);
    case F::Distinct:
    case F::NotDistinct: {
      const Value a = eval(op.left, scope);
      const Value b = eval(op.right, scope);
      if (a.unknown()) return a;
      if (b.unknown()) return b;
      Value same = a.null() || b.null() ? Value::boolean(a.null() && b.null()) : equal(a, b);
      if (!same.unknown() && op.form == F::Distinct) same = Value::boolean(!same.is_true());
      return same;
    }
    case F::NullIf: {
      const Value a = eval(op.left, scope);
      const Value same = equal(a, eval(op.right, scope));
      return same.unknown() ? same : same.is_true() ? Value{} : a;
    }
    case F::Between:
    case F::NotBetween: {
      const auto* bounds = ast::as<ast::RowExpr>(op.right);
      if (bounds == nullptr || bounds->args.size() != 2) break;
      const Value a = eval(op.left, scope);
      const Value low = binary(">=", a, eval(bounds->args[0], scope));
      const Value high = binary("<=", a, eval(bounds->args[1], scope));
      if (low.unknown() || low.null()) return low;
      if (high.unknown() || high.null()) return high;
      return Value::boolean((low.is_true() && high.is_true()) == (op.form == F::Between));
    }
    case F::Similar:
    case F::NotSimilar:
    case F::BetweenSymmetric:
    case F::NotBetweenSymmetric: return Value::unknown_because("uses an operator beyond us");
  }
  if (op.left == nullptr) {
    const Value value = eval(op.right, scope);
    if (op.op.name == "-" && value.kind == Value::Kind::Int) return Value::number(-value.integer);
    if (op.op.name == "+") return value;
    return value.unknown() || value.null() ? value
                                           : Value::unknown_because("uses an operator beyond us");
  }
  return binary(op.op.name, eval(op.left, scope), eval(op.right, scope));
}

Value Evaluator::binary(std::string_view op, const Value& a, const Value& b) {
  if (op == "||") {
    const bool arrays = a.kind == Value::Kind::Array || b.kind == Value::Kind::Array;
    if (arrays && !a.unknown() && !b.unknown()) {
      Value out = a.kind == Value::Kind::Array ? a : Value::array({});
      if (a.kind != Value::Kind::Array && !a.null()) out.items.push_back(a);
      if (b.kind == Value::Kind::Array) {
        out.items.insert(out.items.end(), b.items.begin(), b.items.end());
      } else if (!b.null()) {
        out.items.push_back(b);
      }
      return out;
    }
    if (a.null() || b.null()) return {};
    const Value left = to_text(a);
    const Value right = to_text(b);
    if (left.unknown()) return unknown_text(left, known_prefix(left));
    if (right.unknown()) return unknown_text(right, left.text + known_prefix(right));
    return Value::string(left.text + right.text);
  }
  if (a.unknown()) return a;
  if (b.unknown()) return b;
  if (a.null() || b.null()) return {};
  if (op == "=" || op == "<>" || op == "!=") {
    const Value same = equal(a, b);
    return same.unknown() || op == "=" ? same : Value::boolean(!same.is_true());
  }
  if (op == "<" || op == ">" || op == "<=" || op == ">=") {
    const Order order = compare(a, b);
    if (order == Order::Unknown) return not_comparable(a, b);
    const bool less = op[0] == '<';
    return Value::boolean((order == Order::Equal && op.size() == 2) ||
                          order == (less ? Order::Less : Order::Greater));
  }
  if (op == "~" || op == "!~" || op == "~*" || op == "!~*") {
    const Value text = to_text(a);
    if (text.unknown() || a.approximate) return Value::unknown_because("matches a pattern");
    const Value found = regex_match(text.text, to_text(b).text, op.ends_with('*'));
    return found.unknown() || op[0] == '~' ? found : Value::boolean(!found.is_true());
  }
  if (op == "~~" || op == "!~~") {
    return Value::boolean(like(to_text(a).text, to_text(b).text, false) == (op == "~~"));
  }
  if (op.size() == 1 && std::string_view("+-*/%").find(op[0]) != std::string_view::npos) {
    return arithmetic(op[0], a, b);
  }
  return Value::unknown_because("uses the operator " + std::string(op));
}

Value Evaluator::arithmetic(char op, const Value& a, const Value& b) {
  using K = Value::Kind;
  if (a.kind == K::Date && (b.kind == K::Int || b.kind == K::Interval)) {
    if (op == '+' || op == '-') return add_interval(a, b, op == '-' ? -1 : 1);
  }
  if (a.kind == K::Interval && b.kind == K::Date && op == '+') return arithmetic(op, b, a);
  const Value left = cast(a, "int8", false);
  const Value right = cast(b, "int8", false);
  constexpr std::int64_t kLargest = std::int64_t{1} << 30;
  const bool numbers = left.kind == K::Int && right.kind == K::Int;
  if (!numbers || std::abs(left.integer) > kLargest || std::abs(right.integer) > kLargest) {
    return Value::unknown_because("computes with values that are no numbers");
  }
  switch (op) {
    case '+': return Value::number(left.integer + right.integer);
    case '-': return Value::number(left.integer - right.integer);
    case '*': return Value::number(left.integer * right.integer);
    default: break;
  }
  if (right.integer == 0) {
    throw ReplayError{"division_by_zero", "division by zero", r_.statement_place()};
  }
  return Value::number(op == '/' ? left.integer / right.integer : left.integer % right.integer);
}

// x op ANY (array), x op ALL (array).
Value Evaluator::any_all(const ast::Operator& op, const Scope* scope) {
  const Value left = eval(op.left, scope);
  Value list = eval(op.right, scope);
  if (list.kind == Value::Kind::Text) list = parse_array(list.text);
  if (list.unknown() || list.null()) return list;
  const bool any = op.form == ast::OperatorForm::Any;
  Value rest = Value::boolean(!any);
  for (const Value& item : list.items) {
    const Value one = binary(op.op.name, left, item);
    if (!one.unknown() && !one.null() && one.is_true() == any) return one;
    if (one.unknown() || (one.null() && !rest.unknown())) rest = one;
  }
  return rest;
}

Value Evaluator::in_list(const ast::Operator& op, const Scope* scope) {
  const Value left = eval(op.left, scope);
  const auto* list = ast::as<ast::RowExpr>(op.right);
  if (list == nullptr) return Value::unknown_because("uses an operator beyond us");
  Value rest = Value::boolean(false);
  for (const ast::Expr* item : list->args) {
    const Value one = equal(left, eval(item, scope));
    if (one.is_true()) {
      rest = one;
      break;
    }
    if (one.unknown() || (one.null() && !rest.unknown())) rest = one;
  }
  const bool negate = op.form == ast::OperatorForm::NotIn;
  if (rest.unknown() || rest.null() || !negate) return rest;
  return Value::boolean(!rest.is_true());
}

Value Evaluator::matches(const ast::Operator& op, const Scope* scope) {
  using F = ast::OperatorForm;
  const Value text = eval(op.left, scope);
  const Value pattern = to_text(eval(op.right, scope));
  if (text.unknown() || text.null()) return text;
  if (pattern.unknown() || pattern.null()) return pattern;
  const bool ignore_case = op.form == F::ILike || op.form == F::NotILike;
  const bool negate = op.form == F::NotLike || op.form == F::NotILike;
  const Value plain = to_text(text);
  if (plain.unknown()) return plain;
  const Value found = text.approximate
                          ? approximate_like(text.text, pattern.text)
                          : Value::boolean(like(plain.text, pattern.text, ignore_case));
  return found.unknown() || !negate ? found : Value::boolean(!found.is_true());
}

Value Evaluator::sublink(const ast::SubLink& link, const Scope* scope) {
  using T = ast::SubLinkType;
  if (link.type == T::Exists) {
    const Rows rows = run(*link.query, scope, 1);
    for (const Rows::Row& row : rows.rows) {
      if (!row.maybe) return Value::boolean(true);
    }
    if (rows.more || !rows.rows.empty()) return Value::unknown_because(rows.why);
    return Value::boolean(false);
  }
  const Rows rows = run(*link.query, scope, link.type == T::Scalar ? 2 : 0);
  if (link.type == T::Scalar || link.type == T::Array) {
    if (!rows.certain()) return Value::unknown_because(rows.why);
    if (link.type == T::Scalar) {
      if (rows.rows.empty() || rows.rows[0].values.empty()) return {};
      return rows.rows[0].values[0];
    }
    std::vector<Value> items;
    for (const Rows::Row& row : rows.rows) items.push_back(row.values[0]);
    return Value::array(std::move(items));
  }
  if (link.type == T::MultiExpr) return Value::unknown_because("assigns several columns");
  const Value left = eval(link.test, scope);
  const bool any = link.type == T::Any;
  const std::string_view op = link.op.name.empty() ? "=" : link.op.name;
  Value rest = rows.more ? Value::unknown_because(rows.why) : Value::boolean(!any);
  for (const Rows::Row& row : rows.rows) {
    const Value one = row.values.empty() ? Value{} : binary(op, left, row.values[0]);
    const bool decides = !one.unknown() && !one.null() && one.is_true() == any;
    if (decides && !row.maybe) return one;
    if (decides) rest = Value::unknown_because(rows.why);
    if (one.unknown() || (one.null() && !rest.unknown())) rest = one;
  }
  return rest;
}

Value Evaluator::boolean_test(const ast::BooleanTest& test, const Scope* scope) {
  using T = ast::BooleanTestType;
  const Value value = eval(test.arg, scope);
  if (value.unknown()) return value;
  switch (test.test) {
    case T::IsTrue: return Value::boolean(value.is_true());
    case T::IsNotTrue: return Value::boolean(!value.is_true());
    case T::IsFalse: return Value::boolean(value.is_false());
    case T::IsNotFalse: return Value::boolean(!value.is_false());
    case T::IsUnknown: return Value::boolean(value.null());
    case T::IsNotUnknown: return Value::boolean(!value.null());
  }
  return {};
}

Value Evaluator::choose(const ast::Case& expr, const Scope* scope) {
  const Value arg = expr.arg == nullptr ? Value{} : eval(expr.arg, scope);
  for (const ast::CaseWhen& when : expr.whens) {
    Value condition = eval(when.condition, scope);
    if (expr.arg != nullptr) condition = equal(arg, condition);
    // Behind a condition that is not known, nothing is.
    if (condition.unknown()) return condition;
    if (condition.is_true()) return eval(when.result, scope);
  }
  return expr.otherwise == nullptr ? Value{} : eval(expr.otherwise, scope);
}

Value Evaluator::coalesce(const ast::Coalesce& expr, const Scope* scope) {
  for (const ast::Expr* arg : expr.args) {
    Value value = eval(arg, scope);
    if (!value.null()) return value;
  }
  return {};
}

Value Evaluator::subscript(const ast::Indirection& expr, const Scope* scope) {
  Value value = eval(expr.arg, scope);
  for (const ast::Subscript& step : expr.path) {
    if (value.unknown() || value.null()) return value;
    if (step.slice || step.star) return Value::unknown_because("takes a slice of an array");
    if (!step.field.empty()) {
      const auto name = std::find(value.names.begin(), value.names.end(), step.field);
      if (name == value.names.end()) return Value::unknown_because("reads a field of a record");
      const auto index = static_cast<std::size_t>(name - value.names.begin());
      const Value field = value.items[index];
      value = field;
      continue;
    }
    const Value index = cast(eval(step.upper, scope), "int8", false);
    if (value.kind != Value::Kind::Array || index.kind != Value::Kind::Int) {
      return Value::unknown_because("takes an element of an array");
    }
    if (index.integer < 1 || index.integer > static_cast<std::int64_t>(value.items.size())) {
      return {};
    }
    const Value item = value.items[static_cast<std::size_t>(index.integer - 1)];
    value = item;
  }
  return value;
}

// Today is the nominal day (see there): good for names, marked so that comparing it is unknown.
Value Evaluator::value_function(std::string_view name) {
  if (name == "current_date" || name == "current_timestamp" || name == "localtimestamp") {
    Value out = Value::date(kNominalDay);
    out.approximate = true;
    return out;
  }
  if (name == "current_schema") {
    for (const Schema* schema : r_.path()) {
      if (schema->name != "pg_catalog" && schema != r_.session.temporary) {
        return Value::string(schema->name);
      }
    }
    return {};
  }
  if (name == "current_catalog") {
    return Value::unknown_because("depends on the name of the database");
  }
  if (r_.session.role != nullptr && name != "session_user") {
    return Value::string(r_.session.role->name);
  }
  return Value::unknown_because("depends on who runs the migrations");
}

}  // namespace tenantlint::schema
