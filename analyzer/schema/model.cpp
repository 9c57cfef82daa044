// The catalogue's bookkeeping: name tables, interned strings, savepoints. What statements mean is
// the business of replay_*.cpp.
#include "analyzer/schema/model.h"

#include <algorithm>

#include "analyzer/schema/builtin_types.h"

namespace tenantlint::schema {

int Relation::find_column(std::string_view column) const {
  for (std::size_t i = 0; i < columns.size(); ++i) {
    if (!columns[i].dropped && columns[i].name == column) return static_cast<int>(i);
  }
  return -1;
}

std::string_view Column::name_at(Step step) const {
  std::string_view out = name;
  for (const FormerName* former = former_names; former != nullptr; former = former->older) {
    if (step > former->last) break;
    out = former->name;
  }
  return out;
}

int Relation::find_column_at(std::string_view column, Step step) const {
  for (std::size_t i = 0; i < columns.size(); ++i) {
    const Column& c = columns[i];
    if (c.created > step) continue;
    if (c.name_at(step) == column) return static_cast<int>(i);
  }
  return -1;
}

std::string qualified_name(const Relation& relation) {
  std::string out(relation.schema == nullptr ? std::string_view() : relation.schema->name);
  return out.append(".").append(relation.name);
}

Model::Model() {
  Type& unknown = types.emplace_back();
  unknown.name = "unknown";
  unknown.kind = TypeKind::Unknown;
  unknown_type_ = &unknown;
  for (const BuiltinType& builtin : builtin_types()) {
    Type& type = types.emplace_back();
    type.name = builtin.name;
    type.display = builtin.display;
    type.kind = builtin.kind;
    builtin_types_.emplace(type.name, &type);
  }
  for (const std::string_view name : {"pg_catalog", "information_schema", "public"}) {
    add_schema(name).stub = true;
  }
  for (const std::string_view name :
       {"pg_read_all_data", "pg_write_all_data", "pg_monitor", "pg_read_all_settings",
        "pg_read_all_stats", "pg_stat_scan_tables", "pg_signal_backend", "pg_read_server_files",
        "pg_write_server_files", "pg_execute_server_program", "pg_checkpoint",
        "pg_database_owner"}) {
    role(name).predefined = true;
  }
  Role& superuser = role("postgres");
  superuser.superuser = superuser.bypass_rls = superuser.login = true;
  superuser.create_role = superuser.create_db = superuser.replication = true;
  superuser.stub = superuser.declared = true;
}

Schema* Model::find_schema(std::string_view name) const {
  const auto found = schema_names_.find(name);
  return found == schema_names_.end() ? nullptr : found->second;
}

Relation* Model::find_relation(const Schema& schema, std::string_view name) const {
  const auto found = schema.relations.find(name);
  return found == schema.relations.end() ? nullptr : found->second;
}

const std::vector<Function*>& Model::find_functions(const Schema& schema,
                                                    std::string_view name) const {
  static const std::vector<Function*> kNone;
  const auto found = schema.functions.find(name);
  return found == schema.functions.end() ? kNone : found->second;
}

const Type* Model::find_type(const Schema& schema, std::string_view name) const {
  const auto found = schema.types.find(name);
  return found == schema.types.end() ? nullptr : found->second;
}

Role* Model::find_role(std::string_view name) const {
  const auto found = role_names_.find(name);
  return found == role_names_.end() ? nullptr : found->second;
}

Role& Model::role(std::string_view name) {
  if (Role* found = find_role(name)) return *found;
  Role& out = born(roles.emplace_back());
  out.name = intern(name);
  set(role_names_, out.name, &out);
  return out;
}

const Type* Model::builtin_type(std::string_view pg_name) const {
  const auto found = builtin_types_.find(pg_name);
  return found == builtin_types_.end() ? nullptr : found->second;
}

std::string_view Model::intern(std::string_view text) {
  const auto [entry, is_new] = interned_.try_emplace(text);
  if (is_new) entry->first = arena_.copy(text);
  return entry->first;
}

// ---------------------------------------------------------------- names

template <typename Map, typename Value>
void Model::undo_name(Map& map, std::string_view name, const Value* old) {
  Undo& undo = undo_.emplace_back();
  undo.target = &map;
  undo.name = name;
  if (old == nullptr) {
    undo.run = [](Undo& u) { static_cast<Map*>(u.target)->erase(u.name); };
    return;
  }
  undo.old = {new Value(*old), [](void* value) { delete static_cast<Value*>(value); }};
  undo.run = [](Undo& u) {
    Value& value = *static_cast<Value*>(u.old.get());
    static_cast<Map*>(u.target)->insert_or_assign(u.name, std::move(value));
  };
}

template <typename Map, typename Value>
void Model::set(Map& map, std::string_view name, Value value) {
  const auto [entry, is_new] = map.try_emplace(name);
  if (!savepoints_.empty()) undo_name(map, name, is_new ? nullptr : &entry->second);
  entry->second = std::move(value);
}

template <typename Map>
void Model::unset(Map& map, std::string_view name) {
  const auto entry = map.find(name);
  if (entry == map.end()) return;
  if (!savepoints_.empty()) undo_name(map, name, &entry->second);
  map.erase(name);
}

Schema& Model::add_schema(std::string_view name) {
  ++schema_version_;
  Schema& out = born(schemas.emplace_back());
  out.name = intern(name);
  set(schema_names_, out.name, &out);
  return out;
}

Relation& Model::add_relation(Schema& schema, std::string_view name, RelationKind kind) {
  Relation& out = born(relations.emplace_back());
  out.schema = &schema;
  out.name = intern(name);
  out.kind = kind;
  set(schema.relations, out.name, &out);
  return out;
}

Function& Model::add_function(Schema& schema, std::string_view name) {
  Function& out = born(functions.emplace_back());
  out.schema = &schema;
  out.name = intern(name);
  std::vector<Function*> overloads = find_functions(schema, name);
  overloads.push_back(&out);
  set(schema.functions, out.name, std::move(overloads));
  return out;
}

Type& Model::add_type(Schema& schema, std::string_view name, TypeKind kind) {
  Type& out = born(types.emplace_back());
  out.schema = &schema;
  out.name = intern(name);
  out.kind = kind;
  set(schema.types, out.name, static_cast<const Type*>(&out));
  return out;
}

void Model::remove(Schema& schema) {
  ++schema_version_;
  edit(schema).dropped = true;
  unset(schema_names_, schema.name);
}

void Model::remove(Relation& relation) {
  edit(relation).dropped = true;
  if (find_relation(*relation.schema, relation.name) == &relation) {
    unset(relation.schema->relations, relation.name);
  }
}

void Model::remove(Function& function) {
  edit(function).dropped = true;
  std::vector<Function*> overloads = find_functions(*function.schema, function.name);
  std::erase(overloads, &function);
  set(function.schema->functions, function.name, std::move(overloads));
}

void Model::remove(const Type& type) {
  edit(const_cast<Type&>(type)).dropped = true;
  if (type.schema != nullptr) unset(type.schema->types, type.name);
}

void Model::remove(Role& role) {
  edit(role).dropped = true;
  unset(role_names_, role.name);
}

Constraint& Model::add_constraint(Relation& table, std::string_view name, ConstraintType type) {
  Constraint& out = born(constraints.emplace_back());
  out.name = intern(name);
  out.type = type;
  out.table = &table;
  append(table, &Relation::constraints, &out);
  auto& names = table.schema->constraint_names;
  const auto found = names.find(out.name);
  set(names, out.name, found == names.end() ? 1 : found->second + 1);
  return out;
}

void Model::remove(Constraint& constraint) {
  edit(constraint).dropped = true;
  std::erase(edit(*constraint.table).constraints, &constraint);
  if (constraint.ref_table != nullptr) {
    std::erase(edit(*constraint.ref_table).referenced_by, &constraint);
  }
  auto& names = constraint.table->schema->constraint_names;
  const auto found = names.find(constraint.name);
  if (found != names.end()) set(names, constraint.name, found->second - 1);
}

void Model::rename(Constraint& constraint, std::string_view name) {
  auto& names = constraint.table->schema->constraint_names;
  const auto old = names.find(constraint.name);
  if (old != names.end()) set(names, constraint.name, old->second - 1);
  edit(constraint).name = intern(name);
  const auto found = names.find(constraint.name);
  set(names, constraint.name, found == names.end() ? 1 : found->second + 1);
}

Index& Model::add_index(Relation& table, std::string_view name) {
  Relation& relation = add_relation(*table.schema, name, RelationKind::Index);
  Index& out = born(indexes.emplace_back());
  out.relation = &relation;
  out.table = &table;
  relation.index = &out;
  append(table, &Relation::indexes, &out);
  return out;
}

void Model::rename(Schema& schema, std::string_view name) {
  ++schema_version_;
  unset(schema_names_, schema.name);
  edit(schema).name = intern(name);
  set(schema_names_, schema.name, &schema);
}

void Model::rename(Role& role, std::string_view name) {
  unset(role_names_, role.name);
  edit(role).name = intern(name);
  set(role_names_, role.name, &role);
}

void Model::move(Relation& relation, Schema& schema, std::string_view name) {
  unset(relation.schema->relations, relation.name);
  Relation& changed = edit(relation);
  changed.schema = &schema;
  changed.name = intern(name);
  set(schema.relations, changed.name, &changed);
}

void Model::move(Function& function, Schema& schema, std::string_view name) {
  std::vector<Function*> overloads = find_functions(*function.schema, function.name);
  std::erase(overloads, &function);
  set(function.schema->functions, function.name, std::move(overloads));
  Function& changed = edit(function);
  changed.schema = &schema;
  changed.name = intern(name);
  overloads = find_functions(schema, changed.name);
  overloads.push_back(&changed);
  set(schema.functions, changed.name, std::move(overloads));
}

void Model::move(const Type& type, Schema& schema, std::string_view name) {
  unset(type.schema->types, type.name);
  Type& changed = edit(const_cast<Type&>(type));
  changed.schema = &schema;
  changed.name = intern(name);
  set(schema.types, changed.name, &type);
}

// ---------------------------------------------------------------- savepoints

void Model::savepoint() {
  savepoints_.push_back({undo_.size(), ++last_savepoint_});
}

void Model::rollback() {
  ++schema_version_;
  const std::size_t mark = savepoints_.back().undo;
  savepoints_.pop_back();
  while (undo_.size() > mark) {
    undo_.back().run(undo_.back());
    undo_.pop_back();
  }
}

void Model::release() {
  savepoints_.pop_back();
  if (savepoints_.empty()) undo_.clear();
}

}  // namespace tenantlint::schema
