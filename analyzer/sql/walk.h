// Visits every node below a node, in source order. Statements inside expressions (sub-selects,
// CTEs) are visited like everything else.
#pragma once

#include <functional>

#include "analyzer/sql/ast.h"

namespace tenantlint::sql {

// Calls `visit(child)` for each direct child node that is not null. Iterative where trees get deep
// (AND/OR lists are flat; left-deep operator chains are the caller's stack to mind).
void for_each_child(const ast::Node& node, const std::function<void(const ast::Node&)>& visit);

// Pre-order, with an explicit stack; `visit` answers whether to go below the node.
void walk(const ast::Node& root, const std::function<bool(const ast::Node&)>& visit);

}  // namespace tenantlint::sql
