// A statement as the generator made it: just enough structure to be printed, mutated and shrunk.
//
// Every node prints as open + children joined by separator + close. `kind` says what may be done
// with it: which children can be dropped, what may stand in for what.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <vector>

namespace tenantlint::differential {

enum class Kind {
  Expr,    // an expression of any other shape
  And,     // children are conditions
  Or,      // children are conditions
  Not,     // one condition
  List,    // children may be dropped one by one (targets, IN lists, GROUP BY …)
  Clause,  // optional part of a statement: " WHERE " + condition
  Select,  // children are clauses
  SetOp,   // two queries
  With,    // WITH a, b …; children are common table expressions
  Query,   // With + its query
  From,    // a table, view, function, derived table
  Join,    // left, right and, behind them, ON or USING
  Fixed,   // a statement's skeleton: children stay in their places
};

// What of a node ties an occurrence to the tenant.
enum class Ties { No, Condition, Column, Value };  // Column: of USING; Value: of an INSERT

struct Node;
using NodePtr = std::shared_ptr<Node>;

struct Node {
  Kind kind = Kind::Expr;
  std::string open, separator, close;
  std::vector<NodePtr> children;
  Ties ties = Ties::No;
};

NodePtr atom(std::string text, Kind kind = Kind::Expr);
// open + child + close
NodePtr wrap(std::string open, NodePtr child, std::string close, Kind kind = Kind::Expr);
NodePtr infix(NodePtr left, const std::string& op, NodePtr right);  // (left op right)
NodePtr all_of(std::vector<NodePtr> conditions);                    // one alone stays as it is
NodePtr any_of(std::vector<NodePtr> conditions);
NodePtr negated(NodePtr condition);
NodePtr list(std::vector<NodePtr> items, std::string open = "", std::string close = "");
NodePtr clause(std::string keyword, NodePtr child);  // nothing for a null child
NodePtr fixed(std::vector<NodePtr> parts, Kind kind = Kind::Fixed);
NodePtr join(NodePtr left, const std::string& kind, NodePtr right, NodePtr condition);
NodePtr tie(NodePtr node, Ties how = Ties::Condition);  // marked as what ties

NodePtr clone(const NodePtr& node);
std::string print(const NodePtr& node);
// Every node, parents first; `slot` is where the tree holds it, so that it can be replaced.
void walk(NodePtr& root, const std::function<void(NodePtr& slot)>& visit);
std::size_t size_of(const NodePtr& node);

}  // namespace tenantlint::differential
