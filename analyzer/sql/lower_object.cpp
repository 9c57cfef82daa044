// Policies, triggers, rules, functions, code blocks and types.
#include "analyzer/sql/lower_internal.h"

#include "analyzer/sql/tokens.h"

extern "C" {
#include <catalog/pg_trigger.h>
}

namespace tenantlint::sql {

namespace {

std::string_view event_word(::CmdType type) {
  switch (type) {
    case CMD_SELECT: return "select";
    case CMD_UPDATE: return "update";
    case CMD_INSERT: return "insert";
    case CMD_DELETE: return "delete";
    default: return "";
  }
}

std::uint8_t trigger_events(int bits) {
  int out = 0;
  if ((bits & TRIGGER_TYPE_INSERT) != 0) out |= ast::kOnInsert;
  if ((bits & TRIGGER_TYPE_DELETE) != 0) out |= ast::kOnDelete;
  if ((bits & TRIGGER_TYPE_UPDATE) != 0) out |= ast::kOnUpdate;
  if ((bits & TRIGGER_TYPE_TRUNCATE) != 0) out |= ast::kOnTruncate;
  return static_cast<std::uint8_t>(out);
}

bool is_true(const ::DefElem* element) {
  if (element->arg == nullptr) return true;
  if (IsA(element->arg, Boolean)) return to<::Boolean>(element->arg)->boolval;
  if (IsA(element->arg, Integer)) return to<::Integer>(element->arg)->ival != 0;
  return true;
}

}  // namespace

const ast::Statement* Lowerer::object_statement(const ::Node* node, std::uint32_t at,
                                                std::uint32_t end) {
  switch (nodeTag(node)) {
    case T_CreatePolicyStmt: return create_policy(to<::CreatePolicyStmt>(node), at);
    case T_AlterPolicyStmt: {
      const auto* in = to<::AlterPolicyStmt>(node);
      auto* out = make<ast::AlterPolicy>(at);
      out->name = str(in->policy_name);
      out->table = range_var(in->table);
      out->roles = roles(in->roles);
      out->using_expr = expr(in->qual);
      out->check_expr = expr(in->with_check);
      return out;
    }
    case T_CreateTrigStmt: return create_trigger(to<::CreateTrigStmt>(node), at);
    case T_CreateEventTrigStmt: {
      const auto* in = to<::CreateEventTrigStmt>(node);
      auto* out = make<ast::CreateEventTrigger>(at);
      out->name = str(in->trigname);
      out->event = str(in->eventname);
      out->function = name(in->funcname);
      return out;
    }
    case T_RuleStmt: {
      const auto* in = to<::RuleStmt>(node);
      auto* out = make<ast::CreateRule>(at);
      out->name = str(in->rulename);
      out->relation = range_var(in->relation);
      out->event = event_word(in->event);
      out->instead = in->instead;
      out->or_replace = in->replace;
      out->where = expr(in->whereClause);
      out->actions = map<const ast::Statement*>(
          in->actions, [&](const ::Node* n) { return statement(n, 0, 0); });
      return out;
    }
    case T_CreateFunctionStmt: return create_function(to<::CreateFunctionStmt>(node), at, end);
    case T_AlterFunctionStmt: return alter_function(to<::AlterFunctionStmt>(node), at);
    case T_DoStmt: return do_block(to<::DoStmt>(node), at);
    case T_CallStmt: {
      auto* out = make<ast::Call>(at);
      out->call = ast::as<ast::FuncCall>(func_call(to<::CallStmt>(node)->funccall));
      return out;
    }
    case T_ReturnStmt: {
      // RETURN expr is SELECT expr (manual, CREATE FUNCTION).
      auto* out = make<ast::Select>(at);
      ast::Target only;
      only.value = expr(to<::ReturnStmt>(node)->returnval);
      out->targets = nodes_->list(std::vector<ast::Target>{only});
      return out;
    }
    default: return type_statement(node, at);
  }
}

const ast::Statement* Lowerer::create_policy(const ::CreatePolicyStmt* node, std::uint32_t at) {
  const Into into(*this, details_);
  auto* out = make<ast::CreatePolicy>(at);
  out->name = str(node->policy_name);
  out->table = range_var(node->table);
  out->command = str(node->cmd_name);
  out->permissive = node->permissive;
  out->roles = roles(node->roles);
  out->using_expr = expr(node->qual);
  out->check_expr = expr(node->with_check);
  return out;
}

const ast::Statement* Lowerer::create_trigger(const ::CreateTrigStmt* node, std::uint32_t at) {
  auto* out = make<ast::CreateTrigger>(at);
  out->name = str(node->trigname);
  out->relation = range_var(node->relation);
  out->function = name(node->funcname);
  out->args = strings(node->args);
  out->timing = (node->timing & TRIGGER_TYPE_BEFORE) != 0    ? ast::TriggerTiming::Before
                : (node->timing & TRIGGER_TYPE_INSTEAD) != 0 ? ast::TriggerTiming::InsteadOf
                                                             : ast::TriggerTiming::After;
  out->events = trigger_events(node->events);
  out->row = node->row;
  out->or_replace = node->replace;
  out->constraint = node->isconstraint;
  out->columns = strings(node->columns);
  out->when = expr(node->whenClause);
  for (int i = 0; i < list_length(node->transitionRels); ++i) {
    const auto* table = to<::TriggerTransition>(list_nth(node->transitionRels, i));
    (table->isNew ? out->new_table : out->old_table) = str(table->name);
  }
  return out;
}

ast::List<ast::FunctionParameter> Lowerer::parameters(const ::List* list) {
  return map<ast::FunctionParameter>(list, [&](const ::Node* n) {
    const auto* in = to<::FunctionParameter>(n);
    ast::FunctionParameter out;
    out.name = str(in->name);
    out.type = type(in->argType);
    out.mode = static_cast<ast::ParameterMode>(in->mode);
    out.default_expr = expr(in->defexpr);
    return out;
  });
}

const ast::Statement* Lowerer::create_function(const ::CreateFunctionStmt* node, std::uint32_t at,
                                               std::uint32_t end) {
  auto* out = make<ast::CreateFunction>(at);
  // The tree does not say where the name stands: it follows FUNCTION or PROCEDURE.
  std::uint32_t name_at = at;
  for (Token t = next_code_token(text_, at); t.kind == TokenKind::Identifier && t.span.begin < end;
       t = next_code_token(text_, t.span.end)) {
    if (!is_word(text_, t, "function") && !is_word(text_, t, "procedure")) continue;
    name_at = next_code_token(text_, t.span.end).span.begin;
    break;
  }
  out->name = name(node->funcname, name_at);
  out->procedure = node->is_procedure;
  out->or_replace = node->replace;
  out->parameters = parameters(node->parameters);
  out->returns = type(node->returnType);
  for (int i = 0; i < list_length(node->options); ++i) {
    function_option(to<::DefElem>(list_nth(node->options, i)), *out);
  }
  if (node->sql_body == nullptr) return out;
  out->has_atomic_body = true;
  if (out->language.empty()) out->language = "sql";
  // BEGIN ATOMIC gives a list of one list of statements.
  if (IsA(node->sql_body, List)) {
    out->atomic_body =
        map<const ast::Statement*>(to<::List>(linitial(to<::List>(node->sql_body))),
                                   [&](const ::Node* n) { return statement(n, 0, 0); });
  } else {
    out->atomic_body =
        nodes_->list(std::vector<const ast::Statement*>{statement(node->sql_body, 0, 0)});
  }
  return out;
}

void Lowerer::function_option(const ::DefElem* element, ast::CreateFunction& out) {
  const std::string_view key = element->defname;
  bool opaque = false;
  if (key == "as") {
    const auto* parts = to<::List>(element->arg);
    out.body = code(element, str_val(to<::Node>(linitial(parts))));
    if (list_length(parts) > 1) out.link_symbol = str(str_val(to<::Node>(lsecond(parts))));
  } else if (key == "language") {
    out.language = value_text(element->arg, opaque);
  } else if (key == "security") {
    out.security_definer = is_true(element);
  } else if (key == "leakproof") {
    out.leakproof = is_true(element);
  } else if (key == "strict") {
    out.strict = is_true(element);
  } else if (key == "window") {
    out.window = is_true(element);
  } else if (key == "volatility") {
    const std::string_view word = value_text(element->arg, opaque);
    out.volatility = word == "immutable" ? 'i' : word == "stable" ? 's' : 'v';
  } else if (key == "set") {
    std::vector<ast::Option> all(out.set.begin(), out.set.end());
    all.push_back(option(element));
    out.set = nodes_->list(all);
  }
}

// Where the string of AS or DO stands: behind the option's location, in the next string token.
ast::CodeString Lowerer::code(const ::DefElem* element, const char* value) {
  ast::CodeString out;
  out.text = str(value);
  Token t = next_code_token(text_, at(element->location));
  while (t.kind != TokenKind::String && t.kind != TokenKind::DollarString &&
         t.kind != TokenKind::End) {
    t = next_code_token(text_, t.span.end);
  }
  if (t.kind == TokenKind::End) return out;
  const Span content = string_content(text_, t);
  out.at = content.begin;
  out.verbatim = text_.substr(content.begin, content.end - content.begin) == out.text;
  return out;
}

const ast::Statement* Lowerer::do_block(const ::DoStmt* node, std::uint32_t at) {
  auto* out = make<ast::DoBlock>(at);
  out->language = "plpgsql";
  for (int i = 0; i < list_length(node->args); ++i) {
    const auto* element = to<::DefElem>(list_nth(node->args, i));
    bool opaque = false;
    if (std::strcmp(element->defname, "as") == 0) {
      out->body = code(element, str_val(element->arg));
    } else if (std::strcmp(element->defname, "language") == 0) {
      out->language = value_text(element->arg, opaque);
    }
  }
  return out;
}

const ast::Statement* Lowerer::alter_function(const ::AlterFunctionStmt* node, std::uint32_t at) {
  auto* out = make<ast::AlterFunction>(at);
  out->object = object_type(node->objtype);
  out->function = function_object(node->func);
  out->actions = options(node->actions);
  return out;
}

const ast::Statement* Lowerer::type_statement(const ::Node* node, std::uint32_t at) {
  switch (nodeTag(node)) {
    case T_CreateEnumStmt: {
      const auto* in = to<::CreateEnumStmt>(node);
      auto* out = make<ast::CreateEnum>(at);
      out->name = name(in->typeName);
      out->labels = strings(in->vals);
      return out;
    }
    case T_AlterEnumStmt: {
      const auto* in = to<::AlterEnumStmt>(node);
      auto* out = make<ast::AlterEnum>(at);
      out->name = name(in->typeName);
      out->old_label = str(in->oldVal);
      out->new_label = str(in->newVal);
      out->neighbour = str(in->newValNeighbor);
      out->after = in->newValIsAfter;
      out->if_not_exists = in->skipIfNewValExists;
      return out;
    }
    case T_CreateDomainStmt: {
      const auto* in = to<::CreateDomainStmt>(node);
      auto* out = make<ast::CreateDomain>(at);
      out->name = name(in->domainname);
      out->type = type(in->typeName);
      out->constraints = map<ast::Constraint>(
          in->constraints, [&](const ::Node* n) { return constraint(to<::Constraint>(n)); });
      return out;
    }
    case T_AlterDomainStmt: {
      const auto* in = to<::AlterDomainStmt>(node);
      auto* out = make<ast::AlterDomain>(at);
      out->action = static_cast<ast::AlterDomainAction>(in->subtype);
      out->name = name(in->typeName);
      out->constraint_name = str(in->name);
      if (in->def != nullptr && IsA(in->def, Constraint)) {
        out->constraint = constraint_pointer(in->def);
      } else {
        out->expr = expr(in->def);
      }
      out->cascade = in->behavior == DROP_CASCADE;
      out->missing_ok = in->missing_ok;
      return out;
    }
    case T_CompositeTypeStmt: {
      const auto* in = to<::CompositeTypeStmt>(node);
      auto* out = make<ast::CreateCompositeType>(at);
      out->relation = range_var(in->typevar);
      out->columns = map<const ast::ColumnDef*>(
          in->coldeflist, [&](const ::Node* n) { return column(to<::ColumnDef>(n)); });
      return out;
    }
    case T_CreateRangeStmt: {
      const auto* in = to<::CreateRangeStmt>(node);
      auto* out = make<ast::CreateRange>(at);
      out->name = name(in->typeName);
      out->options = options(in->params);
      return out;
    }
    case T_DefineStmt: return define(to<::DefineStmt>(node), at);
    default: return nullptr;
  }
}

const ast::Statement* Lowerer::define(const ::DefineStmt* node, std::uint32_t at) {
  auto* out = make<ast::Define>(at);
  out->object = object_type(node->kind);
  out->name = name(node->defnames);
  out->options = options(node->definition);
  out->if_not_exists = node->if_not_exists;
  out->or_replace = node->replace;
  // An aggregate's arguments come as (parameters, number of direct arguments).
  if (node->kind == OBJECT_AGGREGATE && node->args != nullptr) {
    out->parameters = parameters(to<::List>(linitial(node->args)));
  }
  return out;
}

}  // namespace tenantlint::sql
