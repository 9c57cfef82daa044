// Shared by the lower_*.cpp files alone: the only files that see PostgreSQL's own headers.
// A Lowerer turns one raw parse tree into ours; everything it makes lives in the arena.
#pragma once

#include <cstdint>
#include <cstring>
#include <string_view>
#include <vector>

#include "analyzer/sql/ast.h"
#include "analyzer/text/arena.h"

extern "C" {
#include <postgres.h>

#include <nodes/parsenodes.h>
#include <nodes/pg_list.h>
#include <nodes/primnodes.h>
#include <nodes/value.h>
}
// PostgreSQL's gettext and assertion macros must not leak into C++ headers that come after.
#undef _
#undef gettext
#undef printf
#undef snprintf
#undef vsnprintf
#undef sprintf

namespace tenantlint::sql {

// Trees deeper than this are refused: every later stage may recurse without minding its stack.
inline constexpr int kMaxDepth = 3000;

class Lowerer {
 public:
  // `text` is the whole text; the parse began at byte `base` of it. For `details` see lower.h.
  Lowerer(std::string_view text, std::uint32_t base, Arena& arena, Arena& details)
      : text_(text), base_(base), arena_(arena), own_details_(details) {}

  const ast::Statement* statement(const ::Node* node, std::uint32_t at, std::uint32_t end);
  const ast::Expr* expr(const ::Node* node);
  bool too_deep() const { return too_deep_; }

 private:
  // Bounds recursion; a tree that is too deep becomes Unsupported and fails the whole parse.
  struct DepthGuard {
    explicit DepthGuard(Lowerer& owner) : lowerer(owner) {
      if (++lowerer.depth_ > kMaxDepth) lowerer.too_deep_ = true;
    }
    ~DepthGuard() { --lowerer.depth_; }
    DepthGuard(const DepthGuard&) = delete;
    DepthGuard& operator=(const DepthGuard&) = delete;
    Lowerer& lowerer;
  };

  // While it lives, nodes are made in `arena`; strings are not.
  struct Into {
    Into(Lowerer& owner, Arena* arena) : lowerer(owner), before(owner.nodes_) {
      lowerer.nodes_ = arena;
    }
    ~Into() { lowerer.nodes_ = before; }
    Into(const Into&) = delete;
    Into& operator=(const Into&) = delete;
    Lowerer& lowerer;
    Arena* before;
  };

  // lower.cpp: small things
  template <typename T>
  T* make(std::uint32_t at) {
    T* node = nodes_->make<T>();
    node->kind = T::kKind;
    node->at = at;
    return node;
  }
  std::string_view str(const char* s) {
    return s == nullptr ? std::string_view() : arena_.copy(std::string_view(s, std::strlen(s)));
  }
  std::uint32_t at(int location) const {
    return location < 0 ? 0 : base_ + static_cast<std::uint32_t>(location);
  }
  ast::QualifiedName name(const ::List* parts, std::uint32_t at = 0);
  ast::List<std::string_view> strings(const ::List* list);
  template <typename T, typename F>
  ast::List<T> map(const ::List* list, F convert) {
    std::span<T> out = nodes_->array<T>(static_cast<std::size_t>(list_length(list)));
    for (std::size_t i = 0; i < out.size(); ++i) {
      out[i] = convert(static_cast<const ::Node*>(list_nth(list, static_cast<int>(i))));
    }
    return out;
  }
  ast::List<const ast::Expr*> exprs(const ::List* list);
  const ast::TypeName* type(const ::TypeName* node);
  ast::RoleSpec role(const ::RoleSpec* node);
  ast::List<ast::RoleSpec> roles(const ::List* list);
  ast::Option option(const ::DefElem* node);
  ast::List<ast::Option> options(const ::List* list);
  std::string_view value_text(const ::Node* node, bool& opaque);
  ast::ObjectName object(ast::ObjectType type, const ::Node* node);
  ast::ObjectName function_object(const ::ObjectWithArgs* node);
  const ast::Statement* unsupported(const char* what, std::uint32_t at);
  ast::CodeString code(const ::DefElem* element, const char* value);

  // lower_expr.cpp
  const ast::Expr* expr_node(const ::Node* node);
  const ast::Expr* list_node(const ::Node* node);
  const ast::Expr* rare_node(const ::Node* node);
  const ast::Expr* operator_chain(const ::A_Expr* node);
  ast::Operator* operator_node(const ::A_Expr* node);
  const ast::Expr* constant(const ::A_Const* node);
  const ast::Expr* column_ref(const ::ColumnRef* node);
  const ast::Expr* func_call(const ::FuncCall* node);
  const ast::Expr* sub_link(const ::SubLink* node);
  const ast::Expr* case_expr(const ::CaseExpr* node);
  const ast::Expr* value_function(const ::SQLValueFunction* node);
  const ast::Expr* grouping_set(const ::GroupingSet* node);
  const ast::Expr* xml(const ::XmlExpr* node);
  ast::List<ast::Subscript> path(const ::List* list);
  ast::SortBy sort_by(const ::SortBy* node);
  ast::List<ast::SortBy> sort_list(const ::List* list);
  const ast::WindowDef* window(const ::WindowDef* node);

