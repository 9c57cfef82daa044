// One expression of a policy to its verdict, with the reason in words of policies. Shared by the
// files about policies alone.
#pragma once

#include <deque>
#include <functional>
#include <span>
#include <string>
#include <unordered_set>
#include <vector>

#include "analyzer/isolation/policies.h"

namespace tenantlint::isolation {

// An expression as it was written, and what it is used as.
struct WrittenExpression {
  const schema::Policy* policy = nullptr;
  const ast::Expr* tree = nullptr;  // null: the policy has none for this action
  const SqlText* text = nullptr;
  schema::Step step = 0;
  bool check = false;
  bool new_row = false;
  bool plain = false;  // see shape::is_plain()
};
WrittenExpression written_expression(const schema::Policy& policy, RowAction action);
bool covers(const schema::Policy& policy, RowAction action);

class ExpressionJudge {
 public:
  // How far row-level security ties a table that a sub-query reads.
  using Protection = std::function<Verdict(const schema::Relation&)>;

  ExpressionJudge(const schema::Model& model, const schema::Tenancy& tenancy, Prover& prover)
      : model_(model), tenancy_(tenancy), prover_(prover) {}

  PolicyExpression judge(const WrittenExpression& e, const Protection& protection);

  // Are rows tied for which all of these are true? Only for expressions of one file, written under
  // the same search_path, whose names mean the same; Missing for others.
  Verdict together(std::span<const WrittenExpression> all, const Protection& protection);

 private:
  Prover::ConditionVerdict prove(const WrittenExpression& e, const ast::Expr& tree,
                                 const std::function<bool(const schema::Relation&)>& protects);
  bool tied(const WrittenExpression& e, const ast::Expr& tree, const Protection& protection);
  bool through_table(const WrittenExpression& e, const ast::Expr& tree,
                     const Protection& protection);
  void explain(const WrittenExpression& e, const Protection& protection, PolicyExpression& out);
  std::string_view reason_of(const WrittenExpression& e, const ast::Expr& tree,
                             const Prover::ConditionVerdict& v, const Protection& protection);
  bool branch_reason(const WrittenExpression& e, const Protection& protection,
                     PolicyExpression& out);
  void note_functions(const WrittenExpression& e, const Prover::ConditionVerdict& v,
                      PolicyExpression& out) const;
  const schema::Column& tenant_column(const schema::Policy& policy) const;
  std::string plain_text(const WrittenExpression& e) const;
  bool renamed_between(const WrittenExpression& a, const WrittenExpression& b) const;

  const schema::Model& model_;
  const schema::Tenancy& tenancy_;
  Prover& prover_;
  // Plain expressions that are proven: most tables of a schema have the same policy.
  std::unordered_set<std::string> proven_;
  // Conjunctions that were made up, with their lists of arguments.
  std::deque<ast::BoolExpr> made_;
  std::deque<std::vector<const ast::Expr*>> made_args_;
};

}  // namespace tenantlint::isolation
