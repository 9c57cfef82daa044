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

// PostGIS packs the kind of shape, its dimensions and its reference system into one number
// (gserialized_typmod.c): here reference << 8 | kind << 2 | z << 1 | m.
constexpr std::array<std::string_view, 16> kShapes = {"Geometry",       "Point",
                                                      "LineString",     "Polygon",
                                                      "MultiPoint",     "MultiLineString",
                                                      "MultiPolygon",   "GeometryCollection",
                                                      "CircularString", "CompoundCurve",
                                                      "CurvePolygon",   "MultiCurve",
                                                      "MultiSurface",   "PolyhedralSurface",
                                                      "Triangle",       "Tin"};

std::string shape_modifiers(std::int32_t packed) {
  const auto kind = static_cast<std::size_t>((packed >> 2) & 0x3F);
  std::string out = "(" + std::string(kind < kShapes.size() ? kShapes[kind] : kShapes[0]);
  if ((packed & 2) != 0) out += "Z";
  if ((packed & 1) != 0) out += "M";
  if ((packed >> 8) != 0) out += fmt::format(",{}", packed >> 8);
  return out + ")";
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

bool is_shape_type(const Type& type) {
  return type.extension == "postgis" && (type.name == "geometry" || type.name == "geography");
}

std::int32_t pack_shape(std::string_view words, std::int32_t reference, bool geography) {
  std::string name;
  for (const char c : words) name += c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
  std::int32_t dimensions = 0;
  const auto kind_of = [](std::string_view wanted) {
    for (std::size_t i = 0; i < kShapes.size(); ++i) {
      std::string shape(kShapes[i]);
      for (char& c : shape) c = c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
      if (shape == wanted) return static_cast<std::int32_t>(i);
    }
    return -1;
  };
  std::int32_t kind = kind_of(name);
  if (kind < 0 && name.ends_with('m')) {
    dimensions |= 1;
    name.pop_back();
  }
  if (kind < 0 && name.ends_with('z')) {
    dimensions |= 2;
    name.pop_back();
  }
  if (kind < 0) kind = kind_of(name);
  if (kind < 0) return -1;
  if (geography && reference <= 0) reference = 4326;
  return (reference > 0 ? reference << 8 : 0) | kind << 2 | dimensions;
}

std::string format_type(const TypeRef& type) {
  std::string out;
  if (type.type->schema == nullptr) {
    out = with_modifiers(type);
  } else {
    out = quote_identifier(type.type->schema->name) + "." + quote_identifier(type.type->name);
    if (type.mod1 >= 0 && is_shape_type(*type.type)) {
      out += shape_modifiers(type.mod1);
    } else if (type.mod1 >= 0 && type.mod2 >= 0) {
      out += fmt::format("({},{})", type.mod1, type.mod2);
    } else if (type.mod1 >= 0) {
      out += fmt::format("({})", type.mod1);
    }
  }
  if (type.array) out += "[]";
  return out;
}

}  // namespace tenantlint::schema
