// Values of the interpreter of dynamic DDL: what PostgreSQL would compute, or the admission that it
// cannot be known without the database (rows of tables, the clock, random numbers).
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace tenantlint::schema {

struct Value {
  enum class Kind : std::uint8_t {
    Unknown,  // `text`: why, as the end of a sentence ("depends on the rows of 'public.t'")
    Null,
    Bool,  // integer 0 or 1
    Int,
    Text,      // text; also uuid, name, enum values …
    Date,      // integer: days since 2000-01-01
    Interval,  // integer: days, beside months
    Array,     // items; an element may be an array (text[][])
    Record,    // items with names
    Object,    // an oid or reg… value: `object` says of what; text: how ::text prints it
  };
  Kind kind = Kind::Null;
  // Text that stands for a deparsed expression: its words are right, its spelling may differ.
  bool approximate = false;
  std::int64_t integer = 0;
  std::int64_t months = 0;
  std::string text;
  std::vector<Value> items;
  std::vector<std::string> names;
  const void* object = nullptr;

  bool unknown() const { return kind == Kind::Unknown; }
  bool null() const { return kind == Kind::Null; }
  bool is_true() const { return kind == Kind::Bool && integer != 0; }
  bool is_false() const { return kind == Kind::Bool && integer == 0; }

  static Value unknown_because(std::string why);
  static Value boolean(bool value);
  static Value number(std::int64_t value);
  static Value string(std::string_view value);
  static Value date(std::int64_t days);
  static Value array(std::vector<Value> items);
  // An oid: equal to every other value for the same record.
  static Value of(const void* object, std::string_view display);
};

enum class Order : std::uint8_t { Less, Equal, Greater, Unknown };

// Order of two values that are neither null nor unknown; Order::Unknown if they cannot be compared.
Order compare(const Value& a, const Value& b);

// Three-valued equality as a Value: null if one side is, unknown if it cannot be told.
Value equal(const Value& a, const Value& b);

// Unknown, with the reason why the two cannot be compared.
Value not_comparable(const Value& a, const Value& b);

// How ::text prints it. Unknown and null stay what they are.
Value to_text(const Value& value);

// '{a,b}' as an array of text.
Value parse_array(std::string_view text);

// Does `text` match LIKE pattern? (% and _, backslash escapes)
bool like(std::string_view text, std::string_view pattern, bool ignore_case);

// A POSIX regular expression of the simple kind (literals, ., classes, *, +, ?, ^, $, | and
// groups). Answers unknown for anything beyond it.
Value regex_match(std::string_view text, std::string_view pattern, bool ignore_case);

// regexp_replace() for the same simple kind of pattern; unknown beyond it.
Value regex_replace(std::string_view text, std::string_view pattern, std::string_view replacement,
                    std::string_view flags);

// The day on which migrations are taken to run: Monday, 2000-06-05, in days since 2000-01-01. Names
// made from the date of the run (a partition per day) need one, so that their objects are there.
inline constexpr std::int64_t kNominalDay = 156;

// "YYYYMMDD" and its kin for a date; unknown for patterns with parts that are not known.
Value format_date(std::int64_t days, std::string_view pattern);
// 'today', '2024-01-31', '20240131': days since 2000-01-01, or unknown.
Value parse_date(std::string_view text);
// '1 day', '2 weeks', '1 year 3 months', or unknown.
Value parse_interval(std::string_view text);
// A date that many months (with the day clipped to the month's length) and days later.
Value add_interval(const Value& date, const Value& interval, int times);
// '["a", 1]': the elements' text; unknown for anything nested.
Value parse_json_array(std::string_view text);

}  // namespace tenantlint::schema
