// PostgreSQL's lexical rules, one token at a time: text and an offset go in, a token with both ends
// comes out. Exists because positions need ends, comments matter (waivers, section marks), and a
// fault in one statement must not hide the next. Source: PostgreSQL manual 4.1;
// src/backend/parser/scan.l.
#include "analyzer/sql/tokens.h"

#include <algorithm>

namespace tenantlint::sql {

namespace {

bool is_space(char c) {
  return c == ' ' || c == '\t' || c == '\n' || c == '\r' || c == '\f' || c == '\v';
}
bool is_digit(char c) {
  return c >= '0' && c <= '9';
}
bool is_identifier_start(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_' ||
         static_cast<unsigned char>(c) >= 0x80U;
}
bool is_identifier_part(char c) {
  return is_identifier_start(c) || is_digit(c) || c == '$';
}
bool is_operator_char(char c) {
  return std::string_view("~!@#^&|`?+-*/%<>=").find(c) != std::string_view::npos;
}
char lower(char c) {
  return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
}

// Reads from one offset of a text; `at` is where it stands.
struct Cursor {
  std::string_view text;
  std::size_t at;

  char peek(std::size_t ahead = 0) const {
    return at + ahead < text.size() ? text[at + ahead] : '\0';
  }
  bool done() const { return at >= text.size(); }
};

Token token(TokenKind kind, std::size_t begin, std::size_t end) {
  return {kind, {static_cast<std::uint32_t>(begin), static_cast<std::uint32_t>(end)}};
}

// From the opening quote to behind the closing one; doubled quotes stay inside.
Token quoted(Cursor c, std::size_t begin, char quote, bool backslash, TokenKind kind) {
  for (++c.at; !c.done(); ++c.at) {
    if (backslash && c.peek() == '\\') {
      ++c.at;
      continue;
    }
    if (c.peek() != quote) continue;
    if (c.peek(1) != quote) return token(kind, begin, c.at + 1);
    ++c.at;
  }
  return token(TokenKind::Unterminated, begin, c.text.size());
}

Token block_comment(Cursor c) {
  const std::size_t begin = c.at;
  int depth = 0;
  for (; !c.done(); ++c.at) {
    if (c.peek() == '/' && c.peek(1) == '*') {
      ++depth;
      ++c.at;
    } else if (c.peek() == '*' && c.peek(1) == '/') {
      ++c.at;
      if (--depth == 0) return token(TokenKind::BlockComment, begin, c.at + 1);
    }
  }
  return token(TokenKind::Unterminated, begin, c.text.size());
}

// $tag$ … $tag$, or $1; a lone dollar sign is no token of SQL.
Token dollar(Cursor c) {
  const std::size_t begin = c.at;
  if (is_digit(c.peek(1))) {
    ++c.at;
    while (is_digit(c.peek())) ++c.at;
    return token(TokenKind::Param, begin, c.at);
  }
  std::size_t end = begin + 1;
  if (end < c.text.size() && is_identifier_start(c.text[end])) {
    while (end < c.text.size() && is_identifier_part(c.text[end]) && c.text[end] != '$') ++end;
  }
  if (end >= c.text.size() || c.text[end] != '$') {
    return token(TokenKind::Invalid, begin, begin + 1);
  }
  const std::string_view tag = c.text.substr(begin, end + 1 - begin);
  const std::size_t close = c.text.find(tag, end + 1);
  if (close == std::string_view::npos) {
    return token(TokenKind::Unterminated, begin, c.text.size());
  }
  return token(TokenKind::DollarString, begin, close + tag.size());
}

// Digits, one decimal point (but not the dots of 1..10) and an exponent.
Token number(Cursor c) {
  const std::size_t begin = c.at;
  while (is_digit(c.peek())) ++c.at;
  if (c.peek() == '.' && c.peek(1) != '.') {
    ++c.at;
    while (is_digit(c.peek())) ++c.at;
  }
  if (lower(c.peek()) == 'e') {
    const std::size_t sign = c.peek(1) == '+' || c.peek(1) == '-' ? 2 : 1;
    if (is_digit(c.peek(sign))) {
      c.at += sign;
      while (is_digit(c.peek())) ++c.at;
    }
  }
  return token(TokenKind::Number, begin, c.at);
}

// The longest run of operator characters that holds no start of a comment. A run of several
// characters ends in + or - only if it holds one of ~ ! @ # % ^ & | ` ? (manual 4.1.3).
Token op(Cursor c) {
  const std::size_t begin = c.at;
  while (is_operator_char(c.peek())) {
    if (c.at > begin &&
        ((c.peek() == '-' && c.peek(1) == '-') || (c.peek() == '/' && c.peek(1) == '*'))) {
      break;
    }
    ++c.at;
  }
  const std::string_view run = c.text.substr(begin, c.at - begin);
  if (run.size() > 1 && run != "=>" && run.find_first_of("~!@#%^&|`?") == std::string_view::npos) {
    while (c.at - begin > 1 && (c.text[c.at - 1] == '+' || c.text[c.at - 1] == '-')) --c.at;
  }
  const bool arrow = c.text.substr(begin, c.at - begin) == "=>";
  return token(arrow ? TokenKind::Punctuation : TokenKind::Operator, begin, c.at);
}

Token punctuation(Cursor c) {
  const std::string_view two = c.text.substr(c.at, 2);
  const std::size_t size = two == "::" || two == ":=" || two == ".." ? 2 : 1;
  return token(TokenKind::Punctuation, c.at, c.at + size);
}

// An identifier, or a string with a prefix: E'', B'', X'', N'', U&'', U&"".
Token word(Cursor c) {
  const std::size_t begin = c.at;
  const char prefix = lower(c.peek());
  if (c.peek(1) == '\'' && (prefix == 'e' || prefix == 'b' || prefix == 'x' || prefix == 'n')) {
    ++c.at;
    return quoted(c, begin, '\'', prefix == 'e', TokenKind::String);
  }
  if (prefix == 'u' && c.peek(1) == '&' && (c.peek(2) == '\'' || c.peek(2) == '"')) {
    const char quote = c.peek(2);
    c.at += 2;
    return quoted(c, begin, quote, false,
                  quote == '"' ? TokenKind::QuotedIdentifier : TokenKind::String);
  }
  while (is_identifier_part(c.peek())) ++c.at;
  return token(TokenKind::Identifier, begin, c.at);
}

// Resolves backslash escapes of an E'' string (manual 4.1.2.2).
std::string unescape(std::string_view body) {
  std::string out;
  for (std::size_t i = 0; i < body.size(); ++i) {
    if (body[i] == '\'') ++i;  // the second of a doubled quote
    if (i >= body.size()) break;
    if (body[i] != '\\' || i + 1 >= body.size()) {
      out += body[i];
      continue;
    }
    const char next = body[++i];
    switch (next) {
      case 'n': out += '\n'; break;
      case 't': out += '\t'; break;
      case 'r': out += '\r'; break;
      case 'b': out += '\b'; break;
      case 'f': out += '\f'; break;
      default: out += next; break;
    }
  }
  return out;
}

std::string undouble(std::string_view body, char quote) {
  std::string out;
  for (std::size_t i = 0; i < body.size(); ++i) {
    out += body[i];
    if (body[i] == quote && i + 1 < body.size() && body[i + 1] == quote) ++i;
  }
  return out;
}

}  // namespace

Token next_token(std::string_view text, std::uint32_t offset) {
  Cursor c{text, offset};
  while (is_space(c.peek()) && !c.done()) ++c.at;
  if (c.done()) return token(TokenKind::End, text.size(), text.size());
  const char first = c.peek();
  if (is_identifier_start(first)) return word(c);
  if (is_digit(first) || (first == '.' && is_digit(c.peek(1)))) return number(c);
  if (first == '\'') return quoted(c, c.at, '\'', false, TokenKind::String);
  if (first == '"') return quoted(c, c.at, '"', false, TokenKind::QuotedIdentifier);
  if (first == '$') return dollar(c);
  if (first == '-' && c.peek(1) == '-') {
    const std::size_t end = text.find_first_of("\r\n", c.at);
    return token(TokenKind::LineComment, c.at, end == std::string_view::npos ? text.size() : end);
  }
  if (first == '/' && c.peek(1) == '*') return block_comment(c);
  if (first == '\\') return token(TokenKind::Backslash, c.at, c.at + 1);
  if (is_operator_char(first)) return op(c);
  if (std::string_view("()[],;:.").find(first) != std::string_view::npos) return punctuation(c);
  return token(TokenKind::Invalid, c.at, c.at + 1);
}

Token next_code_token(std::string_view text, std::uint32_t offset) {
  Token t = next_token(text, offset);
  while (t.kind == TokenKind::LineComment || t.kind == TokenKind::BlockComment) {
    t = next_token(text, t.span.end);
  }
  return t;
}

std::vector<Token> code_tokens(std::string_view text, Span range) {
  std::vector<Token> out;
  text = text.substr(0, range.end);
  for (Token t = next_code_token(text, range.begin); t.kind != TokenKind::End;
       t = next_code_token(text, t.span.end)) {
    out.push_back(t);
  }
  return out;
}

bool is_word(std::string_view text, const Token& token, std::string_view lower_case_word) {
  if (token.kind != TokenKind::Identifier) return false;
  if (token.span.end - token.span.begin != lower_case_word.size()) return false;
  for (std::size_t i = 0; i < lower_case_word.size(); ++i) {
    if (lower(text[token.span.begin + i]) != lower_case_word[i]) return false;
  }
  return true;
}

std::string identifier_value(std::string_view text, const Token& token) {
  const std::string_view raw = text.substr(token.span.begin, token.span.end - token.span.begin);
  if (token.kind == TokenKind::QuotedIdentifier) {
    const std::size_t open = raw.find('"');
    return undouble(raw.substr(open + 1, raw.size() - open - 2), '"');
  }
  std::string out(raw);
  std::transform(out.begin(), out.end(), out.begin(), lower);
  return out;
}

Span string_content(std::string_view text, const Token& token) {
  const char mark = token.kind == TokenKind::DollarString ? '$' : '\'';
  const std::size_t open = text.find(mark, token.span.begin);
  if (token.kind != TokenKind::DollarString) {
    return {static_cast<std::uint32_t>(open + 1), token.span.end - 1};
  }
  const auto tag = static_cast<std::uint32_t>(text.find('$', open + 1) + 1 - open);
  return {static_cast<std::uint32_t>(open) + tag, token.span.end - tag};
}

std::string string_value(std::string_view text, const Token& token) {
  const Span content = string_content(text, token);
  const std::string_view body = text.substr(content.begin, content.end - content.begin);
  if (token.kind == TokenKind::DollarString) return std::string(body);
  if (lower(text[token.span.begin]) == 'e') return unescape(body);
  return undouble(body, '\'');
}

Span name_span(std::string_view text, std::uint32_t offset) {
  const auto is_name = [](const Token& t) {
    return t.kind == TokenKind::Identifier || t.kind == TokenKind::QuotedIdentifier;
  };
  Token part = next_code_token(text, offset);
  Span out = part.span;
  while (is_name(part)) {
    out.end = part.span.end;
    const Token dot = next_code_token(text, part.span.end);
    if (dot.kind != TokenKind::Punctuation || text[dot.span.begin] != '.') break;
    part = next_code_token(text, dot.span.end);
  }
  return out;
}

std::size_t find_by_rare(std::string_view text, std::string_view word, char rare,
                         std::size_t from) {
  const std::size_t before = word.find(rare);
  for (std::size_t at = text.find(rare, from + before); at != std::string_view::npos;
       at = text.find(rare, at + 1)) {
    if (text.substr(at - before, word.size()) == word) return at - before;
  }
  return std::string_view::npos;
}

Span find_word(std::string_view text, Span within, std::string_view word) {
  text = text.substr(0, within.end);
  for (Token t = next_code_token(text, within.begin); t.kind != TokenKind::End;
       t = next_code_token(text, t.span.end)) {
    const bool name = t.kind == TokenKind::Identifier || t.kind == TokenKind::QuotedIdentifier;
    if (name && identifier_value(text, t) == word) return t.span;
  }
  return {};
}

}  // namespace tenantlint::sql
