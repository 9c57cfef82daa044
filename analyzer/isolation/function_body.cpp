// LANGUAGE sql bodies to trees: strings are parsed (positions lead back to the file), BEGIN ATOMIC
// bodies are trees already. Exists so that a call of such a function can be judged by what it runs.
#include "analyzer/isolation/function_body.h"

#include <algorithm>
#include <limits>

#include "analyzer/sql/plpgsql.h"
#include "analyzer/sql/tokens.h"
#include "analyzer/sql/walk.h"

namespace tenantlint::isolation {

namespace {

// A statement of a BEGIN ATOMIC body, or behind RETURN: around its first node whose place is known,
// from the semicolon before it to the one behind it.
Span statement_span(std::string_view text, std::uint32_t body, const ast::Statement* tree) {
  std::uint32_t inside = std::numeric_limits<std::uint32_t>::max();
  if (tree != nullptr) {
    sql::walk(*tree, [&](const ast::Node& node) {
      if (node.at != 0) inside = std::min(inside, node.at);
      return true;
    });
  }
  Span out{body, body};
  int depth = 0;
  int cases = 0;
  bool starts = false;
  for (sql::Token t = sql::next_code_token(text, body); t.kind != sql::TokenKind::End;
       t = sql::next_code_token(text, t.span.end)) {
    const std::string_view raw = text.substr(t.span.begin, t.span.end - t.span.begin);
    if (starts) out = {t.span.begin, t.span.begin};
    const bool before = t.span.begin < inside;
    starts = before &&
             (raw == ";" || sql::is_word(text, t, "atomic") || sql::is_word(text, t, "return"));
    if (starts) continue;
    if (raw == ";" && depth == 0) break;
    if (raw == "(") ++depth;
    if (raw == ")") --depth;
    if (sql::is_word(text, t, "case")) ++cases;
    if (!before && sql::is_word(text, t, "end") && cases-- == 0) break;
    out.end = t.span.end;
  }
  return out;
}

}  // namespace

const FunctionBody& FunctionBodies::of(const schema::Function& function) {
  const auto [at, fresh] = bodies_.try_emplace(&function);
  FunctionBody& out = at->second;
  if (!fresh || function.tree == nullptr || function.text == nullptr) return out;
  if (function.tree->has_atomic_body) {
    out.statements.assign(function.tree->atomic_body.begin(), function.tree->atomic_body.end());
    for (const ast::Statement* s : out.statements) {
      out.spans.push_back(statement_span(function.text->view(), function.tree->name.at, s));
    }
    out.text = function.text;
    out.parsed = true;
    return out;
  }
  if (function.language != "sql") return out;
  // The same text with room before it that PL/pgSQL bodies have: one way back to the file.
  sql::plpgsql::Code code;
  std::string padded(sql::plpgsql::Code::kPrefix, ' ');
  padded += function.tree->body.text;
  code.text = arena_.copy(padded);
  texts_.push_back(sql::plpgsql::body_text(code, *function.text, function.tree->body));
  out.text = &texts_.back();
  const Span all{sql::plpgsql::Code::kPrefix, static_cast<std::uint32_t>(code.text.size())};
  const sql::ParseResult result = sql::plpgsql::parse_sql(code, all, arena_);
  out.parsed = result.ok;
  for (const sql::ParsedStatement& s : result.statements) {
    out.statements.push_back(s.tree);
    out.spans.push_back(s.span);
  }
  if (out.parsed) return out;
  out.error = result.error.message;
  out.error_place = out.text->place(result.error.offset, Extent::Token);
  return out;
}

std::vector<std::string_view> function_columns(const schema::Function& function,
                                               std::string_view called) {
  std::vector<std::string_view> out;
  for (const schema::Parameter& p : function.parameters) {
    const bool result = p.mode == ast::ParameterMode::Out || p.mode == ast::ParameterMode::Table ||
                        p.mode == ast::ParameterMode::InOut;
    if (result) out.push_back(p.name);
  }
  if (!out.empty()) return out;
  const schema::Relation* row = function.returns.type == nullptr || function.returns.array
                                    ? nullptr
                                    : function.returns.type->relation;
  if (row == nullptr) return {called};
  for (const schema::Column& c : row->columns) {
    if (!c.dropped) out.push_back(c.name);
  }
  return out;
}

}  // namespace tenantlint::isolation
