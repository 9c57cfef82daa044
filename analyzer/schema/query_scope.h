// The names that a query can use, from the inside out: what its FROM items offer, CTEs, and the
// scopes around it. For replay alone; see query_columns.cpp.
#pragma once

#include <string_view>
#include <unordered_map>
#include <vector>

#include "analyzer/schema/replayer.h"

namespace tenantlint::schema {

using Columns = std::vector<OutputColumn>;

// What one FROM item offers: its name and its columns.
struct Source {
  std::string_view name;
  Columns columns;
};

class Scope {
 public:
  // `uses`, if given, gets every column of a relation that is named, once.
  Scope(Replayer& r, const Scope* outer, std::vector<UsedColumn>* uses = nullptr)
      : r_(r), outer_(outer), uses_(uses) {}

  // The columns of the result.
  Columns query(const ast::Node& node);
  // A table whose columns an expression can name.
  void add_table(Relation& table);
  // Notes the columns that the expression names, sub-queries included.
  void note(const ast::Node* expr);
  // Never null; of the unknown type if it cannot be inferred.
  TypeRef type_of(const ast::Expr* expr) const;

 private:
  // query_columns.cpp
  Columns select(const ast::Select& s);
  void add_ctes(const ast::With& with);
  Columns set_operation(const ast::Select& s);
  Columns result(const ast::Select& s);
  void note_clauses(const ast::Select& s, const Columns& out);
  void note_sort(const ast::Expr* key, const Columns& out);
  void note_window(const ast::WindowDef& window);
  void add_from(const ast::FromItem* item);
  void add_join(const ast::JoinExpr& join);
  void merge(std::size_t begin, std::size_t middle, const std::vector<std::string_view>& names);
  Columns relation_columns(const ast::RangeVar& name) const;
  Columns function_columns(const ast::RangeFunction& item) const;
  void expand_star(const ast::ColumnRef& ref, Columns& out);
  const OutputColumn* find(const ast::ColumnRef& ref) const;
  void use(const OutputColumn& column);
  // query_types.cpp
  TypeRef call_type(const ast::FuncCall& call) const;
  TypeRef call_type_by_arguments(const ast::FuncCall& call) const;
  TypeRef literal_type(const ast::Literal& literal) const;
  TypeRef sublink_type(const ast::SubLink& link) const;
  TypeRef indirection_type(const ast::Indirection& indirection) const;
  TypeRef value_function_type(std::string_view name) const;
  TypeRef operator_type(const ast::Operator& op) const;
  TypeRef common(ast::List<const ast::Expr*> args) const;
  TypeRef unify(const TypeRef& a, const TypeRef& b) const;
  TypeRef unknown() const { return {r_.model.unknown_type(), -1, -1, false}; }
  static bool is_unknown(const TypeRef& t) { return t.type->kind == TypeKind::Unknown; }
  bool is(const TypeRef& t, std::string_view name) const {
    return t.type->schema == nullptr && t.type->name == name && !t.array;
  }

  Replayer& r_;
  const Scope* outer_;
  std::vector<UsedColumn>* uses_;
  std::vector<Source> sources_;
  std::unordered_map<std::string_view, Columns> ctes_;
};

}  // namespace tenantlint::schema
