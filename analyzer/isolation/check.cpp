// Downwards: each occurrence of a tenant-owned table, with all that holds for the rows of it that
// can matter. Conditions are moved into derived tables, CTEs and views through the columns that
// they export, unless something stands between; subqueries get what holds for the row around them.
#include <algorithm>

#include "analyzer/isolation/analysis.h"

namespace tenantlint::isolation {

bool Analysis::tied(TermId id, const Closure& known, TermId* by) const {
  if (known.never()) return true;
  if (id == kNoTerm || id >= terms_.size()) return false;
  const Term& term = terms_[id];
  const TermId root = known.find(id);
  for (const TermId anchor : terms_.anchors()) {
    if (known.find(anchor) != root || !is_source(anchor)) continue;
    const Casts& casts = terms_[anchor].casts;
    const bool kept = term.type != nullptr ? keeps_apart(*term.type, casts)
                                           : (casts.mask & (kCastBounded | kCastOther)) == 0;
    if (!kept) continue;
    if (by != nullptr) *by = anchor;
    return true;
  }
  return false;
}

// `as`: the source that this block is for whoever reads it; conditions on its columns are in
// `context`.
void Analysis::check(Block& block, const std::vector<Facts>& context, Source* as) {
  if (block.checked || too_complex_) return;
  block.checked = true;
  gather(block);
  if (block.recursion != nullptr) {
    check_recursion(block, context, as);
  } else if (block.left != nullptr) {
    check_set_operation(block, context, as);
  } else if (block.change != nullptr) {
    check_change(block, context);
  } else {
    std::vector<Facts> all = context;
    all.push_back(block.own);
    if (as != nullptr) all.push_back(pass_down(block, *as, context));
    check_region(block, block.from, all);
    check_links(block, context, all);
  }
  check_ctes(block, context);
}

// The columns of the source are the outputs of the block, where nothing stands between.
Facts Analysis::pass_down(Block& block, Source& as, const std::vector<Facts>& context) {
  FactList out;
  const auto terms = as.terms;
  for (const auto& [column, term] : terms) {
    if (column < 0) continue;  // no output: see tenant_of_row()
    const auto output = static_cast<std::size_t>(column);
    std::uint32_t at = 0;
    const std::string_view why = barrier(block, output, at);
    TermResult value;
    if (output < block.outputs.size()) value = term_of_output(block, output);
    if (why.empty()) {
      if (value.term == kNoTerm) continue;
      const Fact equal{FactKind::Equal, term, value.term, {}};
      // A row of another grouping set has NULL there.
      const bool same = value.exact && !(block.grouping_sets && inside(value.term, block));
      out.push_back(same ? Fact{FactKind::Same, term, value.term, {}}
                         : Fact{FactKind::IfNotNull, term, kNoTerm, freeze({equal})});
    } else if (tied(term, closure(context))) {
      barriers_.push_back({value.term, why, at, block.context, &block});
    }
  }
  return freeze(out);
}

void Analysis::check_region(Block& block, const std::vector<JoinNode*>& items,
                            const std::vector<Facts>& context) {
  const Closure known = closure(context);
  if (too_complex_) return;
  std::vector<Source*> leaves;
  std::vector<JoinNode*> sides;
  for (JoinNode* item : items) split(block, *item, known, leaves, sides);
  for (Source* source : leaves) check_leaf(*source, known, context);
  for (JoinNode* side : sides) check_outer_side(block, *side, context);
}

// Sources whose rows all have to satisfy the context, and sides of outer joins that need not.
void Analysis::split(Block& block, JoinNode& node, const Closure& known,
                     std::vector<Source*>& leaves, std::vector<JoinNode*>& sides) {
  if (node.leaf != nullptr) {
    leaves.push_back(node.leaf);
    return;
  }
  // A condition that NULL does not pass makes an outer join an inner one.
  const auto present = [&](const JoinNode& side) {
    for (std::uint32_t i = side.begin; i < side.end; ++i) {
      if (known.present(block.sources[i]->id)) return true;
    }
    return false;
  };
  const bool left_may_be_empty =
      (node.type == ast::JoinType::Right || node.type == ast::JoinType::Full) &&
      !present(*node.left);
  const bool right_may_be_empty =
      (node.type == ast::JoinType::Left || node.type == ast::JoinType::Full) &&
      !present(*node.right);
  const auto side = [&](JoinNode& child, bool may_be_empty) {
    if (!may_be_empty) return split(block, child, known, leaves, sides);
    child.parent = &node;
    sides.push_back(&child);
  };
  side(*node.left, left_may_be_empty);
  side(*node.right, right_may_be_empty);
}

// Is it a column of one of the sources of that part of FROM?
bool Analysis::belongs(TermId id, const Block& block, const JoinNode& side) const {
  if (id >= terms_.size()) return false;
  const Term& term = terms_[id];
  if (term.kind == TermKind::Merged) {
    return belongs(term.source, block, side) &&
           belongs(static_cast<TermId>(term.column), block, side);
  }
  if (term.kind != TermKind::Column) return false;
  for (std::uint32_t i = side.begin; i < side.end; ++i) {
    if (block.sources[i]->id == term.source) return true;
  }
  return false;
}

// A row of such a side matters only with a row of the other side that it matches (ON, through the
// conditional facts that its presence fires), or, in a FULL JOIN, also alone.
void Analysis::check_outer_side(Block& block, JoinNode& side, std::vector<Facts> context) {
  const JoinNode& join = *side.parent;
  context.push_back(side.out);
  if (join.type == ast::JoinType::Full) {
    const Closure on = closure({join.on});
    FactList facts;
    for (TermId id = 0; id < terms_.size(); ++id) {
      const Term& term = terms_[id];
      if (term.kind != TermKind::Merged) continue;
      const TermId one = term.source;
      const auto other = static_cast<TermId>(term.column);
      if (one == kNoTerm || other == kNoTerm || !on.same(one, other)) continue;
      const JoinNode& far = &side == join.left ? *join.right : *join.left;
      // COALESCE of a column of each side, which ON makes equal: of a row alone, its own.
      for (const auto& [mine, theirs] : {std::pair(one, other), std::pair(other, one)}) {
        if (belongs(mine, block, side) && belongs(theirs, block, far)) {
          facts.push_back({FactKind::Same, id, mine, {}});
        }
      }
    }
    context.push_back(freeze(facts));
  }
  check_region(block, {&side}, context);
}

void Analysis::check_leaf(Source& source, const Closure& known, const std::vector<Facts>& context) {
  if (source.kind == SourceKind::Table) return judge_table(source, known);
  if (source.kind != SourceKind::Query) return;
  if (source.cte == nullptr) {
    if (source.block != nullptr) check(*source.block, context, &source);
    return;
  }
  Cte& cte = *source.cte;
  if (cte.self == &source || cte.block == nullptr) return;
  if (cte.uses == 1 && cte.block->change == nullptr) return check(*cte.block, context, &source);
  // What all uses agree on is passed on when all of them are known.
  const std::size_t count = cte.block->outputs.size();
  if (cte.checked++ == 0) cte.tied.assign(count, 1);
  for (std::size_t i = 0; i < count; ++i) {
    const auto term = std::find_if(source.terms.begin(), source.terms.end(),
                                   [&](const auto& t) { return t.first == static_cast<int>(i); });
    if (known.never()) continue;
    if (term == source.terms.end() || !tied(term->second, known)) cte.tied[i] = 0;
  }
}

// From the last to the first: a query is used by those behind it.
void Analysis::check_ctes(Block& block, const std::vector<Facts>& context) {
  for (auto at = block.ctes.rbegin(); at != block.ctes.rend(); ++at) {
    Cte& cte = **at;
    if (cte.block == nullptr || cte.block->checked) continue;
    if (cte.block->change != nullptr) {
      check(*cte.block, context, nullptr);
      continue;
    }
    // PostgreSQL does not run a query that nothing uses.
    if (cte.checked == 0) continue;
    Source& as = source_pool_.emplace_back();
    as.kind = SourceKind::Query;
    as.id = static_cast<SourceId>(sources_.size());
    as.context = block.context;
    as.home = &block;
    as.block = cte.block;
    as.name = cte.name;
    sources_.push_back(&as);
    FactList facts;
    for (std::size_t i = 0; i < cte.tied.size(); ++i) {
      if (cte.tied[i] == 0) continue;
      facts.push_back({FactKind::Equal, column_term(as, static_cast<int>(i)), any_source(), {}});
    }
    std::vector<Facts> all = context;
    all.push_back(freeze(facts));
    check(*cte.block, all, &as);
  }
}

void Analysis::check_set_operation(Block& block, const std::vector<Facts>& context, Source* as) {
  const ast::Select& select = *block.select;
  std::vector<Facts> left = context;
  std::vector<Facts> right = context;
  // Above a LIMIT nothing is known of the rows below it, but what the branches say themselves.
  const bool limited = select.limit != nullptr || select.offset != nullptr;
  if (as != nullptr && limited) {
    pass_down(block, *as, context);
    as = nullptr;
  }
  if (as == nullptr) {
    Source& both = source_pool_.emplace_back();
    both.kind = SourceKind::Query;
    both.id = static_cast<SourceId>(sources_.size());
    both.context = block.context;
    both.home = &block;
    both.block = &block;
    sources_.push_back(&both);
    as = &both;
  }
  // Rows of one branch that no row of the other equals do not matter.
  if (select.op != ast::SetOp::Union) {
    FactList of_left;
    rows_of(*block.left, *as, of_left);
    right.push_back(freeze(of_left));
  }
  if (select.op == ast::SetOp::Intersect) {
    FactList of_right;
    rows_of(*block.right, *as, of_right);
    left.push_back(freeze(of_right));
  }
  check(*block.left, left, as);
  check(*block.right, right, as);
}

// A condition on a column moves into a recursive query if each step keeps the column as it is.
void Analysis::check_recursion(Block& block, const std::vector<Facts>& context, Source* as) {
  Cte& cte = *block.recursion;
  Source kept;
  if (as != nullptr) {
    kept = *as;
    kept.terms.clear();
    const bool plain = block.right->left == nullptr && block.select->limit == nullptr &&
                       block.select->offset == nullptr;
    gather(*block.right);
    const Closure step = closure({block.right->own});
    for (const auto& [column, term] : as->terms) {
      const auto output = static_cast<std::size_t>(column);
      if (column < 0 || !plain || output >= block.right->outputs.size()) continue;
      const TermResult value = term_of_output(*block.right, output);
      if (value.term == kNoTerm || !step.same(value.term, column_term(*cte.self, column))) {
        continue;
      }
      kept.terms.emplace_back(column, term);
    }
    as = &kept;
  }
  check(*block.left, context, as);
  check(*block.right, context, as);
}

void Analysis::check_links(Block& block, const std::vector<Facts>& context,
                           const std::vector<Facts>& rows) {
  for (const Link& link : block.links) {
    std::vector<Facts> known = context;
    if (link.join != nullptr) {
      known = rows;
      known.push_back(link.join->left->out);
      known.push_back(link.join->right->out);
      known.push_back(link.join->on);
    } else if (link.rows && (!block.one_row || link.before_groups)) {
      known = rows;
    }
    Source as;
    as.kind = SourceKind::Query;
    as.id = kNoSource;
    as.block = link.block;
    as.home = &block;
    as.context = block.context;
    for (const auto& [inner, stand_ins] : links_by_stand_in_) {
      if (inner != link.block) continue;
      for (std::size_t i = 0; i < stand_ins.size(); ++i) {
        as.terms.emplace_back(static_cast<int>(i), stand_ins[i]);
      }
    }
    check(*link.block, known, as.terms.empty() ? nullptr : &as);
  }
}

void Analysis::judge_table(Source& source, const Closure& known) {
  const schema::TableTenancy& tenancy = know_.tenancy.of(*source.relation);
  if (tenancy.kind != schema::TenancyKind::TenantOwned || source.access == Access::Insert) return;
  const TermId term = column_term(source, tenancy.column);
  TermId by = kNoTerm;
  if (tied(term, known, &by)) {
    report(source, Verdict::Proven, reason::kPinned);
    note_sources(source, term, known);
    return;
  }
  explain_missing(source, term, known);
}

}  // namespace tenantlint::isolation
