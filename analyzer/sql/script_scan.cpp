// Splits a script as psql does: statements end at semicolons outside of parentheses and bodies;
// backslash commands are carried out as far as they matter; data of COPY is passed over; variables
// are noted where they stand. Source: PostgreSQL manual, psql, "Meta-Commands" and "Variables".
#include "analyzer/sql/script_scan.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "analyzer/sql/tokens.h"

namespace tenantlint::sql {

namespace {

std::string_view slice(std::string_view text, Span span) {
  return text.substr(span.begin, span.end - span.begin);
}

bool name_char(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' ||
         static_cast<unsigned char>(c) >= 0x80U;
}

std::string quote(std::string_view value, char mark) {
  std::string out(1, mark);
  for (const char c : value) {
    out += c;
    if (c == mark) out += c;
  }
  return out + mark;
}

}  // namespace

class ScriptScanner::Impl {
 public:
  Impl(std::string_view text, Span range, ScanState& state)
      : text_(text.substr(0, range.end)), at_(range.begin), state_(state) {}

  ScanItem next();

 private:
  // A `${x}`, `{{ x }}` or `:x` at the token; fills `filled` and gives its end, or 0.
  std::uint32_t variable(const Token& token, std::vector<Filled>& filled) const;
  std::uint32_t braces(std::uint32_t at, std::vector<Filled>& filled) const;
  void count(const Token& token);
  ScanItem statement_end(std::uint32_t end, bool semicolon);
  bool command(std::uint32_t backslash, ScanItem& out);
  bool send(std::string_view word, ScanItem& out, std::uint32_t backslash, std::uint32_t line_end);
  void forget(const std::string& name);
  void forget_results(std::string_view command);
  void condition(std::string_view word, std::string_view arguments);
  Branch evaluate(std::string_view expression) const;
  void set_variable(std::string_view arguments);
  ScanItem copy_data();
  bool skipping() const {
    return std::any_of(state_.conditions.begin(), state_.conditions.end(),
                       [](const auto& c) { return c.now == Branch::NotTaken; });
  }
  bool uncertain() const {
    return std::any_of(state_.conditions.begin(), state_.conditions.end(),
                       [](const auto& c) { return c.now == Branch::Unknown; });
  }

