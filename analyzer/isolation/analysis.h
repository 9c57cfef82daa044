// The prover's working state for one statement, and all of its steps; shared by the .cpp files of
// this folder alone.
//
//   build     (resolve*.cpp)     the tree becomes blocks, sources and joins; names are looked up
//   gather    (gather.cpp)       upwards: what holds for the rows that a block gives
//   assume    (conditions.cpp)   what holds where a condition is true; terms of expressions
//   check     (check.cpp, changes.cpp)   downwards: is each occurrence tied, with all that holds?
//   explain   (explain.cpp)      why it is not
//
// Soundness rests on one invariant: a fact is added to a row's context only if rows that violate it
// can change neither the result nor what is written, in any database.
#pragma once

#include <deque>
#include <functional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "analyzer/isolation/function_body.h"
#include "analyzer/isolation/prover.h"
#include "analyzer/isolation/query.h"
#include "analyzer/isolation/terms.h"
#include "analyzer/text/arena.h"
#include "analyzer/text/name_map.h"

namespace tenantlint::isolation {

// What the prover knows of the schema and the configuration, looked up once per run.
struct Knowledge {
  Knowledge(const schema::Model& model, const schema::Tenancy& tenancy,
            const SourceOptions& options);

  const schema::Model& model;
  const schema::Tenancy& tenancy;
  const SourceOptions& options;
  std::vector<std::string_view> loose_collations;  // nondeterministic: different values are equal
  std::vector<std::string> stems;                  // of the tenant columns: "tenant"
  NameMap<std::uint8_t> tenant_columns;            // names of tenant columns
  NameMap<std::uint8_t> other_columns;             // names of columns that are not the tenant's
  mutable FunctionBodies bodies;

  bool is_function(std::string_view schema, std::string_view name) const;
  // May a parameter of that name be the tenant?
  bool may_be_tenant(std::string_view parameter) const;
};

// A condition that names a tenant column and does not tie it: what is there instead.
struct Attempt {
  TermId term = kNoTerm;
  std::string_view reason;
  std::uint32_t at = 0;
  const Context* context = nullptr;
  const Block* block = nullptr;
};

// The term of an expression, or why it has none.
struct TermResult {
  TermId term = kNoTerm;
  bool null_literal = false;
  bool may_be_null = true;
  bool exact = true;  // false: the value is that of the term, or NULL
  std::string_view why = reason::kNotUnderstood;
};

class Analysis {
 public:
  Analysis(const Knowledge& knowledge, FunctionJudge* judge) : know_(knowledge), judge_(judge) {}

  StatementVerdict statement(const ast::Statement& tree, const SqlText& text,
                             const NameScope& names);
  Prover::ConditionVerdict condition(const schema::Relation& table, const ast::Expr& expr,
                                     const SqlText& text, const NameScope& names,
                                     const std::function<bool(const schema::Relation&)>& protects,
                                     bool new_row);
  std::vector<Prover::OutputValue> outputs(const ast::Select& query, const SqlText& text,
                                           const NameScope& names);

 private:
  // How many blocks and facts a statement may have before the answer is "too-complex".
  static constexpr int kMaxBlocks = 4000;
  static constexpr int kMaxDepth = 200;
  static constexpr int kMaxOpened = 24;  // views and functions inside each other
  static constexpr std::uint64_t kMaxWork = 40'000'000;

