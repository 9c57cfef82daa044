// Partitions and inheritance: what children get from their parents, when they are made, attached,
// detached or linked. Source: PostgreSQL 15, tablecmds.c (ATExecAttachPartition, MergeAttributes…).
#include <fmt/format.h>

#include <algorithm>

#include "analyzer/schema/replayer.h"

namespace tenantlint::schema {

std::vector<Relation*> Replayer::descendants(Relation& table) const {
  std::vector<Relation*> out;
  std::vector<Relation*> todo = table.children;
  while (!todo.empty()) {
    Relation* next = todo.back();
    todo.pop_back();
    if (next->dropped || std::find(out.begin(), out.end(), next) != out.end()) continue;
    out.push_back(next);
    todo.insert(todo.end(), next->children.begin(), next->children.end());
  }
  return out;
}

// Indexes, foreign keys and row triggers of the parent.
void Replayer::set_up_partition(Relation& child, Relation& parent) {
  for (Index* index : std::vector<Index*>(parent.indexes)) {
    if (!index->dropped) clone_index_to(*index, child);
  }
  for (Constraint* c : std::vector<Constraint*>(parent.constraints)) {
    if (c->type == ConstraintType::ForeignKey && c->ref_table != nullptr &&
        (c->parent == nullptr || c->parent->table != c->table)) {
      clone_foreign_key(*c, child);
    }
  }
  for (Trigger* trigger : std::vector<Trigger*>(parent.triggers)) {
    if (trigger->row) clone_trigger(*trigger, child);
  }
}

void Replayer::inherit(Relation& child, Relation& parent, const Place& at) {
  if (std::find(child.parents.begin(), child.parents.end(), &parent) != child.parents.end()) {
    fail("duplicate_table",
         fmt::format("relation \"{}\" would be inherited from more than once", parent.name), at);
  }
  for (const Column& theirs : parent.columns) {
    if (theirs.dropped) continue;
    const int own = child.find_column(theirs.name);
    if (own < 0) {
      fail("datatype_mismatch", fmt::format("child table is missing column \"{}\"", theirs.name),
           at);
    }
  }
  Relation& changed = model.edit(child);
  changed.parents.push_back(&parent);
  model.edit(parent).children.push_back(&child);
  for (const Column& theirs : parent.columns) {
    if (theirs.dropped) continue;
    Column& own = changed.columns[static_cast<std::size_t>(child.find_column(theirs.name))];
    ++own.inherited;
  }
  for (Constraint* check : parent.constraints) {
    if (check->type != ConstraintType::Check || check->no_inherit) continue;
    Constraint* own = find_constraint(child, check->name);
    if (own == nullptr) {
      fail("datatype_mismatch",
           fmt::format("child table is missing constraint \"{}\"", check->name), at);
    }
    ++model.edit(*own).inherited;
  }
}

void Replayer::no_inherit(Relation& child, Relation& parent) {
  Relation& changed = model.edit(child);
  std::erase(changed.parents, &parent);
  std::erase(model.edit(parent).children, &child);
  for (Column& own : changed.columns) {
    if (parent.find_column(own.name) < 0 || own.inherited == 0) continue;
    --own.inherited;
    own.local = true;
  }
  for (Constraint* own : changed.constraints) {
    if (own->inherited == 0) continue;
    Constraint& kept = model.edit(*own);
    --kept.inherited;
    kept.local = true;
  }
}

void Replayer::attach_partition(Relation& parent, const ast::AlterTableCommand& command) {
  Relation& child = relation(*command.relation);
  const Place at = name_place(command.relation->name);
  if (parent.kind != RelationKind::Partitioned) {
    fail("wrong_object_type",
         fmt::format("ALTER action ATTACH PARTITION cannot be performed on relation \"{}\"",
                     parent.name),
         at);
  }
  if (child.is_partition) {
    fail("wrong_object_type", fmt::format("\"{}\" is already a partition", child.name), at);
  }
  inherit(child, parent, at);
  Relation& changed = model.edit(child);
  changed.is_partition = true;
  changed.bound = command.bound;
  changed.partition_default = command.bound != nullptr && command.bound->is_default;
  for (Column& own : changed.columns) own.local = false;
  set_up_partition(child, parent);
}

void Replayer::detach_partition(Relation& parent, const ast::AlterTableCommand& command) {
  Relation& child = relation(*command.relation);
  if (!child.is_partition || child.parents.empty() || child.parents[0] != &parent) {
    fail("undefined_table",
         fmt::format("relation \"{}\" is not a partition of relation \"{}\"", child.name,
                     parent.name),
         name_place(command.relation->name));
  }
  no_inherit(child, parent);
  Relation& changed = model.edit(child);
  changed.is_partition = changed.partition_default = false;
  changed.bound = nullptr;
  for (Index* index : changed.indexes) {
    if (index->parent == nullptr || index->parent->table != &parent) continue;
    std::erase(model.edit(*index->parent).children, index);
    model.edit(*index).parent = nullptr;
  }
  for (Constraint* c : changed.constraints) {
    if (c->parent == nullptr || c->parent->table != &parent) continue;
    Constraint& own = model.edit(*c);
    own.parent = nullptr;
    own.local = true;
  }
  // Row triggers that came from the parent go away with it.
  for (Trigger* trigger : std::vector<Trigger*>(changed.triggers)) {
    if (trigger->parent == nullptr || trigger->parent->table != &parent) continue;
    model.edit(*trigger).dropped = true;
    std::erase(changed.triggers, trigger);
  }
}

}  // namespace tenantlint::schema
