// PostgreSQL's system catalogues and information_schema, answered from the model: the tables that
// migrations ask before they act ("IF NOT EXISTS (SELECT 1 FROM pg_policies WHERE …)").
#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "analyzer/schema/evaluate_value.h"
#include "analyzer/schema/model.h"

namespace tenantlint::schema {

// One row: the records that it shows. What they mean is the table's own business.
struct CatalogueRow {
  const void* first = nullptr;
  const void* second = nullptr;
  int index = 0;
};

struct CatalogueColumn {
  std::string_view name;
  Value (*get)(const Model& model, const CatalogueRow& row);  // null: not known to the model
};

struct CatalogueTable {
  std::string_view name;
  bool information_schema = false;
  std::vector<CatalogueRow> (*rows)(const Model& model);
  std::span<const CatalogueColumn> columns;
};

// The table of that name; null if it is none that the model can answer. An empty schema means
// pg_catalog, which comes first in every search path.
const CatalogueTable* find_catalogue_table(std::string_view schema, std::string_view name);
// Is it a catalogue at all, answered or not?
bool is_catalogue_name(std::string_view schema, std::string_view name);

// The two groups of tables, for find_catalogue_table().
std::span<const CatalogueTable> system_catalogues();
std::span<const CatalogueTable> system_views();
std::span<const CatalogueTable> information_schema_views();

// The text of an expression as written, marked approximate: PostgreSQL would print it its own way.
Value expression_text(const ast::Expr* expr, const SqlText* text);
// FOR VALUES …, as pg_get_expr(relpartbound) prints it; unknown if a bound is no constant.
Value partition_bound_text(const Relation& relation);
// As pg_get_constraintdef() prints it; of a CHECK approximately. `bare`: the table that is referred
// to needs no schema before it.
Value constraint_text(const Constraint& constraint, bool bare);
// name(type, type), as regprocedure prints it.
std::string function_signature(const Function& function, bool qualified);

}  // namespace tenantlint::schema
