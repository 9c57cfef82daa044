// information_schema over the model's records, as far as migrations ask it.
// Source: PostgreSQL 15, src/backend/catalog/information_schema.sql.
#include <string>

#include "analyzer/schema/catalogue_query.h"

namespace tenantlint::schema {

namespace {

using Row = CatalogueRow;

template <typename T>
const T& first(const Row& row) {
  return *static_cast<const T*>(row.first);
}
template <typename T>
const T& second(const Row& row) {
  return *static_cast<const T*>(row.second);
}
Value text(std::string_view value) {
  return Value::string(value);
}
Value yes_no(bool value) {
  return Value::string(value ? "YES" : "NO");
}
std::string_view schema_name(const Relation& relation) {
  return relation.schema == nullptr ? std::string_view{} : relation.schema->name;
}
Value relation_schema(const Model&, const Row& r) {
  return text(schema_name(first<Relation>(r)));
}
Value relation_name(const Model&, const Row& r) {
  return text(first<Relation>(r).name);
}
Value unknown_catalog(const Model&, const Row&) {
  return Value::unknown_because("depends on the name of the database");
}

template <typename Want>
std::vector<Row> relations_where(const Model& model, const Want& want) {
  std::vector<Row> out;
  for (const Relation& relation : model.relations) {
    if (!relation.dropped && want(relation)) out.push_back({&relation, nullptr, 0});
  }
  return out;
}

// ---------------------------------------------------------------- tables and columns

std::vector<Row> table_rows(const Model& model) {
  return relations_where(
      model, [](const Relation& r) { return r.is_table() || r.kind == RelationKind::View; });
}
constexpr CatalogueColumn kTables[] = {
    {"table_catalog", unknown_catalog},
    {"table_schema", relation_schema},
    {"table_name", relation_name},
    {"table_type",
     [](const Model&, const Row& r) {
       const auto& relation = first<Relation>(r);
       if (relation.kind == RelationKind::View) return text("VIEW");
       if (relation.kind == RelationKind::Foreign) return text("FOREIGN");
       return text(relation.persistence == 't' ? "LOCAL TEMPORARY" : "BASE TABLE");
     }},
};

std::vector<Row> view_rows(const Model& model) {
  return relations_where(model, [](const Relation& r) { return r.kind == RelationKind::View; });
}
constexpr CatalogueColumn kViews[] = {
    {"table_catalog", unknown_catalog},
    {"table_schema", relation_schema},
    {"table_name", relation_name},
    {"view_definition", nullptr},
};

std::vector<Row> column_rows(const Model& model) {
  std::vector<Row> out;
  for (const Relation& relation : model.relations) {
    if (relation.dropped || !(relation.is_table() || relation.kind == RelationKind::View)) continue;
    for (std::size_t i = 0; i < relation.columns.size(); ++i) {
      if (!relation.columns[i].dropped) out.push_back({&relation, nullptr, static_cast<int>(i)});
    }
  }
  return out;
}
const Column& column_of(const Row& r) {
  return first<Relation>(r).columns[static_cast<std::size_t>(r.index)];
}
Value data_type(const Model&, const Row& r) {
  const TypeRef& type = column_of(r).type;
  if (type.type == nullptr || type.type->kind == TypeKind::Unknown) {
    return Value::unknown_because("asks for a type that is not known");
  }
  if (type.array) return text("ARRAY");
  const Type* base = type.type;
  while (base->kind == TypeKind::Domain && base->base != nullptr) base = base->base;
  if (base->schema != nullptr) return text("USER-DEFINED");
  return text(format_type({base}));
}
Value udt_name(const Model&, const Row& r) {
  const TypeRef& type = column_of(r).type;
  if (type.type == nullptr || type.type->kind == TypeKind::Unknown) {
    return Value::unknown_because("asks for a type that is not known");
  }
  return text((type.array ? "_" : "") + std::string(type.type->name));
}
Value column_default(const Model&, const Row& r) {
  const Column& column = column_of(r);
  if (column.generated != nullptr) return {};
  if (column.serial) return Value::unknown_because("reads a default's text");
  return column.default_expr == nullptr ? Value{}
                                        : expression_text(column.default_expr, column.default_text);
}
constexpr CatalogueColumn kColumns[] = {
    {"table_catalog", unknown_catalog},
    {"table_schema", relation_schema},
    {"table_name", relation_name},
    {"column_name", [](const Model&, const Row& r) { return text(column_of(r).name); }},
    {"ordinal_position", [](const Model&, const Row& r) { return Value::number(r.index + 1); }},
    {"column_default", column_default},
    {"is_nullable", [](const Model&, const Row& r) { return yes_no(!column_of(r).not_null); }},
    {"data_type", data_type},
    {"udt_name", udt_name},
    {"udt_schema",
     [](const Model&, const Row& r) {
       const Type* type = column_of(r).type.type;
       return text(type == nullptr || type->schema == nullptr ? "pg_catalog" : type->schema->name);
     }},
    {"character_maximum_length",
     [](const Model&, const Row& r) {
       const TypeRef& type = column_of(r).type;
       const bool sized = type.type != nullptr && !type.array && type.mod1 >= 0 &&
                          (type.type->name == "varchar" || type.type->name == "bpchar");
       return sized ? Value::number(type.mod1) : Value{};
     }},
    {"is_identity", [](const Model&, const Row& r) { return yes_no(column_of(r).identity != 0); }},
    {"is_generated",
     [](const Model&, const Row& r) {
       return text(column_of(r).generated != nullptr ? "ALWAYS" : "NEVER");
     }},
    {"numeric_precision", nullptr},
    {"collation_name", nullptr},
};

// ---------------------------------------------------------------- constraints

bool standard(const Constraint& c) {
  return !c.dropped && c.table != nullptr && !c.table->dropped &&
         c.type != ConstraintType::Exclusion && c.type != ConstraintType::Trigger;
}
std::vector<Row> constraint_rows(const Model& model) {
  std::vector<Row> out;
  for (const Constraint& c : model.constraints) {
    if (standard(c)) out.push_back({&c, nullptr, 0});
  }
  return out;
}
std::string_view type_name(ConstraintType type) {
  switch (type) {
    case ConstraintType::PrimaryKey: return "PRIMARY KEY";
    case ConstraintType::Unique: return "UNIQUE";
    case ConstraintType::ForeignKey: return "FOREIGN KEY";
    case ConstraintType::Check: return "CHECK";
    case ConstraintType::Exclusion:
    case ConstraintType::Trigger: break;
  }
  return "";
}
Value constraint_schema(const Model&, const Row& r) {
  return text(schema_name(*first<Constraint>(r).table));
}
Value constraint_name(const Model&, const Row& r) {
  return text(first<Constraint>(r).name);
}
Value constraint_table(const Model&, const Row& r) {
  return text(first<Constraint>(r).table->name);
}
constexpr CatalogueColumn kConstraints[] = {
    {"constraint_catalog", unknown_catalog},
    {"constraint_schema", constraint_schema},
    {"constraint_name", constraint_name},
    {"table_catalog", unknown_catalog},
    {"table_schema", constraint_schema},
    {"table_name", constraint_table},
    {"constraint_type",
     [](const Model&, const Row& r) { return text(type_name(first<Constraint>(r).type)); }},
    {"is_deferrable",
     [](const Model&, const Row& r) { return yes_no(first<Constraint>(r).deferrable); }},
};

std::vector<Row> check_rows(const Model& model) {
  std::vector<Row> out;
  for (const Row& row : constraint_rows(model)) {
    if (first<Constraint>(row).type == ConstraintType::Check) out.push_back(row);
  }
  return out;
}
constexpr CatalogueColumn kChecks[] = {
    {"constraint_catalog", unknown_catalog},
    {"constraint_schema", constraint_schema},
    {"constraint_name", constraint_name},
    {"check_clause",
     [](const Model&, const Row& r) {
       return expression_text(first<Constraint>(r).check, first<Constraint>(r).text);
     }},
};

// One row per key column; the row's second record is the table that the column belongs to.
std::vector<Row> key_rows(const Model& model) {
  std::vector<Row> out;
  for (const Row& row : constraint_rows(model)) {
    const auto& c = first<Constraint>(row);
    if (c.type == ConstraintType::Check) continue;
    for (const std::uint16_t column : c.columns) out.push_back({&c, c.table, column});
  }
  return out;
}
// Of a foreign key: the columns that it refers to.
std::vector<Row> usage_rows(const Model& model) {
  std::vector<Row> out;
  for (const Row& row : constraint_rows(model)) {
    const auto& c = first<Constraint>(row);
    const bool foreign = c.type == ConstraintType::ForeignKey;
    const Relation* table = foreign ? c.ref_table : c.table;
    if (table == nullptr) continue;
    for (const std::uint16_t column : foreign ? c.ref_columns : c.columns) {
      out.push_back({&c, table, column});
    }
  }
  return out;
}
Value used_schema(const Model&, const Row& r) {
  return text(schema_name(second<Relation>(r)));
}
Value used_table(const Model&, const Row& r) {
  return text(second<Relation>(r).name);
}
Value used_column(const Model&, const Row& r) {
  return text(second<Relation>(r).columns[static_cast<std::size_t>(r.index)].name);
}
constexpr CatalogueColumn kUsage[] = {
    {"constraint_catalog", unknown_catalog},
    {"constraint_schema", constraint_schema},
    {"constraint_name", constraint_name},
    {"table_catalog", unknown_catalog},
    {"table_schema", used_schema},
    {"table_name", used_table},
    {"column_name", used_column},
    {"ordinal_position",
     [](const Model&, const Row& r) {
       const auto& c = first<Constraint>(r);
       for (std::size_t i = 0; i < c.columns.size(); ++i) {
         if (c.columns[i] == r.index) return Value::number(static_cast<std::int64_t>(i) + 1);
       }
       return Value{};
     }},
    {"position_in_unique_constraint", nullptr},
};

std::string_view rule_name(ast::ReferentialAction action) {
  switch (action) {
    case ast::ReferentialAction::NoAction: return "NO ACTION";
    case ast::ReferentialAction::Restrict: return "RESTRICT";
    case ast::ReferentialAction::Cascade: return "CASCADE";
    case ast::ReferentialAction::SetNull: return "SET NULL";
    case ast::ReferentialAction::SetDefault: return "SET DEFAULT";
  }
  return "";
}
std::vector<Row> reference_rows(const Model& model) {
  std::vector<Row> out;
  for (const Row& row : constraint_rows(model)) {
    if (first<Constraint>(row).type == ConstraintType::ForeignKey) out.push_back(row);
  }
  return out;
}
constexpr CatalogueColumn kReferences[] = {
    {"constraint_catalog", unknown_catalog},
    {"constraint_schema", constraint_schema},
    {"constraint_name", constraint_name},
    {"unique_constraint_schema",
     [](const Model&, const Row& r) {
       const auto& c = first<Constraint>(r);
       return c.ref_table == nullptr ? Value{} : text(schema_name(*c.ref_table));
     }},
    {"unique_constraint_name",
     [](const Model&, const Row& r) {
       const Index* index = first<Constraint>(r).ref_index;
       if (index == nullptr || index->constraint == nullptr) return Value{};
       return text(index->constraint->name);
     }},
    {"delete_rule",
     [](const Model&, const Row& r) { return text(rule_name(first<Constraint>(r).on_delete)); }},
    {"update_rule",
     [](const Model&, const Row& r) { return text(rule_name(first<Constraint>(r).on_update)); }},
};

// ---------------------------------------------------------------- the rest

std::vector<Row> schema_rows(const Model& model) {
  std::vector<Row> out;
  for (const Schema& schema : model.schemas) {
    if (!schema.dropped) out.push_back({&schema, nullptr, 0});
  }
  return out;
}
constexpr CatalogueColumn kSchemata[] = {
    {"catalog_name", unknown_catalog},
    {"schema_name", [](const Model&, const Row& r) { return text(first<Schema>(r).name); }},
    {"schema_owner", nullptr},
};

// One row per event; `index` is its bit.
std::vector<Row> trigger_rows(const Model& model) {
  std::vector<Row> out;
  for (const Trigger& trigger : model.triggers) {
    if (trigger.dropped || trigger.table == nullptr || trigger.table->dropped) continue;
    for (const int bit : {ast::kOnInsert, ast::kOnDelete, ast::kOnUpdate}) {
      if ((trigger.events & bit) != 0) out.push_back({&trigger, trigger.table, bit});
    }
  }
  return out;
}
constexpr CatalogueColumn kTriggers[] = {
    {"trigger_catalog", unknown_catalog},
    {"trigger_schema", used_schema},
    {"trigger_name", [](const Model&, const Row& r) { return text(first<Trigger>(r).name); }},
    {"event_manipulation",
     [](const Model&, const Row& r) {
       return text(r.index == ast::kOnInsert   ? "INSERT"
                   : r.index == ast::kOnDelete ? "DELETE"
                                               : "UPDATE");
     }},
    {"event_object_schema", used_schema},
    {"event_object_table", used_table},
    {"action_timing",
     [](const Model&, const Row& r) {
       switch (first<Trigger>(r).timing) {
         case ast::TriggerTiming::Before: return text("BEFORE");
         case ast::TriggerTiming::After: return text("AFTER");
         case ast::TriggerTiming::InsteadOf: return text("INSTEAD OF");
       }
       return Value{};
     }},
};

std::vector<Row> routine_rows(const Model& model) {
  std::vector<Row> out;
  for (const Function& f : model.functions) {
    const bool routine = f.kind == FunctionKind::Function || f.kind == FunctionKind::Procedure;
    if (!f.dropped && routine) out.push_back({&f, nullptr, 0});
  }
  return out;
}
constexpr CatalogueColumn kRoutines[] = {
    {"routine_catalog", unknown_catalog},
    {"specific_schema",
     [](const Model&, const Row& r) { return text(first<Function>(r).schema->name); }},
    {"routine_schema",
     [](const Model&, const Row& r) { return text(first<Function>(r).schema->name); }},
    {"routine_name", [](const Model&, const Row& r) { return text(first<Function>(r).name); }},
    {"routine_type",
     [](const Model&, const Row& r) {
       return text(first<Function>(r).kind == FunctionKind::Procedure ? "PROCEDURE" : "FUNCTION");
     }},
    {"specific_name", nullptr},
    {"data_type", nullptr},
    {"routine_definition", nullptr},
};

std::vector<Row> sequence_rows(const Model& model) {
  return relations_where(model, [](const Relation& r) { return r.kind == RelationKind::Sequence; });
}
constexpr CatalogueColumn kSequences[] = {
    {"sequence_catalog", unknown_catalog},
    {"sequence_schema", relation_schema},
    {"sequence_name", relation_name},
};

std::vector<Row> domain_rows(const Model& model) {
  std::vector<Row> out;
  for (const Type& type : model.types) {
    if (!type.dropped && type.kind == TypeKind::Domain && type.schema != nullptr) {
      out.push_back({&type, nullptr, 0});
    }
  }
  return out;
}
constexpr CatalogueColumn kDomains[] = {
    {"domain_schema", [](const Model&, const Row& r) { return text(first<Type>(r).schema->name); }},
    {"domain_name", [](const Model&, const Row& r) { return text(first<Type>(r).name); }},
};

const CatalogueTable kStandardViews[] = {
    {"tables", true, table_rows, kTables},
    {"views", true, view_rows, kViews},
    {"columns", true, column_rows, kColumns},
    {"table_constraints", true, constraint_rows, kConstraints},
    {"check_constraints", true, check_rows, kChecks},
    {"key_column_usage", true, key_rows, kUsage},
    {"constraint_column_usage", true, usage_rows, kUsage},
    {"referential_constraints", true, reference_rows, kReferences},
    {"schemata", true, schema_rows, kSchemata},
    {"triggers", true, trigger_rows, kTriggers},
    {"routines", true, routine_rows, kRoutines},
    {"sequences", true, sequence_rows, kSequences},
    {"domains", true, domain_rows, kDomains},
};

}  // namespace

std::span<const CatalogueTable> information_schema_views() {
  return kStandardViews;
}

}  // namespace tenantlint::schema
