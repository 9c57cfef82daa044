// PostgreSQL's lexical structure, by our own scanner: positions with both ends, comments included,
// and never an error that ends the scan. (libpg_query's scanner stops at the first fault and costs
// more than the parse.) Source: PostgreSQL manual section 4.1; src/backend/parser/scan.l.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "analyzer/text/span.h"

namespace tenantlint::sql {

enum class TokenKind : std::uint8_t {
  Identifier,        // word, keyword or not
  QuotedIdentifier,  // "…", U&"…"
  String,            // '…', E'…', B'…', X'…', U&'…', N'…'
  DollarString,      // $tag$…$tag$
  Number,
  Param,         // $1
  Operator,      // any run of operator characters
  Punctuation,   // one of ( ) [ ] , ; : .  and ::  :=  ..  =>
  LineComment,   // --
  BlockComment,  // /* */, nested
  Backslash,     // psql: \ outside of everything (the scanner stops at its own byte)
  Unterminated,  // a string, quoted identifier or comment that does not end
  Invalid,       // a byte that begins no token
  End,
};

struct Token {
  TokenKind kind = TokenKind::End;
  Span span;
};

// Reads the token at or after `offset`, skipping white space. Comments are tokens. `text` need not
// be NUL-terminated. standard_conforming_strings is taken to be on.
Token next_token(std::string_view text, std::uint32_t offset);
// The same, skipping comments.
Token next_code_token(std::string_view text, std::uint32_t offset);
std::vector<Token> code_tokens(std::string_view text, Span range);

// Case-insensitive comparison of an unquoted identifier token with a lower-case word.
bool is_word(std::string_view text, const Token& token, std::string_view lower_case_word);
// The value of an identifier token as PostgreSQL sees it: folded, or unquoted.
std::string identifier_value(std::string_view text, const Token& token);
// The content of a string token with escapes resolved. Dollar strings: as they stand.
std::string string_value(std::string_view text, const Token& token);
// The bytes between the delimiters of a string or dollar string.
Span string_content(std::string_view text, const Token& token);

// The span of the qualified name (a, a.b, "a".b.c) that starts at `offset`.
Span name_span(std::string_view text, std::uint32_t offset);
// As text.find(word, from), but looks for the one byte of the word that is rare in SQL: many times
// faster for a word that is nearly never there.
std::size_t find_by_rare(std::string_view text, std::string_view word, char rare,
                         std::size_t from = 0);
// The first identifier token in `within` whose value is `word`; empty if there is none.
Span find_word(std::string_view text, Span within, std::string_view word);

}  // namespace tenantlint::sql
