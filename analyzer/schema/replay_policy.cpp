// Policies, triggers and rules: what stands on a table.
// Source: PostgreSQL manual, CREATE POLICY, CREATE TRIGGER, CREATE RULE.
#include <fmt/format.h>

#include <algorithm>

#include "analyzer/schema/replayer.h"

namespace tenantlint::schema {

namespace {

PolicyCommand command_of(std::string_view word) {
  if (word == "select") return PolicyCommand::Select;
  if (word == "insert") return PolicyCommand::Insert;
  if (word == "update") return PolicyCommand::Update;
  if (word == "delete") return PolicyCommand::Delete;
  return PolicyCommand::All;
}

template <typename T>
T* by_name(const std::vector<T*>& list, std::string_view name) {
  const auto found =
      std::find_if(list.begin(), list.end(), [&](const T* x) { return x->name == name; });
  return found == list.end() ? nullptr : *found;
}

// An unqualified column that neither the table nor any table of a sub-query has.
void check_columns(Replayer& r, const ast::Expr* expr, const Relation& table) {
  const auto* op = ast::as<ast::Operator>(expr);
  if (op != nullptr) {
    check_columns(r, op->left, table);
    return check_columns(r, op->right, table);
  }
  if (const auto* boolean = ast::as<ast::BoolExpr>(expr)) {
    for (const ast::Expr* arg : boolean->args) check_columns(r, arg, table);
    return;
  }
  if (const auto* cast = ast::as<ast::TypeCast>(expr)) return check_columns(r, cast->arg, table);
  const auto* ref = ast::as<ast::ColumnRef>(expr);
  if (ref == nullptr || ref->star || ref->fields.size() != 1) return;
  const std::string_view name = ref->fields[0];
  constexpr std::string_view kSystem[] = {"ctid", "tableoid", "xmin", "xmax", "cmin", "cmax"};
  const bool system = std::find(std::begin(kSystem), std::end(kSystem), name) != std::end(kSystem);
  if (system || name == table.name || table.find_column(name) >= 0) return;
  r.fail("undefined_column", fmt::format("column \"{}\" does not exist", name), r.place(ref->at));
}

}  // namespace

void Replayer::create_policy(const ast::CreatePolicy& tree) {
  Relation& on = table(*tree.table);
  if (by_name(on.policies, tree.name) != nullptr) {
    fail("duplicate_object",
         fmt::format("policy \"{}\" for table \"{}\" already exists", tree.name, on.name),
         word_place(tree.name));
  }
  check_columns(*this, tree.using_expr, on);
  check_columns(*this, tree.check_expr, on);
  Policy& out = model.born(model.policies.emplace_back());
  out.name = model.intern(tree.name);
  out.table = &on;
  out.command = command_of(tree.command);
  out.permissive = tree.permissive;
  out.stub = stub;
  for (const ast::RoleSpec& spec : tree.roles) {
    // PUBLIC among others makes the others redundant (policy.c, policy_role_list_to_array).
    if (spec.ref == ast::RoleRef::Public) {
      out.roles.clear();
      break;
    }
    out.roles.push_back(&role(spec));
  }
  out.using_expr = tree.using_expr;
  out.check_expr = tree.check_expr;
  out.using_text = out.check_text = text;
  out.using_step = out.check_step = out.created = step;
  out.stub = stub;
  out.search_path = interned_path();
  out.place = word_place(tree.name);
  out.statement = statement_place();
  note_references(tree.using_expr);
  note_references(tree.check_expr);
  note_columns(tree.using_expr, on);
  note_columns(tree.check_expr, on);
  model.append(on, &Relation::policies, &out);
}

void Replayer::alter_policy(const ast::AlterPolicy& tree) {
  Relation& on = table(*tree.table);
  Policy* found = by_name(on.policies, tree.name);
  if (found == nullptr) {
    fail("undefined_object",
         fmt::format("policy \"{}\" for table \"{}\" does not exist", tree.name, on.name),
         word_place(tree.name));
  }
  Policy& out = model.edit(*found);
  if (!tree.roles.empty()) {
    out.roles.clear();
    for (const ast::RoleSpec& spec : tree.roles) {
      if (spec.ref == ast::RoleRef::Public) {
        out.roles.clear();
        break;
      }
      out.roles.push_back(&role(spec));
    }
  }
  if (tree.using_expr != nullptr) {
    out.using_expr = tree.using_expr;
    out.using_text = text;
    out.using_step = step;
    note_references(tree.using_expr);
    note_columns(tree.using_expr, on);
  }
  if (tree.check_expr != nullptr) {
    out.check_expr = tree.check_expr;
    out.check_text = text;
    out.check_step = step;
    note_references(tree.check_expr);
    note_columns(tree.check_expr, on);
  }
  out.search_path = interned_path();
  out.statement = statement_place();
}

void Replayer::create_trigger(const ast::CreateTrigger& tree) {
  Relation& on = relation(*tree.relation);
  Trigger* there = by_name(on.triggers, tree.name);
  if (there != nullptr && !tree.or_replace) {
    fail("duplicate_object",
         fmt::format("trigger \"{}\" for relation \"{}\" already exists", tree.name, on.name),
         word_place(tree.name));
  }
  const std::vector<Function*> candidates = find_functions(tree.function);
  const auto found = std::find_if(candidates.begin(), candidates.end(),
                                  [](const Function* f) { return f->parameters.empty(); });
  // Trigger functions that PostgreSQL itself brings.
  constexpr std::string_view kBuiltin[] = {"suppress_redundant_updates_trigger",
                                           "tsvector_update_trigger",
                                           "tsvector_update_trigger_column",
                                           "lo_manage",
                                           "moddatetime",
                                           "autoinc",
                                           "insert_username"};
  const bool builtin_function =
      std::find(std::begin(kBuiltin), std::end(kBuiltin), tree.function.name) != std::end(kBuiltin);
  if (found == candidates.end() && !builtin_function) {
    fail("undefined_function", fmt::format("function {}() does not exist", tree.function.name),
         word_place(tree.function.name));
  }
  for (const std::string_view name : tree.columns) column(on, name, word_place(name));
  Trigger& out = there != nullptr ? model.edit(*there) : model.born(model.triggers.emplace_back());
  out.name = model.intern(tree.name);
  out.table = &on;
  out.function = found == candidates.end() ? nullptr : *found;
  out.function_name = model.intern(tree.function.name);
  out.timing = tree.timing;
  out.events = tree.events;
  out.row = tree.row;
  out.constraint = tree.constraint;
  out.tree = &tree;
  out.text = text;
  out.created = step;
  out.place = word_place(tree.name);
  note_references(tree.when);
  if (there != nullptr) return;
  model.append(on, &Relation::triggers, &out);
  if (tree.constraint) {
    // A constraint trigger has an entry among the constraints as well.
    Constraint& entry = model.add_constraint(on, tree.name, ConstraintType::Trigger);
    entry.created = step;
    entry.place = out.place;
  }
  if (!out.row || on.kind != RelationKind::Partitioned) return;
  for (Relation* child : std::vector<Relation*>(on.children)) clone_trigger(out, *child);
}

void Replayer::clone_trigger(Trigger& parent, Relation& partition) {
  if (by_name(partition.triggers, parent.name) != nullptr) return;
  Trigger& out = model.born(model.triggers.emplace_back(parent));
  out.table = &partition;
  out.parent = &parent;
  out.created = step;
  model.append(partition, &Relation::triggers, &out);
  for (Relation* child : std::vector<Relation*>(partition.children)) {
    if (child->is_partition) clone_trigger(out, *child);
  }
}

void Replayer::create_rule(const ast::CreateRule& tree) {
  Relation& on = relation(*tree.relation);
  Rule* there = by_name(on.rules, tree.name);
  if (there != nullptr && !tree.or_replace) {
    fail("duplicate_object",
         fmt::format("rule \"{}\" for relation \"{}\" already exists", tree.name, on.name),
         word_place(tree.name));
  }
  Rule& out = there != nullptr ? model.edit(*there) : model.born(model.rules.emplace_back());
  out.name = model.intern(tree.name);
  out.table = &on;
  out.tree = &tree;
  out.text = text;
  out.created = step;
  out.place = word_place(tree.name);
  for (const ast::Statement* action : tree.actions) note_references(action);
  if (there == nullptr) model.append(on, &Relation::rules, &out);
}

}  // namespace tenantlint::schema
