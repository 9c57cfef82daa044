// Decides which tables hold rows of tenants: the model and the user's declarations go in, one
// answer with its reason per table and view comes out. Order of authority: a column named for the
// table in the configuration, "shared" in the configuration, the parent's answer, the table's own
// columns. Exists so that every rule means the same by "tenant-owned".
#include "analyzer/schema/tenancy.h"

#include <algorithm>

#include "analyzer/sql/walk.h"

namespace tenantlint::schema {

namespace {

using Tables = std::unordered_map<const Relation*, TableTenancy>;

std::string quoted(std::string_view name) {
  return "'" + std::string(name) + "'";
}

class Judge {
 public:
  Judge(const TenancyConfig& config, Tables& tables) : config_(config), tables_(tables) {}

  const TableTenancy& judge(const Relation& relation) {
    if (const auto known = tables_.find(&relation); known != tables_.end()) return known->second;
    tables_[&relation] = {};  // ends a cycle, which a model of real statements never has
    TableTenancy out = relation.is_view() ? of_view(relation) : of_table(relation);
    return tables_[&relation] = std::move(out);
  }

 private:
  bool declared(const Relation& relation, TableTenancy& out) const {
    const std::string name = qualified_name(relation);
    const std::string column = config_.column_of ? config_.column_of(name) : std::string();
    if (!column.empty() && relation.find_column(column) >= 0) {
      out = owned(relation, relation.find_column(column),
                  "the configuration names " + quoted(column) + " as its tenant column");
      return true;
    }
    if (config_.is_shared && config_.is_shared(name)) {
      out = {TenancyKind::Shared, -1, "declared as shared", relation.place};
      return true;
    }
    return false;
  }

  static TableTenancy owned(const Relation& relation, int column, std::string reason) {
    const Column& c = relation.columns[static_cast<std::size_t>(column)];
    return {TenancyKind::TenantOwned, column, std::move(reason),
            c.place.known() ? c.place : relation.place};
  }

  TableTenancy of_named_column(const Relation& relation) const {
    for (const std::string& name : config_.columns) {
      const int column = relation.find_column(name);
      if (column >= 0) {
        return owned(relation, column, "column " + quoted(name) + " is a tenant column");
      }
    }
    return {};
  }

  TableTenancy of_table(const Relation& relation) {
    TableTenancy out;
    if (declared(relation, out)) return out;
    for (const Relation* parent : relation.parents) {
      const TableTenancy above = judge(*parent);
      if (above.kind == TenancyKind::Undeclared) continue;
      const std::string reason = (relation.is_partition ? "partition of " : "inherits from ") +
                                 quoted(qualified_name(*parent));
      if (above.kind == TenancyKind::Shared) return {above.kind, -1, reason, relation.place};
      const auto& name = parent->columns[static_cast<std::size_t>(above.column)].name;
      const int column = relation.find_column(name);
      if (column >= 0) return {above.kind, column, reason, relation.place};
    }
    return of_named_column(relation);
  }

  // A view hands on a tenant column if an output column is one, by name or by plain reference.
  TableTenancy of_view(const Relation& view) {
    TableTenancy out;
    if (declared(view, out)) return out;
    out = of_named_column(view);
    if (out.kind == TenancyKind::TenantOwned || view.query == nullptr) return out;
    const ast::Select* query = view.query;
    while (query->op != ast::SetOp::None && query->left != nullptr) query = query->left;
    int position = 0;
    for (const ast::Target& target : query->targets) {
      const auto* ref = ast::as<ast::ColumnRef>(target.value);
      if (ref != nullptr && ref->star) return {};  // a star hands columns on under their own names
      if (ref != nullptr && refers_to_tenant(view, *query, *ref) &&
          position < static_cast<int>(view.columns.size())) {
        return owned(view, position,
                     "column " + quoted(view.columns[static_cast<std::size_t>(position)].name) +
                         " is a tenant column under another name");
      }
      ++position;
    }
    return {};
  }

