// The views pg_tables, pg_policies … and information_schema over the model's records.
// Source: PostgreSQL 15, src/backend/catalog/system_views.sql and information_schema.sql.
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
std::string_view schema_name(const Relation& relation) {
  return relation.schema == nullptr ? std::string_view{} : relation.schema->name;
}
Value role_name(const Role* role) {
  return role == nullptr ? Value::unknown_because("depends on who runs the migrations")
                         : text(role->name);
}

template <typename Want>
std::vector<Row> relations_where(const Model& model, const Want& want) {
  std::vector<Row> out;
  for (const Relation& relation : model.relations) {
    if (!relation.dropped && want(relation)) out.push_back({&relation, nullptr, 0});
  }
  return out;
}

// ---------------------------------------------------------------- pg_tables and its kin

// pg_tables shows no foreign tables.
std::vector<Row> table_rows(const Model& model) {
  return relations_where(model, [](const Relation& r) {
    return r.kind == RelationKind::Table || r.kind == RelationKind::Partitioned;
  });
}
constexpr CatalogueColumn kTables[] = {
    {"schemaname",
     [](const Model&, const Row& r) { return text(schema_name(first<Relation>(r))); }},
    {"tablename", [](const Model&, const Row& r) { return text(first<Relation>(r).name); }},
    {"tableowner", [](const Model&, const Row& r) { return role_name(first<Relation>(r).owner); }},
    {"tablespace", [](const Model&, const Row&) { return Value{}; }},
    {"hasindexes",
     [](const Model&, const Row& r) {
       return Value::boolean(!first<Relation>(r).indexes.empty());
     }},
    {"hastriggers",
     [](const Model&, const Row& r) {
       return Value::boolean(!first<Relation>(r).triggers.empty());
     }},
    {"rowsecurity",
     [](const Model&, const Row& r) { return Value::boolean(first<Relation>(r).rls); }},
};

std::vector<Row> view_rows(const Model& model) {
  return relations_where(model, [](const Relation& r) { return r.kind == RelationKind::View; });
}
std::vector<Row> matview_rows(const Model& model) {
  return relations_where(
      model, [](const Relation& r) { return r.kind == RelationKind::MaterializedView; });
}
std::vector<Row> sequence_rows(const Model& model) {
  return relations_where(model, [](const Relation& r) { return r.kind == RelationKind::Sequence; });
}
Value relation_schema(const Model&, const Row& r) {
  return text(schema_name(first<Relation>(r)));
}
Value relation_name(const Model&, const Row& r) {
  return text(first<Relation>(r).name);
}
Value relation_owner(const Model&, const Row& r) {
  return role_name(first<Relation>(r).owner);
}
constexpr CatalogueColumn kViews[] = {
    {"schemaname", relation_schema},
    {"viewname", relation_name},
    {"viewowner", relation_owner},
    {"definition", nullptr},
};
constexpr CatalogueColumn kMatviews[] = {
    {"schemaname", relation_schema},  {"matviewname", relation_name},
    {"matviewowner", relation_owner}, {"ispopulated", nullptr},
    {"definition", nullptr},
};
constexpr CatalogueColumn kSequences[] = {
    {"schemaname", relation_schema},
    {"sequencename", relation_name},
    {"sequenceowner", relation_owner},
    {"last_value", nullptr},
};

std::vector<Row> index_rows(const Model& model) {
  std::vector<Row> out;
  for (const Index& index : model.indexes) {
    if (index.relation != nullptr && !index.relation->dropped && index.table != nullptr) {
      out.push_back({&index, nullptr, 0});
    }
  }
  return out;
}
constexpr CatalogueColumn kIndexes[] = {
    {"schemaname",
     [](const Model&, const Row& r) { return text(schema_name(*first<Index>(r).table)); }},
    {"tablename", [](const Model&, const Row& r) { return text(first<Index>(r).table->name); }},
    {"indexname", [](const Model&, const Row& r) { return text(first<Index>(r).relation->name); }},
    {"tablespace", [](const Model&, const Row&) { return Value{}; }},
    {"indexdef", nullptr},
};

