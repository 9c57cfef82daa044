// What depends on an object, and whether it goes along by itself or only with CASCADE.
// Source: PostgreSQL 15: dependency.c, heap.c, pg_constraint.c, index.c, policy.c, trigger.c,
// view.c.
#include <algorithm>

#include "analyzer/schema/replayer.h"

namespace tenantlint::schema {

namespace {

template <typename T>
bool has(const std::vector<T>& list, const T& item) {
  return std::find(list.begin(), list.end(), item) != list.end();
}

}  // namespace

std::vector<Replayer::Dependent> Replayer::dependents(const ObjectRef& o) const {
  std::vector<Dependent> out;
  switch (o.kind) {
    case ObjectClass::Relation:
      dependents_of_relation(*static_cast<Relation*>(o.object), out);
      break;
    case ObjectClass::Column:
      dependents_of_column(*static_cast<Relation*>(o.object), o.column, out);
      break;
    case ObjectClass::Function:
      dependents_of_function(*static_cast<Function*>(o.object), out);
      break;
    case ObjectClass::Type: dependents_of_type(*static_cast<Type*>(o.object), out); break;
    case ObjectClass::Constraint: {
      auto& c = *static_cast<Constraint*>(o.object);
      if (c.index != nullptr) out.push_back({{ObjectClass::Relation, c.index->relation}, true});
      // Copies on partitions go with their original.
      for (Constraint& other : model.constraints) {
        if (!other.dropped && other.parent == &c)
          out.push_back({{ObjectClass::Constraint, &other}, true});
      }
      // What refers to a partition of the target goes only together with the whole key.
      if (c.type == ConstraintType::ForeignKey && c.parent != nullptr &&
          c.parent->table == c.table) {
        out.push_back({{ObjectClass::Constraint, c.parent}, false});
      }
      if (c.type != ConstraintType::Trigger) break;
      for (Trigger* t : c.table->triggers) {
        if (t->constraint && t->name == c.name) out.push_back({{ObjectClass::Trigger, t}, true});
      }
      break;
    }
    case ObjectClass::Trigger: {
      auto& t = *static_cast<Trigger*>(o.object);
      for (Trigger& other : model.triggers) {
        if (!other.dropped && other.parent == &t)
          out.push_back({{ObjectClass::Trigger, &other}, true});
      }
      if (!t.constraint) break;
      for (Constraint* c : t.table->constraints) {
        if (c->type == ConstraintType::Trigger && c->name == t.name) {
          out.push_back({{ObjectClass::Constraint, c}, true});
        }
      }
      break;
    }
    case ObjectClass::Schema: dependents_of_schema(*static_cast<Schema*>(o.object), out); break;
    case ObjectClass::Extension:
      for (Type& t : model.types) {
        const auto& e = *static_cast<Extension*>(o.object);
        if (!t.dropped && t.extension == e.name) out.push_back({{ObjectClass::Type, &t}, true});
      }
      break;
    case ObjectClass::Default:
    case ObjectClass::Policy:
    case ObjectClass::Rule: break;
  }
  return out;
}

void Replayer::dependents_of_schema(const Schema& s, std::vector<Dependent>& out) const {
  for (const auto& [name, relation] : s.relations)
    out.push_back({{ObjectClass::Relation, relation}, false});
  for (const auto& [name, list] : s.functions) {
    for (Function* f : list) out.push_back({{ObjectClass::Function, f}, false});
  }
  for (const auto& [name, type] : s.types)
    out.push_back({{ObjectClass::Type, const_cast<Type*>(type)}, false});
  for (Extension& e : model.extensions) {
    if (!e.dropped && e.schema == &s) out.push_back({{ObjectClass::Extension, &e}, false});
  }
}

// Defaults that take numbers from it: those of serial columns and their copies, and written ones.
void Replayer::dependents_of_sequence(Relation& sequence, std::vector<Dependent>& out) const {
  for (Relation& r : model.relations) {
    if (r.dropped || !r.is_table()) continue;
    for (std::size_t i = 0; i < r.columns.size(); ++i) {
      const Column& c = r.columns[i];
      if (c.dropped || !c.serial || c.sequence != &sequence) continue;
      out.push_back({{ObjectClass::Default, &r, static_cast<int>(i)}, false});
    }
  }
  users_of([&](const References& refs) { return has(refs.relations, &sequence); }, out);
}

void Replayer::dependents_of_relation(Relation& r, std::vector<Dependent>& out) const {
  if (r.index != nullptr) {
    for (Index* child : r.index->children)
      out.push_back({{ObjectClass::Relation, child->relation}, true});
    if (r.index->constraint != nullptr)
      out.push_back({{ObjectClass::Constraint, r.index->constraint}, true});
    for (Constraint* fk : r.index->table->referenced_by) {
      if (fk->ref_index == r.index) out.push_back({{ObjectClass::Constraint, fk}, false});
    }
    return;
  }
  if (r.kind == RelationKind::Sequence) return dependents_of_sequence(r, out);
  for (Index* index : r.indexes) out.push_back({{ObjectClass::Relation, index->relation}, true});
  for (Constraint* c : r.constraints) out.push_back({{ObjectClass::Constraint, c}, true});
  for (Policy* p : r.policies) out.push_back({{ObjectClass::Policy, p}, true});
  for (std::size_t i = 0; i < r.columns.size() && r.is_table(); ++i) {
    const Column& c = r.columns[i];
    if (c.dropped || (c.default_expr == nullptr && c.generated == nullptr && !c.serial)) continue;
    out.push_back({{ObjectClass::Default, &r, static_cast<int>(i)}, true});
  }
  for (Trigger* t : r.triggers) out.push_back({{ObjectClass::Trigger, t}, true});
  for (Rule* rule : r.rules) out.push_back({{ObjectClass::Rule, rule}, true});
  for (Constraint* fk : r.referenced_by) {
    out.push_back({{ObjectClass::Constraint, fk}, fk->table == &r});
  }
  for (Relation* child : r.children) {
    if (!child->dropped) out.push_back({{ObjectClass::Relation, child}, child->is_partition});
  }
  for (Relation& other : model.relations) {
    if (!other.dropped && other.kind == RelationKind::Sequence && other.owned_by == &r) {
      out.push_back({{ObjectClass::Relation, &other}, true});
    }
  }
  users_of([&](const References& refs) { return has(refs.relations, &r); }, out);
  const Type* row = model.find_type(*r.schema, r.name);
  if (row != nullptr && row->relation == &r) dependents_of_type(*row, out);
}

// Records whose expressions or queries satisfy `uses`.
void Replayer::users_of(const std::function<bool(const References&)>& uses,
                        std::vector<Dependent>& out) const {
  const auto test = [&](const ast::Node* tree) {
    if (tree == nullptr) return false;
    const auto found = model.references.find(tree);
    return found != model.references.end() && uses(found->second);
  };
  for (Relation& r : model.relations) {
    if (r.dropped) continue;
    if (r.is_view() && test(r.query)) out.push_back({{ObjectClass::Relation, &r}, false});
    if (!r.is_table()) continue;
    for (std::size_t i = 0; i < r.columns.size(); ++i) {
      const Column& c = r.columns[i];
      if (!c.dropped && (test(c.default_expr) || test(c.generated))) {
        out.push_back({{ObjectClass::Default, &r, static_cast<int>(i)}, false});
      }
    }
    for (Constraint* c : r.constraints) {
      if (test(c->check)) out.push_back({{ObjectClass::Constraint, c}, false});
    }
    for (Policy* p : r.policies) {
      if (test(p->using_expr) || test(p->check_expr))
        out.push_back({{ObjectClass::Policy, p}, false});
    }
    for (Trigger* t : r.triggers) {
      if (t->tree != nullptr && test(t->tree->when))
        out.push_back({{ObjectClass::Trigger, t}, false});
    }
    for (Index* index : r.indexes) {
      bool used = test(index->predicate);
      for (const IndexKey& key : index->keys) used = used || test(key.expr);
      if (used) out.push_back({{ObjectClass::Relation, index->relation}, false});
    }
    for (Rule* rule : r.rules) {
      for (const ast::Statement* action : rule->tree->actions) {
        if (test(action)) out.push_back({{ObjectClass::Rule, rule}, false});
      }
    }
  }
  for (Function& f : model.functions) {
    if (f.dropped || f.tree == nullptr) continue;
    for (const ast::Statement* s : f.tree->atomic_body) {
      if (test(s)) out.push_back({{ObjectClass::Function, &f}, false});
    }
  }
}

void Replayer::dependents_of_column(Relation& r, int index, std::vector<Dependent>& out) const {
  const auto uses = [&](const ast::Expr* expr, Step at) {
    return expr != nullptr && has(columns_used(expr, r, at), index);
  };
  const auto names = [&](const ast::Node* tree) {
    const auto found = model.references.find(tree);
    return found != model.references.end() && has(found->second.columns, UsedColumn{&r, index});
  };
  for (Index* i : r.indexes) {
    bool used = uses(i->predicate, i->created);
    for (const IndexKey& key : i->keys)
      used = used || key.column == index || uses(key.expr, i->created);
    for (const std::uint16_t c : i->include) used = used || c == index;
    if (used) out.push_back({{ObjectClass::Relation, i->relation}, true});
  }
  const Column& column = r.columns[static_cast<std::size_t>(index)];
  if (column.default_expr != nullptr || column.serial) {
    out.push_back({{ObjectClass::Default, &r, index}, true});
  }
  for (Constraint* c : r.constraints) {
    if (has(c->columns, static_cast<std::uint16_t>(index)) || uses(c->check, c->created)) {
      out.push_back({{ObjectClass::Constraint, c}, true});
    }
  }
  for (Constraint* fk : r.referenced_by) {
    if (has(fk->ref_columns, static_cast<std::uint16_t>(index))) {
      out.push_back({{ObjectClass::Constraint, fk}, fk->table == &r});
    }
  }
  for (Trigger* t : r.triggers) {
    const bool named =
        t->tree != nullptr &&
        std::any_of(t->tree->columns.begin(), t->tree->columns.end(), [&](std::string_view name) {
          return r.find_column_at(name, t->created) == index;
        });
    if (named || (t->tree != nullptr && uses(t->tree->when, t->created))) {
      out.push_back({{ObjectClass::Trigger, t}, false});
    }
  }
  for (std::size_t i = 0; i < r.columns.size(); ++i) {
    const Column& c = r.columns[i];
    if (!c.dropped && uses(c.generated, c.created)) {
      out.push_back({{ObjectClass::Default, &r, static_cast<int>(i)}, false});
    }
  }
  for (Relation& other : model.relations) {
    if (other.dropped) continue;
    if (other.kind == RelationKind::Sequence && other.owned_by == &r &&
        other.owned_column == index) {
      out.push_back({{ObjectClass::Relation, &other}, true});
    }
    if (other.is_view() && names(other.query)) {
      out.push_back({{ObjectClass::Relation, &other}, false});
    }
  }
  for (Policy& p : model.policies) {
    if (!p.dropped && (names(p.using_expr) || names(p.check_expr))) {
      out.push_back({{ObjectClass::Policy, &p}, false});
    }
  }
}

void Replayer::dependents_of_function(Function& f, std::vector<Dependent>& out) const {
  for (Trigger& t : model.triggers) {
    if (!t.dropped && t.function == &f) out.push_back({{ObjectClass::Trigger, &t}, false});
  }
  // Overloads share their name: only the last one standing is surely the one that is called.
  const bool only = model.find_functions(*f.schema, f.name).size() == 1;
  users_of(
      [&](const References& refs) {
        if (!has(refs.functions, &f)) return false;
        if (only) return true;
        return std::count_if(refs.functions.begin(), refs.functions.end(),
                             [&](const Function* other) {
                               return !other->dropped && other->name == f.name;
                             }) <= 1 ||
               f.parameters.size() == 1;
      },
      out);
}

void Replayer::dependents_of_type(const Type& type, std::vector<Dependent>& out) const {
  for (Relation& r : model.relations) {
    if (r.dropped || (!r.is_table() && !r.is_view() && r.kind != RelationKind::Composite)) continue;
    for (std::size_t i = 0; i < r.columns.size(); ++i) {
      if (r.columns[i].dropped || r.columns[i].type.type != &type) continue;
      if (r.is_view()) {
        out.push_back({{ObjectClass::Relation, &r}, false});
      } else {
        out.push_back({{ObjectClass::Column, &r, static_cast<int>(i)}, false});
      }
    }
  }
  for (Function& f : model.functions) {
    if (f.dropped) continue;
    // A range type's constructors are part of it.
    if (f.language == "internal" && f.returns.type == &type && f.tree == nullptr) {
      out.push_back({{ObjectClass::Function, &f}, true});
      continue;
    }
    bool uses = f.returns.type == &type;
    for (const Parameter& p : f.parameters) uses = uses || p.type.type == &type;
    if (uses) out.push_back({{ObjectClass::Function, &f}, false});
  }
  for (Type& t : model.types) {
    if (!t.dropped && t.base == &type) out.push_back({{ObjectClass::Type, &t}, false});
  }
  users_of([&](const References& refs) { return has(refs.types, &type); }, out);
}

}  // namespace tenantlint::schema
