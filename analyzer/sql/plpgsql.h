// PL/pgSQL bodies: a tree of statements with exact byte ranges.
//
// libpg_query's own PL/pgSQL output has no positions, so this is a parser of our own. Expressions
// and SQL statements stay ranges of text; parse_sql() and parse_expression() read them with
// PostgreSQL's grammar. Source: PostgreSQL manual chapter 43; src/pl/plpgsql/src/pl_gram.y.
// Invariant: nothing is dropped in silence. What is not understood is an Unknown with its range.
#pragma once

#include <cstdint>
#include <string_view>

#include "analyzer/sql/ast.h"
#include "analyzer/sql/lower.h"
#include "analyzer/text/arena.h"
#include "analyzer/text/span.h"
#include "analyzer/text/sql_text.h"

namespace tenantlint::sql::plpgsql {

enum class Kind : std::uint8_t {
  Block,           // declarations, body, handlers
  If,              // branches (ELSIF too), otherwise in `body` if has_else
  Case,            // expr (empty: searched form), branches, otherwise in `body` if has_else
  Loop,            // body
  While,           // expr, body
  ForInteger,      // into[0], expr (from), expr2 (to), expr3 (BY), reverse, body
  ForQuery,        // into, sql, body
  ForExecute,      // into, expr (the text), args (USING), body
  ForCursor,       // into, target (the cursor), expr (its arguments), body
  ForEach,         // into, number (SLICE), expr (the array), body
  Exit,            // target (a label), expr (WHEN)
  Continue,        // the same
  Return,          // expr, may be empty
  ReturnNext,      // expr, may be empty
  ReturnQuery,     // sql
  ReturnExecute,   // RETURN QUERY EXECUTE: expr, args
  Raise,           // target: level (lower case; "exception" unless written), expr: the format
                   // string, args; condition: name or SQLSTATE; options: USING … as a whole
  Assert,          // expr, expr2 (message)
  Execute,         // expr (the text), into, strict, args (USING)
  GetDiagnostics,  // into: the variables
  Open,            // target (cursor); sql, or expr of FOR EXECUTE with args, or cursor arguments
  Fetch,           // target (cursor), into
  Move,            // target (cursor)
  Close,           // target (cursor)
  Perform,         // sql: reads "SELECT …" in Code::text
  Call,            // sql; into never (its arguments may be variables)
  Null,
  Commit,
  Rollback,
  Assign,  // target_span: the variable with its subscripts; into[0]; expr
  Sql,     // any other SQL: sql, with into / strict if it has an INTO clause
  Unknown,
};

struct Statement;

// A name of DECLARE. `type` is empty for ALIAS and cursors.
struct Declaration {
  std::string_view name;  // folded
  Span name_span;
  Span type;               // as written, without COLLATE: text, t.c%TYPE, t%ROWTYPE, int[]
  Span default_expr;       // empty: none
  std::string_view alias;  // ALIAS FOR: of what ($1 or a name)
  Span cursor_query;       // CURSOR FOR
  bool cursor = false;
  bool constant = false;
  bool not_null = false;
};

struct Branch {
  Span condition;  // IF: the expression; CASE: the expression list, or the condition
  ast::List<const Statement*> body;
  Span span;
};

// WHEN a OR b THEN ….
struct Handler {
  ast::List<std::string_view> conditions;  // names in lower case; SQLSTATE 'x' as "x"; "others"
  ast::List<const Statement*> body;
  Span span;
};

// Where a variable is named: INTO, FOR, assignments. `parts` are folded.
struct Variable {
  ast::List<std::string_view> parts;  // a; rec.field; label.a
  Span span;
};

// One statement; which fields mean something is said beside its kind. Ranges are of Code::text.
struct Statement {
  Kind kind = Kind::Unknown;
  Span span;  // first token to last, without the semicolon
  std::string_view label;
  Span sql;
  Span expr;
  Span expr2;
  Span expr3;
  Span into_clause;  // INTO [STRICT] …; blanked in Code::text
  Span target_span;
  std::string_view target;
  std::string_view condition;
  Span options;
  ast::List<Span> args;
  ast::List<Variable> into;  // INTO, FOR … IN
  ast::List<Declaration> declarations;
  ast::List<Branch> branches;
  ast::List<const Statement*> body;
  ast::List<Handler> handlers;
  int number = 0;
  bool has_else = false;
  bool reverse = false;
  bool strict = false;
  bool has_handlers = false;
};

// A parsed body. `text` is the body with room for "SELECT " before its first byte, its INTO clauses
// blanked and PERFORM replaced by "SELECT ", so that every `sql` range is plain SQL. All ranges are
// of `text`; body byte i is text byte kPrefix + i.
struct Code {
  static constexpr std::uint32_t kPrefix = 8;
  std::string_view text;             // followed by a NUL byte; writable, see parse()
  const Statement* block = nullptr;  // never null; an Unknown if even the outermost is not read
  bool complete = true;              // false: there is an Unknown somewhere
};

// Never fails; memory comes from `arena`.
Code parse_body(std::string_view body, Arena& arena);

// A map from Code::text to the file. `at`: where the body stands in `outer`; not verbatim: all
// bytes map to the string literal that starts there.
SqlText body_text(const Code& code, const SqlText& outer, const ast::CodeString& body);

// The statements of a range of Code::text; offsets are those of the text.
ParseResult parse_sql(const Code& code, Span range, Arena& arena);

// A PL/pgSQL expression is what may follow SELECT: "a > 1", "count(*) FROM t WHERE b". Null if the
// grammar refuses it. Offsets are those of Code::text.
const ast::Select* parse_expression(const Code& code, Span range, Arena& arena);

}  // namespace tenantlint::sql::plpgsql
