// CREATE INDEX, and the copies that partitions get. Source: PostgreSQL 15, indexcmds.c
// (DefineIndex).
#include <fmt/format.h>

#include <algorithm>

#include "analyzer/schema/replayer.h"

namespace tenantlint::schema {

std::vector<IndexKey> Replayer::index_keys(const Relation& table,
                                           ast::List<ast::IndexElement> elements,
                                           std::vector<std::string>& names) {
  std::vector<IndexKey> out;
  for (const ast::IndexElement& element : elements) {
    IndexKey key;
    key.op_class = model.intern(element.op_class.name);
    key.collation = model.intern(element.collation.name);
    key.descending = element.descending;
    if (!element.column.empty()) {
      key.column = table.find_column(element.column);
      if (key.column < 0) {
        fail("undefined_column", fmt::format("column \"{}\" does not exist", element.column),
             word_place(element.column));
      }
      names.emplace_back(element.column);
    } else {
      key.expr = element.expr;
      note_references(element.expr);
      const std::string_view figured = figure_column_name(element.expr);
      names.emplace_back(figured.empty() ? "expr" : figured);
      // ((a)) is the column a.
      const auto* ref = ast::as<ast::ColumnRef>(element.expr);
      if (ref != nullptr && ref->fields.size() == 1 && !ref->star) {
        key.column = table.find_column(ref->fields[0]);
        if (key.column >= 0) key.expr = nullptr;
      }
    }
    out.push_back(key);
  }
  return out;
}

void Replayer::create_index(const ast::CreateIndex& tree) {
  Relation& table = relation(*tree.relation);
  if (!table.is_table() && table.kind != RelationKind::MaterializedView) {
    fail("wrong_object_type", fmt::format("cannot create index on relation \"{}\"", table.name),
         name_place(tree.relation->name));
  }
  std::vector<std::string> names;
  std::vector<IndexKey> keys = index_keys(table, tree.keys, names);
  std::vector<std::uint16_t> include;
  for (const std::string_view name : tree.including) {
    include.push_back(static_cast<std::uint16_t>(column(table, name, word_place(name))));
    names.emplace_back(name);
  }
  std::string name(tree.name);
  if (name.empty()) {
    name = choose_relation_name(*table.schema, table.name,
                                join_column_names(unique_column_names(names)), "idx", false);
  } else if (model.find_relation(*table.schema, name) != nullptr) {
    if (tree.if_not_exists) return;
    fail("duplicate_table", fmt::format("relation \"{}\" already exists", name), word_place(name));
  }
  if (tree.unique) {
    for (const IndexKey& part : table.partition_keys) {
      const bool there = std::any_of(keys.begin(), keys.end(), [&](const IndexKey& k) {
        return k.column >= 0 && k.column == part.column;
      });
      if (there) continue;
      fail("feature_not_supported",
           "unique constraint on partitioned table must include all partitioning columns",
           statement_place());
    }
  }
  Index& out = model.add_index(table, name);
  out.unique = tree.unique;
  out.nulls_not_distinct = tree.nulls_not_distinct;
  out.method = model.intern(tree.access_method.empty() ? "btree" : tree.access_method);
  out.keys = std::move(keys);
  out.include = std::move(include);
  out.predicate = tree.where;
  out.text = text;
  note_references(tree.where);
  out.created = out.relation->created = step;
  out.relation->stub = stub;
  out.place = tree.name.empty() ? name_place(tree.relation->name) : word_place(tree.name);
  out.relation->place = out.place;
  out.relation->statement = statement_place();
  // ON ONLY leaves the partitions alone, and the index invalid until they have theirs.
  out.valid = !(tree.relation->only && table.kind == RelationKind::Partitioned &&
                std::any_of(table.children.begin(), table.children.end(),
                            [](const Relation* c) { return c->is_partition; }));
  if (tree.relation->only) return;
  for (Relation* child : std::vector<Relation*>(table.children)) {
    if (child->is_partition) clone_index_to(out, *child);
  }
}

bool Replayer::same_shape(const Index& a, const Index& b) const {
  if (a.unique != b.unique || a.method != b.method || a.keys.size() != b.keys.size() ||
      a.include.size() != b.include.size() ||
      (a.predicate != nullptr) != (b.predicate != nullptr) ||
      (a.constraint != nullptr && b.constraint == nullptr)) {
    return false;
  }
  for (std::size_t i = 0; i < a.keys.size(); ++i) {
    if ((a.keys[i].column < 0) != (b.keys[i].column < 0)) return false;
    if (a.keys[i].column < 0) continue;
    const auto& left = a.table->columns[static_cast<std::size_t>(a.keys[i].column)].name;
    const auto& right = b.table->columns[static_cast<std::size_t>(b.keys[i].column)].name;
    if (left != right) return false;
  }
  return true;
}

void Replayer::refuse_missing_partition_keys(const Index& parent, const Relation& partition) const {
  for (const IndexKey& part : partition.partition_keys) {
    const bool there = std::any_of(parent.keys.begin(), parent.keys.end(), [&](const IndexKey& k) {
      return k.column >= 0 && part.column >= 0 &&
             parent.table->columns[static_cast<std::size_t>(k.column)].name ==
                 partition.columns[static_cast<std::size_t>(part.column)].name;
    });
    if (there) continue;
    fail("feature_not_supported",
         "unique constraint on partitioned table must include all partitioning columns",
         partition.place);
  }
}

// A partition's own index of the same shape is attached; else it gets a copy with a name of its
// own.
void Replayer::clone_index_to(Index& parent, Relation& partition) {
  for (Index* own : partition.indexes) {
    if (own->parent != nullptr || own->dropped || !own->valid || !same_shape(parent, *own))
      continue;
    model.edit(*own).parent = &parent;
    model.append(parent, &Index::children, own);
    if (own->constraint != nullptr && parent.constraint != nullptr) {
      model.edit(*own->constraint).parent = parent.constraint;
    }
    return;
  }
  if (parent.unique) refuse_missing_partition_keys(parent, partition);
  std::vector<std::string> names;
  std::vector<IndexKey> keys = parent.keys;
  for (IndexKey& key : keys) {
    if (key.column >= 0) {
      const std::string_view name =
          parent.table->columns[static_cast<std::size_t>(key.column)].name;
      names.emplace_back(name);
      key.column = partition.find_column(name);
    } else {
      const std::string_view figured = figure_column_name(key.expr);
      names.emplace_back(figured.empty() ? "expr" : figured);
    }
  }
  std::vector<std::uint16_t> include;
  for (const std::uint16_t c : parent.include) {
    names.emplace_back(parent.table->columns[c].name);
    include.push_back(
        static_cast<std::uint16_t>(partition.find_column(parent.table->columns[c].name)));
  }
  const bool constraint = parent.constraint != nullptr;
  const std::string_view label = parent.primary     ? "pkey"
                                 : parent.exclusion ? "excl"
                                 : constraint       ? "key"
                                                    : "idx";
  const std::string name = choose_relation_name(
      *partition.schema, partition.name,
      parent.primary ? std::string() : join_column_names(unique_column_names(names)), label,
      constraint);
  Index& out = model.add_index(partition, name);
  Relation& relation = *out.relation;
  out.unique = parent.unique;
  out.primary = parent.primary;
  out.exclusion = parent.exclusion;
  out.nulls_not_distinct = parent.nulls_not_distinct;
  out.method = parent.method;
  out.keys = std::move(keys);
  out.include = std::move(include);
  out.predicate = parent.predicate;
  out.text = parent.text;
  out.parent = &parent;
  out.created = relation.created = step;
  out.place = relation.place = parent.place;
  relation.statement = statement_place();
  relation.stub = stub;
  model.append(parent, &Index::children, &out);
  if (constraint) clone_key(parent, out);
  for (Relation* child : std::vector<Relation*>(partition.children)) {
    if (child->is_partition) clone_index_to(out, *child);
  }
}

// The constraint that a copied index implements.
void Replayer::clone_key(const Index& parent, Index& index) {
  Relation& partition = *index.table;
  Constraint& copy = model.add_constraint(partition, index.relation->name, parent.constraint->type);
  copy.index = &index;
  copy.parent = parent.constraint;
  copy.local = false;
  copy.inherited = 1;
  copy.created = step;
  copy.place = parent.place;
  for (const IndexKey& key : index.keys) {
    if (key.column < 0) continue;
    copy.columns.push_back(static_cast<std::uint16_t>(key.column));
    if (!index.primary) continue;
    model.edit(partition).columns[static_cast<std::size_t>(key.column)].not_null = true;
  }
  index.constraint = &copy;
}

void Replayer::attach_index(const ast::AlterTable& tree, const ast::AlterTableCommand& command) {
  Relation& parent = relation(*tree.relation);
  Relation& child = relation(*command.relation);
  if (parent.index == nullptr || child.index == nullptr) {
    fail("wrong_object_type", fmt::format("\"{}\" is not an index", command.relation->name.name),
         name_place(command.relation->name));
  }
  model.edit(*child.index).parent = parent.index;
  if (child.index->constraint != nullptr && parent.index->constraint != nullptr) {
    Constraint& own = model.edit(*child.index->constraint);
    own.parent = parent.index->constraint;
    own.local = false;
  }
  Index& changed = model.edit(*parent.index);
  changed.children.push_back(child.index);
  // Valid as soon as every partition has its part.
  std::size_t partitions = 0;
  for (const Relation* p : changed.table->children) partitions += p->is_partition;
  changed.valid = changed.children.size() >= partitions;
}

}  // namespace tenantlint::schema
