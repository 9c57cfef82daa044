// FROM: tables, views and functions that are opened, joins, and the names that they bring.
// Source: PostgreSQL manual 7.2.1; src/backend/parser/parse_clause.c, parse_relation.c.
#include <algorithm>

#include "analyzer/isolation/analysis.h"
#include "analyzer/isolation/builtins.h"
#include "analyzer/isolation/function_body.h"

namespace tenantlint::isolation {

namespace {

// Functions of one value whose column is called as they are, or as their alias.
bool gives_one_column(std::string_view name) {
  static constexpr std::string_view kNames[] = {"unnest",
                                                "generate_series",
                                                "generate_subscripts",
                                                "string_to_table",
                                                "json_object_keys",
                                                "jsonb_object_keys",
                                                "json_array_elements_text",
                                                "jsonb_array_elements",
                                                "json_array_elements",
                                                "jsonb_array_elements_text",
                                                "regexp_split_to_table",
                                                "regexp_matches",
                                                "jsonb_path_query"};
  return std::find(std::begin(kNames), std::end(kNames), name) != std::end(kNames);
}

}  // namespace

Source* Analysis::new_source(Block& block, std::string_view name, std::uint32_t at) {
  Source& source = source_pool_.emplace_back();
  source.id = static_cast<SourceId>(sources_.size());
  source.name = name;
  source.at = at;
  source.context = block.context;
  source.home = &block;
  sources_.push_back(&source);
  block.sources.push_back(&source);
  return &source;
}

JoinNode* Analysis::leaf(Block& block, Source* source) {
  JoinNode& node = join_pool_.emplace_back();
  node.leaf = source;
  node.end = static_cast<std::uint32_t>(block.sources.size());
  node.begin = node.end - 1;
  return &node;
}

JoinNode* Analysis::build_from_item(Block& block, const ast::FromItem* item) {
  if (item == nullptr) return nullptr;
  const auto here = static_cast<std::uint32_t>(block.sources.size());
  switch (item->kind) {
    case ast::Kind::RangeVar: return leaf(block, add_table(block, *ast::as<ast::RangeVar>(item)));
    case ast::Kind::RangeSubselect: {
      const auto& sub = *ast::as<ast::RangeSubselect>(item);
      // A WITH of this block is visible inside; its sources are only to LATERAL.
      const Outer outer{&block, 0, sub.lateral ? here : 0};
      Block* inner =
          sub.query == nullptr ? nullptr : build_query(*sub.query, *block.context, outer);
      Source* source = new_source(block, sub.alias.name, sub.at);
      source->renames = sub.alias.columns;
      source->any_column = inner == nullptr || !inner->outputs_known;
      if (inner != nullptr) {
        source->kind = SourceKind::Query;
        source->block = inner;
      }
      return leaf(block, source);
    }
    case ast::Kind::RangeFunction:
      return leaf(block, add_function(block, *ast::as<ast::RangeFunction>(item)));
    case ast::Kind::JoinExpr: return build_join(block, *ast::as<ast::JoinExpr>(item));
    case ast::Kind::RangeTableSample: {
      const auto& sample = *ast::as<ast::RangeTableSample>(item);
      JoinNode* node = build_from_item(block, sample.relation);
      for (const ast::Expr* arg : sample.args) scan(arg, block, Site{});
      return node;
    }
    case ast::Kind::RangeTableFunc: {
      const auto& table = *ast::as<ast::RangeTableFunc>(item);
      for (const ast::Expr* arg : table.args) scan(arg, block, Site{nullptr, true, 0, here});
      Source* source = new_source(block, table.alias.name, table.at);
      source->columns.assign(table.columns.begin(), table.columns.end());
      return leaf(block, source);
    }
    default: {
      unknown(*block.context, item->at, "", reason::kNotUnderstood,
              "This item of FROM is not understood");
      Source* source = new_source(block, "", item->at);
      source->any_column = true;
      return leaf(block, source);
    }
  }
}

// A plain name is the nearest CTE of that name first, then a relation on the search path.
Source* Analysis::add_table(Block& block, const ast::RangeVar& mention) {
  const std::string_view name = mention.alias.name.empty() ? mention.name.name : mention.alias.name;
  if (mention.name.schema.empty()) {
    if (Cte* cte = find_cte(block, mention.name.name)) {
      Source* source = new_source(block, name, mention.at);
      source->renames = mention.alias.columns;
      source->any_column = cte->block == nullptr || !cte->block->outputs_known;
      source->kind = SourceKind::Query;
      source->cte = cte;
      // Inside its own body, and only in the branch that may use it.
      const bool own = cte->recursive && cte->block != nullptr && cte->block->right == nullptr;
      if (own && cte->self == nullptr) {
        cte->self = source;
      } else if (own || cte->block == nullptr) {
        source->kind = SourceKind::Opaque;
        source->cte = nullptr;
        source->any_column = true;
        unknown(*block.context, mention.at, name, reason::kNotUnderstood,
                "WITH query '" + std::string(name) + "' uses itself in a way that is not followed");
      } else {
        ++cte->uses;
      }
      return source;
    }
  }
  if (Source* transition = add_transition(block, mention)) return transition;
  bool system = false;
  const schema::Relation* relation = find_relation(mention, *block.context, system);
  if (names_later_cte(block, mention)) relation = nullptr;
  if (relation != nullptr) return add_relation(block, *relation, mention);
  Source* source = new_source(block, name, mention.at);
  source->renames = mention.alias.columns;
  source->any_column = true;
  source->schema = mention.name.schema;
  if (system) return source;
  std::string shown(mention.name.schema);
  if (!shown.empty()) shown += '.';
  shown += mention.name.name;
  unknown(*block.context, mention.at, shown, reason::kUnknownTable,
          "'" + shown + "' is not in the schema that the migrations add up to");
  return source;
}

// The rows that fired a trigger: its names come before those of the schema, and its rows are the
// tenant's. Null: no such name.
Source* Analysis::add_transition(Block& block, const ast::RangeVar& mention) {
  const auto* transitions = block.context->names->transitions;
  if (transitions == nullptr || !mention.name.schema.empty()) return nullptr;
  const auto found = std::find_if(transitions->begin(), transitions->end(),
                                  [&](const auto& t) { return t.name == mention.name.name; });
  if (found == transitions->end()) return nullptr;
  Source* source =
      new_source(block, mention.alias.name.empty() ? found->name : mention.alias.name, mention.at);
  source->renames = mention.alias.columns;
  const int tenant = know_.tenancy.of(*found->rows).column;
  for (std::size_t i = 0; i < found->rows->columns.size(); ++i) {
    const schema::Column& c = found->rows->columns[i];
    if (c.dropped) continue;
    if (static_cast<int>(i) == tenant) {
      Term term;
      term.kind = TermKind::Tenant;
      term.text = found->name;
      term.not_null = c.not_null;
      source->terms.emplace_back(static_cast<int>(source->columns.size()), terms_.intern(term));
    }
    source->columns.push_back(c.name);
  }
  return source;
}

Source* Analysis::add_relation(Block& block, const schema::Relation& relation,
                               const ast::RangeVar& mention) {
  // The inside of a view is built first: its sources then lie before this one.
  Source inner;
  inner.context = block.context;
  inner.at = mention.at;
  if (relation.is_view()) open_view(inner, relation);
  const std::string_view name = mention.alias.name.empty() ? mention.name.name : mention.alias.name;
  Source* source = new_source(block, name, mention.at);
  source->schema = mention.alias.name.empty() && relation.schema != nullptr ? relation.schema->name
                                                                            : std::string_view();
  source->renames = mention.alias.columns;
  source->relation = &relation;
  source->kind = relation.is_view() ? inner.kind : SourceKind::Table;
  source->block = inner.block;
  source->any_column = inner.any_column || !relation.complete;
  return source;
}

void Analysis::open_view(Source& source, const schema::Relation& view) {
  const bool too_deep = source.context->depth >= kMaxOpened;
  source.any_column = true;
  source.kind = SourceKind::Opaque;
  if (view.query == nullptr || view.query_text == nullptr || too_deep) {
    unknown(*source.context, source.at, schema::qualified_name(view),
            too_deep ? reason::kTooComplex : reason::kUnknownTable,
            "What view '" + schema::qualified_name(view) + "' reads is not known");
    return;
  }
  NameScope& names = scopes_.emplace_back();
  names.step = view.query_step;
  names.bindings = &view.bindings;
  Context& context = context_pool_.emplace_back();
  context.text = view.query_text;
  context.names = &names;
  context.outer = source.context;
  context.view = &view;
  context.opened_at = place(*source.context, source.at, Extent::Name);
  context.depth = source.context->depth + 1;
  source.block = build_query(*view.query, context, {});
  if (source.block == nullptr) return;
  source.kind = SourceKind::Query;
  // The columns of a view are those of its query, in order.
  std::size_t live = 0;
  for (const schema::Column& c : view.columns) live += c.dropped ? 0 : 1;
  source.any_column = !source.block->outputs_known || source.block->outputs.size() != live;
}

Source* Analysis::add_function(Block& block, const ast::RangeFunction& item) {
  const auto here = static_cast<std::uint32_t>(block.sources.size());
  const auto* call =
      item.functions.size() == 1 ? ast::as<ast::FuncCall>(item.functions[0]) : nullptr;
  // Functions see what stands before them in FROM, as LATERAL does.
  Site site{nullptr, true, 0, here};
  Block* inner = nullptr;
  const schema::Function* function = nullptr;
  if (call != nullptr) {
    const auto found = find_functions(call->name, *block.context);
    if (found.size() == 1) function = found[0];
    if (function != nullptr) {
      for (const ast::Expr* arg : call->args) scan(arg, block, site);
      inner = open_function(*function, *call, *block.context, {&block, 0, here});
      if (inner == nullptr) judge_call(block, *function, *call);
    } else {
      scan(call, block, site);
    }
  } else {
    for (const ast::Expr* e : item.functions) scan(e, block, site);
  }
  const std::string_view name = !item.alias.name.empty() ? item.alias.name
                                : call != nullptr        ? call->name.name
                                                         : std::string_view();
  Source* source = new_source(block, name, call != nullptr ? call->at : item.at);
  source->renames = item.alias.columns;
  source->any_column = true;
  for (const ast::ColumnDef* column : item.columns) source->columns.push_back(column->name);
  if (!source->columns.empty()) {
    source->any_column = false;
  } else if (inner != nullptr) {
    source->kind = SourceKind::Query;
    source->block = inner;
    source->columns = function_columns(*function, name);
    source->any_column = !inner->outputs_known || source->columns.size() != inner->outputs.size();
  } else if (call != nullptr && gives_one_column(call->name.name) && call->args.size() < 3) {
    source->columns.push_back(name);
    source->any_column = name != call->name.name && call->name.name.ends_with("elements");
  }
  if (item.ordinality) {
    if (source->kind == SourceKind::Query) {
      source->any_column = true;
    } else {
      source->columns.push_back("ordinality");
    }
  }
  return source;
}

JoinNode* Analysis::build_join(Block& block, const ast::JoinExpr& join) {
  const auto begin = static_cast<std::uint32_t>(block.sources.size());
  if (depth_ >= kMaxDepth) too_complex_ = true;
  if (too_complex_) return nullptr;
  ++depth_;
  JoinNode* left = build_from_item(block, join.left);
  JoinNode* right = build_from_item(block, join.right);
  --depth_;
  if (left == nullptr || right == nullptr) {
    too_complex_ = true;
    return left;
  }
  JoinNode& node = join_pool_.emplace_back();
  node.type = join.type;
  node.left = left;
  node.right = right;
  node.condition = join.on;
  node.at = join.at;
  node.begin = begin;
  node.end = static_cast<std::uint32_t>(block.sources.size());
  const auto empty_side = [&](const JoinNode& side) {
    for (std::uint32_t i = side.begin; i < side.end; ++i) block.sources[i]->nullable = true;
  };
  if (join.type == ast::JoinType::Left || join.type == ast::JoinType::Full) empty_side(*right);
  if (join.type == ast::JoinType::Right || join.type == ast::JoinType::Full) empty_side(*left);
  merge_columns(block, node, join);
  if (join.on != nullptr) scan(join.on, block, Site{&node, true, node.begin, node.end});
  if (!join.alias.name.empty()) alias_join(block, node, join);
  return &node;
}

// USING and NATURAL: one column of the two of that name.
void Analysis::merge_columns(Block& block, JoinNode& node, const ast::JoinExpr& join) {
  std::vector<std::string_view> names(join.using_columns.begin(), join.using_columns.end());
  const auto in = [&](const JoinNode& side, std::string_view name) {
    ColumnUse use;
    bool open = false;
    resolve_unqualified(name, block, side.begin, side.end, use, open);
    return use;
  };
  if (join.natural) {
    for (std::uint32_t i = node.left->begin; i < node.left->end; ++i) {
      const Source& source = *block.sources[i];
      if (source.any_column) {
        unknown(*block.context, join.at, source.name, reason::kUnknownColumn,
                "Which columns NATURAL JOIN compares is not known");
      }
      for (int c = 0; c < column_count(source); ++c) {
        const std::string_view name = column_name(source, c);
        if (!has_column(source, c) || std::find(names.begin(), names.end(), name) != names.end()) {
          continue;
        }
        if (in(*node.right, name).status != NameStatus::NotFound) names.push_back(name);
      }
    }
  }
  for (const std::string_view name : names) {
    Merged& merged = merged_pool_.emplace_back();
    merged.name = name;
    merged.type = join.type;
    merged.left = in(*node.left, name);
    merged.right = in(*node.right, name);
    merged.begin = node.begin;
    merged.end = node.end;
    for (const ColumnUse* use : {&merged.left, &merged.right}) {
      if (use->status == NameStatus::Column) {
        use->source->merged.emplace_back(use->column, &merged);
      } else if (use->status == NameStatus::MergedColumn) {
        const_cast<Merged*>(use->merged)->hidden_by = &merged;
      }
    }
    node.merged.push_back(&merged);
    block.merged.push_back(&merged);
  }
}

void Analysis::alias_join(Block& block, JoinNode& node, const ast::JoinExpr& join) {
  JoinAlias alias;
  alias.name = join.alias.name;
  alias.begin = node.begin;
  alias.end = node.end;
  for (const Merged* merged : node.merged) {
    ColumnUse use;
    use.status = NameStatus::MergedColumn;
    use.merged = merged;
    alias.columns.emplace_back(merged->name, use);
  }
  for (std::uint32_t i = node.begin; i < node.end; ++i) {
    Source& source = *block.sources[i];
    source.visible = source.columns_visible = false;
    for (int c = 0; c < column_count(source); ++c) {
      const bool merged = std::any_of(source.merged.begin(), source.merged.end(),
                                      [&](const auto& m) { return m.first == c; });
      if (!has_column(source, c) || merged) continue;
      ColumnUse use;
      use.status = NameStatus::Column;
      use.source = &source;
      use.column = c;
      alias.columns.emplace_back(column_name(source, c), use);
    }
  }
  for (std::size_t i = 0; i < join.alias.columns.size() && i < alias.columns.size(); ++i) {
    alias.columns[i].first = join.alias.columns[i];
  }
  block.aliases.push_back(std::move(alias));
}

// WITH RECURSIVE lets a query use one that stands behind it; that is not followed.
bool Analysis::names_later_cte(const Block& block, const ast::RangeVar& mention) {
  if (!mention.name.schema.empty()) return false;
  for (const Block* at = &block; at != nullptr; at = at->outer.block) {
    if (at->with == nullptr || !at->with->recursive) continue;
    for (const ast::CommonTable& tree : at->with->tables) {
      if (tree.name == mention.name.name) return true;
    }
  }
  return false;
}

Cte* Analysis::find_cte(const Block& block, std::string_view name) {
  for (const Block* at = &block; at != nullptr; at = at->outer.block) {
    for (auto cte = at->ctes.rbegin(); cte != at->ctes.rend(); ++cte) {
      if ((*cte)->name == name) return *cte;
    }
  }
  return nullptr;
}

const schema::Relation* Analysis::find_relation(const ast::RangeVar& mention,
                                                const Context& context, bool& system) const {
  const auto& model = know_.model;
  if (context.names->bindings != nullptr) {
    for (const schema::Binding& binding : *context.names->bindings) {
      if (binding.mention == &mention) return binding.relation;
    }
  }
  const std::string_view schema = mention.name.schema;
  const std::string_view name = mention.name.name;
  system = schema == "pg_catalog" || schema == "information_schema";
  if (system) return nullptr;
  if (!schema.empty()) {
    const schema::Schema* found = model.find_schema(schema);
    return found == nullptr ? nullptr : model.find_relation(*found, name);
  }
  for (const std::string_view entry : context.names->search_path) {
    const schema::Schema* found = model.find_schema(entry);
    if (found == nullptr) continue;
    if (const schema::Relation* relation = model.find_relation(*found, name)) return relation;
  }
  system = name.starts_with("pg_");
  if (system) return nullptr;
  // Not on the path that we know of: if it works at all, it is the only one of that name.
  const schema::Relation* only = nullptr;
  for (const schema::Schema& other : model.schemas) {
    if (other.dropped) continue;
    const schema::Relation* relation = model.find_relation(other, name);
    if (relation == nullptr) continue;
    if (only != nullptr) return nullptr;
    only = relation;
  }
  return only;
}

std::vector<const schema::Function*> Analysis::find_functions(const ast::QualifiedName& name,
                                                              const Context& context) const {
  std::vector<const schema::Function*> out;
  const auto take = [&](const schema::Schema& schema) {
    for (const schema::Function* f : know_.model.find_functions(schema, name.name)) {
      if (!f->dropped) out.push_back(f);
    }
  };
  if (!name.schema.empty()) {
    if (const schema::Schema* schema = know_.model.find_schema(name.schema)) take(*schema);
    return out;
  }
  if (builtin_function(name.name) != Builtin::None) return out;
  for (const std::string_view entry : context.names->search_path) {
    if (const schema::Schema* schema = know_.model.find_schema(entry)) take(*schema);
  }
  if (!out.empty()) return out;
  for (const schema::Schema& schema : know_.model.schemas) {
    if (!schema.dropped) take(schema);
  }
  return out;
}

}  // namespace tenantlint::isolation
