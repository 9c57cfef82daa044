// Functions, procedures and aggregates: overloads, attributes, settings.
// Source: PostgreSQL manual, CREATE FUNCTION, ALTER FUNCTION; catalog/pg_proc.c (ProcedureCreate).
#include <fmt/format.h>

#include <algorithm>

#include "analyzer/schema/replayer.h"

namespace tenantlint::schema {

namespace {

bool is_input(const Parameter& p) {
  return p.mode != ast::ParameterMode::Out && p.mode != ast::ParameterMode::Table;
}

bool same_inputs(const std::vector<Parameter>& a, const std::vector<Parameter>& b) {
  std::vector<const Parameter*> left, right;
  for (const Parameter& p : a) {
    if (is_input(p)) left.push_back(&p);
  }
  for (const Parameter& p : b) {
    if (is_input(p)) right.push_back(&p);
  }
  return std::equal(left.begin(), left.end(), right.begin(), right.end(),
                    [](const Parameter* x, const Parameter* y) {
                      return x->type.type == y->type.type && x->type.array == y->type.array;
                    });
}

}  // namespace

std::vector<Parameter> Replayer::make_parameters(ast::List<ast::FunctionParameter> list) const {
  std::vector<Parameter> out;
  for (const ast::FunctionParameter& p : list) {
    Parameter made;
    made.name = model.intern(p.name);
    made.type = resolve_type(*p.type);
    made.mode = p.mode == ast::ParameterMode::Default ? ast::ParameterMode::In : p.mode;
    made.default_expr = p.default_expr;
    out.push_back(std::move(made));
  }
  return out;
}

// EXECUTE for PUBLIC is built in; default privileges add, or take it away.
void Replayer::new_function_privileges(Function& function) {
  schema::Grant everyone;
  everyone.privileges = kExecute;
  everyone.place = function.statement;
  bool revoked = false;
  for (const DefaultPrivilege& d : model.default_privileges) {
    if (d.object != ast::ObjectType::Function) continue;
    if (d.schema != nullptr && d.schema != function.schema) continue;
    revoked |= d.revoked_public && d.schema == nullptr;
    if (!d.revoked_public) function.grants.push_back(d.grant);
  }
  if (!revoked) function.grants.push_back(everyone);
}

void Replayer::create_function(const ast::CreateFunction& tree) {
  Schema& schema = creation_schema(tree.name.schema, name_place(tree.name));
  std::vector<Parameter> parameters = make_parameters(tree.parameters);
  Function* there = nullptr;
  for (Function* other : model.find_functions(schema, tree.name.name)) {
    if (same_inputs(other->parameters, parameters)) there = other;
  }
  if (there != nullptr && !tree.or_replace) {
    fail("duplicate_function",
         fmt::format("function \"{}\" already exists with same argument types", tree.name.name),
         name_place(tree.name));
  }
  TypeRef returns{model.builtin_type("void"), -1, -1, false};
  if (tree.returns != nullptr) {
    returns = resolve_type(*tree.returns);
  } else {
    // One OUT parameter is the result; several are a record (manual, CREATE FUNCTION).
    std::vector<const Parameter*> outs;
    for (const Parameter& p : parameters) {
      if (p.mode != ast::ParameterMode::In && p.mode != ast::ParameterMode::Variadic)
        outs.push_back(&p);
    }
    if (outs.size() == 1) returns = outs[0]->type;
    if (outs.size() > 1) returns = builtin("record");
  }
  if (there != nullptr && tree.returns != nullptr &&
      (there->returns.type != returns.type || there->returns.array != returns.array)) {
    fail("invalid_function_definition", "cannot change return type of existing function",
         name_place(tree.name));
  }
  if (there != nullptr) {
    for (std::size_t i = 0; i < parameters.size() && i < there->parameters.size(); ++i) {
      const std::string_view old = there->parameters[i].name;
      if (old.empty() || old == parameters[i].name || !is_input(parameters[i])) continue;
      fail("invalid_function_definition",
           fmt::format("cannot change name of input parameter \"{}\"", old), name_place(tree.name));
    }
  }
  Function& out =
      there != nullptr ? model.edit(*there) : model.add_function(schema, tree.name.name);
  out.kind = tree.procedure ? FunctionKind::Procedure
             : tree.window  ? FunctionKind::Window
                            : FunctionKind::Function;
  out.parameters = std::move(parameters);
  out.returns = returns;
  out.returns_set = tree.returns != nullptr && tree.returns->setof;
  out.language = model.intern(tree.language);
  out.security_definer = tree.security_definer;
  out.leakproof = tree.leakproof;
  out.strict = tree.strict;
  out.volatility = tree.volatility;
  out.settings.clear();
  for (const ast::Option& o : tree.set) {
    out.settings.emplace_back(model.intern(o.name), model.intern(o.value));
  }
  out.tree = &tree;
  out.text = text;
  out.body_step = step;
  out.search_path = interned_path();
  out.bindings.clear();
  for (const ast::Statement* s : tree.atomic_body) note_references(s, &out.bindings);
  out.place = name_place(tree.name);
  out.statement = statement_place();
  if (there != nullptr) return;
  out.created = step;
  out.stub = stub;
  out.owner = session.role;
  new_function_privileges(out);
}

void Replayer::alter_function(const ast::AlterFunction& tree) {
  const bool procedure = tree.object == ast::ObjectType::Procedure;
  Function* found = own_function(tree.function, procedure ? "procedure" : "function");
  if (found == nullptr) return;
  Function& out = model.edit(*found);
  for (const ast::Option& o : tree.actions) {
    if (o.name == "security") out.security_definer = o.value == "true" || o.value == "1";
    if (o.name == "volatility")
      out.volatility = o.value == "immutable" ? 'i' : o.value == "stable" ? 's' : 'v';
    if (o.name == "leakproof") out.leakproof = o.value == "true";
    if (o.name == "strict") out.strict = o.value == "true";
    if (o.space != "set") continue;
    std::erase_if(out.settings, [&](const auto& s) { return s.first == o.name; });
    if (!o.drop) out.settings.emplace_back(model.intern(o.name), model.intern(o.value));
    if (o.drop && o.name.empty()) out.settings.clear();  // RESET ALL
  }
}

}  // namespace tenantlint::schema
