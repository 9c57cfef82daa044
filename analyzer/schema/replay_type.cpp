// Types and sequences. Source: PostgreSQL manual, CREATE TYPE, CREATE DOMAIN, CREATE SEQUENCE.
#include <fmt/format.h>

#include <algorithm>

#include "analyzer/schema/replayer.h"

namespace tenantlint::schema {

namespace {

const Type& existing(const Replayer& r, const ast::QualifiedName& name) {
  const Type* type = r.find_type(name);
  if (type == nullptr) {
    r.fail("undefined_object", fmt::format("type \"{}\" does not exist", name.name),
           r.word_place(name.name));
  }
  return *type;
}

Type& fresh(Replayer& r, const ast::QualifiedName& name, TypeKind kind) {
  Schema& schema = r.creation_schema(name.schema, r.word_place(name.name));
  if (r.model.find_type(schema, name.name) != nullptr) {
    r.fail("duplicate_object", fmt::format("type \"{}\" already exists", name.name),
           r.word_place(name.name));
  }
  Type& out = r.model.add_type(schema, name.name, kind);
  out.place = r.word_place(name.name);
  out.stub = r.stub;
  return out;
}

}  // namespace

void Replayer::create_enum(const ast::CreateEnum& tree) {
  Type& type = fresh(*this, tree.name, TypeKind::Enum);
  for (const std::string_view label : tree.labels) type.labels.push_back(model.intern(label));
}

void Replayer::alter_enum(const ast::AlterEnum& tree) {
  Type& type = model.edit(const_cast<Type&>(existing(*this, tree.name)));
  if (type.kind != TypeKind::Enum) {
    fail("wrong_object_type", fmt::format("{} is not an enum", tree.name.name),
         word_place(tree.name.name));
  }
  auto& labels = type.labels;
  const auto find = [&](std::string_view label) {
    return std::find(labels.begin(), labels.end(), label);
  };
  if (!tree.old_label.empty()) {
    const auto old = find(tree.old_label);
    if (old == labels.end()) {
      fail("invalid_parameter_value",
           fmt::format("\"{}\" is not an existing enum label", tree.old_label), statement_place());
    }
    if (find(tree.new_label) != labels.end()) {
      fail("duplicate_object", fmt::format("enum label \"{}\" already exists", tree.new_label),
           statement_place());
    }
    *old = model.intern(tree.new_label);
    return;
  }
  if (find(tree.new_label) != labels.end()) {
    if (tree.if_not_exists) return;
    fail("duplicate_object", fmt::format("enum label \"{}\" already exists", tree.new_label),
         statement_place());
  }
  auto at = labels.end();
  if (!tree.neighbour.empty()) {
    at = find(tree.neighbour);
    if (at == labels.end()) {
      fail("invalid_parameter_value",
           fmt::format("\"{}\" is not an existing enum label", tree.neighbour), statement_place());
    }
    if (tree.after) ++at;
  }
  labels.insert(at, model.intern(tree.new_label));
}

void Replayer::create_domain(const ast::CreateDomain& tree) {
  const TypeRef base = resolve_type(*tree.type);
  Type& type = fresh(*this, tree.name, TypeKind::Domain);
  type.base = base.type;
  type.base_mod1 = base.mod1;
  type.base_mod2 = base.mod2;
  type.base_array = base.array;
  for (const ast::Constraint& c : tree.constraints) {
    if (c.type == ast::ConstraintType::NotNull) type.not_null = true;
    if (c.type != ast::ConstraintType::Check) continue;
    note_references(c.expr);
    type.constraints.push_back(model.intern(
        c.name.empty()
            ? choose_constraint_name(*type.schema, type.name, "", "check", type.constraints)
            : std::string(c.name)));
  }
}

void Replayer::alter_domain(const ast::AlterDomain& tree) {
  Type& type = model.edit(const_cast<Type&>(existing(*this, tree.name)));
  switch (tree.action) {
    case ast::AlterDomainAction::SetNotNull: type.not_null = true; return;
    case ast::AlterDomainAction::DropNotNull: type.not_null = false; return;
    case ast::AlterDomainAction::AddConstraint:
      type.constraints.push_back(model.intern(
          tree.constraint->name.empty()
              ? choose_constraint_name(*type.schema, type.name, "", "check", type.constraints)
              : std::string(tree.constraint->name)));
      return;
    case ast::AlterDomainAction::DropConstraint: {
      const auto erased = std::erase(type.constraints, tree.constraint_name);
      if (erased == 0 && !tree.missing_ok) {
        fail("undefined_object",
             fmt::format("constraint \"{}\" of domain \"{}\" does not exist", tree.constraint_name,
                         type.name),
             word_place(tree.constraint_name));
      }
      return;
    }
    case ast::AlterDomainAction::Default:
    case ast::AlterDomainAction::ValidateConstraint: return;
  }
}

void Replayer::create_composite(const ast::CreateCompositeType& tree) {
  const ast::QualifiedName& name = tree.relation->name;
  Type& type = fresh(*this, name, TypeKind::Composite);
  if (model.find_relation(*type.schema, name.name) != nullptr) {
    fail("duplicate_table", fmt::format("relation \"{}\" already exists", name.name),
         name_place(name));
  }
  Relation& relation = model.add_relation(*type.schema, name.name, RelationKind::Composite);
  relation.created = step;
  relation.stub = stub;
  relation.place = type.place;
  relation.statement = statement_place();
  for (const ast::ColumnDef* def : tree.columns)
    relation.columns.push_back(make_column(relation, *def));
  type.relation = &relation;
}

namespace {

// The constructors that come with a range type (typecmds.c, makeRangeConstructors and
// makeMultirangeConstructors).
void add_range_functions(Replayer& r, Type& range, const Type& multi,
                         ast::List<ast::Option> options) {
  TypeRef subtype{r.model.unknown_type()};
  for (const ast::Option& o : options) {
    if (o.name != "subtype") continue;
    ast::QualifiedName name;
    const std::size_t dot = o.value.rfind('.');
    name.name = dot == std::string_view::npos ? o.value : o.value.substr(dot + 1);
    if (dot != std::string_view::npos) name.schema = o.value.substr(0, dot);
    if (const Type* found = r.find_type(name)) subtype.type = found;
  }
  range.base = subtype.type;
  const auto add = [&](const Type& result, std::vector<TypeRef> inputs) {
    Function& f = r.model.add_function(*range.schema, result.name);
    for (const TypeRef& input : inputs) {
      Parameter p;
      p.type = input;
      p.mode = input.array ? ast::ParameterMode::Variadic : ast::ParameterMode::In;
      f.parameters.push_back(p);
    }
    f.returns = {&result};
    f.language = "internal";
    f.volatility = 'i';
    f.stub = r.stub;
    f.place = range.place;
    f.created = r.step;
    r.new_function_privileges(f);
  };
  const TypeRef one{&range};
  TypeRef many = one;
  many.array = true;
  add(range, {subtype, subtype});
  add(range, {subtype, subtype, r.builtin("text")});
  add(multi, {});
  add(multi, {one});
  add(multi, {many});
}

}  // namespace

void Replayer::create_range(const ast::CreateRange& tree) {
  Type& type = fresh(*this, tree.name, TypeKind::Range);
  // The multirange that comes along: "range" in the name becomes "multirange" (typecmds.c).
  std::string multi(tree.name.name);
  const std::size_t at = multi.find("range");
  multi = at == std::string::npos ? std::string(clip(multi, kMaxName - 11)) + "_multirange"
                                  : multi.replace(at, 5, "multirange");
  for (const ast::Option& o : tree.options) {
    if (o.name == "multirange_type_name") multi = o.value.substr(o.value.rfind('.') + 1);
  }
  Type& other = model.add_type(*type.schema, model.intern(multi), TypeKind::Base);
  other.place = type.place;
  other.stub = true;
  add_range_functions(*this, type, other, tree.options);
}

void Replayer::define(const ast::Define& tree) {
  using O = ast::ObjectType;
  if (tree.object == O::Type) {
    // CREATE TYPE name; declares a shell, the second statement fills it.
    if (find_type(tree.name) == nullptr) fresh(*this, tree.name, TypeKind::Base);
    return;
  }
  if (tree.object != O::Aggregate) return note_other(tree.object, tree.name.name);
  Schema& schema = creation_schema(tree.name.schema, word_place(tree.name.name));
  const std::vector<Parameter> parameters = make_parameters(tree.parameters);
  for (Function* other : model.find_functions(schema, tree.name.name)) {
    if (other->kind == FunctionKind::Aggregate && other->parameters.size() == parameters.size() &&
        tree.or_replace) {
      return;
    }
  }
  Function& out = model.add_function(schema, tree.name.name);
  out.kind = FunctionKind::Aggregate;
  out.parameters = parameters;
  out.language = "internal";
  out.volatility = 'i';
  out.returns.type = model.unknown_type();
  out.created = step;
  out.stub = stub;
  out.place = word_place(tree.name.name);
  out.statement = statement_place();
  new_function_privileges(out);
}

void Replayer::create_sequence(const ast::CreateSequence& tree) {
  const ast::QualifiedName& name = tree.relation->name;
  Schema& schema =
      creation_schema(name.schema, name_place(name), tree.relation->persistence == 't');
  if (model.find_relation(schema, name.name) != nullptr) {
    if (tree.if_not_exists) return;
    fail("duplicate_table", fmt::format("relation \"{}\" already exists", name.name),
         name_place(name));
  }
  Relation& sequence = make_sequence(schema, name.name);
  sequence.place = name_place(name);
  new_table_privileges(sequence, ast::ObjectType::Sequence);
  for (const ast::Option& o : tree.options) {
    if (o.name == "owned_by") sequence_owner(sequence, o.value);
  }
}

void Replayer::alter_sequence(const ast::AlterSequence& tree) {
  if (tree.missing_ok && find_relation(tree.relation->name) == nullptr) return;
  Relation& sequence = relation(*tree.relation);
  for (const ast::Option& o : tree.options) {
    if (o.name == "owned_by") sequence_owner(sequence, o.value);
  }
}

void Replayer::sequence_owner(Relation& sequence, std::string_view owned_by) {
  Relation& changed = model.edit(sequence);
  if (owned_by == "none") {
    changed.owned_by = nullptr;
    return;
  }
  const std::size_t last = owned_by.rfind('.');
  ast::QualifiedName table;
  table.name = owned_by.substr(0, last == std::string_view::npos ? 0 : last);
  const std::size_t dot = table.name.find('.');
  if (dot != std::string_view::npos) {
    table.schema = table.name.substr(0, dot);
    table.name = table.name.substr(dot + 1);
  }
  Relation* owner = find_relation(table);
  if (owner == nullptr) {
    fail("undefined_table", fmt::format("relation \"{}\" does not exist", table.name),
         statement_place());
  }
  changed.owned_by = owner;
  changed.owned_column = column(*owner, owned_by.substr(last + 1), statement_place());
}

}  // namespace tenantlint::schema
