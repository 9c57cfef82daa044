// The system catalogues (pg_class, pg_constraint …) as tables over the model's records. An oid is
// the address of its record. Exists so that conditions of DO blocks are computed, not guessed.
#include <string>

#include "analyzer/schema/catalogue_query.h"

namespace tenantlint::schema {

namespace {

using Row = CatalogueRow;

template <typename T>
const T& first(const Row& row) {
  return *static_cast<const T*>(row.first);
}
template <typename T>
const T& second(const Row& row) {
  return *static_cast<const T*>(row.second);
}

Value text(std::string_view value) {
  return Value::string(value);
}
Value flag(bool value) {
  return Value::boolean(value);
}
Value letter(char c) {
  return Value::string(std::string_view(&c, 1));
}
// An oid: 0 where PostgreSQL has none.
Value oid(const void* record) {
  return record == nullptr ? Value::number(0) : Value::of(record, {});
}
// "Whoever runs the migrations" has no name of its own.
Value owner(const Role* role) {
  return role == nullptr ? Value::unknown_because("depends on who runs the migrations")
                         : Value::of(role, role->name);
}

template <typename T, typename List>
std::vector<Row> live(const List& list) {
  std::vector<Row> out;
  out.reserve(list.size());
  for (const T& record : list) {
    if (!record.dropped) out.push_back({&record, nullptr, 0});
  }
  return out;
}

// The same for what hangs on a table.
template <typename T, typename List>
std::vector<Row> of_live_tables(const List& list) {
  std::vector<Row> out;
  for (const T& record : list) {
    if (!record.dropped && record.table != nullptr && !record.table->dropped) {
      out.push_back({&record, nullptr, 0});
    }
  }
  return out;
}

char relation_kind(const Relation& relation) {
  switch (relation.kind) {
    case RelationKind::Table: return 'r';
    case RelationKind::Partitioned: return 'p';
    case RelationKind::Foreign: return 'f';
    case RelationKind::View: return 'v';
    case RelationKind::MaterializedView: return 'm';
    case RelationKind::Sequence: return 'S';
    case RelationKind::Index: return 'i';
    case RelationKind::Composite: return 'c';
  }
  return 'r';
}

char type_kind(const Type& type) {
  switch (type.kind) {
    case TypeKind::Enum: return 'e';
    case TypeKind::Domain: return 'd';
    case TypeKind::Composite: return 'c';
    case TypeKind::Range: return 'r';
    case TypeKind::Pseudo: return 'p';
    case TypeKind::Base:
    case TypeKind::Unknown: break;
  }
  return 'b';
}

Value numbers(const std::vector<std::uint16_t>& columns) {
  std::vector<Value> out;
  for (const std::uint16_t column : columns) out.push_back(Value::number(column + 1));
  return out.empty() ? Value{} : Value::array(std::move(out));
}

constexpr CatalogueColumn kClass[] = {
    {"oid", [](const Model&, const Row& r) { return oid(r.first); }},
    {"relname", [](const Model&, const Row& r) { return text(first<Relation>(r).name); }},
    {"relnamespace", [](const Model&, const Row& r) { return oid(first<Relation>(r).schema); }},
    {"relkind",
     [](const Model&, const Row& r) {
       const auto& relation = first<Relation>(r);
       const bool partitioned = relation.index != nullptr && relation.index->table != nullptr &&
                                relation.index->table->kind == RelationKind::Partitioned;
       return letter(partitioned ? 'I' : relation_kind(relation));
     }},
    {"relrowsecurity", [](const Model&, const Row& r) { return flag(first<Relation>(r).rls); }},
    {"relforcerowsecurity",
     [](const Model&, const Row& r) { return flag(first<Relation>(r).force_rls); }},
    {"relispartition",
     [](const Model&, const Row& r) {
       const auto& relation = first<Relation>(r);
       return flag(relation.is_partition ||
                   (relation.index != nullptr && relation.index->parent != nullptr));
     }},
    {"relpersistence",
     [](const Model&, const Row& r) { return letter(first<Relation>(r).persistence); }},
    {"relowner", [](const Model&, const Row& r) { return owner(first<Relation>(r).owner); }},
    {"relpartbound",
     [](const Model&, const Row& r) { return partition_bound_text(first<Relation>(r)); }},
    {"relhastriggers",
     [](const Model&, const Row& r) { return flag(!first<Relation>(r).triggers.empty()); }},
    {"reltuples", nullptr},
    {"relpages", nullptr},
    {"relacl", nullptr},
    {"reloptions", nullptr},
};

constexpr CatalogueColumn kNamespace[] = {
    {"oid", [](const Model&, const Row& r) { return oid(r.first); }},
    {"nspname", [](const Model&, const Row& r) { return text(first<Schema>(r).name); }},
    {"nspowner", [](const Model&, const Row& r) { return owner(first<Schema>(r).owner); }},
};

constexpr CatalogueColumn kConstraint[] = {
    {"oid", [](const Model&, const Row& r) { return oid(r.first); }},
    {"conname", [](const Model&, const Row& r) { return text(first<Constraint>(r).name); }},
    {"connamespace",
     [](const Model&, const Row& r) { return oid(first<Constraint>(r).table->schema); }},
    {"contype", [](const Model&,
                   const Row& r) { return letter(static_cast<char>(first<Constraint>(r).type)); }},
    {"conrelid", [](const Model&, const Row& r) { return oid(first<Constraint>(r).table); }},
    {"confrelid", [](const Model&, const Row& r) { return oid(first<Constraint>(r).ref_table); }},
    {"conindid",
     [](const Model&, const Row& r) {
       const auto& c = first<Constraint>(r);
       const Index* index = c.index != nullptr ? c.index : c.ref_index;
       return oid(index == nullptr ? nullptr : index->relation);
     }},
    {"condeferrable",
     [](const Model&, const Row& r) { return flag(first<Constraint>(r).deferrable); }},
    {"convalidated", [](const Model&, const Row& r) { return flag(first<Constraint>(r).valid); }},
    {"confdeltype",
     [](const Model&, const Row& r) {
       const auto& c = first<Constraint>(r);
       return letter(c.type == ConstraintType::ForeignKey ? static_cast<char>(c.on_delete) : ' ');
     }},
    {"confupdtype",
     [](const Model&, const Row& r) {
       const auto& c = first<Constraint>(r);
       return letter(c.type == ConstraintType::ForeignKey ? static_cast<char>(c.on_update) : ' ');
     }},
    {"conkey", [](const Model&, const Row& r) { return numbers(first<Constraint>(r).columns); }},
    {"confkey",
     [](const Model&, const Row& r) { return numbers(first<Constraint>(r).ref_columns); }},
    {"conparentid", [](const Model&, const Row& r) { return oid(first<Constraint>(r).parent); }},
    {"conislocal", [](const Model&, const Row& r) { return flag(first<Constraint>(r).local); }},
    {"coninhcount",
     [](const Model&, const Row& r) { return Value::number(first<Constraint>(r).inherited); }},
    {"conbin",
     [](const Model&, const Row& r) {
       return expression_text(first<Constraint>(r).check, first<Constraint>(r).text);
     }},
};

const Column& column_of(const Row& r) {
  return first<Relation>(r).columns[static_cast<std::size_t>(r.index)];
}
std::vector<Row> attribute_rows(const Model& model) {
  std::vector<Row> out;
  for (const Relation& relation : model.relations) {
    if (relation.dropped) continue;
    for (std::size_t i = 0; i < relation.columns.size(); ++i) {
      out.push_back({&relation, nullptr, static_cast<int>(i)});
    }
  }
  return out;
}
constexpr CatalogueColumn kAttribute[] = {
    {"attrelid", [](const Model&, const Row& r) { return oid(r.first); }},
    {"attname", [](const Model&, const Row& r) { return text(column_of(r).name); }},
    {"attnum", [](const Model&, const Row& r) { return Value::number(r.index + 1); }},
    {"attnotnull", [](const Model&, const Row& r) { return flag(column_of(r).not_null); }},
    {"attisdropped", [](const Model&, const Row& r) { return flag(column_of(r).dropped); }},
    {"atthasdef",
     [](const Model&, const Row& r) {
       return flag(column_of(r).default_expr != nullptr || column_of(r).generated != nullptr ||
                   column_of(r).serial);
     }},
    {"attidentity",
     [](const Model&, const Row& r) {
       return column_of(r).identity == 0 ? text("") : letter(column_of(r).identity);
     }},
    {"attgenerated",
     [](const Model&, const Row& r) { return text(column_of(r).generated == nullptr ? "" : "s"); }},
    {"atttypid",
     [](const Model&, const Row& r) {
       const TypeRef& type = column_of(r).type;
       if (type.array) return Value::unknown_because("asks for the number of an array type");
       return Value::of(type.type, format_type({type.type}));
     }},
    {"atttypmod",
     [](const Model&, const Row& r) {
       const TypeRef& type = column_of(r).type;
       if (type.mod1 < 0 && type.mod2 < 0) return Value::number(-1);
       return Value::unknown_because("reads the modifiers of a type");
     }},
    {"attinhcount",
     [](const Model&, const Row& r) { return Value::number(column_of(r).inherited); }},
};

std::vector<Row> type_rows(const Model& model) {
  return live<Type>(model.types);
}
constexpr CatalogueColumn kType[] = {
    {"oid",
     [](const Model&, const Row& r) { return Value::of(r.first, format_type({&first<Type>(r)})); }},
    {"typname", [](const Model&, const Row& r) { return text(first<Type>(r).name); }},
    {"typnamespace", [](const Model&, const Row& r) { return oid(first<Type>(r).schema); }},
    {"typtype", [](const Model&, const Row& r) { return letter(type_kind(first<Type>(r))); }},
    {"typrelid", [](const Model&, const Row& r) { return oid(first<Type>(r).relation); }},
    {"typnotnull", [](const Model&, const Row& r) { return flag(first<Type>(r).not_null); }},
};

std::vector<Row> enum_rows(const Model& model) {
  std::vector<Row> out;
  for (const Type& type : model.types) {
    if (type.dropped || type.kind != TypeKind::Enum) continue;
    for (std::size_t i = 0; i < type.labels.size(); ++i) {
      out.push_back({&type, nullptr, static_cast<int>(i)});
    }
  }
  return out;
}
constexpr CatalogueColumn kEnum[] = {
    {"enumtypid",
     [](const Model&, const Row& r) { return Value::of(r.first, format_type({&first<Type>(r)})); }},
    {"enumlabel",
     [](const Model&, const Row& r) {
       return text(first<Type>(r).labels[static_cast<std::size_t>(r.index)]);
     }},
    {"enumsortorder", [](const Model&, const Row& r) { return Value::number(r.index + 1); }},
};

std::vector<Row> role_rows(const Model& model) {
  return live<Role>(model.roles);
}
constexpr CatalogueColumn kRole[] = {
    {"oid", [](const Model&, const Row& r) { return oid(r.first); }},
    {"rolname", [](const Model&, const Row& r) { return text(first<Role>(r).name); }},
    {"usename", [](const Model&, const Row& r) { return text(first<Role>(r).name); }},
    {"groname", [](const Model&, const Row& r) { return text(first<Role>(r).name); }},
    {"usesysid", [](const Model&, const Row& r) { return oid(r.first); }},
    {"rolsuper", [](const Model&, const Row& r) { return flag(first<Role>(r).superuser); }},
    {"rolbypassrls", [](const Model&, const Row& r) { return flag(first<Role>(r).bypass_rls); }},
    {"rolcanlogin", [](const Model&, const Row& r) { return flag(first<Role>(r).login); }},
    {"rolinherit", [](const Model&, const Row& r) { return flag(first<Role>(r).inherit); }},
    {"rolcreaterole", [](const Model&, const Row& r) { return flag(first<Role>(r).create_role); }},
    {"rolcreatedb", [](const Model&, const Row& r) { return flag(first<Role>(r).create_db); }},
    {"rolreplication", [](const Model&, const Row& r) { return flag(first<Role>(r).replication); }},
};

std::vector<Row> member_rows(const Model& model) {
  std::vector<Row> out;
  for (const Role& role : model.roles) {
    if (role.dropped) continue;
    for (const Membership& m : role.member_of) {
      out.push_back({&role, m.role, m.admin ? 1 : 0});
    }
  }
  return out;
}
constexpr CatalogueColumn kMembers[] = {
    {"member", [](const Model&, const Row& r) { return oid(r.first); }},
    {"roleid", [](const Model&, const Row& r) { return oid(r.second); }},
    {"admin_option", [](const Model&, const Row& r) { return flag(r.index != 0); }},
};

Value settings_array(const std::vector<std::pair<std::string_view, std::string_view>>& settings) {
  std::vector<Value> out;
  for (const auto& [name, value] : settings) {
    out.push_back(text(std::string(name) + "=" + std::string(value)));
  }
  return out.empty() ? Value{} : Value::array(std::move(out));
}
std::vector<Row> function_rows(const Model& model) {
  std::vector<Row> out;
  for (const Function& f : model.functions) {
    if (!f.dropped) out.push_back({&f, nullptr, 0});
  }
  return out;
}
constexpr CatalogueColumn kProc[] = {
    {"oid",
     [](const Model&, const Row& r) {
       return Value::of(r.first, function_signature(first<Function>(r), true));
     }},
    {"proname", [](const Model&, const Row& r) { return text(first<Function>(r).name); }},
    {"pronamespace", [](const Model&, const Row& r) { return oid(first<Function>(r).schema); }},
    {"prosecdef",
     [](const Model&, const Row& r) { return flag(first<Function>(r).security_definer); }},
    {"prokind",
     [](const Model&, const Row& r) { return letter(static_cast<char>(first<Function>(r).kind)); }},
    {"provolatile",
     [](const Model&, const Row& r) { return letter(first<Function>(r).volatility); }},
    {"proleakproof", [](const Model&, const Row& r) { return flag(first<Function>(r).leakproof); }},
    {"proisstrict", [](const Model&, const Row& r) { return flag(first<Function>(r).strict); }},
    {"proretset", [](const Model&, const Row& r) { return flag(first<Function>(r).returns_set); }},
    {"proconfig",
     [](const Model&, const Row& r) { return settings_array(first<Function>(r).settings); }},
    {"proowner", [](const Model&, const Row& r) { return owner(first<Function>(r).owner); }},
    {"prosrc",
     [](const Model&, const Row& r) {
       const auto* tree = first<Function>(r).tree;
       return tree == nullptr ? Value::unknown_because("reads a function's source")
                              : text(tree->body.text);
     }},
    {"prorettype",
     [](const Model&, const Row& r) {
       const TypeRef& type = first<Function>(r).returns;
       if (type.type == nullptr || type.array) {
         return Value::unknown_because("asks for the number of a type");
       }
       return Value::of(type.type, format_type({type.type}));
     }},
    {"pronargs",
     [](const Model&, const Row& r) {
       std::int64_t count = 0;
       for (const Parameter& p : first<Function>(r).parameters) {
         if (p.mode != ast::ParameterMode::Out && p.mode != ast::ParameterMode::Table) ++count;
       }
       return Value::number(count);
     }},
    {"proargtypes", nullptr},
    {"proacl", nullptr},
};

constexpr CatalogueColumn kTrigger[] = {
    {"oid", [](const Model&, const Row& r) { return oid(r.first); }},
    {"tgname", [](const Model&, const Row& r) { return text(first<Trigger>(r).name); }},
    {"tgrelid", [](const Model&, const Row& r) { return oid(first<Trigger>(r).table); }},
    {"tgfoid", [](const Model&, const Row& r) { return oid(first<Trigger>(r).function); }},
    {"tgisinternal", [](const Model&, const Row&) { return flag(false); }},
    {"tgenabled", [](const Model&, const Row& r) { return letter(first<Trigger>(r).enabled); }},
    {"tgparentid", [](const Model&, const Row& r) { return oid(first<Trigger>(r).parent); }},
};

constexpr CatalogueColumn kExtension[] = {
    {"oid", [](const Model&, const Row& r) { return oid(r.first); }},
    {"extname", [](const Model&, const Row& r) { return text(first<Extension>(r).name); }},
    {"extnamespace", [](const Model&, const Row& r) { return oid(first<Extension>(r).schema); }},
    {"extversion", nullptr},
};

std::vector<Row> inherits_rows(const Model& model) {
  std::vector<Row> out;
  for (const Relation& relation : model.relations) {
    if (relation.dropped) continue;
    for (std::size_t i = 0; i < relation.parents.size(); ++i) {
      out.push_back({&relation, relation.parents[i], static_cast<int>(i) + 1});
    }
    if (relation.index != nullptr && relation.index->parent != nullptr) {
      out.push_back({&relation, relation.index->parent->relation, 1});
    }
  }
  return out;
}
constexpr CatalogueColumn kInherits[] = {
    {"inhrelid", [](const Model&, const Row& r) { return oid(r.first); }},
    {"inhparent", [](const Model&, const Row& r) { return oid(r.second); }},
    {"inhseqno", [](const Model&, const Row& r) { return Value::number(r.index); }},
};

std::vector<Row> partitioned_rows(const Model& model) {
  std::vector<Row> out;
  for (const Relation& relation : model.relations) {
    if (!relation.dropped && relation.kind == RelationKind::Partitioned) {
      out.push_back({&relation, nullptr, 0});
    }
  }
  return out;
}
constexpr CatalogueColumn kPartitioned[] = {
    {"partrelid", [](const Model&, const Row& r) { return oid(r.first); }},
    {"partstrat",
     [](const Model&, const Row& r) {
       switch (first<Relation>(r).partition_strategy) {
         case ast::PartitionStrategy::List: return text("l");
         case ast::PartitionStrategy::Range: return text("r");
         case ast::PartitionStrategy::Hash: return text("h");
         case ast::PartitionStrategy::Unknown: break;
       }
       return Value::unknown_because("asks how a table is partitioned");
     }},
};

std::vector<Row> index_rows(const Model& model) {
  std::vector<Row> out;
  for (const Index& index : model.indexes) {
    if (index.relation != nullptr && !index.relation->dropped) out.push_back({&index, nullptr, 0});
  }
  return out;
}
constexpr CatalogueColumn kIndex[] = {
    {"indexrelid", [](const Model&, const Row& r) { return oid(first<Index>(r).relation); }},
    {"indrelid", [](const Model&, const Row& r) { return oid(first<Index>(r).table); }},
    {"indisunique", [](const Model&, const Row& r) { return flag(first<Index>(r).unique); }},
    {"indisprimary", [](const Model&, const Row& r) { return flag(first<Index>(r).primary); }},
    {"indisvalid", [](const Model&, const Row& r) { return flag(first<Index>(r).valid); }},
    {"indisready", [](const Model&, const Row&) { return flag(true); }},
    {"indkey", nullptr},
};

constexpr CatalogueColumn kPolicy[] = {
    {"oid", [](const Model&, const Row& r) { return oid(r.first); }},
    {"polname", [](const Model&, const Row& r) { return text(first<Policy>(r).name); }},
    {"polrelid", [](const Model&, const Row& r) { return oid(first<Policy>(r).table); }},
    {"polcmd", [](const Model&,
                  const Row& r) { return letter(static_cast<char>(first<Policy>(r).command)); }},
    {"polpermissive", [](const Model&, const Row& r) { return flag(first<Policy>(r).permissive); }},
};

constexpr CatalogueColumn kPublication[] = {
    {"oid", [](const Model&, const Row& r) { return oid(r.first); }},
    {"pubname", [](const Model&, const Row& r) { return text(first<Publication>(r).name); }},
    {"puballtables",
     [](const Model&, const Row& r) { return flag(first<Publication>(r).all_tables); }},
};

std::vector<Row> publication_rel_rows(const Model& model) {
  std::vector<Row> out;
  for (const Publication& publication : model.publications) {
    if (publication.dropped) continue;
    for (const PublicationTable& table : publication.tables) {
      out.push_back({&publication, table.table, 0});
    }
  }
  return out;
}
constexpr CatalogueColumn kPublicationRel[] = {
    {"prpubid", [](const Model&, const Row& r) { return oid(r.first); }},
    {"prrelid", [](const Model&, const Row& r) { return oid(r.second); }},
};

// Members of extensions and sequences owned by columns. That more is there than the model can list
// is one further row, about an object that is none of ours.
constexpr char kSomethingElse = 0;
std::vector<Row> depend_rows(const Model& model) {
  std::vector<Row> out;
  const auto extension = [&](std::string_view name) -> const Extension* {
    for (const Extension& e : model.extensions) {
      if (!e.dropped && e.name == name) return &e;
    }
    return nullptr;
  };
  for (const Type& type : model.types) {
    if (type.dropped || type.extension.empty()) continue;
    if (const Extension* e = extension(type.extension)) out.push_back({&type, e, 'e'});
  }
  for (const Function& f : model.functions) {
    if (f.dropped || f.extension.empty()) continue;
    if (const Extension* e = extension(f.extension)) out.push_back({&f, e, 'e'});
  }
  for (const Relation& relation : model.relations) {
    if (!relation.dropped && relation.owned_by != nullptr) {
      out.push_back({&relation, relation.owned_by, 'a'});
    }
  }
  out.push_back({nullptr, &kSomethingElse, 'n'});
  return out;
}
constexpr CatalogueColumn kDepend[] = {
    {"objid",
     [](const Model&, const Row& r) {
       return r.first == nullptr ? Value::unknown_because("depends on pg_depend") : oid(r.first);
     }},
    {"refobjid", [](const Model&, const Row& r) { return oid(r.second); }},
    {"refobjsubid",
     [](const Model&, const Row& r) {
       return Value::number(r.index == 'a' ? first<Relation>(r).owned_column + 1 : 0);
     }},
    {"objsubid", [](const Model&, const Row&) { return Value::number(0); }},
    {"deptype", [](const Model&, const Row& r) { return letter(static_cast<char>(r.index)); }},
    {"classid", nullptr},
    {"refclassid", nullptr},
};

// Text search configurations: the server's own, and those that were made.
constexpr std::string_view kTextSearch[] = {
    "simple",  "arabic",    "armenian",   "basque",   "catalan", "danish",
    "dutch",   "english",   "finnish",    "french",   "german",  "greek",
    "hindi",   "hungarian", "indonesian", "irish",    "italian", "lithuanian",
    "nepali",  "norwegian", "portuguese", "romanian", "russian", "serbian",
    "spanish", "swedish",   "tamil",      "turkish",  "yiddish"};
std::vector<Row> text_search_rows(const Model& model) {
  std::vector<Row> out;
  for (const std::string_view& name : kTextSearch) out.push_back({&name, nullptr, 0});
  for (const OtherObject& object : model.others) {
    if (!object.dropped && object.type == ast::ObjectType::TextSearch) {
      out.push_back({&object.name, nullptr, 0});
    }
  }
  return out;
}
constexpr CatalogueColumn kTextSearchConfig[] = {
    {"cfgname", [](const Model&, const Row& r) { return text(first<std::string_view>(r)); }},
    {"cfgnamespace", nullptr},
};

std::vector<Row> event_trigger_rows(const Model& model) {
  std::vector<Row> out;
  for (const OtherObject& object : model.others) {
    if (!object.dropped && object.type == ast::ObjectType::EventTrigger) {
      out.push_back({&object.name, nullptr, 0});
    }
  }
  return out;
}
constexpr CatalogueColumn kEventTrigger[] = {
    {"evtname", [](const Model&, const Row& r) { return text(first<std::string_view>(r)); }},
};

std::vector<Row> relation_rows(const Model& m) {
  return live<Relation>(m.relations);
}
std::vector<Row> schema_rows(const Model& m) {
  return live<Schema>(m.schemas);
}
std::vector<Row> constraint_rows(const Model& m) {
  return of_live_tables<Constraint>(m.constraints);
}
std::vector<Row> trigger_rows(const Model& m) {
  return of_live_tables<Trigger>(m.triggers);
}
std::vector<Row> extension_rows(const Model& m) {
  return live<Extension>(m.extensions);
}
std::vector<Row> policy_rows(const Model& m) {
  return of_live_tables<Policy>(m.policies);
}
std::vector<Row> publication_rows(const Model& m) {
  return live<Publication>(m.publications);
}

const CatalogueTable kTables[] = {
    {"pg_class", false, relation_rows, kClass},
    {"pg_namespace", false, schema_rows, kNamespace},
    {"pg_constraint", false, constraint_rows, kConstraint},
    {"pg_attribute", false, attribute_rows, kAttribute},
    {"pg_type", false, type_rows, kType},
    {"pg_enum", false, enum_rows, kEnum},
    {"pg_roles", false, role_rows, kRole},
    {"pg_authid", false, role_rows, kRole},
    {"pg_user", false, role_rows, kRole},
    {"pg_shadow", false, role_rows, kRole},
    {"pg_group", false, role_rows, kRole},
    {"pg_auth_members", false, member_rows, kMembers},
    {"pg_proc", false, function_rows, kProc},
    {"pg_trigger", false, trigger_rows, kTrigger},
    {"pg_extension", false, extension_rows, kExtension},
    {"pg_inherits", false, inherits_rows, kInherits},
    {"pg_partitioned_table", false, partitioned_rows, kPartitioned},
    {"pg_index", false, index_rows, kIndex},
    {"pg_policy", false, policy_rows, kPolicy},
    {"pg_publication", false, publication_rows, kPublication},
    {"pg_publication_rel", false, publication_rel_rows, kPublicationRel},
    {"pg_ts_config", false, text_search_rows, kTextSearchConfig},
    {"pg_depend", false, depend_rows, kDepend},
    {"pg_event_trigger", false, event_trigger_rows, kEventTrigger},
};

}  // namespace

std::span<const CatalogueTable> system_catalogues() {
  return kTables;
}

}  // namespace tenantlint::schema
