// Runs code that runs while migrations run: DO blocks, functions and procedures called by them,
// dynamic SQL. Follows what is certain for every database; whatever depends on data, the server or
// the clock becomes a problem as soon as the schema depends on it, and is passed over otherwise.
#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "analyzer/schema/evaluate.h"
#include "analyzer/schema/replayer.h"
#include "analyzer/sql/plpgsql.h"

namespace tenantlint::schema {

namespace plpgsql = sql::plpgsql;

// A parsed body, kept because functions are called again and loops evaluate again.
struct Body {
  plpgsql::Code code;
  const SqlText* text = nullptr;
};

// What the interpreter remembers from one call to the next.
struct InterpreterMemory {
  std::unordered_map<const char*, Body> bodies;                     // by the body's first byte
  std::unordered_map<const char*, const ast::Select*> expressions;  // by their first byte
  std::unordered_map<const char*, std::shared_ptr<sql::ParseResult>> statements;
  std::unordered_map<const ast::CreateFunction*, bool> changes;
};

class Interpreter : public Environment {
 public:
  explicit Interpreter(Replayer& replayer);

  void run_block(const ast::CodeString& body);
  void run_call(const ast::FuncCall& call);
  Rows run_query(const ast::Node& query) { return evaluator_.query(query); }
  // Carries out text that was computed; `origin` is what computed it.
  void run_text(const std::string& sql, const Place& origin);

  // May a call of the function change the schema, as far as its text tells?
  bool may_change(const Function& function);

  bool error_variable(std::string_view name, Value& out) const;
  // The SQLSTATE of a condition's name; empty if it is not known.
  static std::string_view state_of_condition(std::string_view condition);
  bool variable(ast::List<std::string_view> path, Value& out) override;
  Value parameter(int number) override;
  Value call(const ast::FuncCall& tree, std::vector<Value> args, bool certain) override;

 private:
  enum class Flow : std::uint8_t { Next, Exit, Continue, Return };
  // How far a doubt reaches: whether the rest of an iteration, a loop, a function runs at all.
  enum class Doubt : std::uint8_t { None, Iteration, Loop, Function };

  struct Variable {
    std::string_view name;
    std::string_view label;
    std::string_view type;  // as declared
    Value value;
    Span cursor_query;
  };
  struct Frame {
    const plpgsql::Code* code = nullptr;
    const SqlText* text = nullptr;
    const Function* function = nullptr;
    std::vector<Variable> variables;  // inner ones behind outer ones
    std::vector<Value> parameters;
    Value result;
    Value found;
    std::string_view target;  // the label that EXIT or CONTINUE named
    Doubt doubt = Doubt::None;
    std::string why;                     // of the doubt
    const ReplayError* error = nullptr;  // being handled
  };
  using Statement = plpgsql::Statement;
  using Statements = ast::List<const Statement*>;

  // interpret_code.cpp: control flow
  Flow run(Statements list);
  Flow run(const Statement& s);
  Flow dispatch(const Statement& s);
  Flow block(const Statement& s);
  Flow guarded_body(const Statement& s);
  bool handles(const plpgsql::Handler& handler, const ReplayError& error) const;
  void declare(const Statement& s);
  Flow if_statement(const Statement& s);
  Flow case_statement(const Statement& s);
  Flow loop(const Statement& s);
  Flow for_integer(const Statement& s);
  Flow for_rows(const Statement& s);
  Flow for_each(const Statement& s);
  bool iterate(const Statement& s, Flow& flow);
  Flow end_loop(const Statement& s, Flow flow);
  Flow jump(const Statement& s);
  Flow skip(const Statement& s, const std::vector<Statements>& bodies, const std::string& why);
  void skip_loop(const Statement& s, const std::string& why);
  void doubt(Doubt how_far, const std::string& why);

  // interpret_statement.cpp: single statements
  void assign(const Statement& s);
  void raise(const Statement& s);
  void check(const Statement& s);
  void execute(const Statement& s);
  void execute_unknown(const Statement& s, const Value& text);
  void run_sql(const Statement& s);
  void run_tree(const ast::Statement& tree, const Statement& s);
  void utility(const ast::Statement& tree, const SqlText& text, Span span);
  void changes_rows(const ast::Statement& tree, const Statement& s);
  void require_columns(const ast::Statement& tree);
  void store(const Rows& rows, const Statement& s);
  Rows dynamic_rows(const Statement& s);

  // interpret_call.cpp: functions
  Function* choose(const ast::FuncCall& tree, const std::vector<Value>& args);
  Value run_function(Function& function, const ast::FuncCall& tree, std::vector<Value> args);
  void bind(Frame& frame, const Function& function, const ast::FuncCall& tree,
            std::vector<Value> args);
  void run_sql_body(Frame& frame, const Function& function);
  Value result_of(const Frame& frame) const;
  const Body& body(const ast::CodeString& code, const SqlText& outer);

  // Values
  Value value(Span expr);
  Value value(const ast::Select& select);
  const ast::Select* expression(Span expr);
  const sql::ParseResult& statements(Span sql);
  void set(const plpgsql::Variable& target, Value value);
  void forget(Statements list, const std::string& why);
  void forget(const Statement& s, const std::string& why);
  Variable* find(std::string_view name, std::string_view label = {});

  // What text may do
  bool may_change(std::string_view text, Span range);
  static bool always_raises(Statements list);
  static bool jumps(Statements list);

  void problem(std::string message, Span at);
  void spend(Span at);

  Replayer& r_;
  InterpreterMemory& memory_;
  Evaluator evaluator_;
  Frame* frame_ = nullptr;
  long steps_ = 0;
  int analysing_ = 0;
};

}  // namespace tenantlint::schema
