// Single statements of PL/pgSQL: assignments, SQL with and without INTO, EXECUTE, RAISE.
// Source: PostgreSQL manual 43.5 and 43.9.
#include <algorithm>

#include "analyzer/schema/interpret.h"
#include "analyzer/sql/tokens.h"

namespace tenantlint::schema {

namespace {

using plpgsql::Kind;

// The condition's name, for errors that outlive the block they come from.
std::string_view first_word(std::string_view text, std::string& out) {
  const sql::Token token = sql::next_code_token(text, 0);
  if (token.kind == sql::TokenKind::Identifier) out = sql::identifier_value(text, token);
  return out;
}

// ALTER DATABASE with a computed name: migrations alter their own.
bool changes_database(const Value& text) {
  constexpr std::string_view kStart = "alter database";
  if (text.items.empty() || text.items[0].text.size() < kStart.size()) return false;
  return std::equal(kStart.begin(), kStart.end(), text.items[0].text.begin(), [](char a, char b) {
    return a == (b >= 'A' && b <= 'Z' ? static_cast<char>(b - 'A' + 'a') : b);
  });
}

// Statements that change rows at most, by their first word.
bool is_harmless(std::string_view text) {
  std::string word;
  first_word(text, word);
  static constexpr std::string_view kWords[] = {
      "insert",  "update", "delete", "truncate", "lock",  "analyze", "vacuum", "reindex",
      "refresh", "notify", "copy",   "cluster",  "merge", "comment", "listen"};
  if (std::find(std::begin(kWords), std::end(kWords), word) != std::end(kWords)) return true;
  std::string lower(text);
  for (char& c : lower) c = c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
  // ALTER DATABASE x SET …: settings of databases are no part of the schema.
  if (lower.starts_with("alter database") || lower.starts_with("alter system")) return true;
  // A query whose function calls stand before what is not known.
  return word == "select" &&
         (lower.find(" from ") != std::string::npos || lower.find("count(") != std::string::npos ||
          lower.find("setval(") != std::string::npos);
}

}  // namespace

void Interpreter::set(const plpgsql::Variable& target, Value value) {
  if (target.parts.empty()) return;
  Variable* v = find(target.parts[0]);
  std::size_t field = 1;
  if (v == nullptr && target.parts.size() > 1) {
    v = find(target.parts[1], target.parts[0]);
    field = 2;
  }
  if (v == nullptr) return;
  if (frame_->doubt != Doubt::None) value = Value::unknown_because(frame_->why);
  if (target.parts.size() == field) {
    v->value = evaluator_.coerce(std::move(value), v->type);
    return;
  }
  if (v->value.kind != Value::Kind::Record) {
    v->value = Value{};
    v->value.kind = Value::Kind::Record;
  }
  auto& names = v->value.names;
  const auto found = std::find(names.begin(), names.end(), target.parts[field]);
  if (found != names.end()) {
    v->value.items[static_cast<std::size_t>(found - names.begin())] = std::move(value);
    return;
  }
  names.emplace_back(target.parts[field]);
  v->value.items.push_back(std::move(value));
}

void Interpreter::assign(const Statement& s) {
  Value result = value(s.expr);
  // Assigning one element of an array is not followed: the whole array is unknown then.
  const std::string_view target = frame_->text->slice(s.target_span);
  if (target.find('[') != std::string_view::npos) {
    result = Value::unknown_because("depends on an element that was set");
  }
  set(s.into[0], std::move(result));
}

// The result's first row into the targets: one record, or column by column.
void Interpreter::store(const Rows& rows, const Statement& s) {
  if (s.into.empty()) return;
  Rows result = rows;
  if (!rows.certain()) {
    for (const plpgsql::Variable& v : s.into) set(v, Value::unknown_because(rows.why));
    return;
  }
  const bool empty = result.rows.empty();
  const auto is_record = [&] {
    if (s.into.size() != 1 || s.into[0].parts.size() != 1) return false;
    const Variable* v = find(s.into[0].parts[0]);
    if (v == nullptr) return false;
    std::string word;
    first_word(v->type, word);
    const bool row_type = v->type.find("ROWTYPE") != std::string_view::npos ||
                          v->type.find("rowtype") != std::string_view::npos;
    return word == "record" || row_type || result.names.size() > 1;
  };
  if (is_record()) {
    set(s.into[0], empty ? Value{} : result.record(0));
    return;
  }
  for (std::size_t i = 0; i < s.into.size(); ++i) {
    const bool there = !empty && i < result.rows[0].values.size();
    set(s.into[i], there ? result.rows[0].values[i] : Value{});
  }
}

void Interpreter::raise(const Statement& s) {
  if (s.target != "exception") return;
  if (frame_->doubt != Doubt::None) return;
  if (s.expr.empty() && s.condition.empty() && s.options.empty() && frame_->error != nullptr) {
    throw ReplayError(*frame_->error);
  }
  std::string message;
  if (!s.expr.empty()) {
    const Value format = to_text(value(s.expr));
    std::size_t next = 0;
    for (std::size_t i = 0; i < format.text.size(); ++i) {
      const bool mark = format.text[i] == '%';
      if (mark && i + 1 < format.text.size() && format.text[i + 1] == '%') {
        message += '%';
        ++i;
      } else if (mark && next < s.args.size()) {
        const Value arg = to_text(value(s.args[next++]));
        message += arg.unknown() ? "…" : arg.null() ? "<NULL>" : arg.text;
      } else {
        message += format.text[i];
      }
    }
  }
  std::string_view condition = s.condition.empty() ? "raise_exception" : s.condition;
  for (const sql::Token& t : sql::code_tokens(frame_->code->text, s.options)) {
    if (!sql::is_word(frame_->code->text, t, "errcode")) continue;
    const sql::Token equals = sql::next_code_token(frame_->code->text, t.span.end);
    const sql::Token state = sql::next_code_token(frame_->code->text, equals.span.end);
    if (state.kind != sql::TokenKind::String) continue;
    condition = r_.model.intern(sql::string_value(frame_->code->text, state));
  }
  if (message.empty()) message = condition;
  throw ReplayError{r_.model.intern(condition), std::move(message), frame_->text->place(s.span)};
}

void Interpreter::check(const Statement& s) {
  if (frame_->doubt != Doubt::None || !evaluator_.cast(value(s.expr), "bool", false).is_false()) {
    return;
  }
  throw ReplayError{"assert_failure", "assertion failed", frame_->text->place(s.span)};
}

// ---------------------------------------------------------------- SQL

void Interpreter::run_sql(const Statement& s) {
  const sql::ParseResult& parsed = statements(s.sql);
  if (!parsed.ok) {
    throw ReplayError{"syntax_error", parsed.error.message,
                      frame_->text->place(parsed.error.offset, Extent::Token)};
  }
  for (const sql::ParsedStatement& statement : parsed.statements) {
    if (statement.tree != nullptr) run_tree(*statement.tree, s);
  }
  if (s.kind == Kind::ReturnQuery) {
    frame_->result = Value::unknown_because("depends on the rows of a function");
  }
}

void Interpreter::run_tree(const ast::Statement& tree, const Statement& s) {
  using K = ast::Kind;
  switch (tree.kind) {
    case K::Select: {
      const Rows rows = evaluator_.query(tree, s.into.empty() ? 0 : 2);
      store(rows, s);
      frame_->found =
          rows.certain() ? Value::boolean(!rows.rows.empty()) : Value::unknown_because(rows.why);
      if (s.strict && rows.certain() && rows.rows.empty() && frame_->doubt == Doubt::None) {
        throw ReplayError{"no_data_found", "query returned no rows", frame_->text->place(s.span)};
      }
      return;
    }
    case K::Insert:
    case K::Update:
    case K::Delete:
    case K::Merge: return changes_rows(tree, s);
    case K::Call: return run_call(*static_cast<const ast::Call&>(tree).call);
    case K::Transaction: return;
    default: break;
  }
  utility(tree, *frame_->text, s.span);
}

// Rows change, the schema does not, unless a function that is called along the way does.
void Interpreter::changes_rows(const ast::Statement& tree, const Statement& s) {
  const Value unknown = Value::unknown_because("depends on the rows that were changed");
  for (const plpgsql::Variable& v : s.into) set(v, unknown);
  frame_->found = unknown;
  require_columns(tree);
  r_.change_rows(tree);
}

// A table or column that is not there is an error that handlers may be waiting for.
void Interpreter::require_columns(const ast::Statement& tree) {
  const auto check = [&](const ast::RangeVar* target, ast::List<ast::Target> columns) {
    if (target == nullptr) return;
    const Relation& table = r_.relation(*target);
    for (const ast::Target& column : columns) r_.column(table, column.name, r_.statement_place());
  };
  if (const auto* insert = ast::as<ast::Insert>(&tree)) check(insert->relation, insert->columns);
  if (const auto* update = ast::as<ast::Update>(&tree)) check(update->relation, update->set);
  if (const auto* gone = ast::as<ast::Delete>(&tree)) check(gone->relation, {});
}

// Anything else: a statement of the schema, which runs as at top level.
void Interpreter::utility(const ast::Statement& tree, const SqlText& text, Span span) {
  if (tree.kind == ast::Kind::NoEffect) return;
  if (frame_ != nullptr && frame_->doubt != Doubt::None) {
    problem("Whether this statement runs is not known: it " + frame_->why, span);
    return;
  }
  const SqlText* outer_text = r_.text;
  const Span outer_span = r_.span;
  const Step outer_step = r_.step;
  const auto restore = [&] {
    r_.text = outer_text;
    r_.span = outer_span;
    r_.step = outer_step;
  };
  r_.text = &text;
  r_.span = span;
  r_.model.steps.push_back({r_.statement_place(), &text, &tree});
  r_.step = static_cast<Step>(r_.model.steps.size());
  try {
    r_.execute(tree);
  } catch (...) {
    restore();
    throw;
  }
  restore();
}

// ---------------------------------------------------------------- EXECUTE

void Interpreter::run_text(const std::string& sql, const Place& origin) {
  const std::string_view copy = r_.model.arena().copy(sql);
  const auto size = static_cast<std::uint32_t>(copy.size());
  std::vector<SqlText::Piece> pieces;
  pieces.push_back({{0, size}, origin.file, origin.begin, origin.end, false});
  const SqlText& text = r_.model.texts.emplace_back(copy, std::move(pieces));
  const sql::ParseResult parsed = sql::parse(copy, {0, size}, r_.model.arena());
  if (!parsed.ok) throw ReplayError{"syntax_error", parsed.error.message, origin};
  for (const sql::ParsedStatement& statement : parsed.statements) {
    if (statement.tree == nullptr) continue;
    if (statement.tree->kind == ast::Kind::Select) {
      evaluator_.query(*statement.tree);
    } else {
      utility(*statement.tree, text, statement.span);
    }
  }
}

void Interpreter::execute_unknown(const Statement& s, const Value& text) {
  const std::string prefix = text.items.empty() ? std::string() : text.items[0].text;
  const Value unknown = Value::unknown_because(text.text);
  for (const plpgsql::Variable& v : s.into) set(v, unknown);
  frame_->found = unknown;
  if (is_harmless(prefix)) return;
  problem("The statement that EXECUTE runs is not known: it " + text.text, s.expr);
}

// EXECUTE text [INTO …] [USING …]. Values of USING reach the statement's parameters alone.
void Interpreter::execute(const Statement& s) {
  Value text = to_text(value(s.expr));
  if (text.unknown() && changes_database(text)) {
    evaluator_.database = "database";
    text = to_text(value(s.expr));
    evaluator_.database.clear();
  }
  if (s.kind == Kind::ReturnExecute) {
    frame_->result = Value::unknown_because("depends on the rows of a function");
  }
  if (text.null()) {
    throw ReplayError{"null_value_not_allowed", "query string argument of EXECUTE is null",
                      frame_->text->place(s.expr)};
  }
  if (text.unknown()) return execute_unknown(s, text);
  if (frame_->doubt != Doubt::None && is_harmless(text.text)) return;
  if (!s.into.empty() || s.kind == Kind::ReturnExecute) {
    store(dynamic_rows(s), s);
    return;
  }
  std::vector<Value> args;
  for (const Span arg : s.args) args.push_back(value(arg));
  std::swap(frame_->parameters, args);
  try {
    run_text(text.text, frame_->text->place(s.expr));
  } catch (...) {
    std::swap(frame_->parameters, args);
    throw;
  }
  std::swap(frame_->parameters, args);
}

// The rows of a query that is computed.
Rows Interpreter::dynamic_rows(const Statement& s) {
  Rows out;
  const Value text = to_text(value(s.expr));
  if (text.unknown() || text.null()) {
    out.more = true;
    out.why = text.unknown() ? text.text : "depends on a query that is not known";
    return out;
  }
  std::vector<Value> args;
  for (const Span arg : s.args) args.push_back(value(arg));
  const std::string_view copy = r_.model.arena().copy(text.text);
  const sql::ParseResult parsed =
      sql::parse(copy, {0, static_cast<std::uint32_t>(copy.size())}, r_.model.arena());
  if (!parsed.ok) {
    throw ReplayError{"syntax_error", parsed.error.message, frame_->text->place(s.expr)};
  }
  if (parsed.statements.size() != 1 || parsed.statements[0].tree == nullptr ||
      parsed.statements[0].tree->kind != ast::Kind::Select) {
    out.more = true;
    out.why = "depends on the rows of a table";
    return out;
  }
  std::swap(frame_->parameters, args);
  try {
    out = evaluator_.query(*parsed.statements[0].tree);
  } catch (...) {
    std::swap(frame_->parameters, args);
    throw;
  }
  std::swap(frame_->parameters, args);
  return out;
}

}  // namespace tenantlint::schema
