// The prover: is every row of each tenant-owned relation in a statement tied to the current tenant?
//
// A small abstract interpretation over the query tree, as design/ISOLATION.md defines it. Names
// mean what PostgreSQL would take them for. Sound by construction: facts are only added where they
// hold for each row that can matter, and what is not understood gives Unknown.
#pragma once

#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "analyzer/isolation/verdict.h"
#include "analyzer/schema/model.h"
#include "analyzer/schema/tenancy.h"
#include "analyzer/sql/ast.h"
#include "analyzer/text/sql_text.h"

namespace tenantlint::isolation {

// What carries the tenant, by configuration.
struct SourceOptions {
  std::vector<std::string> columns = {"tenant_id"};            // [tenancy] columns
  std::vector<std::string> settings = {"app.current_tenant"};  // [tenancy] settings
  std::vector<std::string> functions;                          // [tenancy] functions
};

// A name that is not a column: a parameter or variable of the function whose body is judged.
struct Variable {
  std::string_view name;       // folded; empty: positional only
  std::string_view qualifier;  // a further name it is known by: the function's, a block's label
  int number = 0;              // $n; 0: none
  bool tenant = true;  // may stand for the tenant (judged by its name as well); false: never
  // Always the tenant, whatever it is called: it is given nothing but a source of the tenant.
  bool source = false;
  const Variable* copy_of = nullptr;      // always the value of that one
  const schema::Relation* row = nullptr;  // NEW, OLD, rec: a row of this relation
  bool pinned_row = false;  // … of which the tenant column is known to be the current tenant's
};

// A name in FROM that stands for rows which a statement of the tenant has written: a trigger's
// REFERENCING NEW TABLE AS name.
struct TransitionTable {
  std::string_view name;
  const schema::Relation* rows = nullptr;
};

// Where names of a statement are looked up.
struct NameScope {
  std::vector<std::string_view> search_path = {"public"};
  schema::Step step = 0;  // columns are called what they were called then; 0: now
  const std::vector<schema::Binding>* bindings = nullptr;  // of a view: what its relations meant
  const std::vector<Variable>* variables = nullptr;
  const std::vector<TransitionTable>* transitions = nullptr;
  bool variables_first = false;  // #variable_conflict use_variable
  std::string_view row;          // prove_condition: what the table was called then; empty: as now
};

// What a call of a function does, for functions that the prover does not open itself (PL/pgSQL,
// several statements).
struct FunctionSummary {
  bool reads_tenant_data = true;
  Verdict verdict = Verdict::Unknown;  // if the tenant parameters are given the tenant
  std::vector<int> tenant_parameters;  // from 1: their arguments must be tenant sources
};
class FunctionJudge {
 public:
  virtual ~FunctionJudge() = default;
  virtual FunctionSummary summary(const schema::Function& function) = 0;
};

class Prover {
 public:
  // All arguments outlive the prover. One prover per thread. Without a judge, calls of functions
  // that are not opened are unknown.
  Prover(const schema::Model& model, const schema::Tenancy& tenancy, const SourceOptions& sources,
         FunctionJudge* judge = nullptr);
  ~Prover();
  Prover(const Prover&) = delete;
  Prover& operator=(const Prover&) = delete;

  // `text` is what offsets of `tree` count in. Never throws; never fails: what is not understood is
  // an Unknown occurrence.
  StatementVerdict prove(const ast::Statement& tree, const SqlText& text, const NameScope& scope);

  // A policy's expression, or any boolean over one row of `table`: what holds when it is true?
  // `row` is the occurrence of `table` itself (Verdict of "its tenant column equals the tenant");
  // `others` are the occurrences in its subqueries. `protects(relation)` says that row-level
  // security already ties a relation that the expression reads to the tenant. `new_row`: of a check
  // on a row that is written: a key in it does not lead to the row of the table that has it.
  struct ConditionVerdict {
    Occurrence row;
    std::vector<Occurrence> others;
    std::vector<Remark> remarks;
    std::vector<const schema::Function*> functions;   // called, of the schema
    std::vector<std::string_view> unknown_functions;  // called, and neither ours nor built in
  };
  ConditionVerdict prove_condition(
      const schema::Relation& table, const ast::Expr& condition, const SqlText& text,
      const NameScope& scope,
      const std::function<bool(const schema::Relation&)>& protects = nullptr, bool new_row = false);

  // What a query gives, for variables that are assigned from it. Says nothing about its verdict.
  struct OutputValue {
    std::string_view name;
    bool tenant = false;                 // in each row a source of the tenant, or NULL
    const Variable* variable = nullptr;  // … the value of that one of scope.variables, or NULL
    bool null = false;                   // … NULL
  };
  // Empty: its columns are not known.
  std::vector<OutputValue> outputs(const ast::Select& query, const SqlText& text,
                                   const NameScope& scope);

 private:
  struct Impl;
  Impl* impl_;
};

}  // namespace tenantlint::isolation