  // lower_query.cpp
  const ast::Select* select(const ::SelectStmt* node, std::uint32_t at);
  void select_clauses(const ::SelectStmt* node, ast::Select& out);
  const ast::Statement* query(const ::Node* node);
  const ast::With* with(const ::WithClause* node);
  const ast::RangeVar* range_var(const ::RangeVar* node);
  ast::List<const ast::RangeVar*> range_vars(const ::List* list);
  const ast::FromItem* from_item(const ::Node* node);
  const ast::FromItem* join(const ::JoinExpr* node);
  const ast::FromItem* range_function(const ::RangeFunction* node);
  ast::Alias alias(const ::Alias* node);
  ast::List<ast::Target> targets(const ::List* list);
  ast::Target target(const ::Node* node);
  const ast::Statement* insert(const ::InsertStmt* node, std::uint32_t at);
  const ast::OnConflict* on_conflict(const ::OnConflictClause* node);
  const ast::Statement* update(const ::UpdateStmt* node, std::uint32_t at);
  const ast::Statement* remove(const ::DeleteStmt* node, std::uint32_t at);
  const ast::Statement* merge(const ::MergeStmt* node, std::uint32_t at);
  const ast::Statement* copy(const ::CopyStmt* node, std::uint32_t at);
  // Each group answers nullptr for a node that is not one of its own.
  const ast::Statement* query_statement(const ::Node* node, std::uint32_t at);

  // lower_table.cpp
  const ast::Statement* table_statement(const ::Node* node, std::uint32_t at);
  const ast::CreateTable* create_table(const ::CreateStmt* node, std::uint32_t at);
  const ast::Statement* alter_table(const ::AlterTableStmt* node, std::uint32_t at);
  ast::AlterTableCommand alter_command(const ::AlterTableCmd* node);
  const ast::ColumnDef* column(const ::ColumnDef* node);
  ast::Constraint constraint(const ::Constraint* node);
  const ast::Constraint* constraint_pointer(const ::Node* node);
  ast::IndexElement index_element(const ::IndexElem* node);
  ast::List<ast::IndexElement> index_elements(const ::List* list);
  const ast::PartitionBound* bound(const ::PartitionBoundSpec* node);
  const ast::PartitionSpec* partition_spec(const ::PartitionSpec* node);
  const ast::Statement* create_table_as(const ::CreateTableAsStmt* node, std::uint32_t at);
  const ast::Statement* create_view(const ::ViewStmt* node, std::uint32_t at);
  const ast::Statement* create_index(const ::IndexStmt* node, std::uint32_t at);

  // lower_object.cpp: policies, triggers, rules, functions, types
  const ast::Statement* object_statement(const ::Node* node, std::uint32_t at, std::uint32_t end);
  const ast::Statement* create_policy(const ::CreatePolicyStmt* node, std::uint32_t at);
  const ast::Statement* create_trigger(const ::CreateTrigStmt* node, std::uint32_t at);
  const ast::Statement* create_function(const ::CreateFunctionStmt* node, std::uint32_t at,
                                        std::uint32_t end);
  void function_option(const ::DefElem* element, ast::CreateFunction& out);
  ast::List<ast::FunctionParameter> parameters(const ::List* list);
  const ast::Statement* do_block(const ::DoStmt* node, std::uint32_t at);
  const ast::Statement* alter_function(const ::AlterFunctionStmt* node, std::uint32_t at);
  const ast::Statement* type_statement(const ::Node* node, std::uint32_t at);
  const ast::Statement* define(const ::DefineStmt* node, std::uint32_t at);

  // lower_catalog.cpp: schemas, extensions, publications, roles, privileges, any object
  const ast::Statement* catalog_statement(const ::Node* node, std::uint32_t at);
  const ast::Statement* publication_statement(const ::Node* node, std::uint32_t at);
  const ast::Statement* role_statement(const ::Node* node, std::uint32_t at);
  const ast::Statement* privilege_statement(const ::Node* node, std::uint32_t at);
  const ast::Grant* grant(const ::GrantStmt* node, std::uint32_t at);
  const ast::Statement* create_role(const ::CreateRoleStmt* node, std::uint32_t at);
  const ast::Statement* drop(const ::DropStmt* node, std::uint32_t at);
  const ast::Statement* rename(const ::RenameStmt* node, std::uint32_t at);
  const ast::Statement* any_object_statement(const ::Node* node, std::uint32_t at);
  ast::List<ast::PublicationObject> publication_objects(const ::List* list);

  // lower_session.cpp: settings, transactions, prepared statements; and what has no effect
  const ast::Statement* session_statement(const ::Node* node, std::uint32_t at);
  ast::SetClause set_clause(const ::VariableSetStmt* node);

  std::string_view text_;
  std::uint32_t base_;
  Arena& arena_;        // of strings, and of nodes that are kept
  Arena& own_details_;  // of a statement's own nodes where the model takes over what they say
  Arena* details_ = &arena_;
  Arena* nodes_ = &arena_;  // where nodes are made now
  int depth_ = 0;
  bool too_deep_ = false;
};

// Our word for PostgreSQL's ObjectType.
ast::ObjectType object_type(::ObjectType type);

// The field of a String node.
inline const char* str_val(const ::Node* node) {
  return node != nullptr && IsA(node, String) ? reinterpret_cast<const ::String*>(node)->sval
                                              : nullptr;
}
template <typename T>
const T* to(const ::Node* node) {
  return reinterpret_cast<const T*>(node);
}
template <typename T>
const T* to(const void* node) {
  return static_cast<const T*>(node);
}

}  // namespace tenantlint::sql
