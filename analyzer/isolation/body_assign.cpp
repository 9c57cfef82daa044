// What a PL/pgSQL body puts into its variables: the tenant, a copy of a parameter, or something
// else. Each assignment is joined to what the variable may hold already, wherever it stands, so
// that what is said of a variable holds at every statement.
#include <algorithm>

#include "analyzer/isolation/body_walk.h"
#include "analyzer/sql/tokens.h"

namespace tenantlint::isolation {

namespace {

std::string lower(std::string_view text) {
  std::string out(text);
  for (char& c : out) c = c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
  return out;
}

// varchar(3) cuts what is put into it.
bool cuts_values(std::string_view type) {
  const std::string word = lower(type);
  return word.starts_with("char") || word.starts_with("name") ||
         word.find('(') != std::string::npos;
}

bool is_star(const ast::Select& query) {
  const auto* ref =
      query.targets.size() == 1 ? ast::as<ast::ColumnRef>(query.targets[0].value) : nullptr;
  return ref != nullptr && ref->star;
}

}  // namespace

NameScope BodyWalk::scope(const std::vector<Variable>& variables) const {
  NameScope out;
  out.search_path = task_.search_path;
  out.variables = &variables;
  out.transitions = task_.transitions;
  out.variables_first = body_.variables_first();
  return out;
}

// record, t%ROWTYPE, or the name of a table or composite type.
bool BodyWalk::is_record_type(std::string_view type) const {
  const std::string word = lower(type);
  if (word == "record" || word.find("%rowtype") != std::string::npos) return true;
  if (word.find_first_of("[%( ") != std::string::npos || word.empty()) return false;
  const std::size_t dot = word.rfind('.');
  const std::string_view name =
      std::string_view(word).substr(dot == std::string::npos ? 0 : dot + 1);
  for (const schema::Schema& schema : context_.model.schemas) {
    const schema::Type* found = schema.dropped ? nullptr : context_.model.find_type(schema, name);
    if (found != nullptr && found->kind == schema::TypeKind::Composite) return true;
  }
  return false;
}

HeldValue BodyWalk::held(const Prover::OutputValue& value) const {
  if (value.null) return {};
  HeldValue out{false, value.tenant, nullptr};
  for (const BodyVariable& v : pool_) {
    if (&v.root == value.variable) out.copy = value.variable;
  }
  return out;
}

HeldValue BodyWalk::held(Span expr) {
  const ast::Select* select = body_.expression(expr);
  if (select == nullptr) return HeldValue::other();
  const std::vector<Variable> variables = scope_.variables();
  const auto outputs = context_.prover.outputs(*select, text_, scope(variables));
  return outputs.size() == 1 ? held(outputs[0]) : HeldValue::other();
}

HeldValue BodyWalk::held_expression(const ast::Expr& expr) {
  auto* target = arena_.make<ast::Target>();
  target->value = &expr;
  auto* select = arena_.make<ast::Select>();
  select->kind = ast::Kind::Select;
  select->targets = {target, 1};
  const std::vector<Variable> variables = scope_.variables();
  const auto outputs = context_.prover.outputs(*select, text_, scope(variables));
  return outputs.size() == 1 ? held(outputs[0]) : HeldValue::other();
}

void BodyWalk::hold(HeldValue& at, const HeldValue& held) {
  const HeldValue next = join(at, held);
  if (next == at) return;
  at = next;
  changed_ = true;
}

void BodyWalk::assign(const plpgsql::Variable& target, const HeldValue& held) {
  std::string_view field;
  BodyVariable* v = scope_.find(target, field);
  if (v == nullptr) return;
  if (judging_) {
    if (!v->constant_name) v->text = {};
    if (v == new_row_) remark_new_row(target, field, held);
    return;
  }
  if (!v->record) {
    return hold(v->value, cuts_values(v->type) && !held.nothing ? HeldValue::other() : held);
  }
  if (!field.empty()) {
    if (v->field(field) == nullptr) {
      v->fields.emplace_back(field, v->opaque ? HeldValue::other() : HeldValue{});
      changed_ = true;
    }
    return hold(*v->field(field), held);
  }
  // As a whole: its fields may be anything now.
  if (held.nothing) return;
  if (!v->opaque) changed_ = true;
  v->opaque = true;
  for (auto& known : v->fields) hold(known.second, HeldValue::other());
}

void BodyWalk::remark_new_row(const plpgsql::Variable& target, std::string_view field,
                              const HeldValue& held) {
  const schema::Relation* table = new_row_->row;
  if (table == nullptr || !context_.tenancy.tenant_owned(*table)) return;
  const auto column = static_cast<std::size_t>(context_.tenancy.of(*table).column);
  const std::string_view name = table->columns[column].name;
  if (field != name || held.tenant || held.nothing) return;
  Remark out;
  out.kind = remark::kTriggerSetsTenant;
  out.message =
      "The trigger gives the row a '" + std::string(name) + "' that is no source of the tenant";
  out.place = text_.place(target.span);
  out.relation = table;
  out_.remarks.push_back(std::move(out));
}

void BodyWalk::assign_expression(const plpgsql::Variable& target, Span expr) {
  std::string_view field;
  const BodyVariable* v = scope_.find(target, field);
  if (v == nullptr) return;
  if (!judging_) return assign(target, held(expr));
  // Its own text is read before it is replaced: v := v || '…'.
  const ast::Select* select = body_.expression(expr);
  const bool plain = select != nullptr && select->from.empty() && select->where == nullptr &&
                     select->targets.size() == 1;
  TextState text;
  if (plain && !v->record) text = {true, texts(select->targets[0].value, expr)};
  assign(target, v == new_row_ ? held(expr) : HeldValue::other());
  if (text.tracked) assign_text(target, std::move(text));
}

void BodyWalk::assign_text(const plpgsql::Variable& target, TextState text) {
  std::string_view field;
  BodyVariable* v = scope_.find(target, field);
  if (v == nullptr || v->record || is_plain_type(v->type)) return;
  v->text = std::move(text);
}

// FOREACH t IN ARRAY ARRAY['a', 'b']
void BodyWalk::assign_elements(const plpgsql::Variable& target, Span array) {
  std::string_view field;
  BodyVariable* v = scope_.find(target, field);
  const ast::Select* select = body_.expression(array);
  if (v == nullptr || select == nullptr || select->targets.size() != 1) return;
  const ast::Expr* value = select->targets[0].value;
  if (const auto* cast = ast::as<ast::TypeCast>(value)) value = cast->arg;
  const auto* list = ast::as<ast::ArrayExpr>(value);
  if (list == nullptr || list->args.empty()) return;
  DynamicTexts all;
  for (const ast::Expr* item : list->args) add_texts(all, texts(item, array));
  v->text = {true, std::move(all)};
}

void BodyWalk::assign_unknown(ast::List<plpgsql::Variable> targets) {
  for (const plpgsql::Variable& target : targets) assign(target, HeldValue::other());
}

// INSERT INTO tenants … RETURNING id: the tenant that was made just now.
bool BodyWalk::makes_tenant(const ast::Insert& insert) const {
  const schema::Relation* tenants = context_.tenancy.tenants_table();
  const ast::QualifiedName& name = insert.relation->name;
  if (tenants == nullptr || tenants->name != name.name || insert.returning.size() != 1)
    return false;
  if (!name.schema.empty() && tenants->schema->name != name.schema) return false;
  const auto* ref = ast::as<ast::ColumnRef>(insert.returning[0].value);
  if (ref == nullptr || ref->star || ref->fields.empty()) return false;
  const int column = tenants->find_column(ref->fields.back());
  return std::any_of(tenants->referenced_by.begin(), tenants->referenced_by.end(),
                     [&](const schema::Constraint* key) {
                       return key->ref_columns.size() == 1 && key->ref_columns[0] == column;
                     });
}

void BodyWalk::assign_query(ast::List<plpgsql::Variable> targets, const ast::Statement* query) {
  if (targets.empty()) return;
  const auto* insert = ast::as<ast::Insert>(query);
  if (insert != nullptr && targets.size() == 1 && makes_tenant(*insert)) {
    return assign(targets[0], HeldValue::of_tenant());
  }
  const auto* select = ast::as<ast::Select>(query);
  if (select == nullptr) return assign_unknown(targets);
  std::string_view field;
  BodyVariable* first = scope_.find(targets[0], field);
  const bool record = targets.size() == 1 && first != nullptr && first->record && field.empty();
  if (judging_ && (record || first != new_row_)) return assign_query_texts(targets, *select);
  const std::vector<Variable> variables = scope_.variables();
  const auto outputs = context_.prover.outputs(*select, text_, scope(variables));
  if (outputs.empty()) return assign_unknown(targets);
  if (record) return assign_record(*first, *select, outputs);
  for (std::size_t i = 0; i < targets.size(); ++i) {
    assign(targets[i], i < outputs.size() ? held(outputs[i]) : HeldValue{});
  }
}

// SELECT format(…) INTO v
void BodyWalk::assign_query_texts(ast::List<plpgsql::Variable> targets, const ast::Select& query) {
  const bool plain = query.from.empty() && query.where == nullptr && query.op == ast::SetOp::None &&
                     query.targets.size() == targets.size();
  std::vector<TextState> all;
  for (std::size_t i = 0; plain && i < targets.size(); ++i) {
    all.push_back({true, texts(query.targets[i].value, targets[i].span)});
  }
  assign_unknown(targets);
  for (std::size_t i = 0; i < all.size(); ++i) assign_text(targets[i], std::move(all[i]));
}

// A record has the query's columns; a row type keeps its own names, so the query must be one of
// whole rows.
void BodyWalk::assign_record(BodyVariable& record, const ast::Select& query,
                             const std::vector<Prover::OutputValue>& outputs) {
  const bool own_names = lower(record.type) != "record";
  bool whole = record.row == nullptr && (!own_names || is_star(query));
  if (whole && own_names) {
    const auto* from = query.from.size() == 1 ? ast::as<ast::RangeVar>(query.from[0]) : nullptr;
    whole = from != nullptr && lower(record.type).find(from->name.name) != std::string::npos;
  }
  if (!whole) {
    plpgsql::Variable target;
    target.parts = {&record.name, 1};
    return assign(target, HeldValue::other());
  }
  for (const Prover::OutputValue& value : outputs) {
    if (value.name.empty()) continue;
    if (record.field(value.name) == nullptr) {
      record.fields.emplace_back(arena_.copy(value.name),
                                 record.opaque ? HeldValue::other() : HeldValue{});
      changed_ = true;
    }
    hold(*record.field(value.name), held(value));
  }
}

// FETCH and FOR over a cursor: the queries that it is opened for.
void BodyWalk::assign_cursor(const Statement& s) {
  const BodyVariable* cursor = scope_.find(s.target);
  if (cursor == nullptr || cursor->cursor_queries.empty()) return assign_unknown(s.into);
  for (const Span query : cursor->cursor_queries) {
    const sql::ParseResult* parsed = query.empty() ? nullptr : &body_.statements(query);
    if (parsed == nullptr || parsed->statements.size() != 1) {
      assign_unknown(s.into);
    } else {
      assign_query(s.into, parsed->statements[0].tree);
    }
  }
}

// CALL p(a): a variable that is given for an INOUT parameter is assigned.
void BodyWalk::assign_call(const ast::Statement& tree) {
  const auto* call = ast::as<ast::Call>(&tree);
  if (call == nullptr || call->call == nullptr) return;
  bool assigns = true;
  for (const schema::Schema& schema : context_.model.schemas) {
    if (schema.dropped) continue;
    for (const schema::Function* f : context_.model.find_functions(schema, call->call->name.name)) {
      assigns = std::any_of(f->parameters.begin(), f->parameters.end(), [](const auto& p) {
        return p.mode == ast::ParameterMode::Out || p.mode == ast::ParameterMode::InOut;
      });
      if (assigns) break;
    }
  }
  if (!assigns) return;
  for (const ast::Expr* arg : call->call->args) {
    if (const auto* named = ast::as<ast::NamedArg>(arg)) arg = named->arg;
    const auto* ref = ast::as<ast::ColumnRef>(arg);
    if (ref == nullptr || ref->star) continue;
    plpgsql::Variable target;
    target.parts = ref->fields;
    assign(target, HeldValue::other());
  }
}

}  // namespace tenantlint::isolation