  bool refers_to_tenant(const Relation& view, const ast::Select& query, const ast::ColumnRef& ref) {
    if (ref.fields.empty()) return false;
    const std::string_view qualifier =
        ref.fields.size() > 1 ? ref.fields[ref.fields.size() - 2] : std::string_view{};
    bool found = false;
    for (const ast::FromItem* item : query.from) {
      sql::walk(*item, [&](const ast::Node& node) {
        if (node.kind == ast::Kind::RangeSubselect || node.kind == ast::Kind::SubLink) return false;
        if (const auto* mention = ast::as<ast::RangeVar>(&node)) {
          found = found || names_tenant_column(view, *mention, qualifier, ref.fields.back());
        }
        return true;
      });
    }
    return found;
  }

  bool names_tenant_column(const Relation& view, const ast::RangeVar& mention,
                           std::string_view qualifier, std::string_view column) {
    const std::string_view name =
        mention.alias.name.empty() ? mention.name.name : mention.alias.name;
    if (!qualifier.empty() && qualifier != name) return false;
    for (const Binding& binding : view.bindings) {
      if (binding.mention != &mention || binding.relation == nullptr) continue;
      const TableTenancy source = judge(*binding.relation);
      return source.kind == TenancyKind::TenantOwned &&
             binding.relation->find_column_at(column, view.query_step) == source.column;
    }
    return false;
  }

  const TenancyConfig& config_;
  Tables& tables_;
};

// Where the foreign key of a table's tenant column leads; null if it has none.
const Relation* tenant_reference(const Relation& table, const Tables& tables) {
  const auto known = tables.find(&table);
  if (known == tables.end() || known->second.kind != TenancyKind::TenantOwned) return nullptr;
  for (const Constraint* constraint : table.constraints) {
    if (constraint->dropped || constraint->type != ConstraintType::ForeignKey) continue;
    if (constraint->columns.size() != 1 || constraint->columns[0] != known->second.column) continue;
    if (constraint->ref_table != nullptr && !constraint->ref_table->dropped) {
      return constraint->ref_table;
    }
  }
  return nullptr;
}

// A tenant column may refer to a table whose own tenant column refers on: the end is the root.
const Relation* root_reference(const Relation& table, const Tables& tables) {
  const Relation* at = tenant_reference(table, tables);
  for (int hops = 0; at != nullptr && hops < 16; ++hops) {
    const Relation* further = tenant_reference(*at, tables);
    if (further == nullptr || further == at) break;
    at = further;
  }
  return at;
}

// The table that most tenant columns refer to; null if two are level.
const Relation* most_referenced(const Model& model, const Tables& tables) {
  std::unordered_map<const Relation*, int> votes;
  for (const Relation& relation : model.relations) {
    if (relation.dropped || !relation.is_table() || relation.is_partition) continue;
    const Relation* root = root_reference(relation, tables);
    if (root != nullptr && root != &relation) ++votes[root];
  }
  const Relation* best = nullptr;
  int most = 0;
  bool level = false;
  for (const auto& [relation, count] : votes) {
    level = count == most ? true : count > most ? false : level;
    if (count > most) {
      best = relation;
      most = count;
    }
  }
  return level ? nullptr : best;
}

// Without foreign keys: the one table that is named after the tenant column (tenant_id: tenants).
const Relation* named_after_column(const Model& model, const TenancyConfig& config) {
  const Relation* out = nullptr;
  for (const std::string& column : config.columns) {
    if (!column.ends_with("_id")) continue;
    const std::string stem = column.substr(0, column.size() - 3);
    for (const Relation& relation : model.relations) {
      if (relation.dropped || !relation.is_table()) continue;
      if (relation.name != stem && relation.name != stem + "s") continue;
      if (out != nullptr) return nullptr;
      out = &relation;
    }
  }
  return out;
}

}  // namespace

Tenancy::Tenancy(const Model& model, const TenancyConfig& config) {
  Judge judge(config, tables_);
  for (const Relation& relation : model.relations) {
    if (!relation.dropped && (relation.is_table() || relation.is_view())) judge.judge(relation);
  }
  tenants_table_ = most_referenced(model, tables_);
  if (tenants_table_ == nullptr) tenants_table_ = named_after_column(model, config);
}

const TableTenancy& Tenancy::of(const Relation& relation) const {
  const auto known = tables_.find(&relation);
  return known == tables_.end() ? none_ : known->second;
}

}  // namespace tenantlint::schema
