// Finds catalogue tables by name, and prints what catalogues show as text: expressions, partition
// bounds, signatures.
#include "analyzer/schema/catalogue_query.h"

#include <algorithm>
#include <limits>

#include "analyzer/schema/identifiers.h"
#include "analyzer/sql/tokens.h"
#include "analyzer/sql/walk.h"

namespace tenantlint::schema {

namespace {

const CatalogueTable* find_in(std::span<const CatalogueTable> tables, std::string_view name) {
  const auto found = std::find_if(tables.begin(), tables.end(),
                                  [&](const CatalogueTable& table) { return table.name == name; });
  return found == tables.end() ? nullptr : &*found;
}

// A bound that is a constant, as text; empty if it is none.
std::string bound_value(const ast::Expr* expr) {
  while (const auto* cast = ast::as<ast::TypeCast>(expr)) expr = cast->arg;
  if (const auto* name = ast::as<ast::ColumnRef>(expr)) {
    return name->fields.empty() ? std::string() : std::string(name->fields.back());
  }
  const auto* literal = ast::as<ast::Literal>(expr);
  if (literal == nullptr) return {};
  switch (literal->type) {
    case ast::LiteralType::Null: return "NULL";
    case ast::LiteralType::Boolean: return literal->text == "t" ? "true" : "false";
    case ast::LiteralType::Integer:
    case ast::LiteralType::Float: return std::string(literal->text);
    case ast::LiteralType::String:
    case ast::LiteralType::BitString: break;
  }
  return quote_literal(literal->text);
}

// "(a, b)"; empty if a value is no constant.
std::string bound_list(ast::List<const ast::Expr*> values) {
  std::string out = "(";
  for (const ast::Expr* value : values) {
    const std::string text = bound_value(value);
    if (text.empty()) return {};
    if (out.size() > 1) out += ", ";
    out += text;
  }
  return out + ")";
}

}  // namespace

const CatalogueTable* find_catalogue_table(std::string_view schema, std::string_view name) {
  if (schema == "information_schema") return find_in(information_schema_views(), name);
  if (!schema.empty() && schema != "pg_catalog") return nullptr;
  const CatalogueTable* found = find_in(system_catalogues(), name);
  return found != nullptr ? found : find_in(system_views(), name);
}

bool is_catalogue_name(std::string_view schema, std::string_view name) {
  return schema == "information_schema" || schema == "pg_catalog" ||
         (schema.empty() && name.starts_with("pg_"));
}

Value expression_text(const ast::Expr* expr, const SqlText* text) {
  if (expr == nullptr) return {};
  if (text == nullptr) return Value::unknown_because("reads an expression's text");
  std::uint32_t begin = std::numeric_limits<std::uint32_t>::max();
  std::uint32_t last = 0;
  sql::walk(*expr, [&](const ast::Node& node) {
    if (node.at == 0) return true;
    begin = std::min(begin, node.at);
    last = std::max(last, node.at);
    return true;
  });
  if (begin > last) return Value::unknown_because("reads an expression's text");
  const sql::Token token = sql::next_code_token(text->view(), last);
  Value out = Value::string(text->slice({begin, token.span.end}));
  out.approximate = true;
  return out;
}

Value partition_bound_text(const Relation& relation) {
  const ast::PartitionBound* bound = relation.bound;
  if (!relation.is_partition) return {};
  if (relation.partition_default || (bound != nullptr && bound->is_default)) {
    return Value::string("DEFAULT");
  }
  if (bound == nullptr) return Value::unknown_because("reads a partition's bounds");
  if (bound->modulus > 0) {
    return Value::string("FOR VALUES WITH (modulus " + std::to_string(bound->modulus) +
                         ", remainder " + std::to_string(bound->remainder) + ")");
  }
  const std::string values = bound_list(bound->values);
  const std::string upper = bound_list(bound->upper);
  if (values.empty() || upper.empty()) {
    return Value::unknown_because("reads bounds of a partition that are computed");
  }
  if (bound->upper.empty()) return Value::string("FOR VALUES IN " + values);
  return Value::string("FOR VALUES FROM " + values + " TO " + upper);
}

namespace {

std::string column_list(const Relation& table, const std::vector<std::uint16_t>& columns) {
  std::string out = "(";
  for (const std::uint16_t column : columns) {
    if (out.size() > 1) out += ", ";
    out += quote_identifier(table.columns[column].name);
  }
  return out + ")";
}

std::string_view action_words(ast::ReferentialAction action) {
  switch (action) {
    case ast::ReferentialAction::NoAction: break;
    case ast::ReferentialAction::Restrict: return "RESTRICT";
    case ast::ReferentialAction::Cascade: return "CASCADE";
    case ast::ReferentialAction::SetNull: return "SET NULL";
    case ast::ReferentialAction::SetDefault: return "SET DEFAULT";
  }
  return {};
}

std::string foreign_key_text(const Constraint& c, bool bare) {
  std::string out = "FOREIGN KEY " + column_list(*c.table, c.columns) + " REFERENCES ";
  if (!bare) out += quote_identifier(c.ref_table->schema->name) + ".";
  out += quote_identifier(c.ref_table->name) + column_list(*c.ref_table, c.ref_columns);
  if (c.match == 'f') out += " MATCH FULL";
  if (!action_words(c.on_update).empty()) {
    out += " ON UPDATE " + std::string(action_words(c.on_update));
  }
  if (!action_words(c.on_delete).empty()) {
    out += " ON DELETE " + std::string(action_words(c.on_delete));
  }
  if (c.deferrable) out += " DEFERRABLE";
  if (!c.valid) out += " NOT VALID";
  return out;
}

}  // namespace

Value constraint_text(const Constraint& c, bool bare) {
  switch (c.type) {
    case ConstraintType::PrimaryKey:
      return Value::string("PRIMARY KEY " + column_list(*c.table, c.columns));
    case ConstraintType::Unique: return Value::string("UNIQUE " + column_list(*c.table, c.columns));
    case ConstraintType::ForeignKey: return Value::string(foreign_key_text(c, bare));
    case ConstraintType::Check: return expression_text(c.check, c.text);
    case ConstraintType::Exclusion:
    case ConstraintType::Trigger: break;
  }
  return Value::unknown_because("reads the text of a constraint");
}

std::string function_signature(const Function& function, bool qualified) {
  std::string out;
  if (qualified && function.schema != nullptr) {
    out = quote_identifier(function.schema->name) + ".";
  }
  out += quote_identifier(function.name) + "(";
  bool first = true;
  for (const Parameter& p : function.parameters) {
    if (p.mode == ast::ParameterMode::Out || p.mode == ast::ParameterMode::Table) continue;
    if (!first) out += ",";
    out += format_type(p.type);
    first = false;
  }
  return out + ")";
}

}  // namespace tenantlint::schema
