// One PL/pgSQL body on its way to verdicts; shared by the files that judge bodies alone.
//
//   follow   (body_walk.cpp, body_assign.cpp)   until nothing changes: what variables hold
//   judge    (body_walk.cpp, body_judge.cpp)    once, in order: each statement, and the texts that
//                                               EXECUTE may run
#pragma once

#include <deque>
#include <memory>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "analyzer/isolation/bodies.h"
#include "analyzer/isolation/body_variables.h"
#include "analyzer/isolation/dynamic_text.h"
#include "analyzer/sql/plpgsql.h"
#include "analyzer/text/arena.h"

namespace tenantlint::isolation {

namespace plpgsql = sql::plpgsql;

// A parsed body with what of it was parsed further: bodies are walked several times.
class BodyCode {
 public:
  BodyCode(const ast::CodeString& body, const SqlText& outer);

  const plpgsql::Code& code() const { return code_; }
  const SqlText& text() const { return text_; }
  // Null if the grammar refuses it.
  const ast::Select* expression(Span range);
  const sql::ParseResult& statements(Span range);
  bool variables_first() const { return variables_first_; }

 private:
  Arena arena_;
  plpgsql::Code code_;
  SqlText text_;
  std::unordered_map<std::uint32_t, const ast::Select*> expressions_;
  std::unordered_map<std::uint32_t, sql::ParseResult> statements_;
  bool variables_first_ = false;
};

// What all bodies are judged with.
struct BodyContext {
  const schema::Model& model;
  const schema::Tenancy& tenancy;
  const SourceOptions& options;
  Prover& prover;
};

// For whom a body is judged.
struct BodyTask {
  const schema::Function* function = nullptr;                 // null: a DO block
  const schema::Relation* trigger_table = nullptr;            // of a trigger function
  const std::vector<TransitionTable>* transitions = nullptr;  // … its REFERENCING
  std::vector<std::string_view> search_path;
  const std::vector<bool>* tenant_parameters = nullptr;  // by $n - 1: false: never the tenant
};

class BodyWalk {
 public:
  BodyWalk(const BodyContext& context, BodyCode& code, const BodyTask& task);

  // All statements that could touch rows; `judged` without occurrences for those that do not. The
  // same number of entries whatever the task is.
  BodyVerdict run();

 private:
  using Statement = plpgsql::Statement;
  using Statements = ast::List<const Statement*>;

  // ---- body_walk.cpp
  void walk(Statements list);
  void walk(const Statement& s);
  void walk_block(const Statement& s);
  void declare(const Statement& block);
  void declare(const plpgsql::Declaration& d, std::string_view label);
  void declare_cursor(const plpgsql::Declaration& d, BodyVariable& cursor);
  void walk_if(const Statement& s);
  void walk_case(const Statement& s);
  void walk_loop(const Statement& s);
  void loop_variables(const Statement& s);
  void alternatives(const std::vector<Statements>& branches);
  void expressions(const Statement& s);
  void parameters();
  void trigger_variables();
  BodyVariable& variable(const void* key, std::string_view name);
  BodyVariable& named(std::string_view name, std::string_view type);
  static bool leaves(Statements list);
  void forget_texts(Statements list);

  // ---- body_assign.cpp
  void assign(const plpgsql::Variable& target, const HeldValue& held);
  void remark_new_row(const plpgsql::Variable& target, std::string_view field,
                      const HeldValue& held);
  void assign_expression(const plpgsql::Variable& target, Span expr);
  void assign_text(const plpgsql::Variable& target, TextState text);
  void assign_unknown(ast::List<plpgsql::Variable> targets);
  void assign_elements(const plpgsql::Variable& target, Span array);
  void assign_query(ast::List<plpgsql::Variable> targets, const ast::Statement* query);
  void assign_query_texts(ast::List<plpgsql::Variable> targets, const ast::Select& query);
  void assign_cursor(const Statement& s);
  void assign_call(const ast::Statement& tree);
  void assign_record(BodyVariable& record, const ast::Select& query,
                     const std::vector<Prover::OutputValue>& outputs);
  HeldValue held(const Prover::OutputValue& value) const;
  HeldValue held(Span expr);
  void hold(HeldValue& at, const HeldValue& held);
  bool makes_tenant(const ast::Insert& insert) const;
  bool is_record_type(std::string_view type) const;
  NameScope scope(const std::vector<Variable>& variables) const;

  // ---- body_judge.cpp
  void judge_sql(Span range);
  void judge_expression(Span range);
  void judge_dynamic(const Statement& s);
  void judge_text(DynamicText& text, Span expr, const std::vector<Variable>& arguments,
                  BodyStatement& out);
  void not_understood(Span range, std::string detail);
  void add(BodyStatement statement);
  StatementVerdict prove(const ast::Statement& tree, const SqlText& text, const NameScope& scope);
  void leave_out_own_tables(StatementVerdict& verdict) const;
  void note_own_table(const ast::Statement& tree);

  // ---- body_text.cpp: the texts that an expression may give
  // `whole`: what is shown for parts that have no place of their own.
  DynamicTexts texts(const ast::Expr* expr, Span whole);
  DynamicTexts text_of_call(const ast::FuncCall& call, Span whole);
  DynamicTexts text_of_format(const ast::FuncCall& call, Span whole);
  DynamicTexts text_of_variable(const BodyVariable& v, std::string_view field, Span at);
  DynamicTexts text_of_cast(const ast::TypeCast& cast, Span whole);
  DynamicTexts quoted(const ast::Expr* expr, Span whole, bool identifier);
  DynamicTexts hole(const ast::Expr* expr, Span whole, bool identifier);
  Span span_of(const ast::Expr& expr, Span whole) const;
  BodyVariable* variable_of(const ast::Expr* expr, std::string_view& field) const;
  std::string describe(const ast::Expr* expr) const;
  HeldValue held_expression(const ast::Expr& expr);

  const BodyContext& context_;
  BodyCode& body_;
  const plpgsql::Code& code_;
  const SqlText& text_;
  const BodyTask& task_;
  Arena arena_;
  std::deque<SqlText> texts_;
  std::deque<BodyVariable> pool_;
  std::unordered_map<const void*, BodyVariable*> by_key_;
  BodyScope scope_;
  BodyVariable* new_row_ = nullptr;
  std::vector<std::string_view> own_tables_;  // temporary ones that the body makes
  BodyVerdict out_;
  bool judging_ = false;
  bool changed_ = false;
  int depth_ = 0;
  int next_hole_ = 0;
};

}  // namespace tenantlint::isolation
