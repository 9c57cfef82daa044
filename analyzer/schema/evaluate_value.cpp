// The value domain of the interpreter: comparison, text form, LIKE, quoting. Pure functions of
// values; exists so that dynamic DDL is computed as PostgreSQL does, or honestly not at all.
#include "analyzer/schema/evaluate_value.h"

#include <algorithm>
#include <string_view>

namespace tenantlint::schema {

namespace {

char lower(char c) {
  return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
}

bool parse_integer(std::string_view text, std::int64_t& out) {
  if (text.empty() || text.size() > 18) return false;
  std::size_t i = text[0] == '-' || text[0] == '+' ? 1 : 0;
  if (i == text.size()) return false;
  out = 0;
  for (; i < text.size(); ++i) {
    if (text[i] < '0' || text[i] > '9') return false;
    out = out * 10 + (text[i] - '0');
  }
  if (text[0] == '-') out = -out;
  return true;
}

Order order_of(std::int64_t a, std::int64_t b) {
  return a < b ? Order::Less : a > b ? Order::Greater : Order::Equal;
}

// An untyped constant takes the type of the other side.
Order compare_mixed(const Value& a, const Value& b) {
  std::int64_t number = 0;
  if (a.kind == Value::Kind::Text) {
    if (b.kind == Value::Kind::Int && parse_integer(a.text, number)) {
      return order_of(number, b.integer);
    }
    if (b.kind == Value::Kind::Bool) {
      const bool truth = a.text == "t" || a.text == "true" || a.text == "yes" || a.text == "on";
      return order_of(truth ? 1 : 0, b.integer);
    }
    if (b.kind == Value::Kind::Object) {
      return a.text == b.text ? Order::Equal : Order::Unknown;
    }
    if (b.kind == Value::Kind::Array) return compare(parse_array(a.text), b);
    if (b.kind == Value::Kind::Date) {
      const Value date = parse_date(a.text);
      return date.unknown() ? Order::Unknown : order_of(date.integer, b.integer);
    }
    return Order::Unknown;
  }
  if (b.kind != Value::Kind::Text) {
    // Object identifiers of built-in things are not known as numbers.
    return Order::Unknown;
  }
  const Order reversed = compare_mixed(b, a);
  if (reversed == Order::Less) return Order::Greater;
  return reversed == Order::Greater ? Order::Less : reversed;
}

Order compare_arrays(const Value& a, const Value& b) {
  for (std::size_t i = 0; i < a.items.size() && i < b.items.size(); ++i) {
    if (a.items[i].null() && b.items[i].null()) continue;
    if (a.items[i].null() || b.items[i].null()) return Order::Unknown;
    const Order order = compare(a.items[i], b.items[i]);
    if (order != Order::Equal) return order;
  }
  return order_of(static_cast<std::int64_t>(a.items.size()),
                  static_cast<std::int64_t>(b.items.size()));
}

}  // namespace

Value Value::unknown_because(std::string why) {
  Value out;
  out.kind = Kind::Unknown;
  out.text = std::move(why);
  return out;
}
Value Value::boolean(bool value) {
  Value out;
  out.kind = Kind::Bool;
  out.integer = value ? 1 : 0;
  return out;
}
Value Value::number(std::int64_t value) {
  Value out;
  out.kind = Kind::Int;
  out.integer = value;
  return out;
}
Value Value::string(std::string_view value) {
  Value out;
  out.kind = Kind::Text;
  out.text = value;
  return out;
}
Value Value::date(std::int64_t days) {
  Value out;
  out.kind = Kind::Date;
  out.integer = days;
  return out;
}
Value Value::array(std::vector<Value> items) {
  Value out;
  out.kind = Kind::Array;
  out.items = std::move(items);
  return out;
}
Value Value::of(const void* object, std::string_view display) {
  Value out;
  out.kind = Kind::Object;
  out.object = object;
  out.text = display;
  return out;
}

Order compare(const Value& a, const Value& b) {
  if (a.unknown() || b.unknown() || a.null() || b.null()) return Order::Unknown;
  if (a.approximate || b.approximate) return Order::Unknown;
  if (a.kind != b.kind) return compare_mixed(a, b);
  switch (a.kind) {
    case Value::Kind::Bool:
    case Value::Kind::Int:
    case Value::Kind::Date:
    case Value::Kind::Interval: return order_of(a.integer, b.integer);
    case Value::Kind::Text: {
      const int order = a.text.compare(b.text);
      return order < 0 ? Order::Less : order > 0 ? Order::Greater : Order::Equal;
    }
    case Value::Kind::Object: {
      if (a.object == b.object) return Order::Equal;
      return a.object < b.object ? Order::Less : Order::Greater;
    }
    case Value::Kind::Array:
    case Value::Kind::Record: return compare_arrays(a, b);
    case Value::Kind::Unknown:
    case Value::Kind::Null: return Order::Unknown;
  }
  return Order::Unknown;
}

Value not_comparable(const Value& a, const Value& b) {
  const auto clock = [](const Value& v) { return v.kind == Value::Kind::Date && v.approximate; };
  if (clock(a) || clock(b)) return Value::unknown_because("depends on the day of the run");
  return Value::unknown_because("compares values of unlike kinds");
}

Value equal(const Value& a, const Value& b) {
  if (a.unknown()) return a;
  if (b.unknown()) return b;
  if (a.null() || b.null()) return {};
  const Order order = compare(a, b);
  if (order == Order::Unknown) return not_comparable(a, b);
  return Value::boolean(order == Order::Equal);
}

Value to_text(const Value& value) {
  switch (value.kind) {
    case Value::Kind::Unknown:
    case Value::Kind::Null:
    case Value::Kind::Text: return value;
    case Value::Kind::Bool: return Value::string(value.integer != 0 ? "true" : "false");
    case Value::Kind::Int: return Value::string(std::to_string(value.integer));
    case Value::Kind::Date: return format_date(value.integer, "YYYY-MM-DD");
    case Value::Kind::Interval: return Value::string(std::to_string(value.integer) + " days");
    case Value::Kind::Object: {
      if (value.text.empty()) return Value::unknown_because("prints an object's number");
      return Value::string(value.text);
    }
    case Value::Kind::Array: {
      std::string out = "{";
      for (const Value& item : value.items) {
        const Value text = to_text(item);
        if (text.unknown()) return text;
        if (out.size() > 1) out += ',';
        out += text.null() ? "NULL" : text.text;
      }
      return Value::string(out + "}");
    }
    case Value::Kind::Record: return Value::unknown_because("prints a whole row");
  }
  return {};
}

Value parse_array(std::string_view text) {
  if (text.size() < 2 || text.front() != '{' || text.back() != '}') {
    return Value::unknown_because("reads an array from text of another shape");
  }
  text = text.substr(1, text.size() - 2);
  std::vector<Value> items;
  std::string item;
  bool quoted = false;
  bool was_quoted = false;
  const auto flush = [&] {
    items.push_back(item == "NULL" && !was_quoted ? Value{} : Value::string(item));
    item.clear();
    was_quoted = false;
  };
  for (std::size_t i = 0; i < text.size(); ++i) {
    const char c = text[i];
    if (c == '{' && !quoted) return Value::unknown_because("reads a nested array from text");
    if (c == '"') {
      quoted = !quoted;
      was_quoted = true;
    } else if (c == '\\' && i + 1 < text.size()) {
      item += text[++i];
    } else if (c == ',' && !quoted) {
      flush();
    } else if (quoted || !(c == ' ' || c == '\n' || c == '\t' || c == '\r')) {
      item += c;
    }
  }
  if (!text.empty()) flush();
  return Value::array(std::move(items));
}

bool like(std::string_view text, std::string_view pattern, bool ignore_case) {
  // Greedy with one point to return to: the last %.
  std::size_t t = 0;
  std::size_t p = 0;
  std::size_t star = std::string_view::npos;
  std::size_t star_text = 0;
  while (t < text.size()) {
    const bool escaped = p + 1 < pattern.size() && pattern[p] == '\\';
    const char want = p < pattern.size() ? pattern[escaped ? p + 1 : p] : '\0';
    const bool same = ignore_case ? lower(want) == lower(text[t]) : want == text[t];
    if (!escaped && p < pattern.size() && pattern[p] == '%') {
      star = p++;
      star_text = t;
    } else if (p < pattern.size() && ((!escaped && pattern[p] == '_') || same)) {
      p += escaped ? 2 : 1;
      ++t;
    } else if (star != std::string_view::npos) {
      p = star + 1;
      t = ++star_text;
    } else {
      return false;
    }
  }
  while (p < pattern.size() && pattern[p] == '%') ++p;
  return p == pattern.size();
}

}  // namespace tenantlint::schema
