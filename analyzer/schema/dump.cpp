// Writes the model for people and for comparison with a real catalogue. Sorted, so that two dumps
// can be compared as text; without time or machine, so that they are equal when the schema is.
#include "analyzer/schema/dump.h"

#include <fmt/format.h>

#include <algorithm>
#include <nlohmann/json.hpp>

#include "analyzer/schema/expressions.h"
#include "analyzer/schema/identifiers.h"

namespace tenantlint::schema {

namespace {

using Json = nlohmann::ordered_json;

std::string column_name(const Relation& table, std::size_t index) {
  return std::string(table.columns[index].name);
}

// In double quotes where it could be taken for an expression.
std::string key_name(const Relation& table, std::size_t index) {
  const std::string name = column_name(table, index);
  const bool plain = name.find_first_of(" ()\":\t\n") == std::string::npos;
  return plain ? name : "\"" + name + "\"";
}

std::string name_of(const Schema* schema, std::string_view name) {
  return fmt::format("{}.{}", schema == nullptr ? "pg_catalog" : schema->name, name);
}

std::string role_name(const Role* role) {
  return std::string(role == nullptr ? "postgres" : role->name);
}

bool shown(const Relation& r) {
  return !r.dropped && r.persistence != 't' && r.schema->name != "pg_temp";
}

std::vector<const Relation*> relations(const Model& model, bool views) {
  std::vector<const Relation*> out;
  for (const Relation& r : model.relations) {
    if (shown(r) && (views ? r.is_view() && !r.stub : r.is_table())) out.push_back(&r);
  }
  std::sort(out.begin(), out.end(), [](const Relation* a, const Relation* b) {
    return std::pair(a->schema->name, a->name) < std::pair(b->schema->name, b->name);
  });
  return out;
}

template <typename T>
std::vector<const T*> sorted(const std::vector<T*>& list) {
  std::vector<const T*> out(list.begin(), list.end());
  std::sort(out.begin(), out.end(), [](const T* a, const T* b) { return a->name < b->name; });
  return out;
}

// "app=arwd/postgres" as in pg_class.relacl, with letters in PostgreSQL's order.
Json acl(const std::vector<Grant>& grants, const Role* owner) {
  constexpr std::pair<std::uint32_t, char> kLetters[] = {
      {kInsert, 'a'},     {kSelect, 'r'},  {kUpdate, 'w'},  {kDelete, 'd'}, {kTruncate, 'D'},
      {kReferences, 'x'}, {kTrigger, 't'}, {kExecute, 'X'}, {kUsage, 'U'},  {kCreate, 'C'}};
  std::vector<std::string> out;
  for (const Grant& g : grants) {
    if (!g.column.empty()) continue;
    std::string entry = g.grantee == nullptr ? "=" : std::string(g.grantee->name) + "=";
    for (const auto& [bit, letter] : kLetters) {
      if ((g.privileges & bit) == 0) continue;
      entry += letter;
      if ((g.grantable & bit) != 0) entry += '*';
    }
    out.push_back(entry + "/" + role_name(owner));
  }
  std::sort(out.begin(), out.end());
  return out;
}

Json columns_json(const Relation& r) {
  Json out = Json::array();
  for (const Column& c : r.columns) {
    if (c.dropped) continue;
    Json j;
    j["name"] = c.name;
    j["type"] = format_type(c.type);
    j["not_null"] = c.not_null;
    if (c.generated != nullptr) {
      j["generated"] = source_text(c.generated, c.default_text);
    } else if (c.default_expr != nullptr) {
      j["default"] = source_text(c.default_expr, c.default_text);
    } else if (c.serial) {
      j["default"] = "nextval";
    }
    if (c.identity != 0) j["identity"] = std::string(1, c.identity);
    out.push_back(std::move(j));
  }
  return out;
}

Json table_json(const Relation& t) {
  Json j;
  j["schema"] = t.schema->name;
  j["name"] = t.name;
  j["kind"] = t.kind == RelationKind::Partitioned ? "partitioned"
              : t.kind == RelationKind::Foreign   ? "foreign"
                                                  : "table";
  if (t.persistence == 'u') j["persistence"] = "unlogged";
  j["rls"] = t.rls;
  j["force_rls"] = t.force_rls;
  j["owner"] = role_name(t.owner);
  if (t.is_partition && !t.parents.empty()) j["partition_of"] = qualified_name(*t.parents[0]);
  if (!t.is_partition && !t.parents.empty()) {
    for (const Relation* p : t.parents) j["inherits"].push_back(qualified_name(*p));
  }
  if (t.stub) j["stub"] = true;
  if (!t.complete) j["complete"] = false;
  if (!t.grants.empty()) j["acl"] = acl(t.grants, t.owner);
  j["columns"] = columns_json(t);
  return j;
}

Json view_json(const Relation& v) {
  Json j;
  j["schema"] = v.schema->name;
  j["name"] = v.name;
  j["kind"] = v.kind == RelationKind::View ? "view" : "materialized";
  if (!v.options.empty()) {
    std::vector<std::string> options;
    for (const auto& [name, value] : v.options)
      options.push_back(fmt::format("{}={}", name, value));
    std::sort(options.begin(), options.end());
    j["reloptions"] = options;
  }
  j["owner"] = role_name(v.owner);
  if (!v.grants.empty()) j["acl"] = acl(v.grants, v.owner);
  j["columns"] = columns_json(v);
  std::vector<std::string> reads;
  for (const Binding& b : v.bindings) reads.push_back(qualified_name(*b.relation));
  std::sort(reads.begin(), reads.end());
  reads.erase(std::unique(reads.begin(), reads.end()), reads.end());
  j["reads"] = reads;
  return j;
}

Json policy_json(const Policy& p) {
  constexpr std::pair<PolicyCommand, std::string_view> kWords[] = {
      {PolicyCommand::All, "ALL"},
      {PolicyCommand::Select, "SELECT"},
      {PolicyCommand::Insert, "INSERT"},
      {PolicyCommand::Update, "UPDATE"},
      {PolicyCommand::Delete, "DELETE"}};
  Json j;
  j["schema"] = p.table->schema->name;
  j["table"] = p.table->name;
  j["name"] = p.name;
  for (const auto& [command, word] : kWords) {
    if (command == p.command) j["cmd"] = word;
  }
  j["permissive"] = p.permissive;
  std::vector<std::string> roles;
  for (const Role* r : p.roles) roles.emplace_back(r->name);
  if (roles.empty()) roles.emplace_back("public");
  std::sort(roles.begin(), roles.end());
  j["roles"] = roles;
  if (p.using_expr != nullptr) j["using"] = source_text(p.using_expr, p.using_text);
  if (p.check_expr != nullptr) j["check"] = source_text(p.check_expr, p.check_text);
  return j;
}

Json index_json(const Index& i) {
  Json j;
  j["schema"] = i.table->schema->name;
  j["table"] = i.table->name;
  j["name"] = i.relation->name;
  j["unique"] = i.unique;
  j["primary"] = i.primary;
  if (!i.valid) j["valid"] = false;
  if (i.exclusion) j["exclusion"] = true;
  if (i.nulls_not_distinct) j["nulls_not_distinct"] = true;
  j["method"] = i.method;
  j["constraint"] = i.constraint != nullptr;
  if (i.parent != nullptr) j["partition_child"] = true;
  j["keys"] = Json::array();
  for (const IndexKey& key : i.keys) {
    if (key.column >= 0) {
      j["keys"].push_back(key_name(*i.table, static_cast<std::size_t>(key.column)));
    } else {
      j["keys"].push_back("(" + source_text(key.expr, i.text) + ")");
    }
  }
  for (const std::uint16_t c : i.include) j["include"].push_back(column_name(*i.table, c));
  if (i.predicate != nullptr) j["predicate"] = source_text(i.predicate, i.text);
  return j;
}

Json constraint_json(const Constraint& c) {
  constexpr std::pair<ConstraintType, std::string_view> kWords[] = {
      {ConstraintType::PrimaryKey, "primary"}, {ConstraintType::Unique, "unique"},
      {ConstraintType::ForeignKey, "foreign"}, {ConstraintType::Check, "check"},
      {ConstraintType::Exclusion, "exclude"},  {ConstraintType::Trigger, "trigger"}};
  Json j;
  j["schema"] = c.table->schema->name;
  j["table"] = c.table->name;
  j["name"] = c.name;
  for (const auto& [type, word] : kWords) {
    if (type == c.type) j["type"] = word;
  }
  if (!c.columns.empty()) {
    for (const std::uint16_t k : c.columns) j["columns"].push_back(column_name(*c.table, k));
  }
  if (c.ref_table != nullptr) {
    j["ref_table"] = qualified_name(*c.ref_table);
    for (const std::uint16_t k : c.ref_columns)
      j["ref_columns"].push_back(column_name(*c.ref_table, k));
    j["on_delete"] = std::string(1, static_cast<char>(c.on_delete));
    j["on_update"] = std::string(1, static_cast<char>(c.on_update));
  }
  if (!c.valid) j["valid"] = false;
  if (c.deferrable) j["deferrable"] = true;
  if (!c.local || c.parent != nullptr) j["inherited"] = true;
  if (c.check != nullptr) j["check"] = source_text(c.check, c.text);
  return j;
}

// As format_type_be(): parameters and results have no modifiers.
std::string format_plain_type(const TypeRef& type) {
  if (type.type->schema == nullptr && type.type->name == "bpchar") {
    return type.array ? "character[]" : "character";
  }
  return format_type({type.type, -1, -1, type.array});
}

Json function_json(const Function& f) {
  constexpr std::pair<FunctionKind, std::string_view> kWords[] = {
      {FunctionKind::Function, "function"},
      {FunctionKind::Procedure, "procedure"},
      {FunctionKind::Aggregate, "aggregate"},
      {FunctionKind::Window, "window"}};
  Json j;
  j["schema"] = f.schema->name;
  j["name"] = f.name;
  // As pg_get_function_identity_arguments(): modes that are not IN, names, types.
  std::string args;
  for (const Parameter& p : f.parameters) {
    if (p.mode == ast::ParameterMode::Table) continue;
    if (!args.empty()) args += ", ";
    if (p.mode == ast::ParameterMode::InOut) args += "INOUT ";
    if (p.mode == ast::ParameterMode::Out) args += "OUT ";
    if (p.mode == ast::ParameterMode::Variadic) args += "VARIADIC ";
    if (f.kind == FunctionKind::Procedure && p.mode == ast::ParameterMode::In) args += "IN ";
    if (!p.name.empty()) args += quote_identifier(p.name) + " ";
    args += format_plain_type(p.type);
  }
  j["args"] = args;
  if (f.kind != FunctionKind::Procedure && f.kind != FunctionKind::Aggregate) {
    j["returns"] = format_plain_type(f.returns);
  }
  for (const auto& [kind, word] : kWords) {
    if (kind == f.kind) j["kind"] = word;
  }
  j["language"] = f.language;
  j["security_definer"] = f.security_definer;
  j["volatility"] = std::string(1, f.volatility);
  for (const auto& [name, value] : f.settings) {
    if (name == "search_path") j["search_path"] = value;
  }
  j["owner"] = role_name(f.owner);
  j["acl"] = acl(f.grants, f.owner);
  return j;
}

Json types_json(const Model& model) {
  std::vector<std::pair<std::string, Json>> out;
  for (const Type& t : model.types) {
    if (t.dropped || t.schema == nullptr || !t.extension.empty()) continue;
    const bool composite =
        t.kind == TypeKind::Composite && t.relation->kind == RelationKind::Composite;
    if (t.kind != TypeKind::Enum && t.kind != TypeKind::Domain && t.kind != TypeKind::Range &&
        !composite)
      continue;
    Json j;
    j["schema"] = t.schema->name;
    j["name"] = t.name;
    j["kind"] = t.kind == TypeKind::Enum     ? "enum"
                : t.kind == TypeKind::Domain ? "domain"
                : composite                  ? "composite"
                                             : "range";
    if (t.kind == TypeKind::Enum) j["labels"] = t.labels;
    if (t.kind == TypeKind::Domain)
      j["base"] = format_type({t.base, t.base_mod1, t.base_mod2, t.base_array});
    if (t.stub) j["stub"] = true;
    out.emplace_back(name_of(t.schema, t.name), std::move(j));
  }
  std::sort(out.begin(), out.end(), [](const auto& a, const auto& b) { return a.first < b.first; });
  Json list = Json::array();
  for (auto& [name, j] : out) list.push_back(std::move(j));
  return list;
}

Json roles_json(const Model& model) {
  std::vector<const Role*> roles;
  for (const Role& r : model.roles) {
    if (!r.dropped && !r.predefined && (r.declared || r.stub)) roles.push_back(&r);
  }
  std::sort(roles.begin(), roles.end(),
            [](const Role* a, const Role* b) { return a->name < b->name; });
  Json out = Json::array();
  for (const Role* r : roles) {
    std::vector<std::string> groups;
    for (const Membership& m : r->member_of) groups.emplace_back(m.role->name);
    std::sort(groups.begin(), groups.end());
    out.push_back({{"name", r->name},
                   {"super", r->superuser},
                   {"bypassrls", r->bypass_rls},
                   {"login", r->login},
                   {"inherit", r->inherit},
                   {"createrole", r->create_role},
                   {"member_of", groups},
                   {"stub", r->stub}});
  }
  return out;
}

Json functions_json(const Model& model) {
  std::vector<std::pair<std::string, Json>> out;
  for (const Function& f : model.functions) {
    if (f.dropped || f.stub || !f.extension.empty() || f.schema->name == "pg_temp") continue;
    Json j = function_json(f);
    const std::string key = name_of(f.schema, f.name) + " " + j["args"].get<std::string>();
    out.emplace_back(key, std::move(j));
  }
  std::stable_sort(out.begin(), out.end(),
                   [](const auto& a, const auto& b) { return a.first < b.first; });
  Json list = Json::array();
  for (auto& [name, j] : out) list.push_back(std::move(j));
  return list;
}

Json names_json(std::vector<std::pair<std::string, Json>> named) {
  std::sort(named.begin(), named.end(),
            [](const auto& a, const auto& b) { return a.first < b.first; });
  Json out = Json::array();
  for (auto& [name, j] : named) out.push_back(std::move(j));
  return out;
}

}  // namespace

std::string dump_json(const Model& model) {
  Json out;
  std::vector<std::pair<std::string, Json>> schemas, sequences, extensions;
  for (const Schema& s : model.schemas) {
    if (s.dropped || s.name == "pg_catalog" || s.name == "information_schema" ||
        s.name == "pg_temp")
      continue;
    schemas.emplace_back(s.name, Json{{"name", s.name}, {"owner", role_name(s.owner)}});
  }
  for (const Relation& r : model.relations) {
    if (!shown(r) || r.kind != RelationKind::Sequence) continue;
    Json j{{"schema", r.schema->name}, {"name", r.name}};
    if (r.stub) j["stub"] = true;
    sequences.emplace_back(qualified_name(r), std::move(j));
  }
  for (const Extension& e : model.extensions) {
    if (!e.dropped)
      extensions.emplace_back(e.name, Json{{"name", e.name}, {"schema", e.schema->name}});
  }
  out["version"] = 1;
  out["schemas"] = names_json(std::move(schemas));
  out["extensions"] = names_json(std::move(extensions));
  out["roles"] = roles_json(model);
  out["types"] = types_json(model);
  for (const char* key : {"tables", "views", "policies", "indexes", "constraints"})
    out[key] = Json::array();
  out["functions"] = functions_json(model);
  out["triggers"] = Json::array();
  for (const Relation* v : relations(model, true)) {
    if (!v->stub) out["views"].push_back(view_json(*v));
  }
  std::vector<const Relation*> owners = relations(model, false);
  for (const Relation* t : owners) out["tables"].push_back(table_json(*t));
  for (const Relation* v : relations(model, true)) owners.push_back(v);
  for (const Relation* t : owners) {
    for (const Policy* p : sorted(t->policies)) {
      if (!p->stub) out["policies"].push_back(policy_json(*p));
    }
    // Of a table that was there before, only what the migrations put on it by name is told.
    if (t->stub) continue;
    std::vector<const Index*> indexes(t->indexes.begin(), t->indexes.end());
    std::sort(indexes.begin(), indexes.end(),
              [](const Index* a, const Index* b) { return a->relation->name < b->relation->name; });
    for (const Index* i : indexes) out["indexes"].push_back(index_json(*i));
    for (const Constraint* c : sorted(t->constraints))
      out["constraints"].push_back(constraint_json(*c));
    for (const Trigger* g : sorted(t->triggers)) {
      Json j{{"schema", t->schema->name},
             {"table", t->name},
             {"name", g->name},
             {"function", g->function == nullptr ? std::string(g->function_name)
                                                 : name_of(g->function->schema, g->function->name)},
             {"enabled", std::string(1, g->enabled)}};
      if (g->parent != nullptr) j["inherited"] = true;
      out["triggers"].push_back(std::move(j));
    }
  }
  out["sequences"] = names_json(std::move(sequences));
  return out.dump(1, ' ', false, Json::error_handler_t::replace) + "\n";
}

std::string dump_text(const Model& model) {
  std::string out;
  for (const Relation* t : relations(model, false)) {
    if (t->stub) continue;
    out += fmt::format("table {}{}\n", qualified_name(*t),
                       t->is_partition && !t->parents.empty()
                           ? " partition of " + qualified_name(*t->parents[0])
                           : "");
    for (const Column& c : t->columns) {
      if (c.dropped) continue;
      out +=
          fmt::format("  {} {}{}{}\n", c.name, format_type(c.type), c.not_null ? " not null" : "",
                      c.identity != 0                         ? " identity"
                      : c.default_expr != nullptr || c.serial ? " default"
                      : c.generated != nullptr                ? " generated"
                                                              : "");
    }
    out +=
        fmt::format("  row security {}{}\n", t->rls ? "on" : "off", t->force_rls ? ", forced" : "");
    for (const Policy* p : sorted(t->policies)) {
      const Json j = policy_json(*p);
      out += fmt::format("  policy {} {}{} to {}\n", p->name, j["cmd"].get<std::string>(),
                         p->permissive ? "" : " restrictive",
                         fmt::join(j["roles"].get<std::vector<std::string>>(), ", "));
    }
    for (const Index* i : t->indexes) {
      const Json j = index_json(*i);
      out += fmt::format("  {} {} {} ({})\n",
                         i->primary  ? "primary key"
                         : i->unique ? "unique"
                                     : "index",
                         i->relation->name, i->method,
                         fmt::join(j["keys"].get<std::vector<std::string>>(), ", "));
    }
    for (const Constraint* c : sorted(t->constraints)) {
      if (c->type == ConstraintType::ForeignKey) {
        const Json j = constraint_json(*c);
        out += fmt::format("  foreign key {} ({}) references {} ({})\n", c->name,
                           fmt::join(j["columns"].get<std::vector<std::string>>(), ", "),
                           qualified_name(*c->ref_table),
                           fmt::join(j["ref_columns"].get<std::vector<std::string>>(), ", "));
      } else if (c->type == ConstraintType::Check) {
        out += fmt::format("  check {}\n", c->name);
      }
    }
    for (const Trigger* g : sorted(t->triggers)) out += fmt::format("  trigger {}\n", g->name);
  }
  for (const Relation* v : relations(model, true)) {
    std::vector<std::string> names;
    for (const Column& c : v->columns)
      names.push_back(fmt::format("{} {}", c.name, format_type(c.type)));
    out += fmt::format("{} {} ({})\n", v->kind == RelationKind::View ? "view" : "materialized view",
                       qualified_name(*v), fmt::join(names, ", "));
  }
  for (const Json& f : functions_json(model)) {
    out += fmt::format("{} {}.{}({}){}\n", f["kind"].get<std::string>(),
                       f["schema"].get<std::string>(), f["name"].get<std::string>(),
                       f["args"].get<std::string>(),
                       f["security_definer"].get<bool>() ? " security definer" : "");
  }
  return out;
}

}  // namespace tenantlint::schema