  std::string_view text_;
  std::uint32_t at_;
  ScanState& state_;
  // The statement being collected.
  bool has_begun_ = false;
  std::uint32_t begin_ = 0;
  std::uint32_t end_ = 0;
  int parentheses_ = 0;
  int blocks_ = 0;  // BEGIN ATOMIC … END, with CASE … END inside
  int words_ = 0;
  bool routine_ = false;  // CREATE [OR REPLACE] FUNCTION or PROCEDURE
  bool copy_ = false;
  bool from_ = false;
  bool stdin_ = false;
  bool data_follows_ = false;
  std::string previous_;
  std::vector<Filled> filled_;
};

std::uint32_t ScriptScanner::Impl::braces(std::uint32_t at, std::vector<Filled>& filled) const {
  const bool dollar = text_.substr(at, 2) == "${";
  if (!dollar && text_.substr(at, 2) != "{{") return 0;
  const std::string_view close = dollar ? "}" : "}}";
  const std::size_t end = text_.find(close, at);
  if (end == std::string_view::npos) return 0;
  std::string_view name = text_.substr(at + 2, end - at - 2);
  while (!name.empty() && (name.front() == ' ' || name.front() == '.')) name.remove_prefix(1);
  while (!name.empty() && name.back() == ' ') name.remove_suffix(1);
  const auto value = state_.variables.find(name);
  const auto stop = static_cast<std::uint32_t>(end + close.size());
  if (value != state_.variables.end()) filled.push_back({{at, stop}, value->second});
  return stop;
}

std::uint32_t ScriptScanner::Impl::variable(const Token& token, std::vector<Filled>& filled) const {
  const std::uint32_t at = token.span.begin;
  if (text_[at] == '$' || text_[at] == '{') return braces(at, filled);
  if (token.kind != TokenKind::Punctuation || slice(text_, token.span) != ":") return 0;
  std::size_t from = at + 1;
  const char mark = from < text_.size() ? text_[from] : '\0';
  const bool quoted = mark == '\'' || mark == '"';
  if (quoted) ++from;
  std::size_t to = from;
  while (to < text_.size() && name_char(text_[to])) ++to;
  if (to == from || (quoted && (to >= text_.size() || text_[to] != mark))) return 0;
  const auto value = state_.variables.find(text_.substr(from, to - from));
  if (value == state_.variables.end()) return 0;
  const auto stop = static_cast<std::uint32_t>(quoted ? to + 1 : to);
  filled.push_back({{at, stop}, quoted ? quote(value->second, mark) : value->second});
  return stop;
}

// Follows the few words that decide where a statement ends.
void ScriptScanner::Impl::count(const Token& token) {
  const std::string_view raw = slice(text_, token.span);
  if (raw == "(") ++parentheses_;
  if (raw == ")" && parentheses_ > 0) --parentheses_;
  if (token.kind != TokenKind::Identifier) {
    previous_.clear();
    return;
  }
  const std::string word = identifier_value(text_, token);
  ++words_;
  if (words_ <= 4 && (word == "function" || word == "procedure")) routine_ = true;
  if (words_ == 1) copy_ = word == "copy";
  if (routine_ && word == "atomic" && previous_ == "begin") ++blocks_;
  if (blocks_ > 0 && word == "case") ++blocks_;
  if (blocks_ > 0 && word == "end") --blocks_;
  from_ = copy_ && previous_ == "from";
  stdin_ = stdin_ || (from_ && word == "stdin");
  previous_ = word;
}

ScanItem ScriptScanner::Impl::statement_end(std::uint32_t end, bool semicolon) {
  ScanItem out;
  out.kind = ScanKind::Statement;
  out.span = {begin_, end};
  out.filled = std::move(filled_);
  out.uncertain = uncertain();
  out.joins_next = semicolon;
  has_begun_ = false;
  parentheses_ = blocks_ = words_ = 0;
  routine_ = copy_ = from_ = false;
  previous_.clear();
  filled_.clear();
  return out;
}

ScanItem ScriptScanner::Impl::next() {
  if (data_follows_) return copy_data();
  for (;;) {
    const Token token = next_code_token(text_, at_);
    // At \q, as at the end of the file, psql sends what it has collected.
    if (token.kind == TokenKind::End || state_.quit) {
      if (has_begun_ && !skipping()) return statement_end(end_, false);
      return {};
    }
    if (token.kind == TokenKind::Backslash) {
      ScanItem out;
      if (command(token.span.begin, out)) return out;
      continue;
    }
    const bool semicolon = token.kind == TokenKind::Punctuation && slice(text_, token.span) == ";";
    if (semicolon && parentheses_ == 0 && blocks_ == 0) {
      at_ = token.span.end;
      if (!has_begun_) continue;
      const bool data = stdin_;
      stdin_ = false;
      if (skipping()) {
        statement_end(0, true);
        continue;
      }
      ScanItem out = statement_end(end_, true);
      data_follows_ = data;
      if (data) out.joins_next = false;
      return out;
    }
    if (!has_begun_) begin_ = token.span.begin;
    has_begun_ = true;
    const std::uint32_t stop = variable(token, filled_);
    if (stop == 0) count(token);
    at_ = end_ = std::max(token.span.end, stop);
  }
}

// The rows behind COPY … FROM stdin, up to the line "\\.".
ScanItem ScriptScanner::Impl::copy_data() {
  data_follows_ = false;
  ScanItem out;
  out.kind = ScanKind::Data;
  std::size_t line = text_.find('\n', at_);
  const std::size_t begin = line == std::string_view::npos ? text_.size() : line + 1;
  std::size_t at = begin;
  while (at < text_.size()) {
    const std::size_t end = std::min(text_.find('\n', at), text_.size());
    std::string_view row = text_.substr(at, end - at);
    if (row.ends_with('\r')) row.remove_suffix(1);
    at = end + 1;
    if (row == "\\.") break;
  }
  out.span = {static_cast<std::uint32_t>(begin),
              static_cast<std::uint32_t>(std::min(at, text_.size()))};
  at_ = out.span.end;
  return out;
}

void ScriptScanner::Impl::forget(const std::string& name) {
  state_.variables.erase(name);
  state_.unknown.insert(name);
}

// \gset [prefix]: a column is called by AS, or by a word of the query (a column, a function); what
// it holds is not known, and without a row the variable stays as it was.
void ScriptScanner::Impl::forget_results(std::string_view command) {
  std::string prefix;
  const std::size_t space = command.find_first_of(" \t");
  if (space != std::string_view::npos) {
    for (const char c : command.substr(space)) {
      if (name_char(c)) prefix += c;
    }
  }
  for (Token t = next_code_token(text_, begin_); t.kind != TokenKind::End && t.span.end <= end_;
       t = next_code_token(text_, t.span.end)) {
    const bool name = t.kind == TokenKind::Identifier || t.kind == TokenKind::QuotedIdentifier;
    if (name) forget(prefix + identifier_value(text_, t));
    if (slice(text_, t.span) == "*") state_.any_unknown = true;
  }
}

// \g, \gset, \gexec … send the statement collected so far.
bool ScriptScanner::Impl::send(std::string_view word, ScanItem& out, std::uint32_t backslash,
                               std::uint32_t line_end) {
  const std::array<std::string_view, 8> kSends = {"g",     "gx",    "gset",         "gexec",
                                                  "gdesc", "watch", "crosstabview", "bind"};
  if (std::find(kSends.begin(), kSends.end(), word) == kSends.end()) return false;
  at_ = line_end;
  if (word == "gset" && has_begun_ && !skipping()) {
    forget_results(text_.substr(backslash, line_end - backslash));
  }
  if (!has_begun_ || skipping()) {
    statement_end(0, false);
    out.kind = ScanKind::End;
    return true;
  }
  out = statement_end(end_, false);
  out.executes_result = word == "gexec";
  return true;
}

Branch ScriptScanner::Impl::evaluate(std::string_view expression) const {
  std::string value(expression);
  if (value.starts_with(":{?") && value.ends_with('}')) {
    const std::string name = value.substr(3, value.size() - 4);
    if (state_.unknown.contains(name) || state_.any_unknown) return Branch::Unknown;
    return state_.variables.contains(name) ? Branch::Taken : Branch::NotTaken;
  }
  if (value.starts_with(':')) {
    std::string name = value.substr(1);
    std::erase_if(name, [](char c) { return c == '\'' || c == '"'; });
    const auto found = state_.variables.find(name);
    if (found == state_.variables.end() || state_.any_unknown) return Branch::Unknown;
    value = found->second;
  }
  std::transform(value.begin(), value.end(), value.begin(),
                 [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c; });
  if (value == "true" || value == "on" || value == "1" || value == "yes" || value == "t") {
    return Branch::Taken;
  }
  if (value == "false" || value == "off" || value == "0" || value == "no" || value == "f") {
    return Branch::NotTaken;
  }
  return Branch::Unknown;
}

void ScriptScanner::Impl::condition(std::string_view word, std::string_view arguments) {
  auto& stack = state_.conditions;
  if (word == "if") {
    const Branch now = evaluate(arguments);
    stack.push_back({now, now == Branch::Taken, now == Branch::Unknown});
    return;
  }
  if (stack.empty()) return;
  if (word == "endif") {
    stack.pop_back();
    return;
  }
  auto& top = stack.back();
  Branch now = word == "else" ? Branch::Taken : evaluate(arguments);
  if (top.any_taken) now = Branch::NotTaken;
  if (now == Branch::Taken && top.any_unknown) now = Branch::Unknown;
  top.now = now;
  top.any_taken |= now == Branch::Taken;
  top.any_unknown |= now == Branch::Unknown;
}

// \set name value value …: the values are joined; quotes are taken off.
void ScriptScanner::Impl::set_variable(std::string_view arguments) {
  const std::size_t space = arguments.find_first_of(" \t");
  const std::string name(arguments.substr(0, space));
  std::string value;
  bool in_quotes = false;
  for (std::size_t i = space; i < arguments.size(); ++i) {
    const char c = arguments[i];
    if (c == '\'') {
      if (in_quotes && i + 1 < arguments.size() && arguments[i + 1] == '\'') {
        value += c;
        ++i;
      } else {
        in_quotes = !in_quotes;
      }
    } else if (in_quotes || (c != ' ' && c != '\t')) {
      value += c;
    }
  }
  if (uncertain()) return forget(name);
  state_.unknown.erase(name);
  if (!name.empty()) state_.variables.insert_or_assign(name, std::move(value));
}

// Carries out the command; true if `out` is an item for the caller.
bool ScriptScanner::Impl::command(std::uint32_t backslash, ScanItem& out) {
  std::size_t word_end = backslash + 1;
  while (word_end < text_.size() && (name_char(text_[word_end]) || text_[word_end] == '!'))
    ++word_end;
  if (word_end == backslash + 1 && word_end < text_.size()) ++word_end;  // \; \. \?
  const std::string_view word = text_.substr(backslash + 1, word_end - backslash - 1);
  const std::size_t newline = text_.find('\n', backslash);
  const auto line_end =
      static_cast<std::uint32_t>(newline == std::string_view::npos ? text_.size() : newline);
  std::string_view arguments = text_.substr(word_end, line_end - word_end);
  while (!arguments.empty() && (arguments.front() == ' ' || arguments.front() == '\t')) {
    arguments.remove_prefix(1);
  }
  while (!arguments.empty() && (arguments.back() == '\r' || arguments.back() == ' ')) {
    arguments.remove_suffix(1);
  }
  out.span = {backslash, static_cast<std::uint32_t>(word_end)};
  if (word == ";") {
    // Several statements in one message: for us a semicolon like any other.
    at_ = static_cast<std::uint32_t>(word_end);
    if (!has_begun_ || skipping()) return false;
    out = statement_end(end_, false);
    return true;
  }
  if (send(word, out, backslash, line_end)) return out.kind == ScanKind::Statement;
  at_ = line_end;
  if (word == "if" || word == "elif" || word == "else" || word == "endif") {
    condition(word, arguments);
    return false;
  }
  if (skipping()) return false;
  if (word == "set") {
    set_variable(arguments);
  } else if (word == "unset") {
    const std::string name(arguments);
    if (uncertain()) {
      forget(name);
    } else {
      state_.variables.erase(name);
      state_.unknown.erase(name);
    }
  } else if (word == "q" || word == "quit") {
    // Left under a condition that we cannot decide, the script may as well go on.
    state_.quit = !uncertain();
  } else if (word == "i" || word == "ir" || word == "include" || word == "include_relative") {
    out.kind = ScanKind::Include;
    out.name = std::string(arguments);
    std::erase(out.name, '\'');
    out.relative = word == "ir" || word == "include_relative";
    return true;
  } else {
    // Output, connections and settings of psql itself: nothing that a schema depends on.
    const std::array<std::string_view, 26> kHarmless = {
        "c",        "connect",    "echo",     "qecho",  "warn",    "timing", "pset",
        "encoding", "!",          "copy",     "x",      "t",       "a",      "o",
        "out",      "errverbose", "cd",       "prompt", "p",       "r",      "reset",
        "restrict", "unrestrict", "conninfo", "setenv", "password"};
    const bool describes =
        word.starts_with('d') || word.starts_with('l') || word == "sf" || word == "z";
    if (describes || std::find(kHarmless.begin(), kHarmless.end(), word) != kHarmless.end())
      return false;
    out.kind = ScanKind::Problem;
    out.code = "psql-command";
    out.message = fmt::format("The effect of the psql command '\\{}' is not known", word);
    return true;
  }
  return false;
}

ScriptScanner::ScriptScanner(std::string_view text, Span range, ScanState& state)
    : impl_(std::make_unique<Impl>(text, range, state)) {}
ScriptScanner::~ScriptScanner() = default;

ScanItem ScriptScanner::next() {
  return impl_->next();
}

SqlText fill_in(const SqlText& text, const ScanItem& item, Arena& arena) {
  std::string built;
  std::vector<SqlText::Piece> pieces;
  const auto add = [&](Span from, std::string_view value, bool verbatim) {
    const auto begin = static_cast<std::uint32_t>(built.size());
    built += value;
    const Place place = text.place(from);
    pieces.push_back({{begin, static_cast<std::uint32_t>(built.size())},
                      place.file,
                      place.begin,
                      place.end,
                      verbatim});
  };
  std::uint32_t at = item.span.begin;
  for (const Filled& filled : item.filled) {
    if (at < filled.span.begin)
      add({at, filled.span.begin}, text.slice({at, filled.span.begin}), true);
    add(filled.span, filled.value, false);
    at = filled.span.end;
  }
  if (at < item.span.end) add({at, item.span.end}, text.slice({at, item.span.end}), true);
  return SqlText(arena.copy(built), std::move(pieces));
}

ScanFault explain_fault(std::string_view text, Span statement, std::uint32_t offset) {
  const auto at = [&](std::uint32_t i) { return i < statement.end ? text[i] : '\0'; };
  const std::string_view rest = text.substr(offset, statement.end - offset);
  if (rest.starts_with("${") || rest.starts_with("{{") ||
      (at(offset) == '{' && offset > statement.begin)) {
    const std::uint32_t begin = at(offset) == '{' && at(offset - 1) == '$' ? offset - 1 : offset;
    const std::size_t close = text.find('}', begin);
    std::size_t end = close == std::string_view::npos ? offset + 1 : close + 1;
    if (end < text.size() && text[end] == '}') ++end;
    const Span span{begin, static_cast<std::uint32_t>(end)};
    return {"placeholder",
            fmt::format("The placeholder '{}' has no value; give it one in [sql] placeholders",
                        slice(text, span)),
            span};
  }
  if (at(offset) == ':' &&
      (name_char(at(offset + 1)) || at(offset + 1) == '\'' || at(offset + 1) == '"')) {
    std::uint32_t end = offset + 2;
    while (name_char(at(end)) || at(end) == '\'' || at(end) == '"') ++end;
    const Span span{offset, end};
    return {"psql-variable", fmt::format("The psql variable '{}' is not set", slice(text, span)),
            span};
  }
  return {};
}

}  // namespace tenantlint::sql
