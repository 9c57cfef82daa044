// Takes a statement that is tied to the tenant and breaks, moves or loosens one thing.
#pragma once

#include <string>
#include <vector>

#include "tests/differential/random.h"
#include "tests/differential/schema_gen.h"
#include "tests/differential/tree.h"

namespace tenantlint::differential {

// One change at a random place; the tree is changed. What comes out may be no valid statement.
void near_miss(NodePtr& tree, const SchemaPlan& plan, Random& random);

// A statement with one tie taken away, or weakened, and how.
struct Weakened {
  std::string how;
  NodePtr tree;
};
// Each tie removed; each AND that holds one made an OR; each tie moved from WHERE to an outer
// join's ON.
std::vector<Weakened> weakened(const NodePtr& tree);

}  // namespace tenantlint::differential
