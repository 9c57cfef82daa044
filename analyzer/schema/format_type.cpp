// Types as PostgreSQL prints them: the common language of messages, comparisons and dumps.
// Source: PostgreSQL 15, src/backend/utils/adt/format_type.c, ruleutils.c (quote_identifier), and
// the typmod output functions of varchar, numeric, timestamp, interval, bit.
#include <fmt/format.h>

#include <array>

#include "analyzer/schema/identifiers.h"
#include "analyzer/schema/model.h"

namespace tenantlint::schema {

namespace {

// INTERVAL's field mask: bits as in utils/timestamp.h (INTERVAL_MASK).
std::string_view interval_fields(std::int32_t mask) {
  struct Fields {
    std::int32_t mask;
    std::string_view words;
  };
  constexpr int kYear = 1 << 2, kMonth = 1 << 1, kDay = 1 << 3, kHour = 1 << 10, kMinute = 1 << 11,
                kSecond = 1 << 12;
  constexpr std::array<Fields, 13> kFields = {{
      {kYear, " year"},
      {kMonth, " month"},
      {kDay, " day"},
      {kHour, " hour"},
      {kMinute, " minute"},
      {kSecond, " second"},
      {kYear | kMonth, " year to month"},
      {kDay | kHour, " day to hour"},
      {kDay | kHour | kMinute, " day to minute"},
      {kDay | kHour | kMinute | kSecond, " day to second"},
      {kHour | kMinute, " hour to minute"},
      {kHour | kMinute | kSecond, " hour to second"},
      {kMinute | kSecond, " minute to second"},
  }};
  for (const Fields& f : kFields) {
    if (f.mask == mask) return f.words;
  }
  return "";
}

std::string with_modifiers(const TypeRef& type) {
  const std::string_view name = type.type->name;
  const std::string display(type.type->display.empty() ? name : type.type->display);
  const std::int32_t m = type.mod1;
  if (name == "bpchar") return m < 0 ? "bpchar" : fmt::format("character({})", m);
  if (name == "interval") {
    std::string out = "interval";
    if (type.mod2 >= 0) out += interval_fields(type.mod2);
    if (m >= 0) out += fmt::format("({})", m);
    return out;
  }
  if (m < 0) return display;
  if (name == "numeric") return fmt::format("numeric({},{})", m, type.mod2 < 0 ? 0 : type.mod2);
  if (name == "time" || name == "timestamp")
    return fmt::format("{}({}) without time zone", name, m);
  if (name == "timetz") return fmt::format("time({}) with time zone", m);
  if (name == "timestamptz") return fmt::format("timestamp({}) with time zone", m);
  return fmt::format("{}({})", display, m);
}

}  // namespace

std::string format_type(const TypeRef& type) {
  std::string out;
  if (type.type->schema == nullptr) {
    out = with_modifiers(type);
  } else {
    out = quote_identifier(type.type->schema->name) + "." + quote_identifier(type.type->name);
    if (type.mod1 >= 0 && type.mod2 >= 0) {
      out += fmt::format("({},{})", type.mod1, type.mod2);
    } else if (type.mod1 >= 0) {
      out += fmt::format("({})", type.mod1);
    }
  }
  if (type.array) out += "[]";
  return out;
}

}  // namespace tenantlint::schema
