// Text of a PL/pgSQL body goes in, a tree of its statements with byte ranges comes out. One pass
// over the scanner's tokens, by recursive descent; expressions and SQL are delimited as PL/pgSQL
// itself delimits them (by the next keyword outside of parentheses), not parsed. Exists because
// dynamic DDL and function bodies need places, which libpg_query's PL/pgSQL output does not have.
#include "analyzer/sql/plpgsql.h"

#include <algorithm>
#include <initializer_list>
#include <string>
#include <vector>

#include "analyzer/sql/tokens.h"

namespace tenantlint::sql::plpgsql {

namespace {

constexpr int kDeepest = 150;
using Words = std::initializer_list<std::string_view>;

class Parser {
 public:
  Parser(char* buffer, std::string_view text, Arena& arena)
      : buffer_(buffer), text_(text), arena_(arena) {
    tokens_ = code_tokens(text, {Code::kPrefix, static_cast<std::uint32_t>(text.size())});
    const auto end = static_cast<std::uint32_t>(text.size());
    tokens_.push_back({TokenKind::End, {end, end}});
  }

  Code parse();

 private:
  // ---- tokens
  const Token& peek(std::size_t ahead = 0) const {
    return tokens_[std::min(at_ + ahead, tokens_.size() - 1)];
  }
  bool at_end() const { return peek().kind == TokenKind::End; }
  std::uint32_t here() const { return peek().span.begin; }
  std::uint32_t last_end() const { return at_ == 0 ? here() : tokens_[at_ - 1].span.end; }
  void next() {
    if (!at_end()) ++at_;
  }
  std::string_view slice(const Token& t) const {
    return text_.substr(t.span.begin, t.span.end - t.span.begin);
  }
  bool is(std::string_view symbol, std::size_t ahead = 0) const {
    const Token& t = peek(ahead);
    return (t.kind == TokenKind::Punctuation || t.kind == TokenKind::Operator) &&
           slice(t) == symbol;
  }
  bool word(std::string_view lower_case, std::size_t ahead = 0) const {
    return is_word(text_, peek(ahead), lower_case);
  }
  bool any_word(Words words) const {
    return std::any_of(words.begin(), words.end(), [&](auto w) { return word(w); });
  }
  bool take(std::string_view symbol) {
    if (!is(symbol)) return false;
    next();
    return true;
  }
  bool take_word(std::string_view lower_case) {
    if (!word(lower_case)) return false;
    next();
    return true;
  }
  bool is_name(std::size_t ahead = 0) const {
    const TokenKind kind = peek(ahead).kind;
    return kind == TokenKind::Identifier || kind == TokenKind::QuotedIdentifier;
  }
  std::string_view name() {
    if (!is_name()) return {};
    const std::string_view out = arena_.copy(identifier_value(text_, peek()));
    next();
    return out;
  }

  // ---- pieces of text
  Span until(Words words, Words symbols = {});
  ast::List<Span> comma_list(Words words);
  ast::List<Variable> variables();
  Variable variable();
  void into_clause(Statement& out);
  Span sql_until_semicolon(Statement& out);

  // ---- statements
  const Statement* statement();
  ast::List<const Statement*> statements(Words ends);
  Statement dispatch();
  Statement block();
  void declarations(std::vector<Declaration>& out);
  Declaration declaration();
  ast::List<Handler> handlers();
  Statement if_statement();
  Statement case_statement();
  Statement loop_statement();
  Statement while_statement();
  Statement for_statement();
  void for_source(Statement& out);
  Statement foreach_statement();
  void loop_body(Statement& out);
  Statement jump(Kind kind);
  Statement return_statement();
  Statement raise();
  Statement execute();
  Statement diagnostics();
  Statement open();
  Statement fetch(Kind kind);
  Statement sql_statement();
  Statement perform();
  bool starts_assignment() const;
  Statement assignment();
  Statement simple(Kind kind);

  Statement make(Kind kind) const {
    Statement out;
    out.kind = kind;
    out.span.begin = here();
    return out;
  }
  void blank(Span span) {
    for (std::uint32_t i = span.begin; i < span.end; ++i) {
      if (buffer_[i] != '\n') buffer_[i] = ' ';
    }
  }
  void fail() { failed_ = true; }
  void expect(std::string_view symbol) {
    if (!take(symbol)) fail();
  }
  void expect_word(std::string_view lower_case) {
    if (!take_word(lower_case)) fail();
  }

