// From the tree to blocks: which queries there are, what each of them reads and gives. Sources get
// numbers in the order in which they are met, so that the sources inside a block are a range.
#include <algorithm>

#include "analyzer/isolation/analysis.h"
#include "analyzer/schema/identifiers.h"

namespace tenantlint::isolation {

Block* Analysis::new_block(const Context& context, Outer outer, std::uint32_t at) {
  Block& block = block_pool_.emplace_back();
  block.context = &context;
  block.outer = outer;
  block.at = at;
  block.first_source = static_cast<SourceId>(sources_.size());
  if (block_pool_.size() > static_cast<std::size_t>(kMaxBlocks)) too_complex_ = true;
  return &block;
}

void Analysis::finish_block(Block& block) {
  block.end_source = static_cast<SourceId>(sources_.size());
}

// Null if the node is no query, or if there is no end to them.
Block* Analysis::build_query(const ast::Node& query, const Context& context, Outer outer) {
  if (depth_ >= kMaxDepth || too_complex_) {
    too_complex_ = true;
    return nullptr;
  }
  ++depth_;
  Block* block = new_block(context, outer, query.at);
  if (const auto* select = ast::as<ast::Select>(&query)) {
    build_select(*block, *select);
  } else {
    build_change(*block, query);
  }
  finish_block(*block);
  --depth_;
  return block;
}

void Analysis::build_select(Block& block, const ast::Select& select) {
  block.select = &select;
  build_ctes(block, select.with);
  if (select.op != ast::SetOp::None) return build_set_operation(block, select);
  if (select.is_values) return build_values(block, select);
  for (const ast::FromItem* item : select.from) {
    if (JoinNode* node = build_from_item(block, item)) block.from.push_back(node);
  }
  build_outputs(block, select.targets);
  build_expressions(block, select);
}

void Analysis::build_expressions(Block& block, const ast::Select& select) {
  const Site rows;
  Site sorted;
  sorted.targets = &select.targets;
  for (const ast::Target& target : select.targets) scan(target.value, block, rows);
  Site where;
  where.before_groups = true;
  scan(select.where, block, where);
  for (const ast::Expr* e : select.group_by) scan(e, block, sorted);
  scan(select.having, block, rows);
  for (const ast::Expr* e : select.distinct_on) scan(e, block, sorted);
  for (const ast::SortBy& key : select.order_by) scan(key.expr, block, sorted);
  for (const ast::WindowDef* window : select.windows) scan_window(*window, block, rows);
  Site limit;
  limit.rows = false;
  scan(select.limit, block, limit);
  scan(select.offset, block, limit);
  const bool groups = !select.group_by.empty();
  const bool aggregates = std::any_of(block.aggregates.begin(), block.aggregates.end(),
                                      [](const AggregateCall& a) { return !a.window; });
  block.grouped = groups || aggregates || select.having != nullptr;
  block.one_row = block.grouped && !groups;
  for (const ast::Expr* e : select.group_by) {
    const auto* set = ast::as<ast::GroupingSet>(e);
    if (set == nullptr) continue;
    block.grouping_sets = true;
    // GROUP BY () and a set () give a row where there is none.
    block.one_row = true;
  }
}

void Analysis::build_ctes(Block& block, const ast::With* with) {
  block.with = with;
  if (with == nullptr) return;
  for (const ast::CommonTable& tree : with->tables) {
    Cte& cte = cte_pool_.emplace_back();
    cte.name = tree.name;
    cte.columns.assign(tree.columns.begin(), tree.columns.end());
    if (tree.query == nullptr) continue;
    const auto* select = ast::as<ast::Select>(tree.query);
    const bool may_recurse = with->recursive && select != nullptr &&
                             select->op == ast::SetOp::Union && select->with == nullptr;
    if (may_recurse) {
      block.ctes.push_back(&cte);
      build_recursive(block, cte, tree);
      continue;
    }
    // Only what stands before it is visible (with RECURSIVE, forward references are an error).
    cte.block = build_query(*tree.query, *block.context, {&block, 0, 0});
    block.ctes.push_back(&cte);
  }
}

// The first branch says what the columns are; the second one may use the name.
void Analysis::build_recursive(Block& block, Cte& cte, const ast::CommonTable& tree) {
  const auto& select = *ast::as<ast::Select>(tree.query);
  Block* body = new_block(*block.context, {&block, 0, 0}, select.at);
  body->select = &select;
  cte.recursive = true;
  body->left =
      select.left == nullptr ? nullptr : build_query(*select.left, *block.context, {&block, 0, 0});
  if (body->left == nullptr) return;
  body->outputs = body->left->outputs;
  body->outputs_known = body->left->outputs_known;
  cte.block = body;
  body->recursion = &cte;
  body->right = select.right == nullptr
                    ? nullptr
                    : build_query(*select.right, *block.context, {&block, 0, 0});
  finish_block(*body);
  if (cte.self == nullptr) body->recursion = nullptr;
  Site limit;
  limit.rows = false;
  scan(select.limit, *body, limit);
  scan(select.offset, *body, limit);
  if (tree.has_search || tree.has_cycle) {
    unknown(*block.context, tree.at, cte.name, reason::kNotUnderstood,
            "SEARCH and CYCLE add columns that are not followed");
  }
}

void Analysis::build_set_operation(Block& block, const ast::Select& select) {
  // WITH of the whole is visible in both branches.
  const Outer outer{&block, 0, 0};
  if (select.left != nullptr) block.left = build_query(*select.left, *block.context, outer);
  if (select.right != nullptr) block.right = build_query(*select.right, *block.context, outer);
  if (block.left == nullptr || block.right == nullptr) {
    too_complex_ = true;
    return;
  }
  block.outputs = block.left->outputs;
  block.outputs_known = block.left->outputs_known && block.right->outputs_known &&
                        block.left->outputs.size() == block.right->outputs.size();
  Site limit;
  limit.rows = false;
  scan(select.limit, block, limit);
  scan(select.offset, block, limit);
}

void Analysis::build_values(Block& block, const ast::Select& select) {
  Site site;
  for (const auto& row : select.values) {
    for (const ast::Expr* e : row) scan(e, block, site);
  }
  static constexpr std::string_view kNames[] = {"column1", "column2", "column3", "column4",
                                                "column5", "column6", "column7", "column8"};
  if (select.values.empty()) return;
  for (std::size_t i = 0; i < select.values[0].size(); ++i) {
    Output& out = block.outputs.emplace_back();
    out.name = i < std::size(kNames) ? kNames[i] : arena_.copy("column" + std::to_string(i + 1));
    out.expr = select.values[0][i];
  }
  site.rows = false;
  scan(select.limit, block, site);
  scan(select.offset, block, site);
}

void Analysis::build_outputs(Block& block, ast::List<ast::Target> targets) {
  for (const ast::Target& target : targets) {
    const auto* ref = ast::as<ast::ColumnRef>(target.value);
    if (ref != nullptr && ref->star) {
      expand_star(block, *ref);
      continue;
    }
    const auto* path = ast::as<ast::Indirection>(target.value);
    if (path != nullptr && !path->path.empty() && path->path.back().star) {
      block.outputs_known = false;  // (row).*
      continue;
    }
    Output& out = block.outputs.emplace_back();
    out.name = target.name.empty() ? schema::figure_column_name(target.value) : target.name;
    if (out.name.empty()) out.name = "?column?";
    out.expr = target.value;
    out.at = target.at;
  }
}

// In the order of manual 7.2.1.1: for *, merged columns first, then what is left of both sides.
void Analysis::expand_star(Block& block, const ast::ColumnRef& star) {
  const auto add = [&](std::string_view name, const ColumnUse& use) {
    Output& out = block.outputs.emplace_back();
    out.name = name;
    out.use = use;
    out.at = star.at;
  };
  const auto add_source = [&](Source& source, bool hide_merged) {
    if (source.any_column) block.outputs_known = false;
    for (int c = 0; c < column_count(source); ++c) {
      if (!has_column(source, c)) continue;
      const bool merged = hide_merged && std::any_of(source.merged.begin(), source.merged.end(),
                                                     [&](const auto& m) { return m.first == c; });
      if (merged) continue;
      ColumnUse use;
      use.status = NameStatus::Column;
      use.source = &source;
      use.column = c;
      add(column_name(source, c), use);
    }
  };
  if (star.fields.empty()) {
    // Where USING and plain items mix, only the set of columns is right, not their order.
    for (const Merged* merged : block.merged) {
      if (merged->hidden_by != nullptr) continue;
      ColumnUse use;
      use.status = NameStatus::MergedColumn;
      use.merged = merged;
      add(merged->name, use);
    }
    for (Source* source : block.sources) {
      // What an alias of a join or MERGE hides is reached through the alias.
      if (source->columns_visible) add_source(*source, true);
    }
    for (const JoinAlias& alias : block.aliases) {
      for (const auto& [name, use] : alias.columns) add(name, use);
    }
    return;
  }
  const std::string_view name = star.fields.back();
  for (const Block* at = &block; at != nullptr; at = at->outer.block) {
    for (Source* source : at->sources) {
      if (source->visible && source->name == name) return add_source(*source, false);
    }
    for (const JoinAlias& alias : at->aliases) {
      if (alias.name != name) continue;
      for (const auto& [column, use] : alias.columns) add(column, use);
      return;
    }
  }
  block.outputs_known = false;
}

}  // namespace tenantlint::isolation
