// In: a statement that fails. Out: one that fails as well, from which nothing more can be taken.
// Most tries are no valid SQL; the server says so, and the try counts as one that does not fail.
#include "tests/differential/shrink.h"

namespace tenantlint::differential {
namespace {

constexpr int kMaxTries = 3000;

bool is_query(const Node& node) {
  return node.kind == Kind::Select || node.kind == Kind::SetOp || node.kind == Kind::Query;
}

bool is_condition(const Node& node) {
  return node.kind == Kind::And || node.kind == Kind::Or || node.kind == Kind::Not ||
         node.kind == Kind::Expr;
}

bool is_from(const Node& node) {
  return node.kind == Kind::From || node.kind == Kind::Join;
}

bool may_replace(const Node& inner, const Node& outer) {
  return (is_query(inner) && is_query(outer)) || (is_condition(inner) && is_condition(outer)) ||
         (is_from(inner) && is_from(outer));
}

// Each smaller tree that differs from `tree` in the node number `number`.
std::vector<NodePtr> smaller_at(const NodePtr& tree, std::size_t number) {
  std::vector<NodePtr> out;
  const auto slot_in = [number](NodePtr& root) {
    NodePtr* found = nullptr;
    std::size_t index = 0;
    walk(root, [&](NodePtr& slot) {
      if (index++ == number) found = &slot;
    });
    return found;
  };
  NodePtr original = clone(tree);
  const NodePtr node = *slot_in(original);
  walk(*slot_in(original), [&](NodePtr& inner) {
    if (inner == node || !may_replace(*inner, *node)) return;
    NodePtr copy = clone(tree);
    *slot_in(copy) = clone(inner);
    out.push_back(copy);
  });
  for (std::size_t i = 0; i < node->children.size(); ++i) {
    NodePtr copy = clone(tree);
    NodePtr& slot = *slot_in(copy);
    slot->children.erase(slot->children.begin() + static_cast<std::ptrdiff_t>(i));
    if (slot->children.empty() && node->kind != Kind::Select) continue;
    out.push_back(copy);
  }
  if (is_condition(*node) && !node->children.empty()) {
    for (const char* constant : {"true", "1"}) {
      NodePtr copy = clone(tree);
      *slot_in(copy) = atom(constant);
      out.push_back(copy);
    }
  }
  return out;
}

}  // namespace

NodePtr shrink(NodePtr tree, const std::function<bool(const NodePtr&)>& fails) {
  int tries = 0;
  bool progress = true;
  while (progress && tries < kMaxTries) {
    progress = false;
    for (std::size_t number = 0; number < size_of(tree) && !progress; ++number) {
      for (const NodePtr& smaller : smaller_at(tree, number)) {
        if (++tries > kMaxTries) break;
        if (size_of(smaller) >= size_of(tree) || !fails(smaller)) continue;
        tree = smaller;
        progress = true;
        break;
      }
    }
  }
  return tree;
}

}  // namespace tenantlint::differential
