// In: pieces of SQL. Out: a tree of them, and its text. Mutation and shrinking work on the tree, so
// that they never have to take SQL apart.
#include "tests/differential/tree.h"

#include <utility>

namespace tenantlint::differential {

static NodePtr make(Kind kind, std::string open, std::string separator, std::string close,
                    std::vector<NodePtr> children) {
  auto node = std::make_shared<Node>();
  node->kind = kind;
  node->open = std::move(open);
  node->separator = std::move(separator);
  node->close = std::move(close);
  for (NodePtr& child : children) {
    if (child) node->children.push_back(std::move(child));
  }
  return node;
}

NodePtr atom(std::string text, Kind kind) {
  return make(kind, std::move(text), "", "", {});
}

NodePtr wrap(std::string open, NodePtr child, std::string close, Kind kind) {
  return make(kind, std::move(open), "", std::move(close), {std::move(child)});
}

NodePtr infix(NodePtr left, const std::string& op, NodePtr right) {
  return make(Kind::Expr, "(", " " + op + " ", ")", {std::move(left), std::move(right)});
}

NodePtr all_of(std::vector<NodePtr> conditions) {
  if (conditions.empty()) return nullptr;
  if (conditions.size() == 1) return conditions[0];
  return make(Kind::And, "(", " AND ", ")", std::move(conditions));
}

NodePtr any_of(std::vector<NodePtr> conditions) {
  if (conditions.size() == 1) return conditions[0];
  return make(Kind::Or, "(", " OR ", ")", std::move(conditions));
}

NodePtr negated(NodePtr condition) {
  return make(Kind::Not, "(NOT ", "", ")", {std::move(condition)});
}

NodePtr list(std::vector<NodePtr> items, std::string open, std::string close) {
  return make(Kind::List, std::move(open), ", ", std::move(close), std::move(items));
}

NodePtr clause(std::string keyword, NodePtr child) {
  if (!child) return nullptr;
  return make(Kind::Clause, std::move(keyword), "", "", {std::move(child)});
}

NodePtr fixed(std::vector<NodePtr> parts, Kind kind) {
  return make(kind, "", "", "", std::move(parts));
}

NodePtr join(NodePtr left, const std::string& kind, NodePtr right, NodePtr condition) {
  return make(Kind::Join, "", "", "",
              {std::move(left), atom(" " + kind + " "), std::move(right), std::move(condition)});
}

NodePtr tie(NodePtr node, Ties how) {
  node->ties = how;
  return node;
}

NodePtr clone(const NodePtr& node) {
  auto copy = std::make_shared<Node>(*node);
  for (NodePtr& child : copy->children) child = clone(child);
  return copy;
}

static void print_to(const Node& node, std::string& out) {
  out += node.open;
  bool first = true;
  for (const NodePtr& child : node.children) {
    if (!first) out += node.separator;
    first = false;
    print_to(*child, out);
  }
  out += node.close;
}

std::string print(const NodePtr& node) {
  std::string out;
  print_to(*node, out);
  return out;
}

void walk(NodePtr& root, const std::function<void(NodePtr& slot)>& visit) {
  visit(root);
  for (std::size_t i = 0; i < root->children.size(); ++i) walk(root->children[i], visit);
}

std::size_t size_of(const NodePtr& node) {
  std::size_t size = 1;
  for (const NodePtr& child : node->children) size += size_of(child);
  return size;
}

}  // namespace tenantlint::differential
