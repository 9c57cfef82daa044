// Partitions and inheritance: what children get from their parents, when they are made, attached,
// detached or linked. Source: PostgreSQL 15, tablecmds.c (ATExecAttachPartition, MergeAttributes…).
#include <fmt/format.h>

#include <algorithm>
#include <charconv>

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

namespace {

// What a bound is sorted by: the least of a list's values, a range's lower end, a hash's remainder.
struct BoundKey {
  int rank = 0;  // MINVALUE, values, NULL, default
  bool number = false;
  double value = 0;
  std::string_view text;

  bool operator<(const BoundKey& other) const {
    if (rank != other.rank) return rank < other.rank;
    if (number && other.number) return value < other.value;
    return text < other.text;
  }
};

BoundKey key_of(const ast::Expr* expr) {
  BoundKey out{1, false, 0, {}};
  while (const auto* cast = ast::as<ast::TypeCast>(expr)) expr = cast->arg;
  const auto* minus = ast::as<ast::Operator>(expr);
  if (minus != nullptr && minus->left == nullptr) expr = minus->right;
  const auto* literal = ast::as<ast::Literal>(expr);
  const auto* word = ast::as<ast::ColumnRef>(expr);  // MINVALUE, MAXVALUE
  if (word != nullptr && !word->fields.empty() && word->fields[0] == "minvalue") out.rank = 0;
  if (literal == nullptr) return out;
  if (literal->type == ast::LiteralType::Null) out.rank = 2;
  out.text = literal->text;
  const char* end = out.text.data() + out.text.size();
  out.number = std::from_chars(out.text.data(), end, out.value).ptr == end && !out.text.empty();
  if (minus != nullptr) out.value = -out.value;
  return out;
}

std::vector<BoundKey> keys_of(const Relation& partition) {
  const ast::PartitionBound* bound = partition.bound;
  if (bound == nullptr || bound->is_default) return {BoundKey{3, false, 0, {}}};
  std::vector<BoundKey> out;
  for (const ast::Expr* value : bound->values) out.push_back(key_of(value));
  if (bound->strategy == ast::PartitionStrategy::Hash) {
    return {{1, true, static_cast<double>(bound->modulus), {}},
            {1, true, static_cast<double>(bound->remainder), {}}};
  }
  if (bound->strategy == ast::PartitionStrategy::List && !out.empty()) {
    return {*std::min_element(out.begin(), out.end())};
  }
  return out;
}

}  // namespace

// Source: partbounds.c, partition_bounds_create.
std::vector<Relation*> Replayer::partitions_in_order(const Relation& table) const {
  std::vector<std::pair<std::vector<BoundKey>, Relation*>> keyed;
  for (Relation* child : table.children) {
    if (!child->dropped && child->is_partition) keyed.emplace_back(keys_of(*child), child);
  }
  std::stable_sort(keyed.begin(), keyed.end(),
                   [](const auto& a, const auto& b) { return a.first < b.first; });
  std::vector<Relation*> out;
  for (const auto& [keys, child] : keyed) out.push_back(child);
  return out;
}

// Indexes, foreign keys (its own and those that refer to it) and row triggers of the parent.
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
  for (Constraint* c : std::vector<Constraint*>(parent.referenced_by)) {
    // Copies on partitions of the referring table follow their original.
    if (c->parent == nullptr || c->parent->table == c->table) refer_to_partition(*c, child);
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
    const Column& own_column = child.columns[static_cast<std::size_t>(own)];
    if (!(own_column.type == theirs.type)) {
      fail("datatype_mismatch",
           fmt::format("child table \"{}\" has different type for column \"{}\"", child.name,
                       theirs.name),
           at);
    }
    if (theirs.not_null && !own_column.not_null) {
      fail("datatype_mismatch",
           fmt::format("column \"{}\" in child table must be marked NOT NULL", theirs.name), at);
    }
  }
  Relation& changed = model.edit(child);
  changed.parents.push_back(&parent);
  model.append(parent, &Relation::children, &child);
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

// Foreign keys that referred to the partition only because it was one.
void Replayer::forget_references(Relation& part, const Relation& parent) {
  for (Constraint* c : std::vector<Constraint*>(part.referenced_by)) {
    if (c->parent == nullptr || c->parent->ref_table != &parent) continue;
    for (Relation* below : std::vector<Relation*>(part.children)) forget_references(*below, part);
    model.remove(*c);
  }
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
  forget_references(changed, parent);
  // Row triggers that came from the parent go away with it.
  for (Trigger* trigger : std::vector<Trigger*>(changed.triggers)) {
    if (trigger->parent == nullptr || trigger->parent->table != &parent) continue;
    model.edit(*trigger).dropped = true;
    std::erase(changed.triggers, trigger);
  }
}

}  // namespace tenantlint::schema
