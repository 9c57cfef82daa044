// Random sets of row-level security policies on one tenant-owned table.
#pragma once

#include <string>
#include <vector>

#include "tests/differential/random.h"
#include "tests/differential/schema_gen.h"

namespace tenantlint::differential {

struct PolicySet {
  std::string table;
  bool broken = false;           // some expression is a near miss
  std::vector<std::string> ddl;  // ALTER TABLE … ENABLE, CREATE POLICY …
};

// What the roles are: the application is app_user, who is a member of staff and not of stranger.
std::vector<std::string> policy_roles();

PolicySet generate_policies(const SchemaPlan& plan, Random& random);

}  // namespace tenantlint::differential
