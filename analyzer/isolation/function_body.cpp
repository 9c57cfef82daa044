// LANGUAGE sql bodies to trees: strings are parsed (positions lead back to the file), BEGIN ATOMIC
// bodies are trees already; PL/pgSQL that only gives a value is one, too. Exists so that a call of
// such a function can be judged by what it runs.
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

// Types that take every value as it is, or refuse it: nothing is cut on the way out.
bool keeps_values(const schema::TypeRef& type) {
  static constexpr std::string_view kNames[] = {"text", "varchar", "uuid",    "int2",
                                                "int4", "int8",    "numeric", "bool"};
  return type.type != nullptr && type.type->schema == nullptr && !type.array && type.mod1 < 0 &&
         std::find(std::begin(kNames), std::end(kNames), type.type->name) != std::end(kNames);
}

// A condition that looks at variables alone: v IS NULL, v = ''.
bool looks_at_values(const ast::Select* condition) {
  bool out = condition != nullptr && condition->from.empty();
  if (!out) return out;
  sql::walk(*condition, [&](const ast::Node& node) {
    out = out && node.kind != ast::Kind::SubLink && node.kind != ast::Kind::FuncCall;
    return out;
  });
  return out;
}

bool only_raises(ast::List<const sql::plpgsql::Statement*> list) {
  return std::all_of(list.begin(), list.end(), [](const auto* s) {
    return s->kind == sql::plpgsql::Kind::Raise || s->kind == sql::plpgsql::Kind::Null;
  });
}

// Raises, or does nothing.
bool is_guard(const sql::plpgsql::Statement& s, const sql::plpgsql::Code& code, Arena& arena) {
  if (s.kind != sql::plpgsql::Kind::If || !only_raises(s.body)) return false;
  return std::all_of(s.branches.begin(), s.branches.end(), [&](const auto& branch) {
    return only_raises(branch.body) &&
           looks_at_values(sql::plpgsql::parse_expression(code, branch.condition, arena));
  });
}

// WHEN others THEN RETURN NULL, or RAISE.
bool gives_nothing(const sql::plpgsql::Handler& handler, const sql::plpgsql::Code& code) {
  return std::all_of(handler.body.begin(), handler.body.end(), [&](const auto* s) {
    if (s->kind != sql::plpgsql::Kind::Return) return only_raises({&s, 1});
    const std::string_view value = code.text.substr(s->expr.begin, s->expr.end - s->expr.begin);
    return value == "NULL" || value == "null";
  });
}

// The expression that a PL/pgSQL body gives, where it does nothing else: RETURN e, or v := e (or
// DECLARE v … := e) and RETURN v, with guards that raise. Empty: it does more.
Span returned_expression(const sql::plpgsql::Code& code, Arena& arena) {
  namespace pl = sql::plpgsql;
  const pl::Statement& block = *code.block;
  if (!code.complete || block.kind != pl::Kind::Block || block.declarations.size() > 1) return {};
  for (const pl::Handler& h : block.handlers) {
    if (!gives_nothing(h, code)) return {};
  }
  const pl::Declaration* variable = block.declarations.empty() ? nullptr : &block.declarations[0];
  if (variable != nullptr && (variable->cursor || !variable->alias.empty())) return {};
  Span given = variable == nullptr ? Span{} : variable->default_expr;
  for (const pl::Statement* s : block.body) {
    if (s->kind == pl::Kind::Assign) {
      const bool plain = variable != nullptr && given.empty() && s->into.size() == 1 &&
                         s->into[0].parts.size() == 1 && s->into[0].parts[0] == variable->name;
      if (!plain) return {};
      given = s->expr;
    } else if (s->kind == pl::Kind::Return) {
      if (s != block.body.back() || s->expr.empty()) return {};
      if (variable == nullptr) return s->expr;
      const std::string_view name = code.text.substr(s->expr.begin, s->expr.end - s->expr.begin);
      return name == variable->name ? given : Span{};
    } else if (!is_guard(*s, code, arena)) {
      return {};
    }
  }
  return {};
}

// Is the variable of a type that keeps what it is given?
bool keeps_values(const sql::plpgsql::Code& code) {
  static constexpr std::string_view kNames[] = {"text", "uuid", "int", "integer", "bigint",
                                                "TEXT", "UUID", "INT", "INTEGER", "BIGINT"};
  return std::all_of(
      code.block->declarations.begin(), code.block->declarations.end(), [&](const auto& d) {
        const std::string_view type = code.text.substr(d.type.begin, d.type.end - d.type.begin);
        return std::find(std::begin(kNames), std::end(kNames), type) != std::end(kNames);
      });
}

}  // namespace

// A body that only gives a value is the query SELECT e::type.
void FunctionBodies::open_plpgsql(const schema::Function& function, FunctionBody& out) {
  if (function.tree->returns == nullptr || !keeps_values(function.returns)) return;
  const sql::plpgsql::Code code = sql::plpgsql::parse_body(function.tree->body.text, arena_);
  const Span given = returned_expression(code, arena_);
  if (given.empty() || !keeps_values(code)) return;
  const ast::Select* select = sql::plpgsql::parse_expression(code, given, arena_);
  if (select == nullptr || select->targets.size() != 1 || !select->from.empty()) return;
  // What reads tables is judged as a body, and summed up for those who call it.
  bool reads = false;
  sql::walk(*select, [&](const ast::Node& node) {
    reads = reads || node.kind == ast::Kind::SubLink;
    return !reads;
  });
  if (reads) return;
  texts_.push_back(sql::plpgsql::body_text(code, *function.text, function.tree->body));
  auto* cast = arena_.make<ast::TypeCast>();
  cast->kind = ast::Kind::TypeCast;
  cast->at = select->targets[0].value->at;
  cast->arg = select->targets[0].value;
  cast->type = function.tree->returns;
  auto* query = arena_.make<ast::Select>(*select);
  std::span<ast::Target> targets = arena_.array<ast::Target>(1);
  targets[0] = select->targets[0];
  targets[0].value = cast;
  query->targets = targets;
  out.text = &texts_.back();
  out.statements.push_back(query);
  out.spans.push_back(given);
  out.parsed = true;
}

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
  if (function.language == "plpgsql") open_plpgsql(function, out);
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
