// RENAME and SET SCHEMA: objects keep their identity, and what refers to them follows.
// Source: PostgreSQL 15, commands/alter.c, tablecmds.c (renameatt, RenameConstraint,
// RenameRelation).
#include <fmt/format.h>

#include <algorithm>

#include "analyzer/schema/replayer.h"

namespace tenantlint::schema {

void Replayer::rename(const ast::Rename& tree) {
  using O = ast::ObjectType;
  switch (tree.object) {
    case O::Table:
    case O::View:
    case O::MaterializedView:
    case O::Index:
    case O::Sequence:
    case O::ForeignTable: return rename_relation(tree);
    case O::Column:
    case O::Attribute: return rename_column(tree);
    case O::TableConstraint: return rename_constraint(tree);
    case O::Policy:
    case O::Trigger:
    case O::Rule: return rename_part(tree);
    case O::Function:
    case O::Procedure:
    case O::Routine:
    case O::Aggregate: {
      Function& f = function(tree.name, tree.object == O::Procedure ? "procedure" : "function");
      return model.move(f, *f.schema, tree.new_name);
    }
    case O::Type:
    case O::Domain: {
      const Type* type = find_type(tree.name.name);
      if (type == nullptr || type->schema == nullptr) {
        fail("undefined_object", fmt::format("type \"{}\" does not exist", tree.name.name.name),
             word_place(tree.name.name.name));
      }
      if (type->relation != nullptr && type->relation->kind == RelationKind::Composite) {
        model.move(*type->relation, *type->schema, tree.new_name);
      }
      return model.move(*type, *type->schema, tree.new_name);
    }
    case O::Schema: {
      Schema* schema = model.find_schema(tree.name.name.name);
      if (schema == nullptr) {
        fail("invalid_schema_name",
             fmt::format("schema \"{}\" does not exist", tree.name.name.name),
             word_place(tree.name.name.name));
      }
      return model.rename(*schema, tree.new_name);
    }
    case O::Role: return model.rename(model.role(tree.name.name.name), tree.new_name);
    case O::Publication:
      for (Publication& p : model.publications) {
        if (!p.dropped && p.name == tree.name.name.name)
          model.edit(p).name = model.intern(tree.new_name);
      }
      return;
    case O::DomainConstraint: {
      const Type* type = find_type(tree.name.name);
      if (type == nullptr) return;
      for (std::string_view& name : model.edit(const_cast<Type&>(*type)).constraints) {
        if (name == tree.name.sub) name = model.intern(tree.new_name);
      }
      return;
    }
    default: return;
  }
}

void Replayer::rename_relation(const ast::Rename& tree) {
  Relation* found = find_relation(tree.name.name);
  if (found == nullptr) {
    if (tree.missing_ok) return;
    fail("undefined_table", fmt::format("relation \"{}\" does not exist", tree.name.name.name),
         name_place(tree.name.name));
  }
  if (model.find_relation(*found->schema, tree.new_name) != nullptr) {
    fail("duplicate_table", fmt::format("relation \"{}\" already exists", tree.new_name),
         word_place(tree.new_name));
  }
  const Type* row = model.find_type(*found->schema, found->name);
  if (row != nullptr && row->relation == found) model.move(*row, *found->schema, tree.new_name);
  model.move(*found, *found->schema, tree.new_name);
  found->place = word_place(tree.new_name);
  // An index and the constraint that it implements share their name.
  if (found->index != nullptr && found->index->constraint != nullptr) {
    model.rename(*found->index->constraint, tree.new_name);
  }
}

void Replayer::rename_column(const ast::Rename& tree) {
  Relation* found = find_relation(tree.name.name);
  if (found == nullptr && tree.object == ast::ObjectType::Attribute) {
    const Type* type = find_type(tree.name.name);
    if (type != nullptr) found = type->relation;
  }
  if (found == nullptr) {
    if (tree.missing_ok) return;
    fail("undefined_table", fmt::format("relation \"{}\" does not exist", tree.name.name.name),
         name_place(tree.name.name));
  }
  const int index = column(*found, tree.name.sub, word_place(tree.name.sub));
  if (found->find_column(tree.new_name) >= 0) {
    fail("duplicate_column",
         fmt::format("column \"{}\" of relation \"{}\" already exists", tree.new_name, found->name),
         word_place(tree.new_name));
  }
  if (found->columns[static_cast<std::size_t>(index)].inherited > 0) {
    fail("invalid_table_definition",
         fmt::format("cannot rename inherited column \"{}\"", tree.name.sub),
         word_place(tree.name.sub));
  }
  std::vector<Relation*> all = descendants(*found);
  all.push_back(found);
  for (Relation* relation : all) {
    const int own = relation->find_column(tree.name.sub);
    if (own < 0) continue;
    Column& c = model.edit(*relation).columns[static_cast<std::size_t>(own)];
    c.former_names = model.arena().make<FormerName>(step - 1, c.name, c.former_names);
    c.name = model.intern(tree.new_name);
    c.place = word_place(tree.new_name);
  }
}

void Replayer::rename_constraint(const ast::Rename& tree) {
  Relation* found = find_relation(tree.name.name);
  if (found == nullptr) {
    if (tree.missing_ok) return;
    fail("undefined_table", fmt::format("relation \"{}\" does not exist", tree.name.name.name),
         name_place(tree.name.name));
  }
  Constraint* constraint = find_constraint(*found, tree.name.sub);
  if (constraint == nullptr) {
    fail("undefined_object",
         fmt::format("constraint \"{}\" for table \"{}\" does not exist", tree.name.sub,
                     found->name),
         word_place(tree.name.sub));
  }
  check_constraint_name(*found, tree.new_name, word_place(tree.new_name));
  if (constraint->index != nullptr) {
    if (model.find_relation(*found->schema, tree.new_name) != nullptr) {
      fail("duplicate_table", fmt::format("relation \"{}\" already exists", tree.new_name),
           word_place(tree.new_name));
    }
    model.move(*constraint->index->relation, *found->schema, tree.new_name);
  }
  model.rename(*constraint, tree.new_name);
  // CHECK constraints of children follow their parent's.
  if (constraint->type != ConstraintType::Check || constraint->no_inherit) return;
  for (Relation* child : descendants(*found)) {
    Constraint* theirs = find_constraint(*child, tree.name.sub);
    if (theirs != nullptr && theirs->inherited > 0) model.rename(*theirs, tree.new_name);
  }
}

void Replayer::rename_part(const ast::Rename& tree) {
  Relation* on = find_relation(tree.name.name);
  if (on == nullptr) {
    if (tree.missing_ok) return;
    fail("undefined_table", fmt::format("relation \"{}\" does not exist", tree.name.name.name),
         name_place(tree.name.name));
  }
  const auto apply = [&](auto& list, std::string_view what) {
    for (auto* part : list) {
      if (part->name != tree.new_name) continue;
      fail("duplicate_object",
           fmt::format("{} \"{}\" for table \"{}\" already exists", what, tree.new_name, on->name),
           word_place(tree.new_name));
    }
    for (auto* part : list) {
      if (part->name != tree.name.sub) continue;
      auto& changed = model.edit(*part);
      changed.name = model.intern(tree.new_name);
      changed.place = word_place(tree.new_name);
      return;
    }
    fail("undefined_object",
         fmt::format("{} \"{}\" for table \"{}\" does not exist", what, tree.name.sub, on->name),
         word_place(tree.name.sub));
  };
  if (tree.object == ast::ObjectType::Policy) return apply(on->policies, "policy");
  if (tree.object == ast::ObjectType::Trigger) {
    apply(on->triggers, "trigger");
    for (Relation* child : descendants(*on)) {
      for (Trigger* t : child->triggers) {
        if (t->parent != nullptr && t->name == tree.name.sub) {
          model.edit(*t).name = model.intern(tree.new_name);
        }
      }
    }
    return;
  }
  apply(on->rules, "rule");
}

void Replayer::move_relation(Relation& relation, Schema& to) {
  if (model.find_relation(to, relation.name) != nullptr) {
    fail("duplicate_table",
         fmt::format("relation \"{}\" already exists in schema \"{}\"", relation.name, to.name),
         statement_place());
  }
  const Type* row = model.find_type(*relation.schema, relation.name);
  if (row != nullptr && row->relation == &relation) model.move(*row, to, relation.name);
  Schema& from = *relation.schema;
  for (const Constraint* c : relation.constraints) {
    --from.constraint_names[c->name];
    ++to.constraint_names[c->name];
  }
  model.move(relation, to, relation.name);
  for (Index* index : relation.indexes) model.move(*index->relation, to, index->relation->name);
  for (Relation& sequence : model.relations) {
    if (!sequence.dropped && sequence.kind == RelationKind::Sequence &&
        sequence.owned_by == &relation) {
      model.move(sequence, to, sequence.name);
    }
  }
}

void Replayer::set_schema(const ast::AlterSchemaOf& tree) {
  using O = ast::ObjectType;
  Schema* to = model.find_schema(tree.new_schema);
  const auto need_schema = [&]() -> Schema& {
    if (to == nullptr) {
      fail("invalid_schema_name", fmt::format("schema \"{}\" does not exist", tree.new_schema),
           word_place(tree.new_schema));
    }
    return *to;
  };
  switch (tree.object) {
    case O::Table:
    case O::View:
    case O::MaterializedView:
    case O::Sequence:
    case O::ForeignTable: {
      Relation* found = find_relation(tree.name.name);
      if (found == nullptr) {
        if (tree.missing_ok) return;
        fail("undefined_table", fmt::format("relation \"{}\" does not exist", tree.name.name.name),
             name_place(tree.name.name));
      }
      if (found->schema != to) move_relation(*found, need_schema());
      return;
    }
    case O::Function:
    case O::Procedure:
    case O::Routine:
    case O::Aggregate: {
      Function& f = function(tree.name, "function");
      return model.move(f, need_schema(), f.name);
    }
    case O::Type:
    case O::Domain: {
      const Type* type = find_type(tree.name.name);
      if (type == nullptr) {
        fail("undefined_object", fmt::format("type \"{}\" does not exist", tree.name.name.name),
             word_place(tree.name.name.name));
      }
      if (type->relation != nullptr) model.move(*type->relation, need_schema(), type->name);
      return model.move(*type, need_schema(), type->name);
    }
    case O::Extension:
      for (Extension& e : model.extensions) {
        if (e.dropped || e.name != tree.name.name.name) continue;
        model.edit(e).schema = &need_schema();
        for (Type& t : model.types) {
          if (!t.dropped && t.extension == e.name) model.move(t, need_schema(), t.name);
        }
      }
      return;
    default: return;
  }
}

}  // namespace tenantlint::schema
