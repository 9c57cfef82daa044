// In: a function. Out: whether its body, or a body that it leads to, has words that read or write
// outside of its arguments. By tokens: comments and strings do not count, whatever the language is.
#include "analyzer/isolation/policy_function.h"

#include <algorithm>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "analyzer/sql/tokens.h"
#include "analyzer/sql/walk.h"

namespace tenantlint::isolation {

namespace {

constexpr std::string_view kReads[] = {
    "current_setting", "current_user",      "session_user",    "user", "current_role", "now",
    "current_schema",  "current_timestamp", "clock_timestamp", "from", "current_date", "execute"};
constexpr std::string_view kWrites[] = {"insert",     "update",  "delete", "merge",
                                        "set_config", "nextval", "random", "truncate"};

// A word of a body; `called`: a bracket follows.
using Words = std::vector<std::pair<std::string, bool>>;

Words words_of_tree(const ast::CreateFunction& tree) {
  Words out;
  for (const ast::Statement* statement : tree.atomic_body) {
    if (statement == nullptr) continue;
    sql::walk(*statement, [&](const ast::Node& node) {
      switch (node.kind) {
        case ast::Kind::FuncCall:
          out.emplace_back(ast::as<ast::FuncCall>(&node)->name.name, true);
          break;
        case ast::Kind::ValueFunction:
          out.emplace_back(ast::as<ast::ValueFunction>(&node)->name, false);
          break;
        case ast::Kind::RangeVar: out.emplace_back("from", false); break;
        case ast::Kind::Insert: out.emplace_back("insert", false); break;
        case ast::Kind::Update: out.emplace_back("update", false); break;
        case ast::Kind::Delete: out.emplace_back("delete", false); break;
        default: break;
      }
      return true;
    });
  }
  return out;
}

Words words_of(const schema::Function& function) {
  Words out;
  if (function.tree == nullptr) return out;
  if (function.tree->has_atomic_body) return words_of_tree(*function.tree);
  const std::string_view body = function.tree->body.text;
  for (sql::Token t = sql::next_code_token(body, 0); t.kind != sql::TokenKind::End;
       t = sql::next_code_token(body, t.span.end)) {
    if (t.kind != sql::TokenKind::Identifier && t.kind != sql::TokenKind::QuotedIdentifier)
      continue;
    const sql::Token next = sql::next_code_token(body, t.span.end);
    const bool called = next.kind == sql::TokenKind::Punctuation && body[next.span.begin] == '(';
    out.emplace_back(sql::identifier_value(body, t), called);
  }
  return out;
}

bool finds(const schema::Model& model, const schema::Function& function,
           std::span<const std::string_view> wanted, std::vector<const schema::Function*>& seen) {
  if (std::find(seen.begin(), seen.end(), &function) != seen.end()) return false;
  seen.push_back(&function);
  for (const auto& [word, called] : words_of(function)) {
    if (std::find(wanted.begin(), wanted.end(), word) != wanted.end()) return true;
    if (!called) continue;
    for (const schema::Schema& schema : model.schemas) {
      if (schema.dropped) continue;
      for (const schema::Function* inner : model.find_functions(schema, word)) {
        if (finds(model, *inner, wanted, seen)) return true;
      }
    }
  }
  return false;
}

}  // namespace

bool reads_outside(const schema::Model& model, const schema::Function& function) {
  std::vector<const schema::Function*> seen;
  return finds(model, function, kReads, seen);
}

bool changes_something(const schema::Model& model, const schema::Function& function) {
  std::vector<const schema::Function*> seen;
  return finds(model, function, kWrites, seen);
}

}  // namespace tenantlint::isolation
