// Queries over the catalogue, VALUES, arrays and functions: rows with the knowledge of how certain
// each is. Tables with data contribute rows of which nothing is known.
#include <algorithm>

#include "analyzer/schema/evaluate.h"
#include "analyzer/sql/walk.h"

namespace tenantlint::schema {

namespace {

constexpr std::size_t kMostRows = 20000;

std::string relation_text(const ast::QualifiedName& name) {
  return name.schema.empty() ? std::string(name.name)
                             : std::string(name.schema) + "." + std::string(name.name);
}

std::string target_name(const ast::Target& target) {
  if (!target.name.empty()) return std::string(target.name);
  const std::string_view figured = figure_column_name(target.value);
  return figured.empty() ? "?column?" : std::string(figured);
}

// May the item refer to the items before it? Functions may without saying LATERAL.
bool may_be_lateral(const ast::FromItem& item) {
  const auto* query = ast::as<ast::RangeSubselect>(&item);
  return item.kind == ast::Kind::RangeFunction || (query != nullptr && query->lateral);
}

// The conjuncts of a WHERE clause.
void conjuncts_of(const ast::Expr* expr, std::vector<const ast::Expr*>& out) {
  if (expr == nullptr) return;
  const auto* all = ast::as<ast::BoolExpr>(expr);
  if (all == nullptr || all->op != ast::BoolOp::And) {
    out.push_back(expr);
    return;
  }
  for (const ast::Expr* arg : all->args) conjuncts_of(arg, out);
}

}  // namespace

bool Rows::certain() const {
  return !more && std::none_of(rows.begin(), rows.end(), [](const Row& r) { return r.maybe; });
}

Value Rows::record(std::size_t index) const {
  Value out;
  out.kind = Value::Kind::Record;
  out.items = rows[index].values;
  out.names = names;
  return out;
}

Rows Evaluator::run(const ast::Node& query, const Scope* outer, std::size_t enough) {
  if (const auto* s = ast::as<ast::Select>(&query)) {
    const std::size_t visible = ctes_.size();
    Rows out = select(*s, outer, enough);
    ctes_.resize(visible);
    return out;
  }
  // INSERT … RETURNING and its kin: rows of a table.
  Rows out;
  out.more = true;
  out.why = "depends on the rows of a table";
  return out;
}

Rows Evaluator::select(const ast::Select& query, const Scope* outer, std::size_t enough) {
  if (query.with != nullptr) {
    for (const ast::CommonTable& cte : query.with->tables) {
      Rows rows;
      if (query.with->recursive || cte.query == nullptr) {
        rows.more = true;
        rows.why = "depends on a recursive query";
      } else {
        rows = run(*cte.query, outer, 0);
      }
      for (std::size_t i = 0; i < rows.names.size() && i < cte.columns.size(); ++i) {
        rows.names[i] = cte.columns[i];
      }
      ctes_.push_back({cte.name, std::move(rows)});
    }
  }
  if (query.op != ast::SetOp::None) {
    Rows out = combine(query, outer);
    limit(query, outer, out);
    return out;
  }
  if (query.is_values) {
    Rows out = values(query, outer);
    limit(query, outer, out);
    return out;
  }
  std::string why;
  Source source = from(query, outer, why);
  const bool all = !query.order_by.empty() || query.distinct || query.limit != nullptr;
  Rows out = aggregates(query) ? project_groups(query, source.rows, outer)
                               : project(query, source.rows, outer, all ? 0 : enough);
  if (aggregates(query) && source.more) {
    for (Rows::Row& row : out.rows) {
      for (Value& value : row.values) value = Value::unknown_because(why);
    }
    if (!query.group_by.empty()) out.more = true;
  } else {
    out.more = out.more || source.more;
  }
  if (out.why.empty()) out.why = why.empty() ? "depends on rows that are not known" : why;
  limit(query, outer, out);
  return out;
}

Rows Evaluator::values(const ast::Select& query, const Scope* outer) {
  Rows out;
  for (const auto& list : query.values) {
    Rows::Row row;
    for (const ast::Expr* expr : list) row.values.push_back(eval(expr, outer));
    out.rows.push_back(std::move(row));
  }
  const std::size_t width = out.rows.empty() ? 0 : out.rows[0].values.size();
  for (std::size_t i = 0; i < width; ++i) out.names.push_back("column" + std::to_string(i + 1));
  return out;
}

Rows Evaluator::combine(const ast::Select& query, const Scope* outer) {
  Rows out = run(*query.left, outer, 0);
  const Rows right = run(*query.right, outer, 0);
  if (query.op != ast::SetOp::Union) {
    out.rows.clear();
    out.more = true;
    out.why = "depends on EXCEPT or INTERSECT";
    return out;
  }
  out.more = out.more || right.more;
  if (out.why.empty()) out.why = right.why;
  out.rows.insert(out.rows.end(), right.rows.begin(), right.rows.end());
  if (query.all) return out;
  std::vector<Rows::Row> distinct;
  for (Rows::Row& row : out.rows) {
    const bool seen = std::any_of(distinct.begin(), distinct.end(), [&](const Rows::Row& other) {
      return equal(Value::array(other.values), Value::array(row.values)).is_true();
    });
    if (!seen) distinct.push_back(std::move(row));
  }
  out.rows = std::move(distinct);
  return out;
}

// ---------------------------------------------------------------- FROM

Evaluator::Source Evaluator::record_rows(const Rows& rows, const ast::Alias& alias,
                                         std::string& why) {
  Source out;
  out.more = rows.more;
  if (rows.more || !rows.certain()) why = rows.why;
  for (std::size_t i = 0; i < rows.rows.size(); ++i) {
    Value record = rows.record(i);
    for (std::size_t k = 0; k < record.names.size() && k < alias.columns.size(); ++k) {
      record.names[k] = alias.columns[k];
    }
    records_.push_back(std::move(record));
    out.rows.push_back(
        {{{alias.name, nullptr, {}, &records_.back(), nullptr}}, rows.rows[i].maybe});
  }
  if (rows.more) {
    reasons_.push_back(rows.why);
    out.rows.push_back({{{alias.name, nullptr, {}, nullptr, &reasons_.back()}}, true});
  }
  return out;
}

Evaluator::Source Evaluator::relation_rows(const ast::RangeVar& name, std::string& why) {
  ast::Alias alias = name.alias;
  if (alias.name.empty()) alias.name = name.name.name;
  if (name.name.schema.empty()) {
    for (auto cte = ctes_.rbegin(); cte != ctes_.rend(); ++cte) {
      if (cte->name != name.name.name) continue;
      const Rows rows = cte->rows;
      return record_rows(rows, alias, why);
    }
  }
  Source out;
  const CatalogueTable* table = find_catalogue_table(name.name.schema, name.name.name);
  if (table != nullptr) {
    for (const CatalogueRow& row : table->rows(r_.model)) {
      out.rows.push_back({{{alias.name, table, row, nullptr, nullptr}}, false});
    }
    return out;
  }
  if (!is_catalogue_name(name.name.schema, name.name.name) &&
      r_.find_relation(name.name) == nullptr) {
    throw ReplayError{"undefined_table",
                      "relation \"" + relation_text(name.name) + "\" does not exist",
                      r_.name_place(name.name)};
  }
  why = "depends on the rows of '" + relation_text(name.name) + "'";
  reasons_.push_back(why);
  out.more = true;
  out.rows.push_back({{{alias.name, nullptr, {}, nullptr, &reasons_.back()}}, true});
  return out;
}

bool Evaluator::is_set_function(const ast::Expr* expr) {
  const auto* call = ast::as<ast::FuncCall>(expr);
  if (call == nullptr) return false;
  static constexpr std::string_view kNames[] = {"unnest",
                                                "generate_series",
                                                "regexp_split_to_table",
                                                "string_to_table",
                                                "generate_subscripts",
                                                "json_array_elements",
                                                "jsonb_array_elements",
                                                "json_array_elements_text",
                                                "jsonb_array_elements_text",
                                                "aclexplode"};
  return std::find(std::begin(kNames), std::end(kNames), call->name.name) != std::end(kNames);
}

// Rows of a set-returning function; false if they are not known.
bool Evaluator::set_function(const ast::FuncCall& call, const Scope* scope, std::vector<Value>& out,
                             std::string& why) {
  std::vector<Value> args;
  for (const ast::Expr* arg : call.args) args.push_back(eval(arg, scope));
  for (const Value& arg : args) {
    if (!arg.unknown()) continue;
    why = arg.text;
    return false;
  }
  const std::string_view name = call.name.name;
  if (name == "unnest" && args.size() == 1) {
    if (args[0].null()) return true;
    const Value list = args[0].kind == Value::Kind::Text ? parse_array(args[0].text) : args[0];
    for (const Value& item : list.items) {
      if (item.kind == Value::Kind::Array) {
        out.insert(out.end(), item.items.begin(), item.items.end());
      } else {
        out.push_back(item);
      }
    }
    why = list.text;
    return !list.unknown();
  }
  if ((name == "string_to_table" || name == "regexp_split_to_table") && args.size() == 2 &&
      (name == "string_to_table" || args[1].text == ",")) {
    const std::string text = args[0].text + args[1].text;
    for (std::size_t at = 0; at < text.size() && !args[1].text.empty();) {
      const std::size_t next = text.find(args[1].text, at);
      out.push_back(Value::string(text.substr(at, next - at)));
      at = next + args[1].text.size();
    }
    return true;
  }
  if ((name == "json_array_elements_text" || name == "jsonb_array_elements_text") &&
      args.size() == 1 && args[0].kind == Value::Kind::Text) {
    Value list = parse_json_array(args[0].text);
    why = list.text;
    out = std::move(list.items);
    return !list.unknown();
  }
  if (name == "generate_series" && args.size() >= 2) {
    const bool dates = args[0].kind == Value::Kind::Date;
    const Value step =
        args.size() > 2
            ? (dates && args[2].kind == Value::Kind::Text ? parse_interval(args[2].text) : args[2])
            : Value::number(1);
    if (dates && step.months > 0 && args[1].kind == Value::Kind::Date) {
      for (int i = 0; out.size() < kMostRows; ++i) {
        Value item = add_interval(args[0], step, i);
        if (item.integer > args[1].integer) return true;
        out.push_back(std::move(item));
      }
    }
    const bool known = args[0].kind == args[1].kind && step.integer != 0 && !step.unknown() &&
                       (dates || args[0].kind == Value::Kind::Int);
    const std::int64_t count = known ? (args[1].integer - args[0].integer) / step.integer : 0;
    if (known && count < static_cast<std::int64_t>(kMostRows)) {
      for (std::int64_t i = 0; i <= count; ++i) {
        Value item = args[0];
        item.integer += i * step.integer;
        out.push_back(std::move(item));
      }
      return true;
    }
  }
  why = "depends on the rows of " + std::string(name) + "()";
  return false;
}

Evaluator::Source Evaluator::function_rows(const ast::RangeFunction& item, const Scope* outer,
                                           std::string& why) {
  Rows rows;
  ast::Alias alias = item.alias;
  const auto* call =
      item.functions.size() == 1 ? ast::as<ast::FuncCall>(item.functions[0]) : nullptr;
  if (alias.name.empty() && call != nullptr) alias.name = call->name.name;
  std::vector<Value> list;
  if (call != nullptr && is_set_function(call)) {
    rows.more = !set_function(*call, outer, list, rows.why);
  } else if (call != nullptr && !r_.find_functions(call->name).empty()) {
    // A function of the schema: run it; how many rows it gives is known for scalars alone.
    const Value value = eval(call, outer);
    const auto functions = r_.find_functions(call->name);
    if (functions.size() == 1 && !functions[0]->returns_set && !value.unknown()) {
      list.push_back(value);
    } else {
      rows.more = true;
      rows.why = "depends on the rows of " + std::string(call->name.name) + "()";
    }
  } else if (item.functions.size() == 1 && call != nullptr) {
    const Value value = eval(call, outer);
    rows.more = value.unknown();
    rows.why = value.text;
    if (!value.unknown()) list.push_back(value);
  } else {
    rows.more = true;
    rows.why = "depends on the rows of a function";
  }
  rows.names.push_back(std::string(alias.name));
  if (item.ordinality) rows.names.push_back("ordinality");
  std::int64_t number = 0;
  for (Value& value : list) {
    Rows::Row row;
    row.values.push_back(std::move(value));
    if (item.ordinality) row.values.push_back(Value::number(++number));
    rows.rows.push_back(std::move(row));
  }
  return record_rows(rows, alias, why);
}

Value Evaluator::join_condition(const ast::JoinExpr& join, const Combined& left,
                                const Combined& right, const Combined& both, const Scope* outer) {
  const Scope scope{outer, &both.parts, nullptr, both.maybe};
  Value keep = join.on == nullptr ? Value::boolean(true) : eval(join.on, &scope);
  for (const std::string_view column : join.using_columns) {
    Value a;
    Value b;
    for (const Part& part : left.parts) part_column(part, column, a);
    for (const Part& part : right.parts) part_column(part, column, b);
    if (keep.is_true()) keep = equal(a, b);
  }
  return keep;
}

Evaluator::Source Evaluator::join_rows(const ast::JoinExpr& join, const Scope* outer,
                                       std::string& why) {
  const Source left = item_rows(*join.left, outer, why);
  Source out;
  const bool keeps_left = join.type == ast::JoinType::Left;
  if (join.type == ast::JoinType::Full || join.type == ast::JoinType::Right || join.natural) {
    why = "depends on a join that is not followed";
    reasons_.push_back(why);
    out.more = true;
    out.rows.push_back({{{{}, nullptr, {}, nullptr, &reasons_.back()}}, true});
    return out;
  }
  out.more = left.more;
  Source right;
  const bool once = !may_be_lateral(*join.right);
  if (once) right = item_rows(*join.right, outer, why);
  Combined both;
  for (const Combined& row : left.rows) {
    const Scope lateral{outer, &row.parts, nullptr, row.maybe};
    if (!once) right = item_rows(*join.right, &lateral, why);
    out.more = out.more || right.more;
    bool matched = false;
    for (const Combined& other : right.rows) {
      both.parts = row.parts;
      both.parts.insert(both.parts.end(), other.parts.begin(), other.parts.end());
      both.maybe = row.maybe || other.maybe;
      const Value keep = join_condition(join, row, other, both, outer);
      if (keep.unknown()) {
        both.maybe = true;
        why = keep.text;
      } else if (!keep.is_true()) {
        continue;
      }
      matched = true;
      out.rows.push_back(both);
    }
    if (matched || !keeps_left || right.rows.empty()) continue;
    // The missing side: columns of the first row's tables, all null.
    Combined alone{row.parts, row.maybe || right.more};
    for (Part part : right.rows[0].parts) {
      part.row = {};
      if (part.record != nullptr) {
        records_.push_back(*part.record);
        for (Value& value : records_.back().items) value = {};
        part.record = &records_.back();
      }
      alone.parts.push_back(part);
    }
    out.rows.push_back(std::move(alone));
  }
  return out;
}

Evaluator::Source Evaluator::item_rows(const ast::FromItem& item, const Scope* outer,
                                       std::string& why) {
  if (const auto* relation = ast::as<ast::RangeVar>(&item)) return relation_rows(*relation, why);
  if (const auto* join = ast::as<ast::JoinExpr>(&item)) return join_rows(*join, outer, why);
  if (const auto* function = ast::as<ast::RangeFunction>(&item)) {
    return function_rows(*function, outer, why);
  }
  if (const auto* query = ast::as<ast::RangeSubselect>(&item)) {
    const Rows rows = run(*query->query, outer, 0);
    return record_rows(rows, query->alias, why);
  }
  why = "depends on the rows of a table";
  reasons_.push_back(why);
  return {{{{{{}, nullptr, {}, nullptr, &reasons_.back()}}, true}}, true};
}

// The cross product of the FROM items, filtered by each conjunct of WHERE as soon as all items are
// there that it may name.
Evaluator::Source Evaluator::from(const ast::Select& query, const Scope* outer, std::string& why) {
  Source out;
  out.rows.push_back({});
  std::vector<const ast::Expr*> conjuncts;
  conjuncts_of(query.where, conjuncts);
  for (const ast::FromItem* item : query.from) {
    Source next;
    next.more = out.more;
    Source right;
    const bool once = !may_be_lateral(*item);
    if (once) right = item_rows(*item, outer, why);
    for (const Combined& row : out.rows) {
      const Scope scope{outer, &row.parts, nullptr, row.maybe};
      if (!once) right = item_rows(*item, &scope, why);
      next.more = next.more || right.more;
      if (next.rows.size() + right.rows.size() > kMostRows * 5) {
        why = "joins too many rows";
        next.more = true;
        return next;
      }
      Combined both;
      for (const Combined& other : right.rows) {
        both.parts = row.parts;
        both.parts.insert(both.parts.end(), other.parts.begin(), other.parts.end());
        both.maybe = row.maybe || other.maybe;
        if (!ruled_out(conjuncts, both, outer)) next.rows.push_back(both);
      }
    }
    out = std::move(next);
  }
  return where(conjuncts, std::move(out), outer, why);
}

// Does a conjunct that names only items which are there already refuse the row? Conjuncts that may
// name later items, or call something, wait.
bool Evaluator::ruled_out(const std::vector<const ast::Expr*>& conjuncts, const Combined& row,
                          const Scope* outer) {
  const Scope scope{outer, &row.parts, nullptr, row.maybe};
  for (const ast::Expr* conjunct : conjuncts) {
    bool ready = true;
    sql::walk(*conjunct, [&](const ast::Node& node) {
      if (node.kind == ast::Kind::SubLink || node.kind == ast::Kind::FuncCall) ready = false;
      const auto* ref = ast::as<ast::ColumnRef>(&node);
      if (ref == nullptr || !ready) return ready;
      ready = ref->fields.size() > 1 &&
              std::any_of(row.parts.begin(), row.parts.end(), [&](const Part& part) {
                return part.alias == ref->fields[ref->fields.size() - 2];
              });
      return ready;
    });
    if (!ready) continue;
    const Value keep = eval(conjunct, &scope);
    if (!keep.unknown() && !keep.is_true()) return true;
  }
  return false;
}

Evaluator::Source Evaluator::where(const std::vector<const ast::Expr*>& conjuncts, Source out,
                                   const Scope* outer, std::string& why) {
  if (conjuncts.empty()) return out;
  std::vector<Combined> kept;
  for (Combined& row : out.rows) {
    const Scope scope{outer, &row.parts, nullptr, row.maybe};
    bool drop = false;
    Value doubt;
    for (const ast::Expr* conjunct : conjuncts) {
      const Value keep = eval(conjunct, &scope);
      if (keep.unknown()) doubt = keep;
      drop = !keep.unknown() && !keep.is_true();
      if (drop) break;
    }
    if (drop) continue;
    if (doubt.unknown()) {
      row.maybe = true;
      why = doubt.text;
    }
    kept.push_back(std::move(row));
  }
  out.rows = std::move(kept);
  return out;
}

// ---------------------------------------------------------------- the select list

bool Evaluator::aggregates(const ast::Select& query) {
  if (!query.group_by.empty()) return true;
  bool found = false;
  for (const ast::Target& target : query.targets) {
    if (target.value == nullptr) continue;
    sql::walk(*target.value, [&](const ast::Node& node) {
      if (node.kind == ast::Kind::SubLink) return false;
      const auto* call = ast::as<ast::FuncCall>(&node);
      if (call == nullptr || call->over != nullptr) return true;
      static constexpr std::string_view kNames[] = {"count",    "string_agg", "array_agg", "min",
                                                    "max",      "bool_or",    "bool_and",  "every",
                                                    "json_agg", "jsonb_agg",  "sum"};
      found |= std::find(std::begin(kNames), std::end(kNames), call->name.name) != std::end(kNames);
      return true;
    });
  }
  return found;
}

void Evaluator::add_target(const ast::Target& target, const Scope& scope, std::vector<Value>& out) {
  const auto* ref = ast::as<ast::ColumnRef>(target.value);
  if (ref == nullptr || !ref->star) {
    out.push_back(eval(target.value, &scope));
    return;
  }
  for (const Part& part : *scope.parts) {
    if (!ref->fields.empty() && part.alias != ref->fields.back()) continue;
    if (part.unknown != nullptr) {
      out.push_back(Value::unknown_because(*part.unknown));
    } else if (part.table != nullptr) {
      for (const CatalogueColumn& c : part.table->columns) {
        out.emplace_back();
        part_column(part, c.name, out.back());
      }
    } else {
      out.insert(out.end(), part.record->items.begin(), part.record->items.end());
    }
  }
}

// SELECT unnest(…): one row per element.
std::vector<Rows::Row> Evaluator::expand_sets(const ast::Select& query, const Scope& scope) {
  std::vector<std::vector<Value>> columns;
  std::size_t height = 1;
  bool maybe = scope.maybe;
  bool sets = false;
  for (const ast::Target& target : query.targets) {
    std::vector<Value> column;
    std::string why;
    // SELECT generate_series(…)::date
    const auto* cast_expr = ast::as<ast::TypeCast>(target.value);
    const ast::Expr* set = cast_expr != nullptr ? cast_expr->arg : target.value;
    if (!is_set_function(set)) {
      add_target(target, scope, column);
      for (Value& value : column) columns.push_back({std::move(value)});
      continue;
    }
    const auto& call = static_cast<const ast::FuncCall&>(*set);
    if (!set_function(call, &scope, column, why)) {
      column = {Value::unknown_because(why)};
      maybe = true;
    }
    for (Value& value : column) {
      if (cast_expr == nullptr || cast_expr->type->percent_type) break;
      value = cast(value, cast_expr->type->name.name, cast_expr->type->array_dims > 0);
    }
    height = sets ? std::max(height, column.size()) : column.size();
    sets = true;
    columns.push_back(std::move(column));
  }
  std::vector<Rows::Row> out(height);
  for (std::size_t i = 0; i < height; ++i) {
    out[i].maybe = maybe;
    for (const auto& column : columns) {
      out[i].values.push_back(column.size() == 1  ? column[0]
                              : i < column.size() ? column[i]
                                                  : Value{});
    }
  }
  return out;
}

Rows Evaluator::project(const ast::Select& query, const std::vector<Combined>& input,
                        const Scope* outer, std::size_t enough) {
  Rows out;
  for (const ast::Target& target : query.targets) {
    const auto* ref = ast::as<ast::ColumnRef>(target.value);
    if (ref == nullptr || !ref->star) {
      out.names.push_back(target_name(target));
      continue;
    }
    if (input.empty()) continue;
    for (const Part& part : input[0].parts) {
      if (!ref->fields.empty() && part.alias != ref->fields.back()) continue;
      if (part.unknown != nullptr) out.names.emplace_back();
      if (part.table != nullptr) {
        for (const CatalogueColumn& c : part.table->columns) out.names.emplace_back(c.name);
      }
      if (part.record != nullptr) {
        out.names.insert(out.names.end(), part.record->names.begin(), part.record->names.end());
      }
    }
  }
  std::vector<std::pair<std::vector<Value>, Rows::Row>> keyed;
  std::size_t certain = 0;
  for (const Combined& row : input) {
    const Scope scope{outer, &row.parts, nullptr, row.maybe};
    std::vector<Value> keys;
    std::vector<Rows::Row> rows = expand_sets(query, scope);
    for (const ast::SortBy& sort : query.order_by) {
      const auto* position = ast::as<ast::Literal>(sort.expr);
      const auto* name = ast::as<ast::ColumnRef>(sort.expr);
      std::size_t index = out.names.size();
      if (position != nullptr && position->type == ast::LiteralType::Integer) {
        index = static_cast<std::size_t>(std::atoi(std::string(position->text).c_str())) - 1;
      } else if (name != nullptr && name->fields.size() == 1 && !name->star) {
        index = static_cast<std::size_t>(
            std::find(out.names.begin(), out.names.end(), name->fields[0]) - out.names.begin());
      }
      keys.push_back(index < out.names.size() && !rows.empty() ? rows[0].values[index]
                                                               : eval(sort.expr, &scope));
    }
    for (Rows::Row& r : rows) {
      certain += r.maybe ? 0 : 1;
      keyed.emplace_back(keys, std::move(r));
    }
    if (enough > 0 && certain >= enough) break;
  }
  std::stable_sort(keyed.begin(), keyed.end(), [&](const auto& a, const auto& b) {
    for (std::size_t i = 0; i < query.order_by.size(); ++i) {
      const Order order = compare(a.first[i], b.first[i]);
      if (order == Order::Equal || order == Order::Unknown) continue;
      return order == (query.order_by[i].descending ? Order::Greater : Order::Less);
    }
    return false;
  });
  for (auto& [key, row] : keyed) {
    const bool seen =
        query.distinct && std::any_of(out.rows.begin(), out.rows.end(), [&](const Rows::Row& r) {
          return equal(Value::array(r.values), Value::array(row.values)).is_true();
        });
    if (!seen) out.rows.push_back(std::move(row));
  }
  return out;
}

Rows Evaluator::project_groups(const ast::Select& query, const std::vector<Combined>& input,
                               const Scope* outer) {
  std::vector<std::pair<Value, Group>> groups;
  for (const Combined& row : input) {
    const Scope scope{outer, &row.parts, nullptr, row.maybe};
    std::vector<Value> keys;
    for (const ast::Expr* expr : query.group_by) keys.push_back(eval(expr, &scope));
    Value key = Value::array(std::move(keys));
    const auto same = std::find_if(groups.begin(), groups.end(),
                                   [&](const auto& g) { return equal(g.first, key).is_true(); });
    if (same == groups.end()) {
      groups.emplace_back(std::move(key), Group{&row});
    } else {
      same->second.push_back(&row);
    }
  }
  if (groups.empty() && query.group_by.empty()) groups.emplace_back(Value{}, Group{});
  Rows out;
  for (const ast::Target& target : query.targets) out.names.push_back(target_name(target));
  static const std::vector<Part> kNoParts;
  for (const auto& [key, group] : groups) {
    const Scope scope{outer, group.empty() ? &kNoParts : &group[0]->parts, &group, false};
    Rows::Row row;
    if (query.having != nullptr) {
      const Value keep = eval(query.having, &scope);
      if (keep.unknown()) {
        row.maybe = true;
        out.why = keep.text;
      } else if (!keep.is_true()) {
        continue;
      }
    }
    for (const ast::Target& target : query.targets) {
      row.values.push_back(eval(target.value, &scope));
    }
    out.rows.push_back(std::move(row));
  }
  return out;
}

void Evaluator::limit(const ast::Select& query, const Scope* outer, Rows& rows) {
  if (query.offset != nullptr) {
    const Value offset = cast(eval(query.offset, outer), "int8", false);
    if (offset.kind != Value::Kind::Int || !rows.certain()) {
      rows.more = true;
      rows.why = offset.unknown() ? offset.text : rows.why;
    } else {
      const auto skip = std::min(rows.rows.size(), static_cast<std::size_t>(offset.integer));
      rows.rows.erase(rows.rows.begin(), rows.rows.begin() + static_cast<std::ptrdiff_t>(skip));
    }
  }
  if (query.limit == nullptr) return;
  const Value count = cast(eval(query.limit, outer), "int8", false);
  if (count.kind != Value::Kind::Int || count.integer < 0) return;
  const auto most = static_cast<std::size_t>(count.integer);
  std::size_t certain = 0;
  for (std::size_t i = 0; i < rows.rows.size(); ++i) {
    if (certain >= most) {
      rows.rows.resize(i);
      rows.more = false;
      return;
    }
    certain += rows.rows[i].maybe ? 0 : 1;
  }
}

}  // namespace tenantlint::schema
