// The rows of a schema, by variant.
#pragma once

#include "tests/differential/random.h"
#include "tests/differential/schema_gen.h"

namespace tenantlint::differential {

// Fills `plan.rows`. All variants but the two without a tenant have the same rows of tenant A.
void generate_rows(SchemaPlan& plan, Random& random);

}  // namespace tenantlint::differential
