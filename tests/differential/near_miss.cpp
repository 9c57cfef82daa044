// In: a tree whose ties are marked. Out: trees that differ in one place, as a person's slip would.
#include "tests/differential/near_miss.h"

#include <fmt/format.h>

#include <algorithm>

namespace tenantlint::differential {
namespace {

using Slots = std::vector<NodePtr*>;

template <typename Wanted>
Slots slots_of(NodePtr& tree, Wanted wanted) {
  Slots out;
  walk(tree, [&](NodePtr& slot) {
    if (wanted(*slot)) out.push_back(&slot);
  });
  return out;
}

bool is_condition(const Node& node) {
  return node.ties == Ties::Condition;
}

bool holds_tie(const Node& node) {
  return std::any_of(node.children.begin(), node.children.end(),
                     [](const NodePtr& child) { return is_condition(*child); });
}

// Calls for each ON and WHERE of a SELECT; there is at most one WHERE.
struct Clauses {
  std::vector<NodePtr*> on;
  std::vector<std::string> joins;
  NodePtr* where = nullptr;
};

void collect_on(NodePtr& from, Clauses& out) {
  if (from->kind != Kind::Join) return;
  for (NodePtr& child : from->children) {
    if (child->kind == Kind::Clause && child->open == " ON ") {
      out.on.push_back(&child->children[0]);
      out.joins.push_back(from->children[1]->open);
    }
  }
  collect_on(from->children[0], out);
}

Clauses clauses_of(Node& select) {
  Clauses out;
  for (NodePtr& part : select.children) {
    if (part->open == " FROM " && !part->children.empty()) collect_on(part->children[0], out);
    if (part->open == " WHERE ") out.where = &part->children[0];
  }
  return out;
}

// Takes the tie out of the condition that `slot` holds; null if there is none.
NodePtr take_tie(NodePtr& slot) {
  if (is_condition(*slot)) {
    NodePtr taken = slot;
    slot = atom("true");
    return taken;
  }
  if (slot->kind != Kind::And) return nullptr;
  for (std::size_t i = 0; i < slot->children.size(); ++i) {
    if (!is_condition(*slot->children[i])) continue;
    NodePtr taken = slot->children[i];
    slot->children.erase(slot->children.begin() + static_cast<std::ptrdiff_t>(i));
    if (slot->children.empty()) slot = atom("true");
    return taken;
  }
  return nullptr;
}

void remove_tie(NodePtr& slot) {
  switch (slot->ties) {
    case Ties::Condition: slot = atom("true"); break;
    case Ties::Column: slot = atom("id"); break;
    case Ties::Value: slot = atom("NULL"); break;
    case Ties::No: break;
  }
}

bool move_between(NodePtr& tree, Random& random, bool to_on) {
  const Slots selects = slots_of(tree, [](const Node& n) { return n.kind == Kind::Select; });
  if (selects.empty()) return false;
  Clauses clauses = clauses_of(**random.pick(selects));
  if (clauses.on.empty() || clauses.where == nullptr) return false;
  NodePtr& on = *random.pick(clauses.on);
  NodePtr taken = take_tie(to_on ? *clauses.where : on);
  if (!taken) return false;
  NodePtr& goal = to_on ? on : *clauses.where;
  goal = all_of({taken, goal});
  return true;
}

void change_operator(NodePtr& slot, Random& random) {
  if (slot->separator.empty()) return;
  const bool in = slot->separator == " IN ";
  slot->separator =
      in ? " NOT IN "
         : random.pick({" <> ", " >= ", " <= ", " IS DISTINCT FROM ", " IS NOT DISTINCT FROM "});
  slot->ties = Ties::No;
}

void loosen(NodePtr& slot, Random& random) {
  NodePtr old = slot;
  switch (random.below(11)) {
    case 0: slot = any_of({old, atom("$1 IS NULL")}); break;
    case 1: slot = any_of({old, atom("$2 = 2")}); break;
    case 2: slot = any_of({old, atom("$2 IS NULL")}); break;
    case 3: slot = negated(old); break;
    case 4: slot = wrap("COALESCE(", old, ", true)"); break;
    case 5: slot = wrap("(", old, " IS NOT FALSE)"); break;
    case 6: slot = wrap("(", old, " IS NOT NULL)"); break;
    case 7: slot = wrap("(CASE WHEN $2 = 2 THEN true ELSE ", old, " END)"); break;
    case 8: slot = wrap("(CASE WHEN ", old, " THEN true ELSE false END)"); break;
    case 9: slot = wrap("(", old, " IS TRUE)"); break;
    default: slot = negated(negated(old)); break;
  }
}

void through_function(NodePtr& slot, Random& random) {
  if (slot->children.size() != 2) return;
  const std::string open = random.pick({"lower(", "left(", "trim(", "(", "(", "("});
  const std::string close =
      open == "left(" ? "::text, 2)"
      : open == "("   ? random.pick({")::varchar(2)", ")::char(2)", ")::name", ")::text", ")::int"})
                      : "::text)";
  for (NodePtr& side : slot->children) side = wrap(open, side, close);
}

// Another column, another setting, the same side twice.
void change_side(NodePtr& slot, const SchemaPlan& plan, Random& random) {
  if (slot->children.size() != 2) return;
  NodePtr& side = slot->children[static_cast<std::size_t>(random.below(2))];
  const std::size_t dot = side->open.find(".tenant_id");
  const std::string setting =
      fmt::format("current_setting('app.other_tenant', true)::{}", plan.tenant.sql);
  switch (random.below(5)) {
    case 0:
      if (dot != std::string::npos) side->open.replace(dot, 10, ".org");
      break;
    case 1: side = clone(slot->children[&side == &slot->children[0] ? 1 : 0]); break;
    case 2:
      if (dot == std::string::npos) side = atom(setting);
      break;
    case 3:
      if (dot == std::string::npos) {
        const NodePtr& other = slot->children[&side == &slot->children[0] ? 1 : 0];
        side = fixed({atom("COALESCE("), side, atom(", "), clone(other), atom(")")});
      }
      break;
    default:
      if (dot == std::string::npos) side = atom(plan.literal(random.below(2)));
      break;
  }
}

void change_alias(NodePtr& tree, Random& random) {
  Slots columns = slots_of(tree, [](const Node& n) {
    return n.children.empty() && n.open.ends_with(".tenant_id") && n.open.size() < 16;
  });
  if (columns.size() < 2) return;
  NodePtr* a = random.pick(columns);
  *a = atom(print(*random.pick(columns)));
}

void change_join(NodePtr& tree, Random& random) {
  Slots joins =
      slots_of(tree, [](const Node& n) { return n.kind == Kind::Join && n.children.size() == 4; });
  if (joins.empty()) return;
  (*random.pick(joins))->children[1] =
      atom(random.pick({" LEFT JOIN ", " RIGHT JOIN ", " FULL JOIN ", " JOIN "}));
}

// PostgreSQL 15 does not order by a column that is constant before grouping sets make it NULL.
bool has_grouping_sets(const Node& select) {
  for (const NodePtr& part : select.children) {
    if (part->open != " GROUP BY ") continue;
    const std::string& shape = part->children[0]->open;
    if (!shape.empty()) return true;
  }
  return false;
}

// A LIMIT, DISTINCT ON or second branch where there was none.
void change_block(NodePtr& tree, Random& random) {
  Slots selects = slots_of(tree, [](const Node& n) {
    return n.kind == Kind::Select && n.children[0]->open == "SELECT " && !n.children.empty() &&
           !n.children.back()->open.starts_with(" LIMIT") && !has_grouping_sets(n);
  });
  if (selects.empty()) return;
  NodePtr& slot = *random.pick(selects);
  const std::size_t count = slot->children[0]->children.size();
  std::string order = " ORDER BY 1";
  for (std::size_t i = 2; i <= count; ++i) order += fmt::format(", {}", i);
  switch (random.below(3)) {
    case 0:
      slot->children.push_back(atom(order + random.pick({" LIMIT 1", " LIMIT 3", " OFFSET 1"})));
      break;
    case 1: {
      NodePtr copy = clone(slot);
      copy->children[0] = clone(slot->children[0]);
      copy->children[0]->open =
          "SELECT DISTINCT ON (" + print(slot->children[0]->children[0]) + ") ";
      copy->children.push_back(atom(order));
      slot = copy;
      break;
    }
    default: {
      NodePtr other = clone(slot);
      Slots ties = slots_of(other, is_condition);
      if (!ties.empty()) remove_tie(*random.pick(ties));
      auto both = std::make_shared<Node>();
      both->kind = Kind::SetOp;
      both->separator = random.pick({" UNION ", " UNION ALL ", " EXCEPT ", " INTERSECT "});
      both->children = {wrap("(", slot, ")", Kind::Fixed), wrap("(", other, ")", Kind::Fixed)};
      if (random.chance(50)) std::swap(both->children[0], both->children[1]);
      slot = both;
      break;
    }
  }
}

}  // namespace

void near_miss(NodePtr& tree, const SchemaPlan& plan, Random& random) {
  tree = clone(tree);
  const Slots ties = slots_of(tree, [](const Node& n) { return n.ties != Ties::No; });
  const Slots conditions = slots_of(tree, is_condition);
  const Slots ands =
      slots_of(tree, [](const Node& n) { return n.kind == Kind::And && holds_tie(n); });
  switch (random.weighted({12, 8, 10, 10, 14, 5, 14, 8, 8, 10, 8, 5})) {
    case 0:
      if (!ties.empty()) remove_tie(*random.pick(ties));
      break;
    case 1:
      if (!ands.empty()) {
        Node& node = **random.pick(ands);
        node.kind = Kind::Or;
        node.separator = " OR ";
      }
      break;
    case 2: move_between(tree, random, true); break;
    case 3: move_between(tree, random, false); break;
    case 4:
      if (!conditions.empty()) loosen(*random.pick(conditions), random);
      break;
    case 5:
      if (!conditions.empty()) change_operator(*random.pick(conditions), random);
      break;
    case 6:
      if (!conditions.empty()) change_side(*random.pick(conditions), plan, random);
      break;
    case 7:
      if (!conditions.empty()) through_function(*random.pick(conditions), random);
      break;
    case 8: change_alias(tree, random); break;
    case 9: change_join(tree, random); break;
    case 10: change_block(tree, random); break;
    default:
      // The tie of one occurrence, where another's was.
      if (conditions.size() > 1) {
        NodePtr* from = random.pick(conditions);
        NodePtr* to = random.pick(conditions);
        if (from == to) break;
        NodePtr moved = *from;
        *to = all_of({clone(moved), *to});
        *from = atom("true");
      }
      break;
  }
}

std::vector<Weakened> weakened(const NodePtr& tree) {
  std::vector<Weakened> out;
  const auto tied = [](const Node& n) {
    return n.ties == Ties::Condition || n.ties == Ties::Column;
  };
  const auto ands = [](const Node& n) { return n.kind == Kind::And && holds_tie(n); };
  const auto selects = [](const Node& n) { return n.kind == Kind::Select; };
  NodePtr first = clone(tree);
  const std::size_t ties = slots_of(first, tied).size();
  const std::size_t and_count = slots_of(first, ands).size();
  const std::size_t select_count = slots_of(first, selects).size();
  for (std::size_t i = 0; i < ties; ++i) {
    NodePtr copy = clone(tree);
    remove_tie(*slots_of(copy, tied)[i]);
    out.push_back({"removed", copy});
  }
  for (std::size_t i = 0; i < and_count; ++i) {
    NodePtr copy = clone(tree);
    Node& node = **slots_of(copy, ands)[i];
    node.kind = Kind::Or;
    node.separator = " OR ";
    out.push_back({"AND to OR", copy});
  }
  for (std::size_t i = 0; i < select_count; ++i) {
    NodePtr copy = clone(tree);
    Clauses clauses = clauses_of(**slots_of(copy, selects)[i]);
    if (clauses.on.empty() || clauses.where == nullptr) continue;
    const std::string& kind = clauses.joins[0];
    if (kind == " JOIN ") continue;
    NodePtr taken = take_tie(*clauses.where);
    if (!taken) continue;
    *clauses.on[0] = all_of({taken, *clauses.on[0]});
    out.push_back({"WHERE to ON", copy});
  }
  return out;
}

}  // namespace tenantlint::differential
