// Walks a PL/pgSQL body: scopes, branches and loops. A body is walked until what its variables hold
// no longer changes, and then once more to judge its statements in order. Source: PostgreSQL manual
// chapter 43.
#include "analyzer/isolation/body_walk.h"

#include <algorithm>

#include "analyzer/sql/tokens.h"

namespace tenantlint::isolation {

namespace {

using plpgsql::Kind;

constexpr int kDeepest = 200;
constexpr int kMostRounds = 12;

bool uses_variables_first(std::string_view text) {
  constexpr std::string_view kDirective = "#variable_conflict";
  const std::size_t at = text.find(kDirective);
  if (at == std::string_view::npos) return false;
  const auto behind = static_cast<std::uint32_t>(at + kDirective.size());
  return sql::is_word(text, sql::next_code_token(text, behind), "use_variable");
}

bool is_input(const schema::Parameter& p) {
  return p.mode != ast::ParameterMode::Out && p.mode != ast::ParameterMode::Table;
}

}  // namespace

BodyCode::BodyCode(const ast::CodeString& body, const SqlText& outer)
    : code_(plpgsql::parse_body(body.text, arena_)),
      text_(plpgsql::body_text(code_, outer, body)),
      variables_first_(uses_variables_first(code_.text)) {}

const ast::Select* BodyCode::expression(Span range) {
  const auto [at, fresh] = expressions_.try_emplace(range.begin, nullptr);
  if (fresh) at->second = plpgsql::parse_expression(code_, range, arena_);
  return at->second;
}

const sql::ParseResult& BodyCode::statements(Span range) {
  const auto [at, fresh] = statements_.try_emplace(range.begin);
  if (fresh) at->second = plpgsql::parse_sql(code_, range, arena_);
  return at->second;
}

BodyWalk::BodyWalk(const BodyContext& context, BodyCode& code, const BodyTask& task)
    : context_(context), body_(code), code_(code.code()), text_(code.text()), task_(task) {
  out_.function = task.function;
  parameters();
  trigger_variables();
}

BodyVerdict BodyWalk::run() {
  const std::size_t outer = scope_.size();
  for (int round = 0;; ++round) {
    changed_ = false;
    walk(*code_.block);
    scope_.shrink(outer);
    if (!changed_) break;
    if (round < kMostRounds) continue;
    // Not reached in practice: every variable can change three times at most.
    for (BodyVariable& v : pool_) {
      v.value = HeldValue::other();
      v.fields.clear();
      v.opaque = true;
    }
    break;
  }
  judging_ = true;
  walk(*code_.block);
  if (!code_.complete && out_.statements.empty()) {
    not_understood(code_.block->span, "A part of this body is not understood");
  }
  return std::move(out_);
}

// ---------------------------------------------------------------- names

BodyVariable& BodyWalk::variable(const void* key, std::string_view name) {
  BodyVariable*& known = by_key_[key];
  if (known == nullptr) {
    known = &pool_.emplace_back();
    known->name = name;
    known->number = -static_cast<int>(pool_.size());
  }
  return *known;
}

BodyVariable& BodyWalk::named(std::string_view name, std::string_view type) {
  BodyVariable& out = variable(name.data(), name);
  out.type = type;
  out.value = HeldValue::other();
  scope_.add(name, {}, &out);
  return out;
}

void BodyWalk::parameters() {
  named("found", "boolean");
  named("sqlstate", "text");
  named("sqlerrm", "text");
  if (task_.function == nullptr) return;
  int number = 0;
  for (const schema::Parameter& p : task_.function->parameters) {
    BodyVariable& v = variable(&p, p.name);
    v.label = task_.function->name;
    v.type = arena_.copy(schema::format_type(p.type));
    v.record = is_record_type(v.type);
    v.opaque = v.record;
    scope_.add(p.name, v.label, &v);
    if (!is_input(p)) continue;
    v.number = ++number;
    v.root.name = p.name;
    v.root.number = number;
    const auto i = static_cast<std::size_t>(number - 1);
    v.root.tenant = task_.tenant_parameters == nullptr || i >= task_.tenant_parameters->size() ||
                    (*task_.tenant_parameters)[i];
    v.value = {false, false, &v.root};
    auto* param = arena_.make<ast::Param>();
    param->kind = ast::Kind::Param;
    param->number = number;
    v.value.tenant = held_expression(*param).tenant;
  }
}

// NEW and OLD are rows of the table whose trigger it is. They were written by a statement that is
// judged itself, so they are rows of the tenant.
void BodyWalk::trigger_variables() {
  const schema::Type* returns = task_.function == nullptr ? nullptr : task_.function->returns.type;
  if (returns == nullptr || !returns->name.ends_with("trigger")) return;
  const schema::Relation* table = task_.trigger_table;
  for (const std::string_view name : {"new", "old"}) {
    BodyVariable& row = named(name, "record");
    row.record = row.opaque = true;
    row.row = table;
    if (name == "new") new_row_ = &row;
    if (table == nullptr) {
      for (const std::string& column : context_.options.columns) {
        row.fields.emplace_back(column, HeldValue::of_tenant());
      }
    } else if (context_.tenancy.tenant_owned(*table)) {
      const auto column = static_cast<std::size_t>(context_.tenancy.of(*table).column);
      row.fields.emplace_back(table->columns[column].name, HeldValue::of_tenant());
    }
  }
  for (const std::string_view name :
       {"tg_op", "tg_name", "tg_when", "tg_level", "tg_argv", "tg_event", "tg_tag"}) {
    named(name, "text");
  }
  named("tg_nargs", "integer");
  named("tg_relid", "oid");
  const auto constant = [&](std::string_view name, std::string_view value) {
    BodyVariable& v = named(name, "text");
    v.constant_name = table != nullptr;
    if (table != nullptr) v.text = {true, {computed_text(text_, {}, value)}};
  };
  constant("tg_table_name", table == nullptr ? "" : table->name);
  constant("tg_relname", table == nullptr ? "" : table->name);
  constant("tg_table_schema", table == nullptr ? "" : table->schema->name);
}

void BodyWalk::declare(const Statement& block) {
  for (const plpgsql::Declaration& d : block.declarations) declare(d, block.label);
}

void BodyWalk::declare(const plpgsql::Declaration& d, std::string_view label) {
  if (!d.alias.empty()) {
    std::string_view field;
    plpgsql::Variable target;
    target.parts = {&d.alias, 1};
    if (BodyVariable* v = scope_.find(target, field)) scope_.add(d.name, label, v);
    return;
  }
  BodyVariable& v = variable(&d, d.name);
  v.label = label;
  v.type = text_.slice(d.type);
  v.record = is_record_type(v.type);
  if (d.cursor) declare_cursor(d, v);
  plpgsql::Variable target;
  target.parts = {&d.name, 1};
  if (!d.default_expr.empty()) judge_expression(d.default_expr);
  scope_.add(d.name, label, &v);
  if (!d.default_expr.empty()) {
    assign_expression(target, d.default_expr);
  } else if (judging_ && !d.cursor && !v.record) {
    DynamicText none;
    none.null = true;
    v.text = {true, {none}};
  }
}

// CURSOR (a uuid, b int) FOR query: its arguments are names inside the query alone.
void BodyWalk::declare_cursor(const plpgsql::Declaration& d, BodyVariable& cursor) {
  const std::size_t outer = scope_.size();
  bool name = false;
  int depth = 0;
  for (const sql::Token& t :
       sql::code_tokens(code_.text, {d.name_span.end, d.cursor_query.begin})) {
    const std::string_view raw = text_.slice(t.span);
    if (raw == "(") ++depth;
    if (raw == ")") --depth;
    if (name && depth == 1) {
      BodyVariable& v = variable(code_.text.data() + t.span.begin,
                                 arena_.copy(sql::identifier_value(code_.text, t)));
      v.value = HeldValue::other();
      scope_.add(v.name, d.name, &v);
    }
    name = depth == 1 && (raw == "(" || raw == ",");
  }
  if (cursor.cursor_queries.empty()) cursor.cursor_queries.push_back(d.cursor_query);
  judge_sql(d.cursor_query);
  scope_.shrink(outer);
}

// ---------------------------------------------------------------- control flow

void BodyWalk::walk(Statements list) {
  for (const Statement* s : list) walk(*s);
}

void BodyWalk::walk(const Statement& s) {
  if (depth_ >= kDeepest) return not_understood(s.span, "Nested too deeply to follow");
  ++depth_;
  expressions(s);
  switch (s.kind) {
    case Kind::Block: walk_block(s); break;
    case Kind::If: walk_if(s); break;
    case Kind::Case: walk_case(s); break;
    case Kind::Loop:
    case Kind::While:
    case Kind::ForInteger:
    case Kind::ForQuery:
    case Kind::ForExecute:
    case Kind::ForCursor:
    case Kind::ForEach: walk_loop(s); break;
    case Kind::Sql:
    case Kind::Perform:
    case Kind::ReturnQuery:
    case Kind::Call: {
      judge_sql(s.sql);
      const auto& parsed = body_.statements(s.sql);
      if (parsed.statements.size() != 1) break;
      if (s.kind == Kind::Call) assign_call(*parsed.statements[0].tree);
      if (!s.into.empty()) assign_query(s.into, parsed.statements[0].tree);
      break;
    }
    case Kind::Execute:
      judge_dynamic(s);
      assign_unknown(s.into);
      break;
    case Kind::ReturnExecute: judge_dynamic(s); break;
    case Kind::Open: {
      BodyVariable* cursor = scope_.find(s.target);
      const bool dynamic =
          s.sql.empty() && !s.expr.empty() && !text_.slice(s.expr).starts_with("(");
      if (dynamic) judge_dynamic(s);
      if (!s.sql.empty()) judge_sql(s.sql);
      if (cursor == nullptr || judging_ || (s.sql.empty() && !dynamic)) break;
      auto& queries = cursor->cursor_queries;
      if (std::find(queries.begin(), queries.end(), s.sql) == queries.end()) {
        queries.push_back(s.sql);
        changed_ = true;
      }
      break;
    }
    case Kind::Fetch: assign_cursor(s); break;
    case Kind::GetDiagnostics: assign_unknown(s.into); break;
    case Kind::Assign:
      if (text_.slice(s.target_span).find('[') != std::string_view::npos) {
        assign_unknown(s.into);
      } else {
        assign_expression(s.into[0], s.expr);
      }
      break;
    case Kind::Unknown: not_understood(s.span, "This statement is not understood"); break;
    case Kind::Exit:
    case Kind::Continue:
    case Kind::Return:
    case Kind::ReturnNext:
    case Kind::Raise:
    case Kind::Assert:
    case Kind::Move:
    case Kind::Close:
    case Kind::Null:
    case Kind::Commit:
    case Kind::Rollback: break;
  }
  --depth_;
}

// The expressions of a statement that may read rows.
void BodyWalk::expressions(const Statement& s) {
  const bool text = s.kind == Kind::Open && s.expr.empty();
  if (!s.expr.empty() && !text) judge_expression(s.expr);
  judge_expression(s.expr2);
  judge_expression(s.expr3);
  for (const Span arg : s.args) judge_expression(arg);
  // Conditions of ELSIF are looked at where the first one is: they change nothing.
  for (const plpgsql::Branch& branch : s.branches) judge_expression(branch.condition);
  if (s.kind != Kind::Raise || s.options.empty()) return;
  // USING MESSAGE = (SELECT …)
  for (const sql::Token& t : sql::code_tokens(code_.text, s.options)) {
    if (sql::is_word(code_.text, t, "select")) {
      return not_understood(s.options, "A query in USING of RAISE is not followed");
    }
  }
}

void BodyWalk::walk_block(const Statement& s) {
  const std::size_t outer = scope_.size();
  declare(s);
  if (s.handlers.empty()) {
    walk(s.body);
    scope_.shrink(outer);
    return;
  }
  // An error may come after any statement of the body.
  walk(s.body);
  std::vector<Statements> rest{{}};
  for (const plpgsql::Handler& handler : s.handlers) rest.push_back(handler.body);
  if (judging_) forget_texts(s.body);
  alternatives(rest);
  scope_.shrink(outer);
}

void BodyWalk::walk_if(const Statement& s) {
  std::vector<Statements> branches;
  for (const plpgsql::Branch& branch : s.branches) branches.push_back(branch.body);
  branches.push_back(s.body);  // ELSE, or nothing
  alternatives(branches);
}

void BodyWalk::walk_case(const Statement& s) {
  std::vector<Statements> branches;
  for (const plpgsql::Branch& branch : s.branches) branches.push_back(branch.body);
  if (s.has_else) branches.push_back(s.body);
  alternatives(branches);
}

// Does the list end by leaving the function or the loop?
bool BodyWalk::leaves(Statements list) {
  if (list.empty()) return false;
  const Statement& last = *list.back();
  if (last.kind == Kind::Raise) return last.target == "exception";
  return last.kind == Kind::Return || (last.kind == Kind::Exit && last.expr.empty()) ||
         (last.kind == Kind::Continue && last.expr.empty());
}

void BodyWalk::alternatives(const std::vector<Statements>& branches) {
  if (!judging_) {
    for (const Statements& branch : branches) walk(branch);
    return;
  }
  const auto save = [&] {
    std::vector<TextState> out;
    for (const BodyVariable& v : pool_) out.push_back(v.text);
    return out;
  };
  const std::vector<TextState> before = save();
  std::vector<TextState> after;
  for (const Statements& branch : branches) {
    for (std::size_t i = 0; i < before.size(); ++i) pool_[i].text = before[i];
    walk(branch);
    if (leaves(branch)) continue;
    std::vector<TextState> ends = save();
    if (after.empty()) {
      after = std::move(ends);
    } else {
      for (std::size_t i = 0; i < after.size(); ++i) merge(after[i], ends[i]);
    }
  }
  const std::vector<TextState>& now = after.empty() ? before : after;
  for (std::size_t i = 0; i < now.size(); ++i) pool_[i].text = now[i];
}

void BodyWalk::forget_texts(Statements list) {
  for (const Statement* s : list) {
    for (const plpgsql::Variable& target : s->into) {
      std::string_view field;
      BodyVariable* v = scope_.find(target, field);
      if (v != nullptr && !v->constant_name) v->text = {};
    }
    forget_texts(s->body);
    for (const plpgsql::Branch& branch : s->branches) forget_texts(branch.body);
    for (const plpgsql::Handler& handler : s->handlers) forget_texts(handler.body);
  }
}

void BodyWalk::walk_loop(const Statement& s) {
  const std::size_t outer = scope_.size();
  if (s.kind == Kind::ForQuery) judge_sql(s.sql);
  if (s.kind == Kind::ForExecute) judge_dynamic(s);
  loop_variables(s);
  if (judging_) forget_texts(s.body);
  walk(s.body);
  if (judging_) forget_texts(s.body);
  scope_.shrink(outer);
}

void BodyWalk::loop_variables(const Statement& s) {
  if (s.into.empty() || s.into[0].parts.empty()) return;
  const std::string_view name = s.into[0].parts[0];
  switch (s.kind) {
    case Kind::ForInteger: {
      BodyVariable& v = variable(&s, name);
      v.type = "integer";
      v.value = HeldValue::other();
      scope_.add(name, s.label, &v);
      return;
    }
    case Kind::ForCursor: {
      BodyVariable& v = variable(&s, name);
      v.type = "record";
      v.record = true;
      scope_.add(name, s.label, &v);
      return assign_cursor(s);
    }
    case Kind::ForQuery: {
      const auto& parsed = body_.statements(s.sql);
      if (parsed.statements.size() != 1) return assign_unknown(s.into);
      return assign_query(s.into, parsed.statements[0].tree);
    }
    case Kind::ForEach: {
      assign_unknown(s.into);
      if (judging_) assign_elements(s.into[0], s.expr);
      return;
    }
    default: return assign_unknown(s.into);
  }
}

}  // namespace tenantlint::isolation
