// The one way in for PostgreSQL's parser: SQL text to our own tree.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "analyzer/sql/ast.h"
#include "analyzer/text/arena.h"
#include "analyzer/text/span.h"

namespace tenantlint::sql {

struct ParseError {
  std::string message;       // PostgreSQL's own: syntax error at or near "x"
  std::uint32_t offset = 0;  // byte in the whole text, where the parser stopped
};

struct ParsedStatement {
  Span span;  // first token to last token, without the semicolon
  const ast::Statement* tree = nullptr;
};

struct ParseResult {
  std::vector<ParsedStatement> statements;
  bool ok = true;
  ParseError error;  // if !ok; then `statements` is empty
};

// Parses text[range] (any number of statements) with PostgreSQL's grammar and lowers it into
// `arena`. `text` must be followed by a NUL byte and writable: the byte at range.end is set to NUL
// for the time of the parse and restored. All offsets in the result are offsets into `text`. Deep
// nesting is refused with an error ("nested too deeply"), never a crash, on a thread whose stack is
// at least kParserStack bytes. Thread-safe after prepare_parser_thread() on each thread.
ParseResult parse(std::string_view text, Span range, Arena& arena);
// The same, but details (see ast_table.h) go to an arena of their own.
ParseResult parse(std::string_view text, Span range, Arena& arena, Arena& details);

// An expression alone (a default, a predicate given in configuration): parsed as SELECT text.
const ast::Expr* parse_expression(std::string_view text, Arena& arena, ParseError* error);

// Call once on each thread that parses, one thread after the other (libpg_query 15 sets up its
// thread key without a lock). Never undone: such threads live until the program ends.
void prepare_parser_thread();
inline constexpr std::size_t kParserStack = 64U * 1024 * 1024;

// The version of the grammar, "PostgreSQL 15".
std::string_view grammar_version();

}  // namespace tenantlint::sql
