// Which tables hold rows of tenants, by which column, and why we think so.
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "analyzer/schema/model.h"

namespace tenantlint::schema {

enum class TenancyKind : std::uint8_t {
  TenantOwned,  // has a tenant column, its own or its parent's
  Shared,       // declared to belong to no tenant
  Undeclared,   // neither
};

struct TableTenancy {
  TenancyKind kind = TenancyKind::Undeclared;
  int column = -1;     // index into the relation's columns
  std::string reason;  // "column 'tenant_id' is a tenant column", "partition of 'public.docs'"
  Place place;         // what makes it so: the column's definition, PARTITION OF …
};

// The user's declarations (tenantlint.toml, [tenancy]).
struct TenancyConfig {
  std::vector<std::string> columns = {"tenant_id"};
  // Is "schema.name" declared shared? (globs of the configuration)
  std::function<bool(std::string_view)> is_shared;
  // The tenant column of "schema.name" by [[tenancy.table]]; empty if none is given.
  std::function<std::string(std::string_view)> column_of;
};

class Tenancy {
 public:
  Tenancy(const Model& model, const TenancyConfig& config);

  // For tables, and for views whose output has a tenant column.
  const TableTenancy& of(const Relation& relation) const;
  bool tenant_owned(const Relation& relation) const {
    return of(relation).kind == TenancyKind::TenantOwned;
  }
  // The tenants' own table: the one that tenant columns refer to by foreign key; null if unclear.
  const Relation* tenants_table() const { return tenants_table_; }

 private:
  std::unordered_map<const Relation*, TableTenancy> tables_;
  const Relation* tenants_table_ = nullptr;
  TableTenancy none_;
};

}  // namespace tenantlint::schema
