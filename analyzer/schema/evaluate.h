// Computes expressions and queries of dynamic DDL from the model alone. What depends on the rows of
// tables, the clock or the server is unknown, with its reason; three-valued logic keeps what is
// known in spite of it.
#pragma once

#include <deque>
#include <string>
#include <string_view>
#include <vector>

#include "analyzer/schema/catalogue_query.h"
#include "analyzer/schema/evaluate_value.h"
#include "analyzer/schema/replayer.h"

namespace tenantlint::schema {

// What surrounds an expression: variables, parameters, functions of the schema.
class Environment {
 public:
  virtual ~Environment() = default;
  // The variable of that (qualified) name; false if there is none.
  virtual bool variable(ast::List<std::string_view> path, Value& out) = 0;
  virtual Value parameter(int number) = 0;
  // Runs a function of the schema. `certain` is false where it may not be called at all.
  virtual Value call(const ast::FuncCall& tree, std::vector<Value> args, bool certain) = 0;
};

// The result of a query. `maybe`: whether the row is there is not known. `more`: there may be
// further rows, of which nothing is known. `why` says what either depends on.
struct Rows {
  struct Row {
    std::vector<Value> values;
    bool maybe = false;
  };
  std::vector<std::string> names;
  std::vector<Row> rows;
  bool more = false;
  std::string why;

  bool certain() const;
  // The row as a record.
  Value record(std::size_t index) const;
};

class Evaluator {
 public:
  Evaluator(Replayer& replayer, Environment& environment) : r_(replayer), env_(environment) {}

  Value value(const ast::Expr* expr) { return eval(expr, nullptr); }
  // `enough`: the caller needs no further rows after that many certain ones; 0: all.
  Rows query(const ast::Node& query, std::size_t enough = 0) { return run(query, nullptr, enough); }

  // `value::type`; `type` is pg_type's name.
  Value cast(const Value& value, std::string_view type, bool array);
  // Casts to the type of a DECLARE, by its text.
  Value coerce(Value value, std::string_view declared_type);

  // What current_database() gives; empty: unknown. For ALTER DATABASE alone, where any name will
  // do.
  std::string database;

 private:
  Value cast_to_object(const Value& value, std::string_view type);
  Value cast_to_relation(const Value& value);

  // One FROM item's current row.
  struct Part {
    std::string_view alias;
    const CatalogueTable* table = nullptr;
    CatalogueRow row;
    const Value* record = nullptr;         // names and items
    const std::string* unknown = nullptr;  // why nothing is known about it
  };
  struct Combined {
    std::vector<Part> parts;
    bool maybe = false;
  };
  using Group = std::vector<const Combined*>;
  struct Scope {
    const Scope* outer = nullptr;
    const std::vector<Part>* parts = nullptr;
    const Group* group = nullptr;  // inside of an aggregating query
    bool maybe = false;
  };
  struct CommonTableRows {
    std::string_view name;
    Rows rows;
  };

  // evaluate.cpp
  Value eval(const ast::Expr* expr, const Scope* scope);
  Value literal(const ast::Literal& literal);
  Value column(const ast::ColumnRef& ref, const Scope* scope);
  bool part_column(const Part& part, std::string_view name, Value& out);
  static bool part_has(const Part& part, std::string_view name);
  Value logic(const ast::BoolExpr& expr, const Scope* scope);
  Value operation(const ast::Operator& op, const Scope* scope);
  Value binary(std::string_view op, const Value& a, const Value& b);
  Value any_all(const ast::Operator& op, const Scope* scope);
  Value in_list(const ast::Operator& op, const Scope* scope);
  Value matches(const ast::Operator& op, const Scope* scope);
  Value arithmetic(char op, const Value& a, const Value& b);
  Value sublink(const ast::SubLink& link, const Scope* scope);
  Value boolean_test(const ast::BooleanTest& test, const Scope* scope);
  Value choose(const ast::Case& expr, const Scope* scope);
  Value coalesce(const ast::Coalesce& expr, const Scope* scope);
  Value subscript(const ast::Indirection& expr, const Scope* scope);
  Value value_function(std::string_view name);

  // evaluate_call.cpp
  Value call(const ast::FuncCall& call, const Scope* scope);
  Value aggregate(const ast::FuncCall& call, const Scope* scope);
  bool text_function(std::string_view name, const std::vector<Value>& args, Value& out);
  bool array_function(std::string_view name, const std::vector<Value>& args, Value& out);
  bool date_function(std::string_view name, const std::vector<Value>& args, Value& out);
  bool description_function(std::string_view name, const std::vector<Value>& args, Value& out);
  bool catalogue_function(std::string_view name, const std::vector<Value>& args, Value& out);
  static Value format(const std::vector<Value>& args);
  static Value concat(const std::vector<Value>& args, std::string_view separator);
  Relation* relation_named(std::string_view text) const;

  // evaluate_query.cpp
  Rows run(const ast::Node& query, const Scope* outer, std::size_t enough);
  Rows select(const ast::Select& query, const Scope* outer, std::size_t enough);
  Rows values(const ast::Select& query, const Scope* outer);
  Rows combine(const ast::Select& query, const Scope* outer);
  Rows project(const ast::Select& query, const std::vector<Combined>& input, const Scope* outer,
               std::size_t enough);
  Rows project_groups(const ast::Select& query, const std::vector<Combined>& input,
                      const Scope* outer);
  void add_target(const ast::Target& target, const Scope& scope, std::vector<Value>& out);
  std::vector<Rows::Row> expand_sets(const ast::Select& query, const Scope& scope);
  void limit(const ast::Select& query, const Scope* outer, Rows& rows);
  struct Source {
    std::vector<Combined> rows;
    bool more = false;
  };
  Source from(const ast::Select& query, const Scope* outer, std::string& why);
  bool ruled_out(const std::vector<const ast::Expr*>& conjuncts, const Combined& row,
                 const Scope* outer);
  Source where(const std::vector<const ast::Expr*>& conjuncts, Source rows, const Scope* outer,
               std::string& why);
  Source item_rows(const ast::FromItem& item, const Scope* outer, std::string& why);
  Source relation_rows(const ast::RangeVar& name, std::string& why);
  Source join_rows(const ast::JoinExpr& join, const Scope* outer, std::string& why);
  Value join_condition(const ast::JoinExpr& join, const Combined& left, const Combined& right,
                       const Combined& both, const Scope* outer);
  Source function_rows(const ast::RangeFunction& item, const Scope* outer, std::string& why);
  Source record_rows(const Rows& rows, const ast::Alias& alias, std::string& why);
  bool set_function(const ast::FuncCall& call, const Scope* scope, std::vector<Value>& out,
                    std::string& why);
  static bool is_set_function(const ast::Expr* expr);
  static bool aggregates(const ast::Select& query);

  Replayer& r_;
  Environment& env_;
  std::vector<CommonTableRows> ctes_;
  std::deque<Value> records_;        // that parts refer to
  std::deque<std::string> reasons_;  // the same
  int uncertain_ = 0;                // > 0: what is evaluated may not be reached
  int depth_ = 0;
};

}  // namespace tenantlint::schema
