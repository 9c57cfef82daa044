// Constraints: what they are called, which columns and indexes they stand on, in the order in which
// PostgreSQL makes them. Source: PostgreSQL 15, parse_utilcmd.c (transformIndexConstraints,
// transformFKConstraints), heap.c (AddRelationNewConstraints), tablecmds.c
// (ATAddForeignKeyConstraint).
#include <fmt/format.h>

#include <algorithm>

#include "analyzer/schema/replayer.h"

namespace tenantlint::schema {

namespace {

// A default of NULL is none (heap.c, AddRelationNewConstraints), unless a length such as
// timestamp(3)'s makes it a computation.
bool is_null(const ast::Expr* expr, const TypeRef& type) {
  if (type.mod1 >= 0 || type.mod2 >= 0) return false;
  const auto* cast = ast::as<ast::TypeCast>(expr);
  if (cast != nullptr && cast->type->modifiers.empty()) expr = cast->arg;
  const auto* literal = ast::as<ast::Literal>(expr);
  return literal != nullptr && literal->type == ast::LiteralType::Null;
}

bool same_names(ast::List<std::string_view> a, ast::List<std::string_view> b) {
  return std::equal(a.begin(), a.end(), b.begin(), b.end());
}

}  // namespace

Constraint* Replayer::find_constraint(const Relation& table, std::string_view name) const {
  for (Constraint* c : table.constraints) {
    if (c->name == name) return c;
  }
  return nullptr;
}

void Replayer::check_constraint_name(const Relation& table, std::string_view name,
                                     const Place& at) const {
  if (find_constraint(table, name) == nullptr) return;
  fail("duplicate_object",
       fmt::format("constraint \"{}\" for relation \"{}\" already exists", name, table.name), at);
}

void Replayer::table_constraint(const ast::Constraint& c, PendingConstraints& pending) {
  using T = ast::ConstraintType;
  switch (c.type) {
    case T::PrimaryKey:
    case T::Unique:
    case T::Exclusion: pending.keys.push_back(&c); return;
    case T::ForeignKey: pending.foreign.push_back(&c); return;
    case T::Check: pending.checks.push_back(&c); return;
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

void Replayer::column_constraints(Relation& table, int column_index, const ast::ColumnDef& def,
                                  PendingConstraints& pending) {
  using T = ast::ConstraintType;
  Column& column = table.columns[static_cast<std::size_t>(column_index)];
  const ast::Constraint* last = nullptr;
  for (const ast::Constraint& c : def.constraints) {
    switch (c.type) {
      case T::NotNull: column.not_null = true; break;
      case T::Null: break;
      case T::Default:
        column.default_expr = is_null(c.expr, column.type) ? nullptr : c.expr;
        column.default_text = text;
        column.default_place = model.arena().make<Place>(place(c.at));
        note_references(c.expr);
        break;
      case T::Generated:
        column.generated = c.expr;
        column.default_text = text;
        note_references(c.expr);
        break;
      case T::Identity:
        column.identity = c.identity;
        column.not_null = true;
        make_serial(table, column, column_index, c.identity_options);
        break;
      case T::PrimaryKey:
      case T::Unique:
      case T::Exclusion:
      case T::ForeignKey:
      case T::Check:
        pending.column_of[&c] = column_index;
        table_constraint(c, pending);
        last = &c;
        break;
      case T::Deferrable:
      case T::InitiallyDeferred:
        if (last != nullptr) pending.deferrable[last] = true;
        break;
      case T::NotDeferrable:
      case T::InitiallyImmediate: break;
    }
  }
}

// CHECKs first, then keys (the primary key before the others, the same key only once), then foreign
// keys.
void Replayer::add_pending(Relation& table, const PendingConstraints& pending) {
  const auto own = [&](const ast::Constraint* c) {
    const auto found = pending.column_of.find(c);
    return found == pending.column_of.end() ? -1 : found->second;
  };
  const auto deferrable = [&](const ast::Constraint* c, Constraint* made) {
    if (made != nullptr && (c->deferrable || pending.deferrable.contains(c)))
      made->deferrable = true;
  };
  std::vector<std::string_view> names;
  for (const ast::Constraint* c : pending.checks) add_check(table, *c, own(c), names);
  std::vector<const ast::Constraint*> keys;
  for (const ast::Constraint* c : pending.keys) {
    if (c->type != ast::ConstraintType::PrimaryKey) continue;
    if (!keys.empty()) {
      fail("invalid_table_definition",
           fmt::format("multiple primary keys for table \"{}\" are not allowed", table.name),
           place(c->at));
    }
    keys.push_back(c);
  }
  const auto columns = [&](const ast::Constraint* c) {
    std::vector<std::string_view> out(c->columns.begin(), c->columns.end());
    if (out.empty() && own(c) >= 0)
      out.push_back(table.columns[static_cast<std::size_t>(own(c))].name);
    return out;
  };
  std::unordered_map<const ast::Constraint*, std::string_view> borrowed;
  for (const ast::Constraint* c : pending.keys) {
    if (c->type == ast::ConstraintType::PrimaryKey) continue;
    const auto same = std::find_if(keys.begin(), keys.end(), [&](const ast::Constraint* k) {
      return c->type == ast::ConstraintType::Unique && k->type != ast::ConstraintType::Exclusion &&
             columns(k) == columns(c) && same_names(k->including, c->including) &&
             k->nulls_not_distinct == c->nulls_not_distinct &&
             (k->deferrable || pending.deferrable.contains(k)) ==
                 (c->deferrable || pending.deferrable.contains(c));
    });
    if (same == keys.end()) {
      keys.push_back(c);
    } else if ((*same)->name.empty() && !c->name.empty() && !borrowed.contains(*same)) {
      // The one that stays takes the other's name, if it has none of its own.
      borrowed[*same] = c->name;
    }
  }
  for (const ast::Constraint* c : keys) {
    ast::Constraint named = *c;
    const auto name = borrowed.find(c);
    if (name != borrowed.end()) named.name = name->second;
    Constraint* made = c->type == ast::ConstraintType::Exclusion ? add_exclusion(table, named)
                                                                 : add_key(table, named, own(c));
    deferrable(c, made);
  }
  for (const ast::Constraint* c : pending.foreign) {
    deferrable(c, add_foreign_key(table, *c, own(c)));
  }
}

Constraint* Replayer::add_check(Relation& table, const ast::Constraint& c, int,
                                std::vector<std::string_view>& names) {
  const std::vector<int> used = columns_used(c.expr, table, step);
  std::string name(c.name);
  if (name.empty()) {
    const std::string_view column = used.size() == 1
                                        ? table.columns[static_cast<std::size_t>(used[0])].name
                                        : std::string_view();
    name = choose_constraint_name(*table.schema, table.name, column, "check", names);
  } else if (Constraint* same = find_constraint(table, name)) {
    // Merged with an inherited one of the same name (heap.c, MergeWithExistingConstraint).
    if (same->type != ConstraintType::Check || same->local)
      check_constraint_name(table, name, place(c.at));
    model.edit(*same).local = true;
    return same;
  }
  Constraint& out = model.add_constraint(table, name, ConstraintType::Check);
  names.push_back(out.name);
  out.check = c.expr;
  out.text = text;
  out.no_inherit = c.no_inherit;
  out.valid = !c.not_valid;
  out.created = step;
  out.place = place(c.at);
  for (const int column : used) out.columns.push_back(static_cast<std::uint16_t>(column));
  note_references(c.expr);
  return &out;
}

void Replayer::clone_check(Constraint& parent, Relation& child) {
  if (Constraint* same = find_constraint(child, parent.name)) {
    Constraint& merged = model.edit(*same);
    ++merged.inherited;
    if (child.is_partition) merged.local = false;
    return;
  }
  Constraint& out = model.add_constraint(child, parent.name, ConstraintType::Check);
  out.check = parent.check;
  out.text = parent.text;
  out.valid = parent.valid;
  out.local = false;
  out.inherited = 1;
  out.created = step;
  out.place = statement_place();
  for (const std::uint16_t c : parent.columns) {
    const int own = child.find_column(parent.table->columns[c].name);
    if (own >= 0) out.columns.push_back(static_cast<std::uint16_t>(own));
  }
}

// The columns of a key; all that the table is partitioned by must be among them.
std::vector<std::uint16_t> Replayer::key_columns(const Relation& table, const ast::Constraint& c,
                                                 int own_column) const {
  std::vector<std::uint16_t> keys;
  if (c.columns.empty() && own_column >= 0) keys.push_back(static_cast<std::uint16_t>(own_column));
  for (const std::string_view name : c.columns) {
    const int index = table.find_column(name);
    if (index < 0) {
      fail("undefined_column", fmt::format("column \"{}\" named in key does not exist", name),
           place(c.at));
    }
    keys.push_back(static_cast<std::uint16_t>(index));
  }
  for (const IndexKey& part : table.partition_keys) {
    const bool there =
        part.column >= 0 && std::find(keys.begin(), keys.end(), part.column) != keys.end();
    if (there) continue;
    fail("feature_not_supported",
         "unique constraint on partitioned table must include all partitioning columns",
         place(c.at));
  }
  return keys;
}

Constraint* Replayer::add_key(Relation& table, const ast::Constraint& c, int own_column) {
  const bool primary = c.type == ast::ConstraintType::PrimaryKey;
  const auto type = primary ? ConstraintType::PrimaryKey : ConstraintType::Unique;
  if (primary) {
    for (const Constraint* other : table.constraints) {
      if (other->type != ConstraintType::PrimaryKey) continue;
      fail("invalid_table_definition",
           fmt::format("multiple primary keys for table \"{}\" are not allowed", table.name),
           place(c.at));
    }
  }
  const std::vector<std::uint16_t> keys = key_columns(table, c, own_column);
  std::vector<std::string> names;
  for (const std::uint16_t key : keys) names.emplace_back(table.columns[key].name);
  std::vector<std::uint16_t> include;
  std::vector<std::string> all = names;
  for (const std::string_view name : c.including) {
    include.push_back(static_cast<std::uint16_t>(column(table, name, place(c.at))));
    all.emplace_back(name);
  }
  std::string name(c.name);
  if (name.empty()) {
    name = primary ? choose_relation_name(*table.schema, table.name, "", "pkey", true)
                   : choose_relation_name(*table.schema, table.name,
                                          join_column_names(unique_column_names(all)), "key", true);
  } else if (model.find_relation(*table.schema, name) != nullptr) {
    fail("duplicate_table", fmt::format("relation \"{}\" already exists", name), place(c.at));
  }
  check_constraint_name(table, name, place(c.at));
  Index& index = model.add_index(table, name);
  index.unique = true;
  index.primary = primary;
  index.nulls_not_distinct = c.nulls_not_distinct;
  index.method = "btree";
  index.keys.reserve(keys.size());
  for (const std::uint16_t key : keys) index.keys.emplace_back().column = key;
  index.include = include;
  index.created = index.relation->created = step;
  index.place = index.relation->place = place(c.at);
  index.relation->statement = statement_place();
  index.relation->stub = stub;
  Constraint& out = model.add_constraint(table, name, type);
  out.columns = keys;
  out.index = &index;
  out.created = step;
  out.place = index.place;
  out.deferrable = c.deferrable;
  index.constraint = &out;
  if (primary) {
    Relation& changed = model.edit(table);
    for (const std::uint16_t key : keys) changed.columns[key].not_null = true;
  }
  return &out;
}

Constraint* Replayer::add_exclusion(Relation& table, const ast::Constraint& c) {
  std::vector<std::string> names;
  std::vector<IndexKey> keys = index_keys(table, c.exclusions, names);
  std::string name(c.name);
  if (name.empty()) {
    name = choose_relation_name(*table.schema, table.name,
                                join_column_names(unique_column_names(names)), "excl", true);
  } else if (model.find_relation(*table.schema, name) != nullptr) {
    fail("duplicate_table", fmt::format("relation \"{}\" already exists", name), place(c.at));
  }
  Index& index = model.add_index(table, name);
  index.exclusion = true;
  index.method = model.intern(c.access_method.empty() ? "btree" : c.access_method);
  index.keys = std::move(keys);
  index.predicate = c.where;
  index.text = text;
  index.created = index.relation->created = step;
  index.place = index.relation->place = place(c.at);
  index.relation->statement = statement_place();
  index.relation->stub = stub;
  Constraint& out = model.add_constraint(table, name, ConstraintType::Exclusion);
  out.index = &index;
  out.created = step;
  out.place = index.place;
  for (const IndexKey& key : index.keys) {
    if (key.column >= 0) out.columns.push_back(static_cast<std::uint16_t>(key.column));
  }
  for (const ast::IndexElement& e : c.exclusions) out.exclude_ops.push_back(e.exclude_op.name);
  index.constraint = &out;
  return &out;
}

namespace {

// The unique index of the target that the key relies on: over just these columns, in any order;
// without columns the primary key.
Index* referenced_index(const Relation& target, std::vector<std::uint16_t> wanted) {
  std::sort(wanted.begin(), wanted.end());
  Index* found = nullptr;
  for (Index* index : target.indexes) {
    if (!index->unique || index->predicate != nullptr) continue;
    std::vector<std::uint16_t> keys;
    for (const IndexKey& key : index->keys) {
      if (key.column >= 0) keys.push_back(static_cast<std::uint16_t>(key.column));
    }
    if (keys.size() != index->keys.size()) continue;
    std::sort(keys.begin(), keys.end());
    const bool fits = wanted.empty() ? index->primary : keys == wanted;
    if (fits && (found == nullptr || index->primary)) found = index;
  }
  return found;
}

}  // namespace

std::vector<std::uint16_t> Replayer::foreign_key_columns(const Relation& table,
                                                         ast::List<std::string_view> names,
                                                         const ast::Constraint& c) const {
  std::vector<std::uint16_t> out;
  for (const std::string_view name : names) {
    const int index = table.find_column(name);
    if (index < 0) {
      fail("undefined_column",
           fmt::format("column \"{}\" referenced in foreign key constraint does not exist", name),
           place(c.at));
    }
    out.push_back(static_cast<std::uint16_t>(index));
  }
  return out;
}

Constraint* Replayer::add_foreign_key(Relation& table, const ast::Constraint& c, int own_column) {
  Relation& target = relation(*c.ref_table);
  std::vector<std::uint16_t> columns = foreign_key_columns(table, c.columns, c);
  if (c.columns.empty() && own_column >= 0) {
    columns.push_back(static_cast<std::uint16_t>(own_column));
  }
  std::vector<std::uint16_t> referenced = foreign_key_columns(target, c.ref_columns, c);
  Index* unique = referenced_index(target, referenced);
  if (unique == nullptr) {
    fail(referenced.empty() ? "undefined_object" : "invalid_foreign_key",
         referenced.empty()
             ? fmt::format("there is no primary key for referenced table \"{}\"", target.name)
             : fmt::format(
                   "there is no unique constraint matching given keys for referenced table \"{}\"",
                   target.name),
         place(c.at));
  }
  if (referenced.empty()) {
    for (const IndexKey& key : unique->keys)
      referenced.push_back(static_cast<std::uint16_t>(key.column));
  }
  if (referenced.size() != columns.size()) {
    fail("invalid_foreign_key",
         "number of referencing and referenced columns for foreign key disagree", place(c.at));
  }
  std::string name(c.name);
  if (name.empty()) {
    std::vector<std::string> names;
    for (const std::uint16_t column : columns) names.emplace_back(table.columns[column].name);
    name = choose_constraint_name(*table.schema, table.name, join_column_names(names), "fkey");
  }
  check_constraint_name(table, name, place(c.at));
  Constraint& out = model.add_constraint(table, name, ConstraintType::ForeignKey);
  out.columns = columns;
  out.ref_table = &target;
  out.ref_columns = referenced;
  out.ref_index = unique;
  out.on_delete = c.on_delete;
  out.on_update = c.on_update;
  for (const std::string_view column_name : c.on_delete_columns) {
    out.on_delete_columns.push_back(
        static_cast<std::uint16_t>(column(table, column_name, place(c.at))));
  }
  out.match = c.match;
  out.valid = !c.not_valid;
  out.deferrable = c.deferrable;
  out.created = step;
  out.place = place(c.at);
  model.append(target, &Relation::referenced_by, &out);
  // Partitions carry the key as well; and each partition of the target is referred to on its own.
  for (Relation* child : std::vector<Relation*>(table.children)) {
    if (child->is_partition) clone_foreign_key(out, *child);
  }
  for (Relation* part : partitions_in_order(target)) refer_to_partition(out, *part);
  return &out;
}

// Such a constraint is numbered like one without a name (tablecmds.c, addFkRecurseReferenced).
void Replayer::refer_to_partition(Constraint& parent, Relation& part) {
  Relation& table = *parent.table;
  std::vector<std::string> names;
  for (const std::uint16_t column : parent.columns) names.emplace_back(table.columns[column].name);
  const std::string name =
      choose_constraint_name(*table.schema, table.name, join_column_names(names), "fkey");
  Constraint& out = model.add_constraint(table, name, ConstraintType::ForeignKey);
  out.columns = parent.columns;
  out.ref_table = &part;
  for (const std::uint16_t column : parent.ref_columns) {
    out.ref_columns.push_back(
        static_cast<std::uint16_t>(part.find_column(parent.ref_table->columns[column].name)));
  }
  out.on_delete = parent.on_delete;
  out.on_update = parent.on_update;
  out.parent = &parent;
  out.local = false;
  out.created = step;
  out.place = parent.place;
  model.append(part, &Relation::referenced_by, &out);
  for (Relation* below : partitions_in_order(part)) refer_to_partition(out, *below);
}

void Replayer::clone_foreign_key(const Constraint& parent, Relation& child) {
  std::string name(parent.name);
  std::vector<std::uint16_t> columns;
  std::vector<std::string> names;
  for (const std::uint16_t c : parent.columns) {
    const int own = child.find_column(parent.table->columns[c].name);
    if (own < 0) return;
    columns.push_back(static_cast<std::uint16_t>(own));
    names.emplace_back(child.columns[static_cast<std::size_t>(own)].name);
  }
  for (Constraint* own : child.constraints) {
    // An equal key that is there already is taken over (tryAttachPartitionForeignKey).
    if (own->type == ConstraintType::ForeignKey && own->parent == nullptr &&
        own->ref_table == parent.ref_table && own->columns == columns &&
        own->ref_columns == parent.ref_columns) {
      Constraint& taken = model.edit(*own);
      taken.parent = const_cast<Constraint*>(&parent);
      taken.local = false;
      return;
    }
  }
  if (find_constraint(child, name) != nullptr) {
    name = choose_constraint_name(*child.schema, child.name, join_column_names(names), "fkey");
  }
  Constraint& out = model.add_constraint(child, name, ConstraintType::ForeignKey);
  const auto keep_name = out.name;
  out.columns = columns;
  out.ref_table = parent.ref_table;
  out.ref_columns = parent.ref_columns;
  out.ref_index = parent.ref_index;
  out.on_delete = parent.on_delete;
  out.on_update = parent.on_update;
  out.match = parent.match;
  out.valid = parent.valid;
  out.deferrable = parent.deferrable;
  out.name = keep_name;
  out.parent = const_cast<Constraint*>(&parent);
  out.local = false;
  out.created = step;
  out.place = parent.place;
  model.append(*parent.ref_table, &Relation::referenced_by, &out);
  for (Relation* grandchild : std::vector<Relation*>(child.children)) {
    if (grandchild->is_partition) clone_foreign_key(out, *grandchild);
  }
}

}  // namespace tenantlint::schema
