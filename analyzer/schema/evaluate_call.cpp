// Function calls: PostgreSQL's own functions as far as dynamic DDL uses them; functions of the
// schema are handed to the interpreter. Source: PostgreSQL manual chapter 9.
#include <algorithm>

#include "analyzer/schema/evaluate.h"

namespace tenantlint::schema {

namespace {

std::string lower(std::string text) {
  for (char& c : text) c = c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
  return text;
}
std::string upper(std::string text) {
  for (char& c : text) c = c >= 'a' && c <= 'z' ? static_cast<char>(c - 'a' + 'A') : c;
  return text;
}

std::string trim(std::string text, std::string_view characters, bool left, bool right) {
  const std::size_t begin = left ? text.find_first_not_of(characters) : 0;
  if (begin == std::string::npos) return {};
  const std::size_t end = right ? text.find_last_not_of(characters) + 1 : text.size();
  return text.substr(begin, end - begin);
}

std::string replace_all(std::string text, std::string_view from, std::string_view to) {
  if (from.empty()) return text;
  for (std::size_t at = text.find(from); at != std::string::npos;
       at = text.find(from, at + to.size())) {
    text.replace(at, from.size(), to);
  }
  return text;
}

// Unknown text of which the beginning is known: what kind of statement it is can still be told.
Value unknown_after(const Value& why, std::string prefix) {
  Value out = Value::unknown_because(why.text);
  if (!why.items.empty()) prefix += why.items[0].text;
  out.items.push_back(Value::string(prefix));
  return out;
}

bool any_unknown(const std::vector<Value>& args, Value& out) {
  for (const Value& arg : args) {
    if (!arg.unknown()) continue;
    out = arg;
    out.items.clear();
    return true;
  }
  return false;
}

std::int64_t integer_at(const std::vector<Value>& args, std::size_t i) {
  return i < args.size() && args[i].kind == Value::Kind::Int ? args[i].integer : 0;
}

std::vector<Value> split(std::string_view text, std::string_view separator) {
  std::vector<Value> out;
  if (separator.empty()) return {Value::string(text)};
  std::size_t at = 0;
  for (std::size_t next = text.find(separator); next != std::string_view::npos;
       next = text.find(separator, at)) {
    out.push_back(Value::string(text.substr(at, next - at)));
    at = next + separator.size();
  }
  out.push_back(Value::string(text.substr(at)));
  return out;
}

std::string substring(const std::string& text, std::int64_t from, std::int64_t length) {
  std::int64_t end = length < 0 ? static_cast<std::int64_t>(text.size()) + 1 : from + length;
  from = std::max<std::int64_t>(from, 1);
  end = std::min<std::int64_t>(end, static_cast<std::int64_t>(text.size()) + 1);
  if (end <= from) return {};
  return text.substr(static_cast<std::size_t>(from - 1), static_cast<std::size_t>(end - from));
}

bool is_aggregate(std::string_view name) {
  static constexpr std::string_view kNames[] = {"count",    "string_agg", "array_agg", "min",
                                                "max",      "bool_or",    "bool_and",  "every",
                                                "json_agg", "jsonb_agg",  "sum"};
  return std::find(std::begin(kNames), std::end(kNames), name) != std::end(kNames);
}

}  // namespace

// format(): %s, %I, %L, %%, with positions and without widths.
Value Evaluator::format(const std::vector<Value>& args) {
  const Value text = to_text(args[0]);
  if (text.unknown() || text.null()) return text;
  const std::string& pattern = text.text;
  std::string out;
  std::size_t next = 1;
  for (std::size_t i = 0; i < pattern.size(); ++i) {
    if (pattern[i] != '%' || i + 1 >= pattern.size()) {
      out += pattern[i];
      continue;
    }
    ++i;
    if (pattern[i] == '%') {
      out += '%';
      continue;
    }
    std::size_t position = next;
    std::size_t digits = i;
    while (digits < pattern.size() && pattern[digits] >= '0' && pattern[digits] <= '9') ++digits;
    if (digits > i && digits - i < 4 && digits < pattern.size() && pattern[digits] == '$') {
      position = static_cast<std::size_t>(std::stoi(pattern.substr(i, digits - i)));
      i = digits + 1;
    }
    const char kind = i < pattern.size() ? pattern[i] : '\0';
    if ((kind != 's' && kind != 'I' && kind != 'L') || position >= args.size()) {
      return unknown_after(Value::unknown_because("uses format() in a way that is not followed"),
                           out);
    }
    next = position + 1;
    const Value value = to_text(args[position]);
    if (value.unknown()) return unknown_after(value, out);
    if (kind == 'I' && value.null()) {
      throw ReplayError{
          "null_value_not_allowed", "null values cannot be formatted as an SQL identifier", {}};
    }
    if (kind == 'L') out += value.null() ? "NULL" : quote_literal(value.text);
    if (kind == 'I') out += quote_identifier(value.text);
    if (kind == 's') out += value.text;
  }
  return Value::string(out);
}

Value Evaluator::concat(const std::vector<Value>& args, std::string_view separator) {
  std::string out;
  bool first = true;
  for (const Value& arg : args) {
    if (arg.null()) continue;
    const Value text = to_text(arg);
    if (!first) out += separator;
    first = false;
    if (text.unknown()) return unknown_after(text, out);
    out += text.text;
  }
  return Value::string(out);
}

Relation* Evaluator::relation_named(std::string_view text) const {
  ast::QualifiedName name;
  std::vector<std::string> parts;
  std::string part;
  bool quoted = false;
  for (const char c : std::string(text) + ".") {
    if (c == '"') {
      quoted = !quoted;
    } else if (c == '.' && !quoted) {
      parts.push_back(part);
      part.clear();
    } else {
      part += quoted || c < 'A' || c > 'Z' ? c : static_cast<char>(c - 'A' + 'a');
    }
  }
  if (parts.size() > 2) return nullptr;
  name.name = parts.back();
  if (parts.size() == 2) name.schema = parts[0];
  return r_.find_relation(name);
}

bool Evaluator::text_function(std::string_view name, const std::vector<Value>& args, Value& out) {
  const auto text = [&](std::size_t i) {
    return i < args.size() ? to_text(args[i]).text : std::string();
  };
  const std::size_t n = args.size();
  if (name == "quote_ident" && n == 1)
    out = Value::string(quote_identifier(text(0)));
  else if (name == "quote_literal" && n == 1)
    out = Value::string(quote_literal(text(0)));
  else if (name == "quote_nullable" && n == 1)
    out = Value::string(quote_literal(text(0)));
  else if (name == "lower" && n == 1)
    out = Value::string(lower(text(0)));
  else if (name == "upper" && n == 1)
    out = Value::string(upper(text(0)));
  else if ((name == "length" || name == "char_length") && n == 1)
    out = Value::number(static_cast<std::int64_t>(text(0).size()));
  else if (name == "replace" && n == 3)
    out = Value::string(replace_all(text(0), text(1), text(2)));
  else if ((name == "btrim" || name == "trim") && n >= 1)
    out = Value::string(trim(text(0), n > 1 ? text(1) : " ", true, true));
  else if (name == "ltrim" && n >= 1)
    out = Value::string(trim(text(0), n > 1 ? text(1) : " ", true, false));
  else if (name == "rtrim" && n >= 1)
    out = Value::string(trim(text(0), n > 1 ? text(1) : " ", false, true));
  else if (name == "left" && n == 2 && integer_at(args, 1) >= 0)
    out = Value::string(substring(text(0), 1, integer_at(args, 1)));
  else if ((name == "substring" || name == "substr") && n == 3 && integer_at(args, 2) >= 0)
    out = Value::string(substring(text(0), integer_at(args, 1), integer_at(args, 2)));
  else if ((name == "substring" || name == "substr") && n == 2 && args[1].kind == Value::Kind::Int)
    out = Value::string(substring(text(0), integer_at(args, 1), -1));
  else if ((name == "strpos" || name == "position") && n == 2) {
    const std::size_t at = text(0).find(text(1));
    out = Value::number(at == std::string::npos ? 0 : static_cast<std::int64_t>(at) + 1);
  } else if (name == "starts_with" && n == 2) {
    out = Value::boolean(text(0).starts_with(text(1)));
  } else if (name == "split_part" && n == 3) {
    const std::vector<Value> parts = split(text(0), text(1));
    const auto index = static_cast<std::size_t>(integer_at(args, 2));
    out = index >= 1 && index <= parts.size() ? parts[index - 1] : Value::string("");
  } else if (name == "lpad" && n >= 2) {
    std::string padded = text(0);
    const std::string fill = n > 2 ? text(2) : " ";
    const auto width =
        static_cast<std::size_t>(std::clamp<std::int64_t>(integer_at(args, 1), 0, 1000));
    std::string front;
    while (!fill.empty() && front.size() + padded.size() < width)
      front += fill[front.size() % fill.size()];
    out = Value::string((front + padded).substr(0, width));
  } else if (name == "repeat" && n == 2 && integer_at(args, 1) < 10000) {
    std::string repeated;
    for (std::int64_t i = 0; i < integer_at(args, 1); ++i) repeated += text(0);
    out = Value::string(repeated);
  } else if (name == "chr" && n == 1 && integer_at(args, 0) > 0 && integer_at(args, 0) < 128) {
    out = Value::string(std::string(1, static_cast<char>(integer_at(args, 0))));
  } else if (name == "regexp_replace" && (n == 3 || (n == 4 && args[3].kind != Value::Kind::Int))) {
    out = regex_replace(text(0), text(1), text(2), text(3));
  } else if (name == "initcap" || name == "md5" || name == "translate") {
    out = Value::unknown_because("calls " + std::string(name) + "()");
  } else {
    return false;
  }
  return true;
}

bool Evaluator::array_function(std::string_view name, const std::vector<Value>& args, Value& out) {
  if (args.empty()) return false;
  const auto as_array = [](const Value& v) {
    return v.kind == Value::Kind::Text ? parse_array(v.text) : v;
  };
  if (name == "string_to_array" && args.size() == 2) {
    out = Value::array(split(to_text(args[0]).text, to_text(args[1]).text));
    return true;
  }
  const bool ours = name == "array_length" || name == "cardinality" || name == "array_upper" ||
                    name == "array_lower" || name == "array_to_string" || name == "array_append" ||
                    name == "array_cat" || name == "array_position";
  if (!ours) return false;
  const Value list = as_array(args[0]);
  if (list.kind != Value::Kind::Array) {
    out = list.unknown() ? list : Value::unknown_because("uses an array that is not known");
    return true;
  }
  const auto size = static_cast<std::int64_t>(list.items.size());
  if (name == "cardinality") out = Value::number(size);
  if (name == "array_length" || name == "array_upper")
    out = size == 0 ? Value{} : Value::number(size);
  if (name == "array_lower") out = size == 0 ? Value{} : Value::number(1);
  if (name == "array_to_string") out = concat(list.items, args.size() > 1 ? args[1].text : "");
  if (name == "array_append" || name == "array_cat") {
    out = binary("||", list, args.size() > 1 ? args[1] : Value{});
  }
  if (name == "array_position") {
    out = Value{};
    for (std::size_t i = 0; i < list.items.size() && args.size() > 1; ++i) {
      if (!equal(list.items[i], args[1]).is_true()) continue;
      out = Value::number(static_cast<std::int64_t>(i) + 1);
      break;
    }
  }
  return true;
}

bool Evaluator::date_function(std::string_view name, const std::vector<Value>& args, Value& out) {
  if (name == "now" || name == "clock_timestamp" || name == "statement_timestamp" ||
      name == "transaction_timestamp") {
    out = value_function("current_timestamp");
    return true;
  }
  if (name == "to_char" && args.size() == 2) {
    out = args[0].kind == Value::Kind::Date ? format_date(args[0].integer, to_text(args[1]).text)
                                            : Value::unknown_because("prints a number or a time");
    return true;
  }
  if (name == "to_date" && args.size() == 2) {
    out = parse_date(to_text(args[0]).text);
    return true;
  }
  if (name == "date_trunc" && args.size() == 2 && args[1].kind == Value::Kind::Date) {
    const std::string unit = lower(to_text(args[0]).text);
    out = args[1];
    if (unit == "day" || unit == "hour" || unit == "minute") return true;
    // Weeks begin on Monday; 2000-01-01 was a Saturday.
    const std::int64_t weekday = ((args[1].integer + 5) % 7 + 7) % 7;
    if (unit == "week") {
      out.integer -= weekday;
      return true;
    }
    if (unit == "month" || unit == "year") {
      const std::string first =
          format_date(args[1].integer, unit == "year" ? "YYYY" : "YYYYMM").text +
          (unit == "year" ? "0101" : "01");
      out.integer = parse_date(first).integer;
      return true;
    }
    out = Value::unknown_because("truncates a date");
    return true;
  }
  return false;
}

// Functions that print what an object is.
bool Evaluator::description_function(std::string_view name, const std::vector<Value>& args,
                                     Value& out) {
  if (name == "pg_get_expr" && !args.empty()) {
    out = args[0];
    return true;
  }
  if (name == "pg_get_function_identity_arguments" && args.size() == 1) {
    const auto* f = static_cast<const Function*>(args[0].object);
    if (args[0].kind != Value::Kind::Object || f == nullptr) return false;
    const std::string signature = function_signature(*f, false);
    const std::size_t open = signature.rfind('(');
    out = Value::string(
        replace_all(signature.substr(open + 1, signature.size() - open - 2), ",", ", "));
    return true;
  }
  if (name == "pg_get_constraintdef" && !args.empty() && args[0].kind == Value::Kind::Object) {
    for (const Constraint& c : r_.model.constraints) {
      if (&c != args[0].object) continue;
      ast::QualifiedName target;
      target.name = c.ref_table == nullptr ? std::string_view{} : c.ref_table->name;
      out = constraint_text(c, r_.find_relation(target) == c.ref_table);
      return true;
    }
    return false;
  }
  if (name == "format_type" && args.size() == 2 && args[0].kind == Value::Kind::Object &&
      !args[0].text.empty() && (args[1].null() || args[1].integer < 0)) {
    out = Value::string(args[0].text);
    return true;
  }
  if (name == "pg_get_userbyid" && args.size() == 1 && !args[0].text.empty()) {
    out = Value::string(args[0].text);
    return true;
  }
  return false;
}

// to_regclass() and what else asks the catalogue.
bool Evaluator::catalogue_function(std::string_view name, const std::vector<Value>& args,
                                   Value& out) {
  if (name == "to_regclass" && args.size() == 1) {
    const Relation* found = relation_named(to_text(args[0]).text);
    out = found == nullptr ? Value{} : Value::of(found, to_text(args[0]).text);
    return true;
  }
  if ((name == "to_regtype" || name == "to_regproc" || name == "to_regnamespace" ||
       name == "to_regrole") &&
      args.size() == 1) {
    try {
      out = cast(args[0], name.substr(3), false);
    } catch (const ReplayError&) {
      out = Value{};
    }
    return true;
  }
  if (description_function(name, args, out)) return true;
  if (name == "current_schema" && args.empty()) {
    out = value_function("current_schema");
    return true;
  }
  if (name == "current_database" && !database.empty()) {
    out = Value::string(database);
    return true;
  }
  if (name == "current_setting" && !args.empty()) {
    const std::string setting = to_text(args[0]).text;
    // The server that is replayed is PostgreSQL 15 (the grammar's version).
    if (setting == "server_version_num") {
      out = Value::string("150000");
      return true;
    }
    if (setting == "search_path") {
      std::string path;
      for (const std::string& schema : r_.session.search_path) {
        path += (path.empty() ? "" : ", ") + quote_identifier(schema);
      }
      out = Value::string(path);
      return true;
    }
    out = Value::unknown_because("reads the setting '" + setting + "'");
    return true;
  }
  if (name == "set_config" && args.size() == 3) {
    if (to_text(args[0]).text == "search_path") {
      std::vector<std::string> path;
      for (const Value& part : split(to_text(args[1]).text, ",")) {
        std::string schema = trim(part.text, " \"", true, true);
        if (!schema.empty()) path.push_back(std::move(schema));
      }
      r_.set_search_path(std::move(path), args[2].is_true());
    }
    out = args[1];
    return true;
  }
  return false;
}

Value Evaluator::aggregate(const ast::FuncCall& call, const Scope* scope) {
  std::vector<std::pair<Value, Value>> items;  // sort key, value
  Value separator = Value::string("");
  for (const Combined* row : *scope->group) {
    if (row->maybe) return Value::unknown_because("counts rows that are not known");
    const Scope inner{scope->outer, &row->parts, nullptr, false};
    if (call.filter != nullptr) {
      const Value keep = eval(call.filter, &inner);
      if (keep.unknown()) return keep;
      if (!keep.is_true()) continue;
    }
    Value value = call.star || call.args.empty() ? Value::number(1) : eval(call.args[0], &inner);
    if (value.unknown()) return value;
    if (call.args.size() > 1) separator = to_text(eval(call.args[1], &inner));
    const Value key = call.order_by.empty() ? Value{} : eval(call.order_by[0].expr, &inner);
    items.emplace_back(key, std::move(value));
  }
  if (!call.order_by.empty()) {
    const bool descending = call.order_by[0].descending;
    std::stable_sort(items.begin(), items.end(), [&](const auto& a, const auto& b) {
      return compare(a.first, b.first) == (descending ? Order::Greater : Order::Less);
    });
  }
  std::vector<Value> list;
  for (auto& [key, value] : items) {
    const bool seen = call.distinct && std::any_of(list.begin(), list.end(), [&](const Value& v) {
                        return equal(v, value).is_true();
                      });
    const bool keep = !value.null() || call.name.name == "array_agg";
    if (keep && !seen) list.push_back(std::move(value));
  }
  const std::string_view name = call.name.name;
  if (name == "count") return Value::number(static_cast<std::int64_t>(list.size()));
  if (list.empty()) return {};
  if (name == "array_agg") return Value::array(std::move(list));
  if (name == "string_agg") return concat(list, separator.text);
  if (name == "bool_or" || name == "bool_and" || name == "every") {
    const bool any = name == "bool_or";
    for (const Value& v : list) {
      if (v.is_true() == any) return Value::boolean(any);
    }
    return Value::boolean(!any);
  }
  if (name != "min" && name != "max") return Value::unknown_because("calls " + std::string(name));
  Value best = list[0];
  for (const Value& v : list) {
    const Order order = compare(v, best);
    if (order == Order::Unknown) return Value::unknown_because("compares values of unlike kinds");
    if (order == (name == "min" ? Order::Less : Order::Greater)) best = v;
  }
  return best;
}

Value Evaluator::call(const ast::FuncCall& call, const Scope* scope) {
  const std::string_view name = call.name.name;
  if (scope != nullptr && scope->group != nullptr && call.over == nullptr && is_aggregate(name)) {
    return aggregate(call, scope);
  }
  if (call.over != nullptr) return Value::unknown_because("uses a window function");
  std::vector<Value> args;
  for (const ast::Expr* arg : call.args) args.push_back(eval(arg, scope));
  const bool own = call.name.schema.empty() || call.name.schema == "pg_catalog";
  Value out;
  if (own) {
    if (call.variadic && !args.empty() && args.back().kind == Value::Kind::Array) {
      const std::vector<Value> rest = args.back().items;
      args.pop_back();
      args.insert(args.end(), rest.begin(), rest.end());
    }
    if (name == "format" && !args.empty()) return format(args);
    if (name == "concat") return concat(args, "");
    if (name == "concat_ws" && !args.empty()) {
      const std::vector<Value> rest(args.begin() + 1, args.end());
      return concat(rest, to_text(args[0]).text);
    }
    if (!date_function(name, {}, out) || !args.empty())
      out = Value{};
    else
      return out;
  }
  if (!call.name.schema.empty() || !r_.find_functions(call.name).empty()) {
    const bool certain = uncertain_ == 0 && (scope == nullptr || !scope->maybe);
    return env_.call(call, std::move(args), certain);
  }
  if (any_unknown(args, out)) return out;
  const bool null = std::any_of(args.begin(), args.end(), [](const Value& v) { return v.null(); });
  if (null && name == "quote_nullable") return Value::string("NULL");
  const bool strict = name != "array_append" && name != "array_cat" && name != "array_position";
  if (catalogue_function(name, args, out)) return null && strict ? Value{} : out;
  if (null && strict) return {};
  if (text_function(name, args, out) || array_function(name, args, out) ||
      date_function(name, args, out)) {
    return out;
  }
  return Value::unknown_because("calls " + std::string(name) + "()");
}

}  // namespace tenantlint::schema
