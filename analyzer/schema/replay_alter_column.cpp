// ALTER TABLE's commands on columns, on the table and all that inherit from it.
// Source: PostgreSQL 15, src/backend/commands/tablecmds.c (ATExecAddColumn and its kin).
#include <fmt/format.h>

#include <algorithm>

#include "analyzer/schema/replayer.h"

namespace tenantlint::schema {

std::vector<Relation*> Replayer::and_descendants(Relation& table) const {
  std::vector<Relation*> out;
  if (!only) out = descendants(table);
  out.push_back(&table);
  return out;
}

void Replayer::set_not_null(Relation& table, int column_index, bool value) {
  const std::string_view name = table.columns[static_cast<std::size_t>(column_index)].name;
  for (Relation* relation : and_descendants(table)) {
    const int index = relation->find_column(name);
    if (index < 0) continue;
    Column& column = model.edit(*relation).columns[static_cast<std::size_t>(index)];
    column.not_null = value;
    column.null_place = value ? nullptr : model.arena().make<Place>(statement_place());
  }
}

bool Replayer::alter_column_command(Relation& table, const ast::AlterTableCommand& command) {
  using A = ast::AlterAction;
  const auto target = [&] { return column(table, command.name, word_place(command.name)); };
  const auto edit = [&](int index) -> Column& {
    return model.edit(table).columns[static_cast<std::size_t>(index)];
  };
  switch (command.action) {
    case A::AddColumn: add_column(table, command, false); return true;
    case A::DropColumn: drop_column(table, command); return true;
    case A::AlterColumnType: alter_type(table, command); return true;
    case A::SetNotNull: set_not_null(table, target(), true); return true;
    case A::DropNotNull: {
      const int index = target();
      for (const Constraint* c : table.constraints) {
        const bool key = c->type == ConstraintType::PrimaryKey &&
                         std::find(c->columns.begin(), c->columns.end(), index) != c->columns.end();
        if (key) {
          fail("invalid_table_definition",
               fmt::format("column \"{}\" is in a primary key", command.name),
               word_place(command.name));
        }
      }
      if (table.columns[static_cast<std::size_t>(index)].identity != 0) {
        fail("syntax_error",
             fmt::format("column \"{}\" of relation \"{}\" is an identity column", command.name,
                         table.name),
             word_place(command.name));
      }
      set_not_null(table, index, false);
      return true;
    }
    case A::ColumnDefault: {
      const int index = target();
      note_references(command.expr);
      for (Relation* relation : and_descendants(table)) {
        const int own = relation->find_column(table.columns[static_cast<std::size_t>(index)].name);
        if (own < 0) continue;
        Column& changed = model.edit(*relation).columns[static_cast<std::size_t>(own)];
        changed.default_expr = command.expr;
        changed.default_text = text;
        changed.serial = false;
        changed.sequence = nullptr;
        changed.default_place = model.arena().make<Place>(statement_place());
      }
      return true;
    }
    case A::DropExpression: {
      const int index = target();
      if (table.columns[static_cast<std::size_t>(index)].generated == nullptr &&
          !command.missing_ok) {
        fail("object_not_in_prerequisite_state",
             fmt::format("column \"{}\" of relation \"{}\" is not a stored generated column",
                         command.name, table.name),
             word_place(command.name));
      }
      edit(index).generated = nullptr;
      return true;
    }
    case A::AddIdentity: {
      const int index = target();
      Column& changed = edit(index);
      changed.identity = command.constraint == nullptr ? 'd' : command.constraint->identity;
      make_serial(
          table, changed, index,
          command.constraint == nullptr ? command.options : command.constraint->identity_options);
      return true;
    }
    case A::SetIdentity: {
      const int index = target();
      for (const ast::Option& o : command.options) {
        if (o.name == "generated")
          edit(index).identity = o.value.empty() ? 'd' : o.value[0] == '9' ? 'a' : 'd';
      }
      return true;
    }
    case A::DropIdentity: {
      const int index = target();
      Column& changed = edit(index);
      if (changed.identity == 0) {
        if (command.missing_ok) return true;
        fail("object_not_in_prerequisite_state",
             fmt::format("column \"{}\" of relation \"{}\" is not an identity column", command.name,
                         table.name),
             word_place(command.name));
      }
      changed.identity = 0;
      for (Relation& sequence : model.relations) {
        if (sequence.dropped || sequence.kind != RelationKind::Sequence) continue;
        if (sequence.owned_by == &table && sequence.owned_column == index) model.remove(sequence);
      }
      return true;
    }
    // Statistics and storage are not part of the model; a column that does not exist is a fault all
    // the same. (ALTER INDEX … ALTER COLUMN 1 names it by number.)
    case A::SetStatistics:
    case A::SetOptions:
    case A::ResetOptions:
    case A::SetStorage:
    case A::SetCompression:
      if (!command.name.empty()) target();
      return true;
    default: return false;
  }
}

void Replayer::add_column(Relation& table, const ast::AlterTableCommand& command, bool recursing) {
  const ast::ColumnDef& def = *command.column;
  const int there = table.find_column(def.name);
  if (there >= 0) {
    if (recursing) {
      ++model.edit(table).columns[static_cast<std::size_t>(there)].inherited;
      return;
    }
    if (command.missing_ok) return;
    fail("duplicate_column",
         fmt::format("column \"{}\" of relation \"{}\" already exists", def.name, table.name),
         place(def.at));
  }
  if (only && !table.children.empty()) {
    fail("invalid_table_definition", "column must be added to child tables too", place(def.at));
  }
  Relation& changed = model.edit(table);
  Column made = make_column(changed, def);
  made.local = !recursing;
  made.inherited = recursing ? 1 : 0;
  changed.columns.push_back(std::move(made));
  const auto index = static_cast<int>(changed.columns.size()) - 1;
  if (changed.columns.back().serial) make_serial(changed, changed.columns.back(), index);
  PendingConstraints pending;
  column_constraints(changed, index, def, pending);
  if (recursing) {
    // Keys and foreign keys of the parent's column come to partitions as copies of their own.
    pending.keys.clear();
    pending.foreign.clear();
    pending.checks.clear();
  }
  for (Relation* child : std::vector<Relation*>(table.children)) add_column(*child, command, true);
  const std::size_t before = changed.constraints.size();
  add_pending(changed, pending);
  for (std::size_t i = before; i < changed.constraints.size(); ++i) {
    Constraint* c = changed.constraints[i];
    if (c->type == ConstraintType::Check && !c->no_inherit) {
      for (Relation* child : descendants(table)) clone_check(*c, *child);
    }
    if (c->index == nullptr) continue;
    for (Relation* child : std::vector<Relation*>(table.children)) {
      if (child->is_partition) clone_index_to(*c->index, *child);
    }
  }
}

void Replayer::drop_column(Relation& table, const ast::AlterTableCommand& command) {
  const int index = table.find_column(command.name);
  if (index < 0) {
    if (command.missing_ok) return;
    column(table, command.name, word_place(command.name));
  }
  const Column& doomed = table.columns[static_cast<std::size_t>(index)];
  if (doomed.inherited > 0) {
    fail("invalid_table_definition",
         fmt::format("cannot drop inherited column \"{}\"", command.name),
         word_place(command.name));
  }
  for (const IndexKey& key : table.partition_keys) {
    if (key.column != index) continue;
    fail("invalid_table_definition",
         fmt::format(
             "cannot drop column \"{}\" because it is part of the partition key of relation \"{}\"",
             command.name, table.name),
         word_place(command.name));
  }
  std::vector<ObjectRef> roots = {{ObjectClass::Column, &table, index}};
  for (Relation* child : descendants(table)) {
    const int theirs = child->find_column(command.name);
    if (theirs < 0) continue;
    Column& inherited = model.edit(*child).columns[static_cast<std::size_t>(theirs)];
    if (only) {
      const bool direct =
          std::find(table.children.begin(), table.children.end(), child) != table.children.end();
      if (!direct || inherited.inherited == 0) continue;
      --inherited.inherited;
      inherited.local = true;
      continue;
    }
    if (inherited.inherited == 1 && !inherited.local) {
      roots.push_back({ObjectClass::Column, child, theirs});
    } else if (inherited.inherited > 0) {
      --inherited.inherited;
    }
  }
  drop_objects(roots, command.cascade, word_place(command.name));
}

// A column has one type in all tables that share it (tablecmds.c, ATPrepAlterColumnType).
void Replayer::refuse_inherited_type_change(Relation& table, int index, const Place& at) const {
  const Column& column = table.columns[static_cast<std::size_t>(index)];
  const std::vector<Relation*> below = descendants(table);
  if (only && !below.empty()) {
    fail("invalid_table_definition",
         fmt::format("type of inherited column \"{}\" must be changed in child tables too",
                     column.name),
         at);
  }
  const auto refuse = [&](const Relation& relation) {
    fail("invalid_table_definition",
         fmt::format("cannot alter inherited column \"{}\" of relation \"{}\"", column.name,
                     relation.name),
         at);
  };
  if (column.inherited > 0) {
    fail("invalid_table_definition",
         fmt::format("cannot alter inherited column \"{}\"", column.name), at);
  }
  for (const Relation* child : below) {
    const auto inside =
        std::count_if(child->parents.begin(), child->parents.end(), [&](const Relation* parent) {
          return parent == &table || std::find(below.begin(), below.end(), parent) != below.end();
        });
    const int own = child->find_column(column.name);
    if (own >= 0 && child->columns[static_cast<std::size_t>(own)].inherited > inside) {
      refuse(*child);
    }
  }
}

void Replayer::alter_type(Relation& table, const ast::AlterTableCommand& command) {
  const int index = column(table, command.name, word_place(command.name));
  const TypeRef type = resolve_type(*command.column->type);
  refuse_inherited_type_change(table, index, word_place(command.name));
  std::vector<Dependent> users;
  dependents_of_column(table, index, users);
  for (const Dependent& d : users) {
    const bool view = d.object.kind == ObjectClass::Relation &&
                      static_cast<Relation*>(d.object.object)->is_view();
    if (!view && d.object.kind != ObjectClass::Policy) continue;
    fail("feature_not_supported",
         view ? "cannot alter type of a column used by a view or rule"
              : "cannot alter type of a column used in a policy definition",
         word_place(command.name));
  }
  std::vector<Relation*> all = descendants(table);
  all.push_back(&table);
  for (Relation* relation : all) {
    const int own = relation->find_column(table.columns[static_cast<std::size_t>(index)].name);
    if (own < 0) continue;
    Column& changed = model.edit(*relation).columns[static_cast<std::size_t>(own)];
    changed.type = type;
    changed.type_place = model.arena().make<Place>(statement_place());
  }
}

void Replayer::alter_composite(Relation& type, const ast::AlterTableCommand& command) {
  using A = ast::AlterAction;
  // Attributes in use by a table's column cannot change without it (tablecmds.c,
  // find_composite_type_dependencies).
  const auto refuse_if_used = [&] {
    for (const Relation& table : model.relations) {
      if (table.dropped || !table.is_table()) continue;
      for (const Column& c : table.columns) {
        if (c.dropped || c.type.type == nullptr || c.type.type->relation != &type) continue;
        fail("feature_not_supported",
             fmt::format("cannot alter type \"{}\" because column \"{}.{}\" uses it", type.name,
                         table.name, c.name),
             statement_place());
      }
    }
  };
  refuse_if_used();
  switch (command.action) {
    case A::AddColumn: {
      Relation& changed = model.edit(type);
      changed.columns.push_back(make_column(changed, *command.column));
      return;
    }
    case A::DropColumn: {
      const int index = type.find_column(command.name);
      if (index < 0 && command.missing_ok) return;
      column(type, command.name, word_place(command.name));
      model.edit(type).columns[static_cast<std::size_t>(index)].dropped = true;
      return;
    }
    case A::AlterColumnType: {
      const int index = column(type, command.name, word_place(command.name));
      model.edit(type).columns[static_cast<std::size_t>(index)].type =
          resolve_type(*command.column->type);
      return;
    }
    default: return;
  }
}

}  // namespace tenantlint::schema
