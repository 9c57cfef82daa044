// A random schema with tenant-owned and shared tables, views and functions, and its rows: several
// variants that agree in the rows of tenant A and differ in everybody else's.
#pragma once

#include <string>
#include <vector>

#include "tests/differential/random.h"

namespace tenantlint::differential {

enum class Type { Int, Text, Bool, Tenant };

struct Column {
  std::string name;
  Type type = Type::Int;
};

// What a statement may stand a FROM item on.
enum class Origin {
  Tenant,    // a tenant-owned table
  Shared,    // a table of nobody
  View,      // a view that leaves the tenant open (pinnable from outside or not)
  Own,       // a view that filters by the setting
  Function,  // a function; `parameters` says what it takes
};

struct RelationPlan {
  Origin origin = Origin::Tenant;
  std::string name;
  std::vector<Column> columns;
  std::vector<Type> parameters;   // of a function
  bool nullable = false;          // the tenant column
  std::vector<std::string> keys;  // column lists of its unique keys: "tenant_id, id"
  bool sound = true;           // a view or function: tied inside, or by a tie of its tenant column
  std::string refers_to = {};  // by a foreign key (tenant_id, ref) to its (tenant_id, id)
  bool has(const std::string& column) const;
};

// The tenant's type and the values that stand for the three tenants.
struct TenantType {
  std::string sql;      // "text", "uuid" …
  std::string collate;  // " COLLATE ci" or empty
  std::string values[3];
  bool merges = false;  // its equality takes different tenants for one
};

// The databases that a statement is run in. All agree in A's rows, but: Null1 and Null2 are run
// without a tenant, so that all rows belong to others; Dense1 and Dense2, Dense3 and Dense4 are
// pairs with rows of A of their own. Unbound1 and Unbound2 are Mirror and Many again, with $1 NULL.
enum Variant {
  kMirror,
  kMany,
  kNone,
  kExtreme,
  kOrphans,
  kShuffled,
  kNull1,
  kNull2,
  kDense1,
  kDense2,
  kDense3,
  kDense4,
  kDatabases,
  kUnbound1 = kDatabases,
  kUnbound2,
};

struct SchemaPlan {
  TenantType tenant;
  std::vector<RelationPlan> tables;  // tenant-owned ones
  std::vector<RelationPlan> shared;
  std::vector<RelationPlan> views;
  std::vector<RelationPlan> functions;
  std::vector<std::string> ddl;                // statement by statement, for the linter too
  std::vector<std::vector<std::string>> rows;  // by variant: INSERTs, for the server
  // The tenant's value as a typed constant; tenant 0 is A.
  std::string literal(int tenant) const;
};

SchemaPlan generate_schema(std::uint64_t seed, int number);

}  // namespace tenantlint::differential
