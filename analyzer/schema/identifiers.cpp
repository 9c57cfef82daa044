// Names that PostgreSQL makes up come out the same here, for later statements refer to them.
#include "analyzer/schema/identifiers.h"

#include <fmt/format.h>

#include <algorithm>

namespace tenantlint::schema {

namespace {

// Words that quote_identifier() quotes: all keywords that are not unreserved, between spaces.
// Source: PostgreSQL 15, src/include/parser/kwlist.h.
constexpr std::string_view kReservedWords =
    " all analyse analyze and any array as asc asymmetric authorization between bigint"
    " binary bit boolean both case cast char character check coalesce collate collation"
    " column concurrently constraint create cross current_catalog current_date"
    " current_role current_schema current_time current_timestamp current_user dec decimal"
    " default deferrable desc distinct do else end except exists extract false fetch"
    " float for foreign freeze from full grant greatest group grouping having ilike in"
    " initially inner inout int integer intersect interval into is isnull join lateral"
    " leading least left like limit localtime localtimestamp national natural nchar none"
    " normalize not notnull null nullif numeric offset on only or order out outer"
    " overlaps overlay placing position precision primary real references returning right"
    " row select session_user setof similar smallint some substring symmetric table"
    " tablesample then time timestamp to trailing treat trim true union unique user using"
    " values varchar variadic verbose when where window with xmlattributes xmlconcat"
    " xmlelement xmlexists xmlforest xmlnamespaces xmlparse xmlpi xmlroot xmlserialize"
    " xmltable"
    " ";

bool is_reserved(std::string_view word) {
  return kReservedWords.find(" " + std::string(word) + " ") != std::string_view::npos;
}

bool constraint_exists(const Schema& schema, std::string_view name) {
  const auto found = schema.constraint_names.find(name);
  return found != schema.constraint_names.end() && found->second > 0;
}

}  // namespace

std::string_view clip(std::string_view name, std::size_t bytes) {
  if (name.size() <= bytes) return name;
  while (bytes > 0 && (static_cast<unsigned char>(name[bytes]) & 0xC0U) == 0x80U) --bytes;
  return name.substr(0, bytes);
}

std::string quote_identifier(std::string_view name) {
  const auto plain = [](char c) { return (c >= 'a' && c <= 'z') || c == '_'; };
  bool safe = !name.empty() && plain(name[0]);
  for (const char c : name) safe = safe && (plain(c) || (c >= '0' && c <= '9'));
  if (safe && !is_reserved(name)) return std::string(name);
  std::string out = "\"";
  for (const char c : name) {
    out += c;
    if (c == '"') out += c;
  }
  return out + '"';
}

std::string quote_literal(std::string_view text) {
  std::string out = text.find('\\') == std::string_view::npos ? "'" : "E'";
  for (const char c : text) {
    out += c;
    if (c == '\'' || c == '\\') out += c;
  }
  return out + "'";
}

std::string make_object_name(std::string_view name1, std::string_view name2,
                             std::string_view label) {
  std::size_t overhead = 0;
  if (!name2.empty()) ++overhead;
  if (!label.empty()) overhead += label.size() + 1;
  const std::size_t available = kMaxName - overhead;
  std::size_t first = name1.size();
  std::size_t second = name2.size();
  while (first + second > available) {
    if (first > second) {
      --first;
    } else {
      --second;
    }
  }
  std::string out(clip(name1, first));
  if (!name2.empty()) out.append("_").append(clip(name2, second));
  if (!label.empty()) out.append("_").append(label);
  return out;
}

std::string choose_relation_name(const Schema& schema, std::string_view name1,
                                 std::string_view name2, std::string_view label,
                                 bool is_constraint) {
  std::string name = make_object_name(name1, name2, label);
  for (int pass = 1;
       schema.relations.contains(name) || (is_constraint && constraint_exists(schema, name));
       ++pass) {
    name = make_object_name(name1, name2, fmt::format("{}{}", label, pass));
  }
  return name;
}

std::string choose_constraint_name(const Schema& schema, std::string_view name1,
                                   std::string_view name2, std::string_view label,
                                   const std::vector<std::string_view>& others) {
  std::string name = make_object_name(name1, name2, label);
  const auto taken = [&] {
    return std::find(others.begin(), others.end(), name) != others.end() ||
           constraint_exists(schema, name);
  };
  for (int pass = 1; taken(); ++pass) {
    name = make_object_name(name1, name2, fmt::format("{}{}", label, pass));
  }
  return name;
}

std::vector<std::string> unique_column_names(const std::vector<std::string>& columns) {
  std::vector<std::string> out;
  for (const std::string& column : columns) {
    std::string name = column;
    for (int i = 1; std::find(out.begin(), out.end(), name) != out.end(); ++i) {
      const std::string number = std::to_string(i);
      name = std::string(clip(column, kMaxName - number.size())) + number;
    }
    out.push_back(name);
  }
  return out;
}

std::string join_column_names(const std::vector<std::string>& columns) {
  std::string out;
  for (const std::string& column : columns) {
    if (!out.empty()) out += '_';
    out += column;
    if (out.size() > kMaxName) break;
  }
  return out;
}

namespace {

// The name and how good it is: 2 is taken at once, 1 only if nothing better is found inside.
struct Figured {
  std::string_view name;
  int strength = 0;
};

Figured figure(const ast::Expr* expr) {
  if (expr == nullptr) return {};
  switch (expr->kind) {
    case ast::Kind::ColumnRef: {
      const auto& ref = *ast::as<ast::ColumnRef>(expr);
      return ref.fields.empty() || ref.star ? Figured{} : Figured{ref.fields.back(), 2};
    }
    case ast::Kind::Indirection: {
      const auto& in = *ast::as<ast::Indirection>(expr);
      for (std::size_t i = in.path.size(); i > 0; --i) {
        if (!in.path[i - 1].field.empty()) return {in.path[i - 1].field, 2};
      }
      return figure(in.arg);
    }
    case ast::Kind::FuncCall: return {ast::as<ast::FuncCall>(expr)->name.name, 2};
    case ast::Kind::Operator:
      return ast::as<ast::Operator>(expr)->form == ast::OperatorForm::NullIf ? Figured{"nullif", 2}
                                                                             : Figured{};
    case ast::Kind::TypeCast: {
      const auto& cast = *ast::as<ast::TypeCast>(expr);
      const Figured inner = figure(cast.arg);
      return inner.strength > 1 ? inner : Figured{cast.type->name.name, 1};
    }
    case ast::Kind::Collate: return figure(ast::as<ast::Collate>(expr)->arg);
    case ast::Kind::GroupingFunc: return {"grouping", 2};
    case ast::Kind::SubLink: {
      const auto& link = *ast::as<ast::SubLink>(expr);
      if (link.type == ast::SubLinkType::Exists) return {"exists", 2};
      if (link.type == ast::SubLinkType::Array) return {"array", 2};
      const auto* select = ast::as<ast::Select>(link.query);
      if (link.type != ast::SubLinkType::Scalar || select == nullptr || select->targets.empty()) {
        return {};
      }
      const ast::Target& target = select->targets[0];
      return !target.name.empty() ? Figured{target.name, 2} : figure(target.value);
    }
    case ast::Kind::Case: {
      const Figured inner = figure(ast::as<ast::Case>(expr)->otherwise);
      return inner.strength > 1 ? inner : Figured{"case", 1};
    }
    case ast::Kind::ArrayExpr: return {"array", 2};
    case ast::Kind::RowExpr: return {"row", 2};
    case ast::Kind::Coalesce: return {"coalesce", 2};
    case ast::Kind::MinMax: return {ast::as<ast::MinMax>(expr)->greatest ? "greatest" : "least", 2};
    case ast::Kind::ValueFunction: return {ast::as<ast::ValueFunction>(expr)->name, 2};
    case ast::Kind::XmlOrJson: return {ast::as<ast::XmlOrJson>(expr)->what, 2};
    default: return {};
  }
}

}  // namespace

std::string_view figure_column_name(const ast::Expr* expr) {
  return figure(expr).name;
}

}  // namespace tenantlint::schema
