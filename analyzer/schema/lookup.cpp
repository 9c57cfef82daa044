// Names as PostgreSQL resolves them: search_path, schemas, types, overloads.
// Source: PostgreSQL manual 5.9.3 (search path) and 10.3 (functions), catalog/namespace.c.
#include <fmt/format.h>

#include <algorithm>
#include <charconv>

#include "analyzer/schema/replayer.h"

namespace tenantlint::schema {

const std::vector<Schema*>& Replayer::path() const {
  // Asked for with every name; it changes with SET and with schemas that come and go.
  const bool same = path_key_.search_path == session.search_path &&
                    path_key_.role == session.role && path_key_.temporary == session.temporary &&
                    path_key_.version == model.schema_version();
  if (same) return path_;
  path_key_ = {session.search_path, session.role, session.temporary, model.schema_version()};
  path_.clear();
  if (session.temporary != nullptr) path_.push_back(session.temporary);
  bool catalog_named = false;
  for (const std::string& name : session.search_path) catalog_named |= name == "pg_catalog";
  if (!catalog_named) path_.push_back(model.find_schema("pg_catalog"));
  for (const std::string& name : session.search_path) {
    if (name == "pg_temp") continue;
    const std::string_view real =
        name == "$user" ? (session.role != nullptr ? session.role->name : "postgres") : name;
    Schema* schema = model.find_schema(real);
    if (schema != nullptr) path_.push_back(schema);
  }
  return path_;
}

std::vector<std::string_view> Replayer::interned_path() const {
  std::vector<std::string_view> out;
  for (const std::string& name : session.search_path) out.push_back(model.intern(name));
  return out;
}

Schema& Replayer::creation_schema(std::string_view given, const Place& at, bool temporary) {
  if (temporary || given == "pg_temp" ||
      (given.empty() && !session.search_path.empty() && session.search_path.front() == "pg_temp")) {
    if (session.temporary == nullptr) {
      session.temporary = &model.schemas.emplace_back();
      session.temporary->name = "pg_temp";
      session.temporary->stub = true;
    }
    return *session.temporary;
  }
  if (!given.empty()) {
    Schema* schema = model.find_schema(given);
    if (schema == nullptr) {
      fail("invalid_schema_name", fmt::format("schema \"{}\" does not exist", given), at);
    }
    return *schema;
  }
  for (Schema* schema : path()) {
    if (schema == session.temporary) continue;
    if (schema->name == "pg_catalog") continue;
    return *schema;
  }
  fail("invalid_schema_name", "no schema has been selected to create in", at);
}

Relation* Replayer::find_relation(const ast::QualifiedName& name) const {
  if (name.schema == "pg_temp") {
    return session.temporary == nullptr ? nullptr
                                        : model.find_relation(*session.temporary, name.name);
  }
  if (!name.schema.empty()) {
    Schema* schema = model.find_schema(name.schema);
    return schema == nullptr ? nullptr : model.find_relation(*schema, name.name);
  }
  for (Schema* schema : path()) {
    if (Relation* found = model.find_relation(*schema, name.name)) return found;
  }
  return nullptr;
}

namespace {

std::string shown(const ast::QualifiedName& name) {
  return name.schema.empty() ? std::string(name.name)
                             : fmt::format("{}.{}", name.schema, name.name);
}

std::int32_t number(std::string_view text) {
  std::int32_t out = -1;
  std::from_chars(text.data(), text.data() + text.size(), out);
  return out;
}

bool same_type(const TypeRef& a, const TypeRef& b) {
  return a.type == b.type && a.array == b.array;
}

bool is_input(const Parameter& p) {
  return p.mode != ast::ParameterMode::Out && p.mode != ast::ParameterMode::Table;
}

}  // namespace

Relation& Replayer::relation(const ast::RangeVar& name) const {
  Relation* found = find_relation(name.name);
  if (found != nullptr) return *found;
  if (!name.name.schema.empty() && name.name.schema != "pg_temp" &&
      model.find_schema(name.name.schema) == nullptr) {
    fail("invalid_schema_name", fmt::format("schema \"{}\" does not exist", name.name.schema),
         name_place(name.name));
  }
  fail("undefined_table", fmt::format("relation \"{}\" does not exist", shown(name.name)),
       name_place(name.name));
}

Relation& Replayer::table(const ast::RangeVar& name) const {
  Relation& found = relation(name);
  if (!found.is_table()) {
    fail("wrong_object_type", fmt::format("\"{}\" is not a table", name.name.name),
         name_place(name.name));
  }
  return found;
}

const Type* Replayer::find_type(const ast::QualifiedName& name) const {
  if (!name.schema.empty()) {
    if (name.schema == "pg_catalog") return model.builtin_type(name.name);
    const Schema* schema = model.find_schema(name.schema);
    return schema == nullptr ? nullptr : model.find_type(*schema, name.name);
  }
  for (const Schema* schema : path()) {
    if (schema->name == "pg_catalog") {
      if (const Type* builtin = model.builtin_type(name.name)) return builtin;
      continue;
    }
    if (const Type* found = model.find_type(*schema, name.name)) return found;
  }
  return nullptr;
}

TypeRef Replayer::resolve_type(const ast::TypeName& name) const {
  TypeRef out;
  if (name.percent_type) {
    const Relation* found = find_relation(name.name);
    if (found == nullptr) {
      fail("undefined_table", fmt::format("relation \"{}\" does not exist", shown(name.name)),
           place(name.at));
    }
    return found->columns[static_cast<std::size_t>(column(*found, name.column, place(name.at)))]
        .type;
  }
  out.type = find_type(name.name);
  // _int4 is the array type of int4.
  if (out.type == nullptr && name.name.name.starts_with('_')) {
    ast::QualifiedName element = name.name;
    element.name.remove_prefix(1);
    out.type = find_type(element);
    out.array = out.type != nullptr;
  }
  if (out.type == nullptr) {
    if (!name.name.schema.empty() && model.find_schema(name.name.schema) == nullptr) {
      fail("invalid_schema_name", fmt::format("schema \"{}\" does not exist", name.name.schema),
           place(name.at));
    }
    fail("undefined_object", fmt::format("type \"{}\" does not exist", shown(name.name)),
         place(name.at));
  }
  out.array |= name.array_dims > 0;
  const bool interval = out.type->schema == nullptr && out.type->name == "interval";
  // The grammar's full range of fields (INTERVAL_FULL_RANGE) is the same as none.
  constexpr std::uint32_t kFullRange = 0x7FFF;
  if (interval && name.interval_fields != 0 && name.interval_fields != kFullRange) {
    out.mod2 = static_cast<std::int32_t>(name.interval_fields);
  }
  if (!name.modifiers.empty()) out.mod1 = number(name.modifiers[0]);
  if (name.modifiers.size() > 1) out.mod2 = number(name.modifiers[1]);
  if (!name.modifiers.empty() && is_shape_type(*out.type)) {
    const std::int32_t reference = name.modifiers.size() > 1 ? number(name.modifiers[1]) : 0;
    out.mod1 = pack_shape(name.modifiers[0], reference, out.type->name == "geography");
    out.mod2 = -1;
  }
  if (out.type->schema != nullptr) return out;
  // "bit" alone is bit(1), "char" alone character(1): the grammar writes the 1.
  const std::string_view base = out.type->name;
  if (base == "float8" || base == "float4" || base == "int4") out.mod1 = out.mod2 = -1;
  return out;
}

std::vector<Function*> Replayer::find_functions(const ast::QualifiedName& name) const {
  if (!name.schema.empty()) {
    const Schema* schema = model.find_schema(name.schema);
    return schema == nullptr ? std::vector<Function*>{} : model.find_functions(*schema, name.name);
  }
  std::vector<Function*> out;
  for (const Schema* schema : path()) {
    const auto& found = model.find_functions(*schema, name.name);
    out.insert(out.end(), found.begin(), found.end());
  }
  return out;
}

Function* Replayer::find_function(const ast::ObjectName& name, bool) const {
  const std::vector<Function*> candidates = find_functions(name.name);
  if (!name.args_given) return candidates.size() == 1 ? candidates[0] : nullptr;
  for (Function* candidate : candidates) {
    std::vector<TypeRef> inputs;
    for (const Parameter& p : candidate->parameters) {
      if (is_input(p)) inputs.push_back(p.type);
    }
    if (inputs.size() != name.arg_types.size()) continue;
    bool equal = true;
    for (std::size_t i = 0; i < inputs.size(); ++i) {
      equal = equal && same_type(inputs[i], resolve_type(*name.arg_types[i]));
    }
    if (equal) return candidate;
  }
  return nullptr;
}

Function& Replayer::function(const ast::ObjectName& name, std::string_view what) const {
  Function* found = find_function(name);
  if (found != nullptr) return *found;
  const Place at = word_place(name.name.name);
  if (!name.args_given && find_functions(name.name).size() > 1) {
    fail("ambiguous_function", fmt::format("{} name \"{}\" is not unique", what, shown(name.name)),
         at);
  }
  if (!name.args_given) {
    fail("undefined_function",
         fmt::format("could not find a {} named \"{}\"", what, shown(name.name)), at);
  }
  std::string args;
  for (const ast::TypeName* type : name.arg_types) {
    if (!args.empty()) args += ", ";
    args += format_type(resolve_type(*type));
  }
  fail("undefined_function", fmt::format("{} {}({}) does not exist", what, shown(name.name), args),
       at);
}

Function* Replayer::own_function(const ast::ObjectName& name, std::string_view what) const {
  const std::vector<Schema*> searched = path();
  const bool extended = std::any_of(
      model.extensions.begin(), model.extensions.end(), [&](const Extension& extension) {
        if (extension.dropped || extension.schema == nullptr) return false;
        if (!name.name.schema.empty()) return extension.schema->name == name.name.schema;
        return std::find(searched.begin(), searched.end(), extension.schema) != searched.end();
      });
  try {
    return &function(name, what);
  } catch (const ReplayError&) {
    if (!extended || !find_functions(name.name).empty()) throw;
    return nullptr;
  }
}

Role& Replayer::role(const ast::RoleSpec& spec, bool must_exist) const {
  if (spec.ref != ast::RoleRef::Name) {
    return session.role != nullptr ? *session.role : model.role("postgres");
  }
  // Roles are global: most repositories create theirs elsewhere. One that is only mentioned is no
  // fault.
  (void)must_exist;
  return model.role(spec.name);
}

int Replayer::column(const Relation& table, std::string_view name, const Place& at) const {
  const int found = table.find_column(name);
  if (found >= 0) return found;
  fail("undefined_column",
       fmt::format("column \"{}\" of relation \"{}\" does not exist", name, table.name), at);
}

}  // namespace tenantlint::schema
