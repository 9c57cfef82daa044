// Small, exact questions about expressions.
#include "analyzer/schema/expressions.h"

#include <algorithm>

#include "analyzer/sql/tokens.h"
#include "analyzer/sql/walk.h"

namespace tenantlint::schema {

namespace {

const ast::Expr* strip(const ast::Expr* expr) {
  while (expr != nullptr) {
    if (const auto* cast = ast::as<ast::TypeCast>(expr)) {
      expr = cast->arg;
    } else if (const auto* collate = ast::as<ast::Collate>(expr)) {
      expr = collate->arg;
    } else {
      return expr;
    }
  }
  return nullptr;
}

}  // namespace

bool is_constant(const ast::Expr* expr) {
  expr = strip(expr);
  if (const auto* literal = ast::as<ast::Literal>(expr))
    return literal->type != ast::LiteralType::Null;
  const auto* op = ast::as<ast::Operator>(expr);
  const bool sign =
      op != nullptr && op->left == nullptr && (op->op.name == "-" || op->op.name == "+");
  return sign && is_constant(op->right);
}

bool is_random(const ast::Expr* expr) {
  const auto* call = ast::as<ast::FuncCall>(strip(expr));
  if (call == nullptr) return false;
  constexpr std::string_view kRandom[] = {
      "gen_random_uuid",  "uuid_generate_v4", "uuid_generate_v1", "uuid_generate_v1mc",
      "uuidv4",           "uuidv7",           "uuid_generate_v7", "gen_ulid",
      "gen_random_bytes", "generate_ulid"};
  if (std::find(std::begin(kRandom), std::end(kRandom), call->name.name) != std::end(kRandom))
    return true;
  return call->name.name == "encode" && !call->args.empty() && is_random(call->args[0]);
}

bool is_sequence_value(const ast::Expr* expr) {
  const auto* call = ast::as<ast::FuncCall>(strip(expr));
  return call != nullptr && call->name.name == "nextval";
}

std::string_view column_fixed_to_constant(const ast::Expr* expr) {
  const auto* op = ast::as<ast::Operator>(expr);
  if (op == nullptr || op->form != ast::OperatorForm::Plain || op->op.name != "=") return {};
  for (const auto& [column, value] :
       {std::pair(op->left, op->right), std::pair(op->right, op->left)}) {
    const auto* ref = ast::as<ast::ColumnRef>(strip(column));
    if (ref != nullptr && !ref->star && !ref->fields.empty() && is_constant(value))
      return ref->fields.back();
  }
  return {};
}

std::string source_text(const ast::Expr* expr, const SqlText* text) {
  if (expr == nullptr || text == nullptr) return {};
  // From the first token of any node below to the last one; brackets that were opened are closed.
  std::uint32_t begin = UINT32_MAX;
  std::uint32_t end = 0;
  sql::walk(*expr, [&](const ast::Node& node) {
    if (node.at == 0) return true;
    begin = std::min(begin, node.at);
    const Span name = sql::name_span(text->view(), node.at);
    end = std::max(end, name.end);
    if (const auto* cast = ast::as<ast::TypeCast>(&node)) {
      end = std::max(end, sql::name_span(text->view(), cast->type->at).end);
    }
    return true;
  });
  if (begin >= end) return {};
  int depth = 0;
  std::string out;
  for (sql::Token t = sql::next_code_token(text->view(), begin); t.kind != sql::TokenKind::End;
       t = sql::next_code_token(text->view(), t.span.end)) {
    const std::string_view raw = text->slice(t.span);
    if (raw == "(" || raw == "[") ++depth;
    if (raw == ")" || raw == "]") --depth;
    const bool past = t.span.begin >= end;
    if (past && (depth < 0 || (raw != ")" && raw != "]" && raw != "(" && depth <= 0))) break;
    const bool tight = out.empty() || raw == ")" || raw == "," || raw == "]" || raw == "." ||
                       raw == "::" || out.back() == '(' || out.back() == '.' || out.back() == '[' ||
                       out.ends_with("::") || raw == "(" || raw == "[";
    if (!tight) out += ' ';
    out += raw;
  }
  return out;
}

}  // namespace tenantlint::schema
