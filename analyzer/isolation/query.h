// The resolved form of a query: blocks, their sources, joins and columns. Built by resolve*.cpp
// from the tree, once per use of a view or a function; read by the other files of this folder.
#pragma once

#include <cstdint>
#include <limits>
#include <string_view>
#include <utility>
#include <vector>

#include "analyzer/isolation/terms.h"
#include "analyzer/isolation/verdict.h"
#include "analyzer/schema/model.h"
#include "analyzer/sql/ast.h"
#include "analyzer/text/sql_text.h"

namespace tenantlint::isolation {

struct NameScope;
struct Variable;
struct Block;
struct Source;
struct Merged;
struct JoinNode;

// A value that a name stands for inside a function that was opened at its call.
struct Argument {
  std::string_view name;
  int number = 0;
  TermId term = kNoTerm;  // kNoTerm: a value of which nothing is known
};

// The text and the meaning of names of one piece of SQL: the statement, or a view or function that
// was opened for it.
struct Context {
  const SqlText* text = nullptr;
  const NameScope* names = nullptr;
  const Context* outer = nullptr;              // from where it was opened
  const schema::Relation* view = nullptr;      // the view that was opened, or
  const schema::Function* function = nullptr;  // the function
  std::vector<Argument> arguments;
  Place opened_at;  // in `outer`'s text
  int depth = 0;
};

// A WITH query. One that is referred to several times is judged once, for all of its uses.
struct Cte {
  std::string_view name;
  std::vector<std::string_view> columns;
  Block* block = nullptr;  // null while it is being built, or if it is no query
  bool recursive = false;
  Source* self = nullptr;  // the use of itself in its recursive term
  int uses = 0;
  bool self_known = false;
  Facts self_facts{};  // what holds for each row of it, by induction
  // What the uses that were checked agree on, by column.
  int checked = 0;
  std::vector<std::uint8_t> tied;
};

enum class SourceKind : std::uint8_t {
  Table,
  Query,   // derived table, CTE, view, SQL function: `block` or `cte`
  Opaque,  // a function, a table that is not known: rows of which nothing is known
};

struct Source {
  SourceKind kind = SourceKind::Opaque;
  SourceId id = 0;
  std::string_view name;    // as columns are qualified
  std::string_view schema;  // as written or resolved, for schema.table.column
  std::uint32_t at = 0;     // of the name, in the context's text
  const Context* context = nullptr;
  Block* home = nullptr;
  const schema::Relation* relation = nullptr;  // Table; Query: the view
  Block* block = nullptr;
  Cte* cte = nullptr;
  ast::List<std::string_view> renames{};
  std::vector<std::string_view> columns;  // Opaque, Query: names, if they are known
  bool any_column = false;                // Opaque: may have columns that are not known
  bool scalar = false;                    // Opaque: a function of one value; its name is a column
  // Of a policy: the row may be a new one, so that its key need not be that of a row that is there.
  bool new_values = false;
  bool nullable = false;  // on the empty side of an outer join
  Access access = Access::Read;
  std::vector<std::pair<int, TermId>> terms;          // by column
  std::vector<std::pair<int, const Merged*>> merged;  // columns that USING hides
  bool visible = true;                                // its name; false inside (a JOIN b) AS j
  bool columns_visible = true;                        // without a qualifier
};

// What a column name means.
enum class NameStatus : std::uint8_t {
  Column,
  MergedColumn,
  Variable,
  Argument,
  System,    // ctid, tableoid …
  WholeRow,  // the name of a source
  Opaque,    // a column of something that is not known
  NotFound,
  Ambiguous,
};
struct ColumnUse {
  NameStatus status = NameStatus::NotFound;
  Source* source = nullptr;
  int column = -1;
  const Merged* merged = nullptr;
  const Variable* variable = nullptr;
  const Argument* argument = nullptr;
};

// The column that USING or NATURAL makes of two.
struct Merged {
  std::string_view name;
  ColumnUse left;
  ColumnUse right;
  ast::JoinType type = ast::JoinType::Inner;
  std::uint32_t begin = 0;  // the sources of the block that it stands for
  std::uint32_t end = 0;
  const Merged* hidden_by = nullptr;
  TermId term = kNoTerm;  // of a FULL JOIN
};

// (a JOIN b) AS j: the columns of both under one name.
struct JoinAlias {
  std::string_view name;
  std::vector<std::pair<std::string_view, ColumnUse>> columns;
  std::uint32_t begin = 0;
  std::uint32_t end = 0;
};

struct JoinNode {
  Source* leaf = nullptr;  // or a join of two:
  ast::JoinType type = ast::JoinType::Inner;
  JoinNode* left = nullptr;
  JoinNode* right = nullptr;
  JoinNode* parent = nullptr;  // set for a side that may be empty
  const ast::Expr* condition = nullptr;
  std::uint32_t at = 0;
  std::vector<const Merged*> merged;
  std::uint32_t begin = 0;  // its sources, as a range of Block::sources
  std::uint32_t end = 0;
  Facts on{};   // what ON says of a pair of rows that match
  Facts out{};  // what holds for each row that comes out
};

struct Output {
  std::string_view name;
  const ast::Expr* expr = nullptr;  // null: `use`
  ColumnUse use;
  std::uint32_t at = 0;
};

// Part of a block's names that an inner block sees.
struct Outer {
  Block* block = nullptr;
  std::uint32_t begin = 0;
  std::uint32_t end = std::numeric_limits<std::uint32_t>::max();
};

// A subquery or a call of an SQL function inside an expression.
struct Link {
  const ast::Node* node = nullptr;  // SubLink or FuncCall
  Block* block = nullptr;
  const JoinNode* join = nullptr;  // in its ON; null: evaluated for whole rows of the block
  bool rows = true;                // false: in LIMIT, where there is no row
  bool before_groups = false;      // in WHERE: for each row that is aggregated
};

struct AggregateCall {
  const ast::FuncCall* call = nullptr;
  bool window = false;
};

// SELECT, VALUES or a set operation; or the rows that a data change touches.
struct Block {
  const Context* context = nullptr;
  Outer outer;
  const ast::Select* select = nullptr;     // null: of a data change
  const ast::Statement* change = nullptr;  // Insert, Update, Delete, Merge
  std::uint32_t at = 0;
  std::vector<Source*> sources;
  std::vector<JoinAlias> aliases;
  std::vector<Merged*> merged;
  std::vector<JoinNode*> from;
  std::vector<Output> outputs;
  bool outputs_known = true;
  std::vector<Cte*> ctes;
  std::vector<Link> links;
  std::vector<AggregateCall> aggregates;
  const ast::With* with = nullptr;
  Block* input = nullptr;    // of INSERT: the rows that are put in
  Source* target = nullptr;  // of a data change
  Block* left = nullptr;     // of a set operation
  Block* right = nullptr;
  Cte* recursion = nullptr;  // the recursive CTE whose body this is
  bool grouped = false;      // has aggregates or GROUP BY
  bool one_row = false;      // aggregates without GROUP BY: a row even where there is none
  bool grouping_sets = false;
  bool first_row = false;  // of a function that gives one row: the first one
  bool effects = false;    // calls something that must not run for other rows
  // Sources of this block and of those inside it have ids from first_source on, below end_source.
  SourceId first_source = 0;
  SourceId end_source = 0;

  bool gathered = false;  // gather() has run
  Facts own{};            // WHERE, HAVING and what FROM gives
  bool checked = false;
};

}  // namespace tenantlint::isolation
