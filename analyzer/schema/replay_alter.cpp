// ALTER TABLE: constraints, flags, inheritance and partitions. Columns are in
// replay_alter_column.cpp. Source: PostgreSQL 15, src/backend/commands/tablecmds.c.
#include <fmt/format.h>

#include <algorithm>

#include "analyzer/schema/replayer.h"

namespace tenantlint::schema {

void Replayer::alter_table(const ast::AlterTable& tree) {
  if (tree.object == ast::ObjectType::Type) {
    const Type* type = find_type(tree.relation->name);
    if (type == nullptr || type->relation == nullptr) {
      fail("undefined_table",
           fmt::format("relation \"{}\" does not exist", tree.relation->name.name),
           name_place(tree.relation->name));
    }
    for (const ast::AlterTableCommand& command : tree.commands)
      alter_composite(*type->relation, command);
    return;
  }
  if (find_relation(tree.relation->name) == nullptr && tree.missing_ok) return;
  Relation& table = relation(*tree.relation);
  only = tree.relation->only;
  // Drops come before additions, and keys and foreign keys last (tablecmds.c, AT_PASS_*).
  const auto pass = [](const ast::AlterTableCommand& c) {
    using A = ast::AlterAction;
    switch (c.action) {
      case A::DropColumn:
      case A::DropConstraint:
      case A::DropNotNull:
      case A::DropExpression:
      case A::DropIdentity: return 0;
      case A::AlterColumnType: return 1;
      case A::AddColumn: return 2;
      case A::AddConstraint: {
        const auto type = c.constraint->type;
        return type == ast::ConstraintType::ForeignKey ? 5
               : type == ast::ConstraintType::Check    ? 4
                                                       : 3;
      }
      default: return 2;
    }
  };
  if (tree.commands.size() == 1) return alter_command(table, tree.commands[0], tree);
  for (int p = 0; p <= 5; ++p) {
    for (const ast::AlterTableCommand& command : tree.commands) {
      if (pass(command) == p) alter_command(table, command, tree);
    }
  }
}

void Replayer::alter_command(Relation& table, const ast::AlterTableCommand& command,
                             const ast::AlterTable& tree) {
  using A = ast::AlterAction;
  if (alter_column_command(table, command)) return;
  const auto flag = [&](bool Relation::*field, Place Relation::*where, bool value) {
    Relation& changed = model.edit(table);
    changed.*field = value;
    changed.*where = statement_place();
  };
  switch (command.action) {
    case A::EnableRowSecurity: return flag(&Relation::rls, &Relation::rls_place, true);
    case A::DisableRowSecurity: return flag(&Relation::rls, &Relation::rls_place, false);
    case A::ForceRowSecurity: return flag(&Relation::force_rls, &Relation::force_place, true);
    case A::NoForceRowSecurity: return flag(&Relation::force_rls, &Relation::force_place, false);
    case A::AddConstraint: return add_constraint(table, *command.constraint);
    case A::DropConstraint: return drop_constraint(table, command);
    case A::AlterConstraint: {
      Constraint* found = find_constraint(table, command.constraint->name);
      if (found == nullptr) {
        fail("undefined_object",
             fmt::format("constraint \"{}\" of relation \"{}\" does not exist",
                         command.constraint->name, table.name),
             word_place(command.constraint->name));
      }
      model.edit(*found).deferrable = command.constraint->deferrable;
      return;
    }
    case A::ValidateConstraint: {
      Constraint* found = find_constraint(table, command.name);
      if (found == nullptr) {
        fail("undefined_object",
             fmt::format("constraint \"{}\" of relation \"{}\" does not exist", command.name,
                         table.name),
             word_place(command.name));
      }
      model.edit(*found).valid = true;
      return;
    }
    case A::ChangeOwner: model.edit(table).owner = &role(command.owner); return;
    case A::SetLogged: model.edit(table).persistence = 'p'; return;
    case A::SetUnlogged: model.edit(table).persistence = 'u'; return;
    case A::SetRelOptions:
    case A::ResetRelOptions: {
      auto& options = model.edit(table).options;
      for (const ast::Option& o : command.options) {
        std::erase_if(options, [&](const auto& old) { return old.first == o.name; });
        if (command.action == A::SetRelOptions) {
          options.emplace_back(model.intern(o.name), model.intern(o.has_value ? o.value : "true"));
        }
      }
      return;
    }
    case A::AddInherit:
      return inherit(table, relation(*command.relation), name_place(command.relation->name));
    case A::DropInherit: return no_inherit(table, relation(*command.relation));
    case A::AddOf: {
      const Type* type = find_type(command.type->name);
      if (type == nullptr) {
        fail("undefined_object", fmt::format("type \"{}\" does not exist", command.type->name.name),
             place(command.type->at));
      }
      model.edit(table).of_type = type;
      return;
    }
    case A::DropOf: model.edit(table).of_type = nullptr; return;
    case A::AttachPartition:
      return tree.object == ast::ObjectType::Index ? attach_index(tree, command)
                                                   : attach_partition(table, command);
    case A::DetachPartition:
    case A::DetachPartitionFinalize: return detach_partition(table, command);
    case A::EnableTrigger:
    case A::EnableAlwaysTrigger:
    case A::EnableReplicaTrigger:
    case A::DisableTrigger:
    case A::EnableTriggerAll:
    case A::DisableTriggerAll:
    case A::EnableTriggerUser:
    case A::DisableTriggerUser: return alter_trigger_state(table, command);
    case A::EnableRule:
    case A::EnableAlwaysRule:
    case A::EnableReplicaRule:
    case A::DisableRule:
    case A::SetAccessMethod:
    case A::SetTablespace:
    case A::ClusterOn:
    case A::DropCluster:
    case A::DropOids:
    case A::ReplicaIdentity:
    case A::GenericOptions: return;
    case A::Other: not_interpreted("This form of ALTER TABLE is not understood", statement_place());
    // Handled by alter_column_command().
    case A::AddColumn:
    case A::DropColumn:
    case A::AlterColumnType:
    case A::ColumnDefault:
    case A::DropNotNull:
    case A::SetNotNull:
    case A::DropExpression:
    case A::AddIdentity:
    case A::SetIdentity:
    case A::DropIdentity:
    case A::SetStatistics:
    case A::SetOptions:
    case A::ResetOptions:
    case A::SetStorage:
    case A::SetCompression: return;
  }
}

void Replayer::alter_trigger_state(Relation& table, const ast::AlterTableCommand& command) {
  using A = ast::AlterAction;
  const char state = command.action == A::EnableAlwaysTrigger    ? 'A'
                     : command.action == A::EnableReplicaTrigger ? 'R'
                     : command.action == A::EnableTrigger ||
                             command.action == A::EnableTriggerAll ||
                             command.action == A::EnableTriggerUser
                         ? 'O'
                         : 'D';
  bool found = command.name.empty();
  for (Trigger* trigger : table.triggers) {
    if (!command.name.empty() && trigger->name != command.name) continue;
    model.edit(*trigger).enabled = state;
    found = true;
  }
  if (!found) {
    fail("undefined_object",
         fmt::format("trigger \"{}\" for table \"{}\" does not exist", command.name, table.name),
         word_place(command.name));
  }
}

void Replayer::add_constraint(Relation& table, const ast::Constraint& c) {
  using T = ast::ConstraintType;
  if (!c.using_index.empty()) {
    Relation* relation = model.find_relation(*table.schema, c.using_index);
    if (relation == nullptr || relation->index == nullptr || relation->index->table != &table) {
      fail("undefined_object", fmt::format("index \"{}\" does not exist", c.using_index),
           word_place(c.using_index));
    }
    Index& index = model.edit(*relation->index);
    const std::string_view name = c.name.empty() ? relation->name : c.name;
    check_constraint_name(table, name, place(c.at));
    if (name != relation->name) model.move(*relation, *table.schema, name);
    Constraint& out = model.add_constraint(
        table, name, c.type == T::PrimaryKey ? ConstraintType::PrimaryKey : ConstraintType::Unique);
    out.index = &index;
    out.created = step;
    out.place = place(c.at);
    out.deferrable = c.deferrable;
    index.constraint = &out;
    index.primary = c.type == T::PrimaryKey;
    for (const IndexKey& key : index.keys) {
      out.columns.push_back(static_cast<std::uint16_t>(key.column));
      if (index.primary) set_not_null(table, key.column, true);
    }
    return;
  }
  std::vector<std::string_view> names;
  switch (c.type) {
    case T::Check: {
      Constraint* made = add_check(table, c, -1, names);
      if (c.no_inherit) return;
      if (only && !table.children.empty()) {
        fail("invalid_table_definition", "constraint must be added to child tables too",
             place(c.at));
      }
      for (Relation* child : descendants(table)) clone_check(*made, *child);
      return;
    }
    case T::ForeignKey: add_foreign_key(table, c, -1); return;
    case T::Exclusion: add_exclusion(table, c); return;
    case T::PrimaryKey:
    case T::Unique: {
      Constraint* made = add_key(table, c, -1);
      if (made->type == ConstraintType::PrimaryKey) {
        for (const std::uint16_t key : made->columns) set_not_null(table, key, true);
      }
      // ONLY leaves the partitions alone, and the index invalid until they have theirs.
      for (Relation* child : std::vector<Relation*>(table.children)) {
        if (only) made->index->valid = made->index->valid && !child->is_partition;
        if (child->is_partition && !only) clone_index_to(*made->index, *child);
      }
      return;
    }
    case T::Null:
    case T::NotNull:
    case T::Default:
    case T::Identity:
    case T::Generated:
    case T::Deferrable:
    case T::NotDeferrable:
    case T::InitiallyDeferred:
    case T::InitiallyImmediate: return;
  }
}

void Replayer::drop_constraint(Relation& table, const ast::AlterTableCommand& command) {
  Constraint* found = find_constraint(table, command.name);
  if (found == nullptr) {
    if (command.missing_ok) return;
    fail("undefined_object",
         fmt::format("constraint \"{}\" of relation \"{}\" does not exist", command.name,
                     table.name),
         word_place(command.name));
  }
  if (found->inherited > 0 || found->parent != nullptr) {
    fail("invalid_table_definition",
         fmt::format("cannot drop inherited constraint \"{}\" of relation \"{}\"", command.name,
                     table.name),
         word_place(command.name));
  }
  std::vector<ObjectRef> roots = {{ObjectClass::Constraint, found}};
  // Children lose what they inherited, unless they have it on their own as well.
  if (found->type == ConstraintType::Check) {
    for (Relation* child : descendants(table)) {
      Constraint* theirs = find_constraint(*child, command.name);
      if (theirs == nullptr || theirs->inherited == 0) continue;
      if (only) {
        Constraint& kept = model.edit(*theirs);
        --kept.inherited;
        kept.local = true;
      } else if (theirs->inherited == 1 && !theirs->local) {
        roots.push_back({ObjectClass::Constraint, theirs});
      } else {
        --model.edit(*theirs).inherited;
      }
    }
  }
  drop_objects(roots, command.cascade, word_place(command.name));
}

}  // namespace tenantlint::schema