  char* buffer_;
  std::string_view text_;
  Arena& arena_;
  std::vector<Token> tokens_;
  std::size_t at_ = 0;
  int depth_ = 0;
  bool failed_ = false;
  bool complete_ = true;
};

// Up to (not with) the first of the words or symbols outside of parentheses, or the semicolon.
Span Parser::until(Words words, Words symbols) {
  Span out{here(), here()};
  int depth = 0;
  while (!at_end()) {
    if (depth == 0) {
      if (is(";") || any_word(words)) break;
      if (std::any_of(symbols.begin(), symbols.end(), [&](auto s) { return is(s); })) break;
    }
    if (is("(") || is("[")) ++depth;
    if ((is(")") || is("]")) && depth > 0) --depth;
    out.end = peek().span.end;
    next();
  }
  return out;
}

ast::List<Span> Parser::comma_list(Words words) {
  std::vector<Span> out;
  do {
    out.push_back(until(words, {","}));
  } while (take(","));
  return arena_.list(out);
}

Variable Parser::variable() {
  Variable out;
  out.span = {here(), here()};
  std::vector<std::string_view> parts;
  if (peek().kind == TokenKind::Param) {
    parts.push_back(arena_.copy(slice(peek())));
    next();
  } else if (is_name()) {
    parts.push_back(name());
  } else {
    fail();
    return out;
  }
  while (is(".") && is_name(1)) {
    next();
    parts.push_back(name());
  }
  out.span.end = last_end();
  out.parts = arena_.list(parts);
  return out;
}

ast::List<Variable> Parser::variables() {
  std::vector<Variable> out;
  do {
    out.push_back(variable());
  } while (take(","));
  return arena_.list(out);
}

void Parser::into_clause(Statement& out) {
  out.into_clause.begin = here();
  next();
  if (word("strict") && !is(",", 1) && !is(";", 1)) {
    out.strict = true;
    next();
  }
  out.into = variables();
  out.into_clause.end = last_end();
}

// One SQL statement with an INTO clause anywhere in it: pl_gram.y's make_execsql_stmt takes the
// first INTO that does not belong to INSERT, MERGE or IMPORT.
Span Parser::sql_until_semicolon(Statement& out) {
  const std::size_t first = at_;
  const bool import = word("import");
  const bool routine = word("create") && (word("function", 1) || word("procedure", 1) ||
                                          word("function", 3) || word("procedure", 3));
  int depth = 0;
  int begins = 0;
  while (!at_end()) {
    if (is(";") && depth == 0 && begins == 0) break;
    if (is("(")) ++depth;
    if (is(")") && depth > 0) --depth;
    if (routine && depth == 0 && (word("begin") || word("case"))) ++begins;
    if (routine && depth == 0 && word("end") && begins > 0) --begins;
    const bool clause = word("into") && out.into.empty() && !import && at_ > first &&
                        !is_word(text_, tokens_[at_ - 1], "insert") &&
                        !is_word(text_, tokens_[at_ - 1], "merge");
    if (clause) {
      into_clause(out);
      blank(out.into_clause);
      continue;
    }
    next();
  }
  return {tokens_[first].span.begin, last_end()};
}

// ---------------------------------------------------------------- statements

const Statement* Parser::statement() {
  const std::size_t first = at_;
  const bool too_deep = ++depth_ > kDeepest;
  Statement out = too_deep ? make(Kind::Unknown) : dispatch();
  --depth_;
  if (out.kind != Kind::Block) out.span.end = std::max(out.span.begin, last_end());
  if (failed_ || too_deep || at_ == first) {
    out = Statement{};
    out.span.begin = tokens_[first].span.begin;
    if (at_ == first) next();
    while (!at_end() && !is(";")) next();
    out.span.end = last_end();
    complete_ = false;
    failed_ = false;
  }
  if (!take(";") && out.kind != Kind::Block && !at_end()) complete_ = false;
  return arena_.make<Statement>(out);
}

ast::List<const Statement*> Parser::statements(Words ends) {
  std::vector<const Statement*> out;
  while (!at_end() && !any_word(ends)) {
    if (take(";")) continue;
    out.push_back(statement());
  }
  return arena_.list(out);
}

bool Parser::starts_assignment() const {
  if (!is_name() && peek().kind != TokenKind::Param) return false;
  std::size_t i = 1;
  while (true) {
    if (is(":=", i) || is("=", i)) return true;
    if (is(".", i) && is_name(i + 1)) {
      i += 2;
    } else if (is("[", i)) {
      for (int depth = 1; depth > 0; ++i) {
        if (peek(i + 1).kind == TokenKind::End || is(";", i + 1)) return false;
        if (is("[", i + 1)) ++depth;
        if (is("]", i + 1)) --depth;
      }
      ++i;
    } else {
      return false;
    }
  }
}

Statement Parser::dispatch() {
  if (is("<<")) return block();
  if (starts_assignment()) return assignment();
  if (any_word({"declare", "begin"})) return block();
  if (word("if")) return if_statement();
  if (word("case")) return case_statement();
  if (word("loop")) return loop_statement();
  if (word("while")) return while_statement();
  if (word("for")) return for_statement();
  if (word("foreach")) return foreach_statement();
  if (word("exit")) return jump(Kind::Exit);
  if (word("continue")) return jump(Kind::Continue);
  if (word("return")) return return_statement();
  if (word("raise")) return raise();
  if (word("assert")) return simple(Kind::Assert);
  if (word("execute")) return execute();
  if (word("get")) return diagnostics();
  if (word("open")) return open();
  if (word("fetch")) return fetch(Kind::Fetch);
  if (word("move")) return fetch(Kind::Move);
  if (word("close")) return fetch(Kind::Close);
  if (word("perform")) return perform();
  if (word("null")) return simple(Kind::Null);
  if (word("commit")) return simple(Kind::Commit);
  if (word("rollback")) return simple(Kind::Rollback);
  if (is_name() || is("(")) return sql_statement();
  return make(Kind::Unknown);
}

// A block or a labelled loop: <<label>> [DECLARE …] BEGIN … [EXCEPTION …] END [label].
Statement Parser::block() {
  const std::uint32_t begin = here();
  std::string_view label;
  if (take("<<")) {
    label = name();
    expect(">>");
    if (any_word({"loop", "while", "for", "foreach"})) {
      Statement out = dispatch();
      out.label = label;
      out.span.begin = begin;
      return out;
    }
  }
  Statement out = make(Kind::Block);
  out.span.begin = begin;
  out.label = label;
  std::vector<Declaration> declared;
  declarations(declared);
  out.declarations = arena_.list(declared);
  expect_word("begin");
  if (failed_) return out;
  out.body = statements({"end", "exception"});
  if (take_word("exception")) {
    out.handlers = handlers();
    out.has_handlers = true;
  }
  expect_word("end");
  if (is_name()) next();
  out.span.end = last_end();
  return out;
}

void Parser::declarations(std::vector<Declaration>& out) {
  while (take_word("declare")) {
    while (!at_end() && !word("begin") && !word("declare") && !failed_) {
      if (take(";")) continue;
      out.push_back(declaration());
      if (!is(";")) fail();
    }
  }
}

Declaration Parser::declaration() {
  Declaration out;
  out.name_span = peek().span;
  out.name = name();
  if (out.name.empty()) fail();
  if (take_word("alias")) {
    expect_word("for");
    out.alias = arena_.copy(slice(peek()));
    if (is_name()) out.alias = arena_.copy(identifier_value(text_, peek()));
    next();
    return out;
  }
  const bool scroll = word("scroll") || (word("no") && word("scroll", 1));
  if (scroll || word("cursor")) {
    out.cursor = true;
    until({"for", "is"});
    next();
    out.cursor_query = until({});
    return out;
  }
  out.constant = take_word("constant");
  out.type = until({"collate", "not", "default"}, {":=", "="});
  if (out.type.empty()) fail();
  if (word("collate")) until({"not", "default"}, {":=", "="});
  if (take_word("not")) {
    expect_word("null");
    out.not_null = true;
  }
  if (take_word("default") || take(":=") || take("=")) out.default_expr = until({});
  return out;
}

ast::List<Handler> Parser::handlers() {
  std::vector<Handler> out;
  while (word("when") && !failed_) {
    Handler handler;
    handler.span.begin = here();
    next();
    std::vector<std::string_view> conditions;
    do {
      if (word("sqlstate") && peek(1).kind == TokenKind::String) {
        next();
        conditions.push_back(arena_.copy(string_value(text_, peek())));
        next();
      } else {
        conditions.push_back(name());
      }
    } while (take_word("or"));
    expect_word("then");
    handler.conditions = arena_.list(conditions);
    handler.body = statements({"when", "end"});
    handler.span.end = last_end();
    out.push_back(handler);
  }
  return arena_.list(out);
}

Statement Parser::if_statement() {
  Statement out = make(Kind::If);
  std::vector<Branch> branches;
  do {
    Branch branch;
    branch.span.begin = here();
    next();
    branch.condition = until({"then"});
    expect_word("then");
    if (failed_) return out;
    branch.body = statements({"elsif", "elseif", "else", "end"});
    branch.span.end = last_end();
    branches.push_back(branch);
  } while (any_word({"elsif", "elseif"}));
  out.branches = arena_.list(branches);
  if (take_word("else")) {
    out.has_else = true;
    out.body = statements({"end"});
  }
  expect_word("end");
  expect_word("if");
  return out;
}

Statement Parser::case_statement() {
  Statement out = make(Kind::Case);
  next();
  out.expr = until({"when"});
  std::vector<Branch> branches;
  while (word("when") && !failed_) {
    Branch branch;
    branch.span.begin = here();
    next();
    branch.condition = until({"then"});
    expect_word("then");
    branch.body = statements({"when", "else", "end"});
    branch.span.end = last_end();
    branches.push_back(branch);
  }
  out.branches = arena_.list(branches);
  if (take_word("else")) {
    out.has_else = true;
    out.body = statements({"end"});
  }
  expect_word("end");
  expect_word("case");
  return out;
}

void Parser::loop_body(Statement& out) {
  expect_word("loop");
  if (failed_) return;
  out.body = statements({"end"});
  expect_word("end");
  expect_word("loop");
  if (is_name()) next();
}

Statement Parser::loop_statement() {
  Statement out = make(Kind::Loop);
  loop_body(out);
  return out;
}

Statement Parser::while_statement() {
  Statement out = make(Kind::While);
  next();
  out.expr = until({"loop"});
  loop_body(out);
  return out;
}

Statement Parser::for_statement() {
  Statement out = make(Kind::ForQuery);
  next();
  out.into = variables();
  expect_word("in");
  if (!failed_) for_source(out);
  loop_body(out);
  return out;
}

// What stands between IN and LOOP; a range is told from a query by its two dots.
void Parser::for_source(Statement& out) {
  if (take_word("execute")) {
    out.kind = Kind::ForExecute;
    out.expr = until({"loop", "using"});
    if (take_word("using")) out.args = comma_list({"loop"});
    return;
  }
  out.reverse = take_word("reverse");
  const std::size_t first = at_;
  const Span lower = until({"loop"}, {".."});
  if (take("..")) {
    out.kind = Kind::ForInteger;
    out.expr = lower;
    out.expr2 = until({"loop", "by"});
    if (take_word("by")) out.expr3 = until({"loop"});
    return;
  }
  const bool named = tokens_[first].kind == TokenKind::Identifier ||
                     tokens_[first].kind == TokenKind::QuotedIdentifier;
  const Token& second = tokens_[std::min(first + 1, tokens_.size() - 1)];
  if (named && (first + 1 == at_ || slice(second) == "(") &&
      !is_word(text_, tokens_[first], "values") && !is_word(text_, tokens_[first], "select")) {
    out.kind = Kind::ForCursor;
    out.target = arena_.copy(identifier_value(text_, tokens_[first]));
    out.expr = {tokens_[first].span.end, lower.end};
    return;
  }
  out.sql = lower;
}

Statement Parser::foreach_statement() {
  Statement out = make(Kind::ForEach);
  next();
  out.into = variables();
  if (take_word("slice")) {
    out.number =
        peek().kind == TokenKind::Number ? std::atoi(std::string(slice(peek())).c_str()) : 0;
    next();
  }
  expect_word("in");
  expect_word("array");
  out.expr = until({"loop"});
  loop_body(out);
  return out;
}

Statement Parser::jump(Kind kind) {
  Statement out = make(kind);
  next();
  if (!word("when")) out.target = name();
  if (take_word("when")) out.expr = until({});
  return out;
}

Statement Parser::return_statement() {
  Statement out = make(Kind::Return);
  next();
  if (take_word("next")) {
    out.kind = Kind::ReturnNext;
    out.expr = until({});
    return out;
  }
  if (take_word("query")) {
    if (take_word("execute")) {
      out.kind = Kind::ReturnExecute;
      out.expr = until({"using"});
      if (take_word("using")) out.args = comma_list({});
      return out;
    }
    out.kind = Kind::ReturnQuery;
    out.sql = until({});
    return out;
  }
  out.expr = until({});
  return out;
}

Statement Parser::raise() {
  Statement out = make(Kind::Raise);
  next();
  out.target = "exception";
  for (const std::string_view level : {"debug", "log", "info", "notice", "warning", "exception"}) {
    if (take_word(level)) {
      out.target = level;
      break;
    }
  }
  if (peek().kind == TokenKind::String || peek().kind == TokenKind::DollarString) {
    out.expr = until({"using"}, {","});
    if (take(",")) out.args = comma_list({"using"});
  } else if (take_word("sqlstate")) {
    out.condition = arena_.copy(string_value(text_, peek()));
    next();
  } else if (is_name() && !word("using")) {
    out.condition = name();
  }
  if (take_word("using")) out.options = until({});
  return out;
}

Statement Parser::execute() {
  Statement out = make(Kind::Execute);
  next();
  out.expr = until({"into", "using"});
  while (word("into") || word("using")) {
    if (word("into")) {
      into_clause(out);
    } else {
      next();
      out.args = comma_list({"into"});
    }
  }
  return out;
}

Statement Parser::diagnostics() {
  Statement out = make(Kind::GetDiagnostics);
  next();
  if (!take_word("current")) take_word("stacked");
  expect_word("diagnostics");
  std::vector<Variable> variables;
  do {
    variables.push_back(variable());
    if (!take("=") && !take(":=")) fail();
    until({}, {","});
  } while (take(","));
  out.into = arena_.list(variables);
  return out;
}

Statement Parser::open() {
  Statement out = make(Kind::Open);
  next();
  out.target = variable().parts.empty() ? std::string_view{}
                                        : arena_.copy(identifier_value(text_, tokens_[at_ - 1]));
  if (is("(")) out.expr = until({});
  if (take_word("no")) expect_word("scroll");
  take_word("scroll");
  if (!take_word("for")) return out;
  if (take_word("execute")) {
    out.expr = until({"using"});
    if (take_word("using")) out.args = comma_list({});
    return out;
  }
  out.sql = until({});
  return out;
}

// FETCH [direction {FROM | IN}] cursor INTO …; the cursor is the last name before INTO.
Statement Parser::fetch(Kind kind) {
  Statement out = make(kind);
  next();
  until({"into"});
  const Token& cursor = tokens_[at_ - 1];
  if (cursor.kind == TokenKind::Identifier || cursor.kind == TokenKind::QuotedIdentifier) {
    out.target = arena_.copy(identifier_value(text_, cursor));
  }
  if (word("into")) into_clause(out);
  return out;
}

Statement Parser::perform() {
  Statement out = make(Kind::Perform);
  constexpr std::string_view kSelect = "SELECT ";  // as long as PERFORM
  std::copy(kSelect.begin(), kSelect.end(), buffer_ + here());
  out.sql = sql_until_semicolon(out);
  return out;
}

Statement Parser::sql_statement() {
  Statement out = make(word("call") ? Kind::Call : Kind::Sql);
  out.sql = sql_until_semicolon(out);
  return out;
}

Statement Parser::assignment() {
  Statement out = make(Kind::Assign);
  out.target_span.begin = here();
  const Variable target = variable();
  out.into = arena_.list(std::vector<Variable>{target});
  until({}, {":=", "="});
  out.target_span.end = last_end();
  next();
  out.expr = until({});
  if (out.expr.empty()) fail();
  return out;
}

// NULL, COMMIT [AND CHAIN], ROLLBACK, ASSERT condition [, message].
Statement Parser::simple(Kind kind) {
  Statement out = make(kind);
  next();
  if (kind == Kind::Assert) {
    out.expr = until({}, {","});
    if (take(",")) out.expr2 = until({});
  } else if (kind != Kind::Null) {
    until({});
  }
  return out;
}

Code Parser::parse() {
  while (is("#")) {  // #variable_conflict use_column, #option dump, #print_strict_params on
    next();
    next();
    next();
  }
  Code out;
  out.text = text_;
  out.block = statement();
  while (take(";")) {
  }
  if (!at_end()) complete_ = false;
  if (out.block->kind != Kind::Block || !at_end()) {
    Statement unknown;
    unknown.span = {Code::kPrefix, static_cast<std::uint32_t>(text_.size())};
    if (out.block->kind != Kind::Block) out.block = arena_.make<Statement>(unknown);
    complete_ = false;
  }
  out.complete = complete_;
  return out;
}

}  // namespace

Code parse_body(std::string_view body, Arena& arena) {
  const std::size_t size = Code::kPrefix + body.size();
  auto* buffer = static_cast<char*>(arena.allocate(size + 1));
  std::fill_n(buffer, Code::kPrefix, ' ');
  std::copy(body.begin(), body.end(), buffer + Code::kPrefix);
  buffer[size] = '\0';
  return Parser(buffer, {buffer, size}, arena).parse();
}

SqlText body_text(const Code& code, const SqlText& outer, const ast::CodeString& body) {
  const auto size = static_cast<std::uint32_t>(code.text.size());
  const auto length = size - Code::kPrefix;
  std::vector<SqlText::Piece> pieces;
  if (!body.verbatim) {
    const Token literal = next_code_token(outer.view(), body.at);
    const Place place = outer.place(literal.span);
    pieces.push_back({{0, size}, place.file, place.begin, place.end, false});
    return SqlText(code.text, std::move(pieces));
  }
  const Place start = outer.place(Span{body.at, body.at});
  pieces.push_back({{0, Code::kPrefix}, start.file, start.begin, start.begin, false});
  const Span range{body.at, body.at + length};
  for (const SqlText::Piece& piece : outer.pieces()) {
    const Span common{std::max(piece.text.begin, range.begin), std::min(piece.text.end, range.end)};
    if (common.empty()) continue;
    SqlText::Piece out = piece;
    out.text = {common.begin - body.at + Code::kPrefix, common.end - body.at + Code::kPrefix};
    if (piece.verbatim) {
      out.origin = piece.origin + (common.begin - piece.text.begin);
      out.origin_end = out.origin + (common.end - common.begin);
    }
    pieces.push_back(out);
  }
  return SqlText(code.text, std::move(pieces));
}

ParseResult parse_sql(const Code& code, Span range, Arena& arena) {
  return parse(code.text, range, arena);
}

// The expression is parsed in place behind a SELECT that is written over the bytes before it for
// the time of the parse, so that offsets stay those of the text.
const ast::Select* parse_expression(const Code& code, Span range, Arena& arena) {
  constexpr std::string_view kSelect = "SELECT ";
  if (range.empty() || range.begin < kSelect.size()) return nullptr;
  const auto begin = range.begin - static_cast<std::uint32_t>(kSelect.size());
  char* before = const_cast<char*>(code.text.data()) + begin;
  const std::string saved(before, kSelect.size());
  std::copy(kSelect.begin(), kSelect.end(), before);
  const ParseResult result = parse(code.text, {begin, range.end}, arena);
  std::copy(saved.begin(), saved.end(), before);
  if (result.statements.size() != 1) return nullptr;
  const auto* select = ast::as<ast::Select>(result.statements[0].tree);
  return select != nullptr && !select->targets.empty() ? select : nullptr;
}

}  // namespace tenantlint::sql::plpgsql