  // ---- resolve.cpp
  Block* build_query(const ast::Node& query, const Context& context, Outer outer);
  Block* new_block(const Context& context, Outer outer, std::uint32_t at);
  void build_select(Block& block, const ast::Select& select);
  void build_ctes(Block& block, const ast::With* with);
  void build_recursive(Block& block, Cte& cte, const ast::CommonTable& tree);
  void build_set_operation(Block& block, const ast::Select& select);
  void build_values(Block& block, const ast::Select& select);
  void build_outputs(Block& block, ast::List<ast::Target> targets);
  void expand_star(Block& block, const ast::ColumnRef& star);
  void build_expressions(Block& block, const ast::Select& select);
  void finish_block(Block& block);
  // ---- resolve_from.cpp
  JoinNode* build_from_item(Block& block, const ast::FromItem* item);
  JoinNode* build_join(Block& block, const ast::JoinExpr& join);
  void merge_columns(Block& block, JoinNode& node, const ast::JoinExpr& join);
  void alias_join(Block& block, JoinNode& node, const ast::JoinExpr& join);
  Source* new_source(Block& block, std::string_view name, std::uint32_t at);
  JoinNode* leaf(Block& block, Source* source);
  Source* add_table(Block& block, const ast::RangeVar& mention);
  Source* add_transition(Block& block, const ast::RangeVar& mention);
  Source* add_relation(Block& block, const schema::Relation& relation,
                       const ast::RangeVar& mention);
  void open_view(Source& source, const schema::Relation& view);
  Source* add_function(Block& block, const ast::RangeFunction& item);
  // The block of a call of an SQL function whose body is one query; null if it is none.
  Block* open_function(const schema::Function& function, const ast::FuncCall& call,
                       const Context& context, Outer outer);
  const ast::Node* body_query(const schema::Function& function, Context& inner);
  void judge_call(Block& block, const schema::Function& function, const ast::FuncCall& call);
  static bool names_later_cte(const Block& block, const ast::RangeVar& mention);
  static Cte* find_cte(const Block& block, std::string_view name);
  const schema::Relation* find_relation(const ast::RangeVar& mention, const Context& context,
                                        bool& system) const;
  std::vector<const schema::Function*> find_functions(const ast::QualifiedName& name,
                                                      const Context& context) const;
  // ---- resolve_names.cpp
  ColumnUse resolve(const ast::ColumnRef& ref, const Block& block, std::uint32_t begin,
                    std::uint32_t end);
  ColumnUse resolve(const ast::ColumnRef& ref, const Block& block) {
    return resolve(ref, block, 0, std::numeric_limits<std::uint32_t>::max());
  }
  bool resolve_unqualified(std::string_view name, const Block& block, std::uint32_t begin,
                           std::uint32_t end, ColumnUse& out, bool& open) const;
  bool resolve_qualified(std::string_view schema, std::string_view table, std::string_view name,
                         const Block& block, std::uint32_t begin, std::uint32_t end,
                         ColumnUse& out) const;
  ColumnUse resolve_variable(const ast::ColumnRef& ref, const Block& block) const;
  static int find_column(const Source& source, std::string_view name);
  static int column_count(const Source& source);
  static std::string_view column_name(const Source& source, int column);
  static bool has_column(const Source& source, int column);
  // ---- resolve_expr.cpp: subqueries, functions and names of an expression
  struct Site {
    const JoinNode* join = nullptr;
    bool rows = true;
    std::uint32_t begin = 0;
    std::uint32_t end = std::numeric_limits<std::uint32_t>::max();
    bool before_groups = false;
    const ast::List<ast::Target>* targets = nullptr;  // ORDER BY: names of outputs come first
  };
  void scan(const ast::Node* expr, Block& block, const Site& site);
  void scan_call(const ast::FuncCall& call, Block& block, const Site& site);
  void scan_window(const ast::WindowDef& window, Block& block, const Site& site);
  void check_function(const ast::FuncCall& call, Block& block, const Site& site);
  void check_aggregate(const ast::FuncCall& call, Block& block, const Site& site);
  void check_name(const ast::ColumnRef& ref, Block& block, const Site& site);

