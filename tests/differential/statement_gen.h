// Random statements over a schema: each occurrence is tied to the tenant in one of many ways, and
// half of the statements are then broken in one place (near_miss.h).
//
// $1 stands for the tenant; $2 for a number, $3 for A's slug, $4 for a text. Results are determined
// by the rows: whatever numbers, cuts or concatenates rows is ordered by all that it shows.
#pragma once

#include <string>
#include <vector>

#include "tests/differential/random.h"
#include "tests/differential/schema_gen.h"
#include "tests/differential/tree.h"

namespace tenantlint::differential {

// A relation under its alias, as expressions see it.
struct Item {
  std::string alias;
  std::vector<Column> columns;
  bool tenant = false;    // has a column tenant_id
  bool nullable = false;  // which may be NULL
  std::string table;      // if it is one
};

struct Scope {
  std::vector<Item> items;
  const Scope* outer = nullptr;
};

// What a query is asked for.
struct Want {
  bool tenant = false;      // its first column is tenant_id
  std::vector<Type> types;  // of the columns behind that
  bool tied = true;         // false: its first occurrence is left to whoever reads the result
};

struct Common {  // a common table expression in sight
  std::string name;
  std::vector<Column> columns;
  bool nullable = true;
  bool open = false;  // who reads it has to tie it
};

class StatementGenerator {
 public:
  StatementGenerator(const SchemaPlan& plan, Random& random) : plan_(plan), random_(random) {}

  NodePtr statement();
  // Everything in it is tied, in a way that a reviewer would accept.
  bool plain() const { return plain_ && !plan_.tenant.merges; }

 private:
  // query_gen.cpp
  NodePtr query(int depth, const Scope* outer, const Want& want);
  NodePtr block(int depth, const Scope* outer, const Want& want);
  NodePtr finish_plain(int depth, Scope& scope, const Want& want, NodePtr from, NodePtr where);
  NodePtr finish_grouped(int depth, Scope& scope, const Want& want, NodePtr from, NodePtr where);
  NodePtr with(int depth, const Scope* outer, const Want& want);
  NodePtr recursive(Common& common);
  NodePtr top_select();
  std::vector<Type> random_types(int low, int high);
  NodePtr order_by_all(std::size_t count);
  NodePtr all_columns(const Scope& scope);
  // from_gen.cpp
  NodePtr from_clause(int depth, Scope& scope, const Want& want, std::vector<NodePtr>& where);
  NodePtr from_item(int depth, Scope& scope, bool tied, bool& needs_tie);
  NodePtr derived_item(int depth, Scope& scope, bool tied, bool& needs_tie);
  NodePtr function_item(Scope& scope, bool& needs_tie);
  NodePtr add_join(int depth, Scope& scope, NodePtr left, std::vector<NodePtr>& where);
  NodePtr join_by_key(Scope& scope, NodePtr left);
  NodePtr join_using(Scope& scope, NodePtr left, std::vector<NodePtr>& where);
  // expression_gen.cpp
  NodePtr source();
  NodePtr tie_of(const Item& item, const Scope& scope, int depth);
  NodePtr equals_source(const std::string& column, bool nullable);
  NodePtr through_subquery(const Item& item, const Scope& scope);
  NodePtr condition(const Scope& scope, int depth);
  NodePtr subquery_condition(const Scope& scope, int depth);
  NodePtr expression(Type type, const Scope& scope, int depth);
  NodePtr scalar_subquery(Type type, const Scope& scope, int depth);
  NodePtr aggregate(Type type, const Scope& scope, int depth);
  NodePtr window(const Scope& scope);
  NodePtr constant(Type type);
  NodePtr column(Type type, const Scope& scope, bool outer_too);
  const Item* earlier_tenant(const Scope& scope, const std::string& not_alias);
  // dml_gen.cpp
  NodePtr insert(bool returning_all);
  NodePtr update(bool returning_all);
  NodePtr remove(bool returning_all);
  NodePtr merge();
  NodePtr insert_source(const RelationPlan& table, std::vector<std::string>& columns);
  NodePtr on_conflict(const RelationPlan& table);
  NodePtr assignments(const RelationPlan& table, const Scope& scope);
  NodePtr returning(const Item& target, bool all, const Scope& scope);

  std::string alias();
  std::string table_name(const RelationPlan& table);
  const RelationPlan* table_of(const Item& item) const;
  Item item_of(const RelationPlan& relation, std::string alias) const;

  const SchemaPlan& plan_;
  Random& random_;
  int aliases_ = 0;
  std::vector<Common> commons_;
  bool plain_ = true;
};

}  // namespace tenantlint::differential
