// The smallest statement that still fails.
#pragma once

#include <functional>

#include "tests/differential/tree.h"

namespace tenantlint::differential {

// Greedy: takes parts away, and puts parts in the place of what holds them, as long as `fails`.
NodePtr shrink(NodePtr tree, const std::function<bool(const NodePtr&)>& fails);

}  // namespace tenantlint::differential