  // ---- conditions.cpp
  struct Spot {  // where an expression stands, and which sources of its block it sees
    Block& block;
    std::uint32_t begin = 0;
    std::uint32_t end = std::numeric_limits<std::uint32_t>::max();
  };
  struct Branch {
    FactList facts;
    bool null_test = false;  // it is true where something is missing
    std::uint32_t at = 0;
    std::string_view why = reason::kOrBranch;
  };
  // `base`: what is known beside the condition, for OR.
  void assume(const ast::Expr* expr, bool truth, const Spot& where, FactList& out, Facts base);
  void assume_operator(const ast::Operator& op, bool truth, const Spot& where, FactList& out,
                       Facts base);
  void assume_list(const ast::Operator& op, bool truth, const Spot& where, FactList& out);
  void assume_array(const ast::Operator& op, bool truth, const Spot& where, FactList& out);
  void assume_not_distinct(const ast::Operator& op, const Spot& where, FactList& out);
  void assume_case(const ast::Case& node, bool truth, const Spot& where, FactList& out, Facts base);
  void assume_null_test(const ast::NullTest& test, bool truth, const Spot& where, FactList& out);
  void assume_link(const ast::SubLink& link, bool truth, const Spot& where, FactList& out);
  void assume_call(const ast::FuncCall& call, bool truth, const Spot& where, FactList& out);
  bool is_text(const ast::Expr* expr, const Spot& where) const;
  TermResult text_of_citext(const ast::Expr* expr, const Spot& where, TermResult none);
  void equate(const ast::Expr* left, const ast::Expr* right, const Spot& where, FactList& out);
  void equate_rows(const ast::RowExpr& left, const ast::RowExpr& right, const Spot& where,
                   FactList& out);
  void equate_link(const ast::Expr* test, Block& block, const Spot& where, FactList& out);
  void strict_operands(const ast::Expr* left, const ast::Expr* right, const Spot& where,
                       FactList& out);
  void meet(std::vector<Branch>& branches, const Spot& where, FactList& out, Facts base);
  static bool tests_null(const ast::Expr* expr);
  void attempt(const ast::Node* expr, std::string_view reason, const Spot& where);
  void attempt(TermId term, std::string_view reason, std::uint32_t at, const Block& block);
  // ---- values.cpp
  TermResult term_of(const ast::Expr* expr, const Spot& where);
  TermResult term_of_cast(const ast::TypeCast& cast, const Spot& where);
  TermResult term_of_call(const ast::FuncCall& call, const Spot& where);
  TermResult term_of_coalesce(const ast::Coalesce& node, const Spot& where);
  TermResult term_of_operator(const ast::Operator& op, const Spot& where);
  TermResult term_of_link(Block& block);
  TermResult term_of_use(const ColumnUse& use);
  TermResult term_of_output(const Block& block, std::size_t output);
  TermResult apply_cast(TermResult value, const Casts& casts);
  TermResult setting(const ast::FuncCall& call);
  TermId column_term(Source& source, int column);
  TermId merged_term(const Merged& merged);
  TermId constant(std::string_view text);
  TermId parameter(std::string_view name, int number);
  TermId any_source();
  bool is_source(TermId term) const;
  const Variable* variable_of(TermId term, const NameScope& names) const;
  Casts casts_of(const ast::TypeName& type, const Context& context) const;
  bool merges_values(const schema::Column& column) const;
  bool loose(const ast::QualifiedName& collation) const;
  Block* find_link(const Block& block, const ast::Node& node) const;

  // ---- rows.cpp
  static constexpr int kTenantOfRow = -2;
  bool is_row_key(const schema::Relation& table, int column) const;
  TermId tenant_of_row(Source& source, int column);
  void identify_rows(const std::vector<Source*>& sources, Facts known, FactList& out);
  void follow_foreign_key(Source& referring, Source& referred, const Closure& known, FactList& out);
  void same_row(TermId id, Source& other, int column, FactList& out);
  void tenant_behind(const Closure& known, TermId value, int column, const Block& block, Source& as,
                     FactList& out);
  // ---- gather.cpp
  void gather(Block& block);
  void gather_join(Block& block, JoinNode& node);
  void gather_leaf(JoinNode& node);
  bool is_protected(const Source& source) const;
  void gather_aggregates(Block& block);
  void gather_lookups(Block& block);
  void outer_join_attempts(const JoinNode& node, const Block& block);
  // What holds for each row that a block gives, over the columns of the source that it is and terms
  // of outside.
  void rows_of(Block& block, Source& as, FactList& out);
  void rows_of_select(Block& block, Source& as, FactList& out);
  void rows_of_set_operation(Block& block, Source& as, FactList& out);
  void rows_of_recursion(Block& block, Source& as, FactList& out);
  // What holds outside where a block gives any row; `condition`: and its only output is true.
  void any_row(Block& block, const ast::Expr* condition, FactList& out);
  void rows_if_not_null(Block& block, TermId value, int column, Source& as, FactList& out);
  void outside_facts(const Closure& known, const Block& block, FactList& out);
  void agree(const FactList& left, const FactList& right, Block& block, FactList& out);
  void assume_all(const ast::Expr* condition, const Spot& where, FactList& out);
  bool inside(TermId term, const Block& block) const;
  // Why a condition on that output may not be moved into the block; empty: it may.
  std::string_view barrier(Block& block, std::size_t output, std::uint32_t& at);
  bool in_partitions(Block& block, TermId term, const Closure& known, std::uint32_t& at);
  Closure closure(const std::vector<Facts>& facts);
  Facts freeze(const FactList& facts) { return arena_.list(facts); }