std::string_view command_name(PolicyCommand command) {
  switch (command) {
    case PolicyCommand::All: return "ALL";
    case PolicyCommand::Select: return "SELECT";
    case PolicyCommand::Insert: return "INSERT";
    case PolicyCommand::Update: return "UPDATE";
    case PolicyCommand::Delete: return "DELETE";
  }
  return "ALL";
}
std::vector<Row> policy_rows(const Model& model) {
  std::vector<Row> out;
  for (const Policy& policy : model.policies) {
    if (!policy.dropped && policy.table != nullptr && !policy.table->dropped) {
      out.push_back({&policy, nullptr, 0});
    }
  }
  return out;
}
constexpr CatalogueColumn kPolicies[] = {
    {"schemaname",
     [](const Model&, const Row& r) { return text(schema_name(*first<Policy>(r).table)); }},
    {"tablename", [](const Model&, const Row& r) { return text(first<Policy>(r).table->name); }},
    {"policyname", [](const Model&, const Row& r) { return text(first<Policy>(r).name); }},
    {"permissive",
     [](const Model&, const Row& r) {
       return text(first<Policy>(r).permissive ? "PERMISSIVE" : "RESTRICTIVE");
     }},
    {"roles",
     [](const Model&, const Row& r) {
       std::vector<Value> roles;
       for (const Role* role : first<Policy>(r).roles) roles.push_back(text(role->name));
       if (roles.empty()) roles.push_back(text("public"));
       return Value::array(std::move(roles));
     }},
    {"cmd",
     [](const Model&, const Row& r) { return text(command_name(first<Policy>(r).command)); }},
    {"qual",
     [](const Model&, const Row& r) {
       return expression_text(first<Policy>(r).using_expr, first<Policy>(r).using_text);
     }},
    {"with_check",
     [](const Model&, const Row& r) {
       return expression_text(first<Policy>(r).check_expr, first<Policy>(r).check_text);
     }},
};

std::vector<Row> publication_table_rows(const Model& model) {
  std::vector<Row> out;
  for (const Publication& publication : model.publications) {
    if (publication.dropped) continue;
    for (const PublicationTable& table : publication.tables) {
      out.push_back({&publication, table.table, 0});
    }
    for (const Relation& relation : model.relations) {
      if (relation.dropped || !relation.is_table() || relation.kind == RelationKind::Foreign) {
        continue;
      }
      bool covered = publication.all_tables;
      for (const Schema* schema : publication.schemas) covered |= schema == relation.schema;
      if (covered) out.push_back({&publication, &relation, 0});
    }
  }
  return out;
}
constexpr CatalogueColumn kPublicationTables[] = {
    {"pubname", [](const Model&, const Row& r) { return text(first<Publication>(r).name); }},
    {"schemaname",
     [](const Model&, const Row& r) { return text(schema_name(second<Relation>(r))); }},
    {"tablename", [](const Model&, const Row& r) { return text(second<Relation>(r).name); }},
};

std::vector<Row> rule_rows(const Model& model) {
  std::vector<Row> out;
  for (const Rule& rule : model.rules) {
    if (!rule.dropped && rule.table != nullptr) out.push_back({&rule, nullptr, 0});
  }
  return out;
}
constexpr CatalogueColumn kRules[] = {
    {"schemaname",
     [](const Model&, const Row& r) { return text(schema_name(*first<Rule>(r).table)); }},
    {"tablename", [](const Model&, const Row& r) { return text(first<Rule>(r).table->name); }},
    {"rulename", [](const Model&, const Row& r) { return text(first<Rule>(r).name); }},
    {"definition", nullptr},
};

const CatalogueTable kSystemViews[] = {
    {"pg_tables", false, table_rows, kTables},
    {"pg_views", false, view_rows, kViews},
    {"pg_matviews", false, matview_rows, kMatviews},
    {"pg_sequences", false, sequence_rows, kSequences},
    {"pg_indexes", false, index_rows, kIndexes},
    {"pg_policies", false, policy_rows, kPolicies},
    {"pg_publication_tables", false, publication_table_rows, kPublicationTables},
    {"pg_rules", false, rule_rows, kRules},
};

}  // namespace

std::span<const CatalogueTable> system_views() {
  return kSystemViews;
}

}  // namespace tenantlint::schema
