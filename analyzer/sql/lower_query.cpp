// Queries and data changes: SELECT, INSERT, UPDATE, DELETE, MERGE, COPY and everything in FROM.
#include "analyzer/sql/lower_internal.h"

#include <fmt/format.h>

namespace tenantlint::sql {

const ast::Statement* Lowerer::query(const ::Node* node) {
  if (node == nullptr) return nullptr;
  const DepthGuard guard(*this);
  if (too_deep_) return nullptr;
  // A sub-query has no location of its own: it begins where its first clause does.
  const ast::Statement* out = query_statement(node, 0);
  return out != nullptr ? out : unsupported("query", 0);
}

const ast::Statement* Lowerer::query_statement(const ::Node* node, std::uint32_t at) {
  switch (nodeTag(node)) {
    case T_SelectStmt: return select(to<::SelectStmt>(node), at);
    case T_InsertStmt: return insert(to<::InsertStmt>(node), at);
    case T_UpdateStmt: return update(to<::UpdateStmt>(node), at);
    case T_DeleteStmt: return remove(to<::DeleteStmt>(node), at);
    case T_MergeStmt: return merge(to<::MergeStmt>(node), at);
    case T_CopyStmt: return copy(to<::CopyStmt>(node), at);
    case T_TruncateStmt: {
      const auto* in = to<::TruncateStmt>(node);
      auto* out = make<ast::Truncate>(at);
      out->relations = range_vars(in->relations);
      out->cascade = in->behavior == DROP_CASCADE;
      return out;
    }
    case T_LockStmt: {
      auto* out = make<ast::Lock>(at);
      out->relations = range_vars(to<::LockStmt>(node)->relations);
      return out;
    }
    default: return nullptr;
  }
}

const ast::Select* Lowerer::select(const ::SelectStmt* node, std::uint32_t at) {
  if (node == nullptr) return nullptr;
  const DepthGuard guard(*this);
  if (too_deep_) return nullptr;
  auto* out = make<ast::Select>(at);
  out->with = with(node->withClause);
  switch (node->op) {
    case SETOP_NONE: out->op = ast::SetOp::None; break;
    case SETOP_UNION: out->op = ast::SetOp::Union; break;
    case SETOP_INTERSECT: out->op = ast::SetOp::Intersect; break;
    case SETOP_EXCEPT: out->op = ast::SetOp::Except; break;
  }
  out->all = node->all;
  out->left = select(node->larg, 0);
  out->right = select(node->rarg, 0);
  select_clauses(node, *out);
  return out;
}

void Lowerer::select_clauses(const ::SelectStmt* node, ast::Select& out) {
  // Plain DISTINCT is a list of one empty element (gram.y, distinct_clause).
  out.distinct = node->distinctClause != nullptr;
  if (out.distinct && linitial(node->distinctClause) != nullptr) {
    out.distinct_on = exprs(node->distinctClause);
  }
  out.targets = targets(node->targetList);
  if (node->intoClause != nullptr) out.into = range_var(node->intoClause->rel);
  out.from =
      map<const ast::FromItem*>(node->fromClause, [&](const ::Node* n) { return from_item(n); });
  out.where = expr(node->whereClause);
  out.group_by = exprs(node->groupClause);
  out.group_distinct = node->groupDistinct;
  out.having = expr(node->havingClause);
  out.windows = map<const ast::WindowDef*>(
      node->windowClause, [&](const ::Node* n) { return window(to<::WindowDef>(n)); });
  out.is_values = node->valuesLists != nullptr;
  out.values = map<ast::List<const ast::Expr*>>(
      node->valuesLists, [&](const ::Node* n) { return exprs(to<::List>(n)); });
  out.order_by = sort_list(node->sortClause);
  out.limit = expr(node->limitCount);
  out.offset = expr(node->limitOffset);
  // libpg_query puts LIMIT_OPTION_DEFAULT before the two values of PostgreSQL's enum.
  constexpr int kWithTies = 2;
  out.with_ties = static_cast<int>(node->limitOption) == kWithTies;
  out.locking = map<ast::Locking>(node->lockingClause, [&](const ::Node* n) {
    const auto* in = to<::LockingClause>(n);
    ast::Locking lock;
    lock.strength = static_cast<ast::LockStrength>(in->strength);
    lock.of = range_vars(in->lockedRels);
    return lock;
  });
}

const ast::With* Lowerer::with(const ::WithClause* node) {
  if (node == nullptr) return nullptr;
  auto* out = nodes_->make<ast::With>();
  out->recursive = node->recursive;
  out->tables = map<ast::CommonTable>(node->ctes, [&](const ::Node* n) {
    const auto* in = to<::CommonTableExpr>(n);
    ast::CommonTable cte;
    cte.name = str(in->ctename);
    cte.columns = strings(in->aliascolnames);
    cte.query = query(in->ctequery);
    cte.materialized = in->ctematerialized == CTEMaterializeAlways  ? ast::Materialized::Always
                       : in->ctematerialized == CTEMaterializeNever ? ast::Materialized::Never
                                                                    : ast::Materialized::Default;
    cte.has_search = in->search_clause != nullptr;
    cte.has_cycle = in->cycle_clause != nullptr;
    cte.at = this->at(in->location);
    return cte;
  });
  return out;
}

const ast::RangeVar* Lowerer::range_var(const ::RangeVar* node) {
  if (node == nullptr) return nullptr;
  auto* out = make<ast::RangeVar>(at(node->location));
  out->name = {str(node->catalogname), str(node->schemaname), str(node->relname), out->at};
  out->alias = alias(node->alias);
  out->only = !node->inh;
  out->persistence = node->relpersistence == 0 ? 'p' : node->relpersistence;
  return out;
}

ast::List<const ast::RangeVar*> Lowerer::range_vars(const ::List* list) {
  return map<const ast::RangeVar*>(list,
                                   [&](const ::Node* n) { return range_var(to<::RangeVar>(n)); });
}

ast::Alias Lowerer::alias(const ::Alias* node) {
  if (node == nullptr) return {};
  return {str(node->aliasname), strings(node->colnames)};
}

const ast::FromItem* Lowerer::from_item(const ::Node* node) {
  if (node == nullptr) return nullptr;
  const DepthGuard guard(*this);
  if (too_deep_) return nullptr;
  switch (nodeTag(node)) {
    case T_RangeVar: return range_var(to<::RangeVar>(node));
    case T_JoinExpr: return join(to<::JoinExpr>(node));
    case T_RangeFunction: return range_function(to<::RangeFunction>(node));
    case T_RangeSubselect: {
      const auto* in = to<::RangeSubselect>(node);
      auto* out = make<ast::RangeSubselect>(0);
      out->query = query(in->subquery);
      out->alias = alias(in->alias);
      out->lateral = in->lateral;
      return out;
    }
    case T_RangeTableSample: {
      const auto* in = to<::RangeTableSample>(node);
      auto* out = make<ast::RangeTableSample>(at(in->location));
      out->relation = from_item(in->relation);
      out->method = name(in->method);
      out->args = exprs(in->args);
      return out;
    }
    case T_RangeTableFunc: {
      const auto* in = to<::RangeTableFunc>(node);
      auto* out = make<ast::RangeTableFunc>(at(in->location));
      std::vector<const ast::Expr*> args = {expr(in->docexpr), expr(in->rowexpr)};
      out->args = nodes_->list(args);
      out->columns = map<std::string_view>(
          in->columns, [&](const ::Node* n) { return str(to<::RangeTableFuncCol>(n)->colname); });
      out->alias = alias(in->alias);
      out->lateral = in->lateral;
      return out;
    }
    default: return unsupported("FROM item", 0);
  }
}

const ast::FromItem* Lowerer::join(const ::JoinExpr* node) {
  auto* out = make<ast::JoinExpr>(0);
  switch (node->jointype) {
    case JOIN_LEFT: out->type = ast::JoinType::Left; break;
    case JOIN_FULL: out->type = ast::JoinType::Full; break;
    case JOIN_RIGHT: out->type = ast::JoinType::Right; break;
    default: out->type = ast::JoinType::Inner; break;
  }
  out->natural = node->isNatural;
  out->left = from_item(node->larg);
  out->right = from_item(node->rarg);
  out->using_columns = strings(node->usingClause);
  if (node->join_using_alias != nullptr) out->using_alias = str(node->join_using_alias->aliasname);
  out->on = expr(node->quals);
  out->alias = alias(node->alias);
  if (out->left != nullptr) out->at = out->left->at;
  return out;
}

const ast::FromItem* Lowerer::range_function(const ::RangeFunction* node) {
  auto* out = make<ast::RangeFunction>(0);
  // Each element is a pair: the call, and the column definitions of its own in ROWS FROM.
  out->functions = map<const ast::Expr*>(node->functions, [&](const ::Node* n) {
    return expr(static_cast<const ::Node*>(linitial(to<::List>(n))));
  });
  out->alias = alias(node->alias);
  out->columns = map<const ast::ColumnDef*>(
      node->coldeflist, [&](const ::Node* n) { return column(to<::ColumnDef>(n)); });
  out->lateral = node->lateral;
  out->ordinality = node->ordinality;
  if (!out->functions.empty() && out->functions[0] != nullptr) out->at = out->functions[0]->at;
  return out;
}

ast::Target Lowerer::target(const ::Node* node) {
  ast::Target out;
  const auto* in = to<::ResTarget>(node);
  out.name = str(in->name);
  out.path = path(in->indirection);
  out.at = at(in->location);
  if (in->val != nullptr && IsA(in->val, MultiAssignRef)) {
    const auto* multi = to<::MultiAssignRef>(in->val);
    out.multi_index = static_cast<std::int16_t>(multi->colno - 1);
    out.value = expr(multi->source);
  } else {
    out.value = expr(in->val);
  }
  return out;
}

ast::List<ast::Target> Lowerer::targets(const ::List* list) {
  return map<ast::Target>(list, [&](const ::Node* n) { return target(n); });
}

const ast::Statement* Lowerer::insert(const ::InsertStmt* node, std::uint32_t at) {
  auto* out = make<ast::Insert>(at);
  out->with = with(node->withClause);
  out->relation = range_var(node->relation);
  out->columns = targets(node->cols);
  if (node->selectStmt != nullptr) {
    out->source = select(to<::SelectStmt>(node->selectStmt), 0);
  }
  out->on_conflict = on_conflict(node->onConflictClause);
  out->returning = targets(node->returningList);
  out->overriding = static_cast<ast::Overriding>(node->override);
  return out;
}

const ast::OnConflict* Lowerer::on_conflict(const ::OnConflictClause* node) {
  if (node == nullptr) return nullptr;
  auto* out = nodes_->make<ast::OnConflict>();
  out->action = node->action == ONCONFLICT_UPDATE ? ast::ConflictAction::Update
                                                  : ast::ConflictAction::Nothing;
  if (node->infer != nullptr) {
    out->infer = index_elements(node->infer->indexElems);
    out->infer_where = expr(node->infer->whereClause);
    out->constraint = str(node->infer->conname);
  }
  out->set = targets(node->targetList);
  out->where = expr(node->whereClause);
  out->at = at(node->location);
  return out;
}

const ast::Statement* Lowerer::update(const ::UpdateStmt* node, std::uint32_t at) {
  auto* out = make<ast::Update>(at);
  out->with = with(node->withClause);
  out->relation = range_var(node->relation);
  out->set = targets(node->targetList);
  out->from =
      map<const ast::FromItem*>(node->fromClause, [&](const ::Node* n) { return from_item(n); });
  out->where = expr(node->whereClause);
  out->returning = targets(node->returningList);
  return out;
}

const ast::Statement* Lowerer::remove(const ::DeleteStmt* node, std::uint32_t at) {
  auto* out = make<ast::Delete>(at);
  out->with = with(node->withClause);
  out->relation = range_var(node->relation);
  out->using_items =
      map<const ast::FromItem*>(node->usingClause, [&](const ::Node* n) { return from_item(n); });
  out->where = expr(node->whereClause);
  out->returning = targets(node->returningList);
  return out;
}

const ast::Statement* Lowerer::merge(const ::MergeStmt* node, std::uint32_t at) {
  auto* out = make<ast::Merge>(at);
  out->with = with(node->withClause);
  out->relation = range_var(node->relation);
  out->source = from_item(node->sourceRelation);
  out->on = expr(node->joinCondition);
  out->whens = map<ast::MergeWhen>(node->mergeWhenClauses, [&](const ::Node* n) {
    const auto* in = to<::MergeWhenClause>(n);
    ast::MergeWhen when;
    when.match = in->matched ? ast::MergeMatch::Matched : ast::MergeMatch::NotMatched;
    when.action = in->commandType == CMD_INSERT   ? ast::MergeAction::Insert
                  : in->commandType == CMD_UPDATE ? ast::MergeAction::Update
                  : in->commandType == CMD_DELETE ? ast::MergeAction::Delete
                                                  : ast::MergeAction::Nothing;
    when.condition = expr(in->condition);
    when.targets = targets(in->targetList);
    when.values = exprs(in->values);
    return when;
  });
  return out;
}

const ast::Statement* Lowerer::copy(const ::CopyStmt* node, std::uint32_t at) {
  auto* out = make<ast::Copy>(at);
  out->relation = range_var(node->relation);
  out->query = query(node->query);
  out->columns = strings(node->attlist);
  out->from = node->is_from;
  out->program = node->is_program;
  out->file = str(node->filename);
  out->where = expr(node->whereClause);
  return out;
}

}  // namespace tenantlint::sql