  // ---- check.cpp
  void check(Block& block, const std::vector<Facts>& context, Source* as);
  Facts pass_down(Block& block, Source& as, const std::vector<Facts>& context);
  void check_region(Block& block, const std::vector<JoinNode*>& items,
                    const std::vector<Facts>& context);
  void split(Block& block, JoinNode& node, const Closure& known, std::vector<Source*>& leaves,
             std::vector<JoinNode*>& sides);
  bool belongs(TermId term, const Block& block, const JoinNode& side) const;
  void check_outer_side(Block& block, JoinNode& side, std::vector<Facts> context);
  void check_leaf(Source& source, const Closure& known, const std::vector<Facts>& context);
  void check_ctes(Block& block, const std::vector<Facts>& context);
  void check_set_operation(Block& block, const std::vector<Facts>& context, Source* as);
  void check_recursion(Block& block, const std::vector<Facts>& context, Source* as);
  void check_links(Block& block, const std::vector<Facts>& context, const std::vector<Facts>& rows);
  void judge_table(Source& source, const Closure& known);
  bool tied(TermId term, const Closure& known, TermId* by = nullptr) const;
  // ---- changes.cpp
  void build_change(Block& block, const ast::Statement& change);
  void build_insert(Block& block, const ast::Insert& insert);
  void build_merge(Block& block, const ast::Merge& merge);
  Source* add_target(Block& block, const ast::RangeVar& relation, Access access);
  void gather_insert(Block& block, FactList& out);
  void check_change(Block& block, const std::vector<Facts>& context);
  void check_insert(Block& block, const ast::Insert& insert, const std::vector<Facts>& context);
  // How a row gets its tenant: tied, or why not.
  struct Given {
    Verdict verdict = Verdict::Missing;
    std::string_view reason = reason::kInsertWithoutTenant;
    std::uint32_t at = 0;
    TermId by = kNoTerm;
  };
  Given given_tenant(Block& block, const ast::Insert& insert, const std::vector<Facts>& context);
  Given given_by_default(const Source& target);
  Given given_by_value(const ast::Expr* value, const Spot& where, const Source& target,
                       const Closure& known);
  void check_conflict(Block& block, const ast::Insert& insert, Given& given);
  void check_unique_keys(const Block& block, const ast::Insert& insert, Given& given);
  void check_assignments(Block& block, ast::List<ast::Target> set,
                         const std::vector<Facts>& context);
  void check_merge_actions(Block& block, const ast::Merge& merge,
                           const std::vector<Facts>& context);
  void whole_table(const ast::RangeVar& mention, const Context& context, std::string_view verb);
  // ---- explain.cpp
  Occurrence& report(const Source& source, Verdict verdict, std::string_view reason);
  void explain_missing(const Source& source, TermId term, const Closure& known);
  void unknown(const Context& context, std::uint32_t at, std::string_view what,
               std::string_view reason, std::string detail);
  void remark(std::string_view kind, std::string message, const Context& context, std::uint32_t at,
              const schema::Relation* relation);
  void describe(Occurrence& out, const Source& source);
  std::string_view structural_reason(const Source& source, const Closure& known);
  void fix_places(Occurrence& out, const Source& source);
  void note_sources(const Source& source, TermId term, const Closure& known);
  Place place(const Context& context, std::uint32_t at, Extent extent) const;
  Place shown_place(const Context& context, std::uint32_t at) const;
  void finish(StatementVerdict& out);

  bool spend(std::uint64_t work) {
    work_ += work;
    return work_ <= kMaxWork;
  }

  const Knowledge& know_;
  FunctionJudge* judge_;
  Arena arena_;
  Terms terms_;
  std::vector<Source*> sources_;
  std::deque<Source> source_pool_;
  std::deque<Block> block_pool_;
  std::deque<Cte> cte_pool_;
  std::deque<JoinNode> join_pool_;
  std::deque<Merged> merged_pool_;
  std::deque<Context> context_pool_;
  std::deque<NameScope> scopes_;  // of views and functions that were opened
  // The stand-ins for what a subquery gives, in the facts of the block that compares with it.
  std::vector<std::pair<Block*, std::vector<TermId>>> links_by_stand_in_;
  std::vector<Attempt> attempts_;
  std::vector<Attempt> barriers_;  // a filter above a LIMIT …: the term that it would have tied
  std::vector<Occurrence> occurrences_;
  std::vector<Remark> remarks_;
  // What ties the occurrences that are proven.
  struct TiedBy {
    const Source* source = nullptr;
    std::vector<std::pair<std::string_view, int>> parameters;  // name, number
    bool other = false;                                        // a setting, or what stands for it
  };
  std::vector<TiedBy> tied_by_;
  const std::function<bool(const schema::Relation&)>* protects_ = nullptr;
  std::vector<const schema::Function*> called_;
  std::vector<std::string_view> unknown_functions_;
  int depth_ = 0;
  std::uint64_t work_ = 0;
  bool too_complex_ = false;
};

}  // namespace tenantlint::isolation
