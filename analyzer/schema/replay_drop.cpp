// DROP: finds the objects, asks what depends on them, and takes all of it away, or refuses.
// Source: PostgreSQL manual 5.14 (dependencies); src/backend/catalog/dependency.c.
#include <fmt/format.h>

#include <algorithm>

#include "analyzer/schema/replayer.h"

namespace tenantlint::schema {

namespace {

std::string_view kind_word(ast::ObjectType type) {
  using O = ast::ObjectType;
  switch (type) {
    case O::Table: return "table";
    case O::View: return "view";
    case O::MaterializedView: return "materialized view";
    case O::Index: return "index";
    case O::Sequence: return "sequence";
    case O::ForeignTable: return "foreign table";
    case O::Function: return "function";
    case O::Procedure: return "procedure";
    case O::Aggregate: return "aggregate";
    case O::Routine: return "routine";
    case O::Policy: return "policy";
    case O::Trigger: return "trigger";
    case O::Rule: return "rule";
    case O::Schema: return "schema";
    case O::Type: return "type";
    case O::Domain: return "type";
    case O::Extension: return "extension";
    default: return "object";
  }
}

bool kind_fits(ast::ObjectType type, RelationKind kind) {
  using O = ast::ObjectType;
  switch (type) {
    case O::Table: return kind == RelationKind::Table || kind == RelationKind::Partitioned;
    case O::View: return kind == RelationKind::View;
    case O::MaterializedView: return kind == RelationKind::MaterializedView;
    case O::Index: return kind == RelationKind::Index;
    case O::Sequence: return kind == RelationKind::Sequence;
    case O::ForeignTable: return kind == RelationKind::Foreign;
    default: return true;
  }
}

bool kind_fits(ast::ObjectType type, FunctionKind kind) {
  using O = ast::ObjectType;
  if (type == O::Procedure) return kind == FunctionKind::Procedure;
  if (type == O::Aggregate) return kind == FunctionKind::Aggregate;
  const bool plain = kind == FunctionKind::Function || kind == FunctionKind::Window;
  return type == O::Routine || plain;
}

template <typename T>
T* by_name(const std::vector<T*>& list, std::string_view name) {
  const auto found =
      std::find_if(list.begin(), list.end(), [&](const T* x) { return x->name == name; });
  return found == list.end() ? nullptr : *found;
}

}  // namespace

// The sequence behind an identity column goes with the column only.
void Replayer::refuse_identity_sequence(const Relation& relation, const Place& at) const {
  if (relation.kind != RelationKind::Sequence || relation.owned_by == nullptr ||
      relation.owned_column < 0) {
    return;
  }
  const Column& c = relation.owned_by->columns[static_cast<std::size_t>(relation.owned_column)];
  if (c.identity == 0) return;
  fail("dependent_objects_still_exist",
       fmt::format("cannot drop sequence {} because column {} of table {} requires it",
                   relation.name, c.name, relation.owned_by->name),
       at);
}

std::optional<ObjectRef> Replayer::drop_missing(const ast::Drop& tree, const ast::ObjectName& name,
                                                std::string_view condition,
                                                std::string message) const {
  if (tree.missing_ok) return std::nullopt;
  fail(condition, std::move(message), word_place(name.sub.empty() ? name.name.name : name.sub));
}

std::optional<ObjectRef> Replayer::relation_to_drop(const ast::Drop& tree,
                                                    const ast::ObjectName& name) const {
  Relation* found = find_relation(name.name);
  if (found == nullptr) {
    return drop_missing(
        tree, name, "undefined_table",
        fmt::format("{} \"{}\" does not exist", kind_word(tree.object), name.name.name));
  }
  if (!kind_fits(tree.object, found->kind)) {
    fail("wrong_object_type",
         fmt::format("\"{}\" is not a {}", name.name.name, kind_word(tree.object)),
         word_place(name.name.name));
  }
  if (found->index != nullptr && found->index->constraint != nullptr) {
    fail("dependent_objects_still_exist",
         fmt::format("cannot drop index {} because constraint {} on table {} requires it",
                     found->name, found->name, found->index->table->name),
         word_place(name.name.name));
  }
  if (found->index != nullptr && found->index->parent != nullptr) {
    fail("dependent_objects_still_exist",
         fmt::format("cannot drop index {} because index {} requires it", found->name,
                     found->index->parent->relation->name),
         word_place(name.name.name));
  }
  refuse_identity_sequence(*found, word_place(name.name.name));
  return ObjectRef{ObjectClass::Relation, found};
}

// A policy, trigger or rule of a table.
std::optional<ObjectRef> Replayer::part_to_drop(const ast::Drop& tree,
                                                const ast::ObjectName& name) const {
  using O = ast::ObjectType;
  Relation* on = find_relation(name.name);
  if (on == nullptr) {
    return drop_missing(tree, name, "undefined_table",
                        fmt::format("relation \"{}\" does not exist", name.name.name));
  }
  if (tree.object == O::Policy) {
    if (Policy* p = by_name(on->policies, name.sub)) return ObjectRef{ObjectClass::Policy, p};
  } else if (tree.object == O::Trigger) {
    Trigger* t = by_name(on->triggers, name.sub);
    if (t != nullptr && t->parent != nullptr) {
      fail("dependent_objects_still_exist",
           fmt::format("cannot drop trigger {} on table {} because trigger {} on table {} "
                       "requires it",
                       t->name, on->name, t->parent->name, t->parent->table->name),
           word_place(name.sub));
    }
    if (t != nullptr) return ObjectRef{ObjectClass::Trigger, t};
  } else if (Rule* r = by_name(on->rules, name.sub)) {
    return ObjectRef{ObjectClass::Rule, r};
  }
  return drop_missing(tree, name, "undefined_object",
                      fmt::format("{} \"{}\" for table \"{}\" does not exist",
                                  kind_word(tree.object), name.sub, on->name));
}

std::optional<ObjectRef> Replayer::drop_target(const ast::Drop& tree, const ast::ObjectName& name) {
  using O = ast::ObjectType;
  const auto missing = [&](std::string_view condition, std::string message) {
    return drop_missing(tree, name, condition, std::move(message));
  };
  switch (tree.object) {
    case O::Table:
    case O::View:
    case O::MaterializedView:
    case O::Index:
    case O::Sequence:
    case O::ForeignTable: return relation_to_drop(tree, name);
    case O::Function:
    case O::Procedure:
    case O::Aggregate:
    case O::Routine: {
      Function* found = find_function(name);
      if (found != nullptr && !kind_fits(tree.object, found->kind)) {
        fail("wrong_object_type",
             fmt::format("{} is not a {}", found->name, kind_word(tree.object)),
             word_place(name.name.name));
      }
      if (found != nullptr) return ObjectRef{ObjectClass::Function, found};
      if (tree.missing_ok && (name.args_given || find_functions(name.name).empty()))
        return std::nullopt;
      function(name, kind_word(tree.object));
      return std::nullopt;
    }
    case O::Type:
    case O::Domain: {
      const Type* found = find_type(name.name);
      if (found == nullptr) {
        return missing("undefined_object",
                       fmt::format("type \"{}\" does not exist", name.name.name));
      }
      return ObjectRef{ObjectClass::Type, const_cast<Type*>(found)};
    }
    case O::Schema: {
      Schema* found = model.find_schema(name.name.name);
      if (found == nullptr) {
        return missing("invalid_schema_name",
                       fmt::format("schema \"{}\" does not exist", name.name.name));
      }
      return ObjectRef{ObjectClass::Schema, found};
    }
    case O::Extension:
      for (Extension& e : model.extensions) {
        if (!e.dropped && e.name == name.name.name) return ObjectRef{ObjectClass::Extension, &e};
      }
      return missing("undefined_object",
                     fmt::format("extension \"{}\" does not exist", name.name.name));
    case O::Policy:
    case O::Trigger:
    case O::Rule: return part_to_drop(tree, name);
    default: return std::nullopt;
  }
}

// Publications and the objects that are known by name alone: nothing depends on them.
void Replayer::drop_unlinked(const ast::Drop& tree, std::string_view name) {
  using O = ast::ObjectType;
  bool found = false;
  const auto take = [&](auto& list, const auto& matches) {
    for (auto& record : list) {
      if (record.dropped || record.name != name || !matches(record)) continue;
      model.edit(record).dropped = true;
      found = true;
    }
  };
  if (tree.object == O::Publication)
    take(model.publications, [](const Publication&) { return true; });
  take(model.others, [&](const OtherObject& o) { return o.type == tree.object; });
  const bool listed = tree.object == O::Publication || tree.object == O::EventTrigger;
  if (found || tree.missing_ok || !listed) return;
  fail("undefined_object",
       fmt::format("{} \"{}\" does not exist",
                   tree.object == O::Publication ? "publication" : "event trigger", name),
       word_place(name));
}

void Replayer::drop(const ast::Drop& tree) {
  std::vector<ObjectRef> roots;
  for (const ast::ObjectName& name : tree.objects) {
    if (const auto target = drop_target(tree, name)) {
      roots.push_back(*target);
    } else {
      drop_unlinked(tree, name.name.name);
    }
  }
  drop_objects(roots, tree.cascade,
               tree.objects.empty()
                   ? statement_place()
                   : word_place(tree.objects[0].sub.empty() ? tree.objects[0].name.name
                                                            : tree.objects[0].sub));
}

void Replayer::drop_objects(const std::vector<ObjectRef>& roots, bool cascade, const Place& at) {
  struct Entry {
    ObjectRef object;
    bool by_cascade;
  };
  std::vector<Entry> all;
  const auto known = [&](const ObjectRef& o) {
    return std::find_if(all.begin(), all.end(), [&](const Entry& e) { return e.object == o; });
  };
  for (const ObjectRef& root : roots) {
    if (known(root) == all.end()) all.push_back({root, false});
  }
  // What goes along automatically does not count as being in the way, even if it is found first as
  // something that needs CASCADE; what depends on it is then looked at again.
  std::vector<std::size_t> todo;
  for (std::size_t i = 0; i < all.size(); ++i) todo.push_back(i);
  for (std::size_t next = 0; next < todo.size(); ++next) {
    const Entry entry = all[todo[next]];
    for (const Dependent& d : dependents(entry.object)) {
      const auto there = known(d.object);
      const bool needs_cascade = !d.automatic || entry.by_cascade;
      if (there == all.end()) {
        todo.push_back(all.size());
        all.push_back({d.object, needs_cascade});
      } else if (!needs_cascade && there->by_cascade) {
        there->by_cascade = false;
        todo.push_back(static_cast<std::size_t>(there - all.begin()));
      }
    }
  }
  if (!cascade) {
    for (const Entry& e : all) {
      if (!e.by_cascade) continue;
      fail("dependent_objects_still_exist",
           fmt::format("cannot drop {} because other objects depend on it ({})", describe(roots[0]),
                       describe(e.object)),
           at);
    }
  }
  for (auto e = all.rbegin(); e != all.rend(); ++e) remove_object(e->object, e->by_cascade);
}

std::string Replayer::describe(const ObjectRef& o) const {
  switch (o.kind) {
    case ObjectClass::Relation: {
      const auto& r = *static_cast<Relation*>(o.object);
      const std::string_view word = r.kind == RelationKind::View               ? "view"
                                    : r.kind == RelationKind::MaterializedView ? "materialized view"
                                    : r.kind == RelationKind::Sequence         ? "sequence"
                                    : r.kind == RelationKind::Index            ? "index"
                                                                               : "table";
      return fmt::format("{} {}", word, r.name);
    }
    case ObjectClass::Column: {
      const auto& r = *static_cast<Relation*>(o.object);
      return fmt::format("column {} of table {}",
                         r.columns[static_cast<std::size_t>(o.column)].name, r.name);
    }
    case ObjectClass::Default: return "default value";
    case ObjectClass::Constraint: {
      const auto& c = *static_cast<Constraint*>(o.object);
      return fmt::format("constraint {} on table {}", c.name, c.table->name);
    }
    case ObjectClass::Policy: return fmt::format("policy {}", static_cast<Policy*>(o.object)->name);
    case ObjectClass::Trigger:
      return fmt::format("trigger {}", static_cast<Trigger*>(o.object)->name);
    case ObjectClass::Rule: return fmt::format("rule {}", static_cast<Rule*>(o.object)->name);
    case ObjectClass::Function:
      return fmt::format("function {}", static_cast<Function*>(o.object)->name);
    case ObjectClass::Type: return fmt::format("type {}", static_cast<Type*>(o.object)->name);
    case ObjectClass::Schema: return fmt::format("schema {}", static_cast<Schema*>(o.object)->name);
    case ObjectClass::Extension:
      return fmt::format("extension {}", static_cast<Extension*>(o.object)->name);
  }
  return "object";
}

// The relation leaves every list that names it.
void Replayer::remove_relation(Relation& r) {
  if (r.dropped) return;
  if (r.index != nullptr) {
    std::erase(model.edit(*r.index->table).indexes, r.index);
    model.edit(*r.index).dropped = true;
    if (r.index->parent != nullptr) std::erase(model.edit(*r.index->parent).children, r.index);
  }
  for (Relation* parent : r.parents) std::erase(model.edit(*parent).children, &r);
  for (Relation* child : r.children) std::erase(model.edit(*child).parents, &r);
  const auto ours = [&](const PublicationTable& t) { return t.table == &r; };
  for (Publication& p : model.publications) {
    if (p.dropped || std::none_of(p.tables.begin(), p.tables.end(), ours)) continue;
    std::erase_if(model.edit(p).tables, ours);
  }
  const Type* row = model.find_type(*r.schema, r.name);
  if (row != nullptr && row->relation == &r) model.remove(*row);
  model.remove(r);
}

void Replayer::remove_object(const ObjectRef& o, bool by_cascade) {
  switch (o.kind) {
    case ObjectClass::Relation: return remove_relation(*static_cast<Relation*>(o.object));
    case ObjectClass::Column: {
      Relation& changed = model.edit(*static_cast<Relation*>(o.object));
      changed.columns[static_cast<std::size_t>(o.column)].dropped = true;
      return;
    }
    case ObjectClass::Default: {
      Relation& changed = model.edit(*static_cast<Relation*>(o.object));
      Column& c = changed.columns[static_cast<std::size_t>(o.column)];
      // A generated column goes away altogether.
      if (c.generated != nullptr) c.dropped = true;
      c.default_expr = nullptr;
      c.serial = false;
      c.sequence = nullptr;
      return;
    }
    case ObjectClass::Constraint: {
      auto& c = *static_cast<Constraint*>(o.object);
      if (!c.dropped) model.remove(c);
      return;
    }
    case ObjectClass::Policy: {
      Policy& p = model.edit(*static_cast<Policy*>(o.object));
      p.dropped = true;
      p.dropped_by = statement_place();
      p.dropped_by_cascade = by_cascade;
      std::erase(model.edit(*p.table).policies, &p);
      return;
    }
    case ObjectClass::Trigger: {
      Trigger& t = model.edit(*static_cast<Trigger*>(o.object));
      t.dropped = true;
      std::erase(model.edit(*t.table).triggers, &t);
      return;
    }
    case ObjectClass::Rule: {
      Rule& r = model.edit(*static_cast<Rule*>(o.object));
      r.dropped = true;
      std::erase(model.edit(*r.table).rules, &r);
      return;
    }
    case ObjectClass::Function: return model.remove(*static_cast<Function*>(o.object));
    case ObjectClass::Type: {
      auto& type = *static_cast<Type*>(o.object);
      if (type.dropped) return;
      if (type.relation != nullptr && type.relation->kind == RelationKind::Composite) {
        model.remove(*type.relation);
      }
      return model.remove(type);
    }
    case ObjectClass::Schema: return model.remove(*static_cast<Schema*>(o.object));
    case ObjectClass::Extension:
      model.edit(*static_cast<Extension*>(o.object)).dropped = true;
      return;
  }
}

}  // namespace tenantlint::schema
