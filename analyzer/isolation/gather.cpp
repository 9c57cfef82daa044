// Upwards: what holds for the rows that each part of a query gives, from its own conditions alone.
// Joins say what they know of their sides (an outer join: only where its empty side has a row),
// WHERE and HAVING add to it, and a block passes on what it knows of its outputs.
#include <algorithm>
#include <unordered_map>

#include "analyzer/isolation/analysis.h"

namespace tenantlint::isolation {

namespace {

void append(FactList& out, Facts facts) {
  out.insert(out.end(), facts.begin(), facts.end());
}

// The parts of a conjunction, those without OR first: they are known when OR is looked at.
void conjuncts(const ast::Expr* expr, std::vector<const ast::Expr*>& plain,
               std::vector<const ast::Expr*>& rest) {
  if (expr == nullptr) return;
  const auto* node = ast::as<ast::BoolExpr>(expr);
  if (node != nullptr && node->op == ast::BoolOp::And) {
    for (const ast::Expr* arg : node->args) conjuncts(arg, plain, rest);
    return;
  }
  const bool branches =
      node != nullptr || expr->kind == ast::Kind::Case || expr->kind == ast::Kind::Coalesce;
  (branches ? rest : plain).push_back(expr);
}

}  // namespace

Closure Analysis::closure(const std::vector<Facts>& facts) {
  Closure known(terms_, static_cast<std::uint32_t>(sources_.size()));
  if (!spend(terms_.size() + sources_.size())) too_complex_ = true;
  for (const Facts f : facts) {
    if (!spend(f.size())) too_complex_ = true;
    known.add(f);
  }
  return known;
}

bool Analysis::inside(TermId id, const Block& block) const {
  if (id >= terms_.size()) return false;
  const Term& term = terms_[id];
  if (term.kind == TermKind::Merged) return inside(term.source, block);
  if (term.owner != nullptr) {
    return term.owner == &block || (term.owner->first_source >= block.first_source &&
                                    term.owner->end_source <= block.end_source);
  }
  return term.kind == TermKind::Column && term.source != kNoSource &&
         term.source >= block.first_source && term.source < block.end_source;
}

void Analysis::assume_all(const ast::Expr* condition, const Spot& where, FactList& out) {
  std::vector<const ast::Expr*> plain;
  std::vector<const ast::Expr*> rest;
  conjuncts(condition, plain, rest);
  for (const ast::Expr* e : plain) assume(e, true, where, out, {});
  for (const ast::Expr* e : rest) {
    const Facts base = freeze(out);
    assume(e, true, where, out, base);
  }
}

void Analysis::gather(Block& block) {
  if (block.gathered || too_complex_) return;
  block.gathered = true;
  FactList facts;
  for (JoinNode* node : block.from) {
    gather_join(block, *node);
    append(facts, node->out);
  }
  const ast::Expr* where = nullptr;
  if (block.select != nullptr) {
    if (block.select->op != ast::SetOp::None || block.select->is_values) return;
    where = block.select->where;
  } else if (const auto* update = ast::as<ast::Update>(block.change)) {
    where = update->where;
  } else if (const auto* remove = ast::as<ast::Delete>(block.change)) {
    where = remove->where;
  }
  if (ast::as<ast::Insert>(block.change) != nullptr) gather_insert(block, facts);
  assume_all(where, {block}, facts);
  identify_rows(block.sources, freeze(facts), facts);
  block.own = freeze(facts);
  if (block.select == nullptr) return;
  gather_lookups(block);
  if (block.select->having != nullptr) {
    FactList having(block.own.begin(), block.own.end());
    assume_all(block.select->having, {block}, having);
    block.own = freeze(having);
  }
  if (block.one_row && !block.grouping_sets) gather_aggregates(block);
}

// What matters of the rows behind aggregates without GROUP BY is what an aggregate takes of them.
void Analysis::gather_aggregates(Block& block) {
  static constexpr std::string_view kKeepNulls[] = {"array_agg", "json_agg", "jsonb_agg",
                                                    "json_object_agg", "jsonb_object_agg"};
  std::vector<Branch> branches;
  for (const AggregateCall& a : block.aggregates) {
    if (a.window) continue;
    Branch& branch = branches.emplace_back();
    branch.at = a.call->at;
    if (a.call->filter != nullptr) {
      assume(a.call->filter, true, {block}, branch.facts, block.own);
    }
    const auto* value = a.call->args.size() == 1 ? ast::as<ast::Case>(a.call->args[0]) : nullptr;
    const std::string_view name = a.call->name.name;
    const bool skips_nulls =
        std::find(std::begin(kKeepNulls), std::end(kKeepNulls), name) == std::end(kKeepNulls);
    const bool builtin =
        a.call->name.schema.empty() && find_functions(a.call->name, *block.context).empty();
    if (value == nullptr || value->arg != nullptr || value->otherwise != nullptr || !skips_nulls ||
        !builtin) {
      continue;
    }
    std::vector<Branch> whens;
    for (const ast::CaseWhen& when : value->whens) {
      Branch& taken = whens.emplace_back();
      taken.at = value->at;
      assume(when.condition, true, {block}, taken.facts, block.own);
    }
    meet(whens, {block}, branch.facts, block.own);
  }
  if (branches.empty()) return;
  FactList facts(block.own.begin(), block.own.end());
  meet(branches, {block}, facts, block.own);
  block.own = freeze(facts);
}

// SELECT … FROM tenants WHERE slug = $1: one row of the tenants' own table, by a unique key.
void Analysis::gather_lookups(Block& block) {
  for (Source* source : block.sources) {
    const schema::Relation* table = know_.tenancy.tenants_table();
    if (source->kind != SourceKind::Table || source->relation != table || source->nullable)
      continue;
    int key = -1;
    for (const schema::Constraint* c : table->constraints) {
      if (!c->dropped && c->type == schema::ConstraintType::PrimaryKey && c->columns.size() == 1) {
        key = c->columns[0];
      }
    }
    if (key < 0) continue;
    const Closure known = closure({block.own});
    const auto given = [&](int column) {
      for (const auto& [c, term] : source->terms) {
        if (c != column) continue;
        for (const TermId anchor : terms_.anchors()) {
          const TermKind kind = terms_[anchor].kind;
          if ((kind == TermKind::Parameter || kind == TermKind::Tenant) &&
              known.same(anchor, term)) {
            return true;
          }
        }
      }
      return false;
    };
    if (given(key)) continue;
    for (const schema::Index* index : table->indexes) {
      if (index->dropped || !index->unique || index->predicate != nullptr || index->keys.empty()) {
        continue;
      }
      const bool all = std::all_of(index->keys.begin(), index->keys.end(),
                                   [&](const auto& k) { return k.column >= 0 && given(k.column); });
      if (!all) continue;
      Term term;
      term.kind = TermKind::LookedUp;
      term.text = source->name;
      term.column = static_cast<int>(source->id);
      FactList facts(block.own.begin(), block.own.end());
      facts.push_back({FactKind::Equal, column_term(*source, key), terms_.intern(term), {}});
      block.own = freeze(facts);
      break;
    }
  }
}

void Analysis::gather_leaf(JoinNode& node) {
  Source& source = *node.leaf;
  FactList out;
  out.push_back({FactKind::Present, source.id, kNoTerm, {}});
  if (source.kind == SourceKind::Query) {
    if (source.cte != nullptr && source.cte->self == &source) {
      append(out, source.cte->self_facts);
    } else {
      Block* inner = source.cte != nullptr ? source.cte->block : source.block;
      if (inner != nullptr) rows_of(*inner, source, out);
    }
  } else if (is_protected(source)) {
    const int tenant = know_.tenancy.of(*source.relation).column;
    out.push_back({FactKind::Equal, column_term(source, tenant), any_source(), {}});
  }
  node.out = freeze(out);
}

// By a policy, for whoever the condition is judged for.
bool Analysis::is_protected(const Source& source) const {
  return protects_ != nullptr && source.kind == SourceKind::Table &&
         source.home->outer.block != nullptr && know_.tenancy.tenant_owned(*source.relation) &&
         (*protects_)(*source.relation);
}

void Analysis::gather_join(Block& block, JoinNode& node) {
  if (node.leaf != nullptr) return gather_leaf(node);
  gather_join(block, *node.left);
  gather_join(block, *node.right);
  FactList both;
  append(both, node.left->out);
  append(both, node.right->out);
  const std::size_t sides = both.size();
  for (const Merged* merged : node.merged) {
    const TermResult left = term_of_use(merged->left);
    const TermResult right = term_of_use(merged->right);
    if (left.term == kNoTerm || right.term == kNoTerm) continue;
    both.push_back({FactKind::Equal, left.term, right.term, {}});
  }
  assume_all(node.condition, {block, node.begin, node.end}, both);
  if (node.type != ast::JoinType::Inner) {
    const std::vector<Source*> here(block.sources.begin() + node.begin,
                                    block.sources.begin() + node.end);
    identify_rows(here, freeze(both), both);
  }
  node.on = freeze(FactList(both.begin() + static_cast<std::ptrdiff_t>(sides), both.end()));
  FactList out;
  const auto if_present = [&](const JoinNode& side, Facts then) {
    for (std::uint32_t i = side.begin; i < side.end; ++i) {
      out.push_back({FactKind::IfPresent, block.sources[i]->id, kNoTerm, then});
    }
  };
  switch (node.type) {
    case ast::JoinType::Inner: node.out = freeze(both); return;
    case ast::JoinType::Left:
    case ast::JoinType::Right: {
      const bool left = node.type == ast::JoinType::Left;
      const JoinNode& kept = left ? *node.left : *node.right;
      const JoinNode& empty = left ? *node.right : *node.left;
      append(out, kept.out);
      FactList then;
      append(then, empty.out);
      append(then, node.on);
      if_present(empty, freeze(then));
      break;
    }
    case ast::JoinType::Full: {
      // If both have a row, ON holds.
      const auto side = [&](const JoinNode& one, const JoinNode& other) {
        FactList then;
        append(then, one.out);
        for (std::uint32_t i = other.begin; i < other.end; ++i) {
          then.push_back({FactKind::IfPresent, block.sources[i]->id, kNoTerm, node.on});
        }
        if_present(one, freeze(then));
      };
      side(*node.left, *node.right);
      side(*node.right, *node.left);
      break;
    }
  }
  node.out = freeze(out);
  outer_join_attempts(node, block);
}

// ON of an outer join says nothing about rows of the side that is kept: people think it does.
void Analysis::outer_join_attempts(const JoinNode& node, const Block& block) {
  const Closure on = closure({node.on});
  const auto note = [&](const JoinNode& kept) {
    for (std::uint32_t i = kept.begin; i < kept.end; ++i) {
      for (const auto& [column, term] : block.sources[i]->terms) {
        if (tied(term, on)) attempt(term, reason::kOuterJoinSide, node.at, block);
      }
    }
  };
  if (node.type != ast::JoinType::Right) note(*node.left);
  if (node.type != ast::JoinType::Left) note(*node.right);
}

void Analysis::rows_of(Block& block, Source& as, FactList& out) {
  if (too_complex_) return;
  gather(block);
  if (block.recursion != nullptr) return rows_of_recursion(block, as, out);
  if (block.left != nullptr) return rows_of_set_operation(block, as, out);
  rows_of_select(block, as, out);
}

// Terms of outside that are equal wherever the block gives a row.
void Analysis::outside_facts(const Closure& known, const Block& block, FactList& out) {
  std::unordered_map<TermId, TermId> first;
  for (TermId id = 0; id < terms_.size(); ++id) {
    if (inside(id, block) || !known.not_null(id)) continue;
    const auto [at, fresh] = first.try_emplace(known.find(id), id);
    if (!fresh) out.push_back({FactKind::Equal, at->second, id, {}});
  }
}

void Analysis::rows_of_select(Block& block, Source& as, FactList& out) {
  const Closure known = closure({block.own});
  if (known.never() && !block.one_row) {
    out.push_back({});
    return;
  }
  if (!block.one_row) outside_facts(known, block, out);
  std::unordered_map<TermId, TermId> first;
  for (std::size_t i = 0; i < block.outputs.size(); ++i) {
    const TermResult value = term_of_output(block, i);
    if (value.term == kNoTerm) continue;
    const auto column = static_cast<int>(i);
    if (!value.exact) {
      const Fact equal{FactKind::Equal, column_term(as, column), value.term, {}};
      if (!inside(value.term, block)) {
        out.push_back({FactKind::IfNotNull, equal.a, kNoTerm, freeze({equal})});
      }
      continue;
    }
    if (!inside(value.term, block)) {
      out.push_back({FactKind::Same, column_term(as, column), value.term, {}});
      continue;
    }
    if (block.one_row && !block.grouping_sets) continue;
    tenant_behind(known, value.term, column, block, as, out);
    const TermId root = known.find(value.term);
    if (block.grouping_sets || !known.not_null(value.term)) {
      rows_if_not_null(block, value.term, column, as, out);
      if (block.grouping_sets) continue;
    }
    const auto [at, fresh] = first.try_emplace(root, static_cast<TermId>(i));
    if (!fresh) {
      out.push_back({FactKind::Same,
                     column_term(as, static_cast<int>(at->second)),
                     column_term(as, column),
                     {}});
      continue;
    }
    if (!known.not_null(value.term)) continue;
    for (TermId id = 0; id < terms_.size(); ++id) {
      if (known.find(id) != root || inside(id, block)) continue;
      out.push_back({FactKind::Equal, column_term(as, column), id, {}});
    }
  }
}

// A column of the empty side of an outer join inside: tied where it is not NULL.
void Analysis::rows_if_not_null(Block& block, TermId value, int column, Source& as, FactList& out) {
  const Fact given{FactKind::NotNull, value, kNoTerm, {}};
  Closure known = closure({block.own});
  known.add({&given, 1});
  FactList then;
  const TermId root = known.find(value);
  for (TermId id = 0; id < terms_.size(); ++id) {
    if (id == value || known.find(id) != root || inside(id, block)) continue;
    then.push_back({FactKind::Equal, column_term(as, column), id, {}});
  }
  if (then.empty()) return;
  out.push_back({FactKind::IfNotNull, column_term(as, column), kNoTerm, freeze(then)});
}

void Analysis::rows_of_set_operation(Block& block, Source& as, FactList& out) {
  FactList left;
  FactList right;
  rows_of(*block.left, as, left);
  switch (block.select->op) {
    case ast::SetOp::Except: append(out, left); return;
    case ast::SetOp::Intersect:
      rows_of(*block.right, as, right);
      append(out, left);
      append(out, right);
      return;
    case ast::SetOp::Union:
    case ast::SetOp::None: break;
  }
  rows_of(*block.right, as, right);
  agree(left, right, block, out);
}

void Analysis::agree(const FactList& left, const FactList& right, Block& block, FactList& out) {
  std::vector<Branch> branches(2);
  branches[0].facts = left;
  branches[1].facts = right;
  for (Branch& branch : branches) {
    branch.at = block.at;
    branch.why = reason::kSetBranch;
  }
  meet(branches, {block}, out, {});
}

// By induction: what the first branch gives, and the second one keeps if it is given that.
void Analysis::rows_of_recursion(Block& block, Source& as, FactList& out) {
  Cte& cte = *block.recursion;
  if (!cte.self_known) {
    cte.self_known = true;
    FactList hypothesis;
    rows_of(*block.left, *cte.self, hypothesis);
    // Conditional facts are left out: they are rarely of use, and hard to keep.
    std::erase_if(hypothesis, [](const Fact& f) {
      return f.kind == FactKind::IfNotNull || f.kind == FactKind::IfPresent;
    });
    constexpr int kRounds = 5;
    for (int round = 0; round < kRounds; ++round) {
      if (round + 1 == kRounds) hypothesis.clear();
      cte.self_facts = freeze(hypothesis);
      for (Block& b : block_pool_) {
        const bool part =
            b.first_source >= block.right->first_source && b.end_source <= block.right->end_source;
        if (part) b.gathered = false;
      }
      FactList kept;
      rows_of(*block.right, *cte.self, kept);
      const Closure known = closure({kept});
      const std::size_t before = hypothesis.size();
      std::erase_if(hypothesis, [&](const Fact& f) {
        if (known.never()) return false;
        switch (f.kind) {
          case FactKind::Equal: return !known.same(f.a, f.b) || !known.not_null(f.a);
          case FactKind::Same: return !known.same(f.a, f.b);
          case FactKind::NotNull: return !known.not_null(f.a);
          case FactKind::Present: return !known.present(f.a);
          case FactKind::Never:
          case FactKind::IfNotNull:
          case FactKind::IfPresent: return true;
        }
        return true;
      });
      if (hypothesis.size() == before) break;
    }
  }
  // The same facts, over the columns of this use.
  const auto use = [&](TermId id) {
    if (id == kNoTerm || id >= terms_.size()) return id;
    const Term& t = terms_[id];
    if (t.kind != TermKind::Column || t.source != cte.self->id) return id;
    return column_term(as, t.column);
  };
  for (const Fact& f : cte.self_facts) {
    if (f.kind == FactKind::Present || f.kind == FactKind::Never) continue;
    out.push_back({f.kind, use(f.a), use(f.b), {}});
  }
}

void Analysis::any_row(Block& block, const ast::Expr* condition, FactList& out) {
  if (too_complex_) return;
  gather(block);
  if (block.left != nullptr) {
    FactList left;
    FactList right;
    any_row(*block.left, nullptr, left);
    if (block.select->op != ast::SetOp::Except) any_row(*block.right, nullptr, right);
    if (block.select->op == ast::SetOp::Union) return agree(left, right, block, out);
    append(out, left);
    append(out, right);
    return;
  }
  if (block.one_row) return;
  FactList facts(block.own.begin(), block.own.end());
  if (condition != nullptr) assume_all(condition, {block}, facts);
  const Closure known = closure({freeze(facts)});
  if (known.never()) {
    out.push_back({});
    return;
  }
  outside_facts(known, block, out);
}

// Every window is a part of the rows of one tenant.
bool Analysis::in_partitions(Block& block, TermId term, const Closure& known, std::uint32_t& at) {
  const auto partitioned = [&](const ast::WindowDef& window, const auto& again, int depth) -> bool {
    for (const ast::Expr* e : window.partition_by) {
      const TermId part = term_of(e, {block}).term;
      if (part != kNoTerm && known.same(part, term)) return true;
    }
    for (const ast::WindowDef* named : block.select->windows) {
      const bool meant = (!window.name.empty() && named->name == window.name) ||
                         (!window.base.empty() && named->name == window.base);
      if (meant && named != &window && depth < 8 && again(*named, again, depth + 1)) return true;
    }
    return false;
  };
  for (const AggregateCall& a : block.aggregates) {
    if (!a.window || a.call->over == nullptr) continue;
    if (!partitioned(*a.call->over, partitioned, 0)) {
      at = a.call->at;
      return false;
    }
  }
  return true;
}

std::string_view Analysis::barrier(Block& block, std::size_t output, std::uint32_t& at) {
  at = block.at;
  if (block.select == nullptr) return reason::kNoPredicate;
  const ast::Select& select = *block.select;
  if (select.limit != nullptr || select.offset != nullptr) {
    at = select.limit != nullptr ? select.limit->at : select.offset->at;
    return reason::kFilterAfterLimit;
  }
  if (block.left != nullptr) {
    const std::string_view left = barrier(*block.left, output, at);
    return left.empty() ? barrier(*block.right, output, at) : left;
  }
  if (block.first_row) return reason::kFilterAfterLimit;
  if (block.effects) return reason::kNotUnderstood;
  if (output >= block.outputs.size()) return reason::kNotUnderstood;
  const TermResult value = term_of_output(block, output);
  if (value.term == kNoTerm) {
    return block.grouped ? reason::kFilterAfterAggregate : reason::kOtherColumn;
  }
  if (block.one_row && !block.grouping_sets) return reason::kFilterAfterAggregate;
  const Closure known = closure({block.own});
  if (!select.distinct_on.empty()) {
    const bool named =
        std::any_of(select.distinct_on.begin(), select.distinct_on.end(), [&](const ast::Expr* e) {
          const auto* ordinal = ast::as<ast::Literal>(e);
          if (ordinal != nullptr) return ordinal->text == std::to_string(output + 1);
          const auto* ref = ast::as<ast::ColumnRef>(e);
          if (ref != nullptr && ref->fields.size() == 1 &&
              ref->fields[0] == block.outputs[output].name) {
            return true;
          }
          const TermId term = term_of(e, {block}).term;
          return term != kNoTerm && known.same(term, value.term);
        });
    at = select.distinct_on[0]->at;
    if (!named) return reason::kFilterAfterDistinctOn;
  }
  if (!in_partitions(block, value.term, known, at)) return reason::kFilterAfterWindow;
  return {};
}

}  // namespace tenantlint::isolation
