// INSERT, UPDATE, DELETE and MERGE: which rows are written, and under which tenant. The target of a
// change is a source like any other; what it is given as its tenant has to be a source of the
// tenant, and what it collides with has to be the tenant's own.
#include <algorithm>

#include "analyzer/isolation/analysis.h"
#include "analyzer/schema/expressions.h"

namespace tenantlint::isolation {

namespace {

const schema::Column& column_of(const Source& source, int column) {
  return source.relation->columns[static_cast<std::size_t>(column)];
}

// The live columns in order: what an INSERT without a column list means.
std::vector<int> live_columns(const schema::Relation& table) {
  std::vector<int> out;
  for (std::size_t i = 0; i < table.columns.size(); ++i) {
    if (!table.columns[i].dropped) out.push_back(static_cast<int>(i));
  }
  return out;
}

// Which value of a row goes into the column; -1: none is given.
int value_position(const ast::Insert& insert, const schema::Relation& table, int column) {
  if (insert.columns.empty()) {
    if (insert.source == nullptr) return -1;
    const std::vector<int> live = live_columns(table);
    const auto at = std::find(live.begin(), live.end(), column);
    return at == live.end() ? -1 : static_cast<int>(at - live.begin());
  }
  const std::string_view name = table.columns[static_cast<std::size_t>(column)].name;
  for (std::size_t i = 0; i < insert.columns.size(); ++i) {
    if (insert.columns[i].name == name) return static_cast<int>(i);
  }
  return -1;
}

// A trigger that may put the tenant in, or change it.
bool trigger_may_set(const schema::Relation& table) {
  return std::any_of(table.triggers.begin(), table.triggers.end(), [](const auto* t) {
    return !t->dropped && t->row && t->timing == ast::TriggerTiming::Before && t->enabled != 'D' &&
           (t->events & ast::kOnInsert) != 0;
  });
}

// Values that two tenants do not choose alike: of a type or default made for it.
bool surrogate(const schema::Column& column) {
  if (column.type.type != nullptr && column.type.type->name == "uuid") return true;
  return schema::is_random(column.default_expr);
}

bool from_sequence(const schema::Column& column) {
  return column.identity != 0 || column.serial || schema::is_sequence_value(column.default_expr);
}

}  // namespace

Source* Analysis::add_target(Block& block, const ast::RangeVar& relation, Access access) {
  Source* target = add_table(block, relation);
  target->access = access;
  block.target = target;
  if (target->kind == SourceKind::Query && target->block != nullptr) {
    for (Source* inner : target->block->sources) inner->access = access;
  }
  return target;
}

void Analysis::build_change(Block& block, const ast::Statement& change) {
  block.change = &change;
  if (const auto* insert = ast::as<ast::Insert>(&change)) return build_insert(block, *insert);
  if (const auto* merge = ast::as<ast::Merge>(&change)) return build_merge(block, *merge);
  const Site rows;
  if (const auto* update = ast::as<ast::Update>(&change)) {
    build_ctes(block, update->with);
    block.from.push_back(leaf(block, add_target(block, *update->relation, Access::Update)));
    for (const ast::FromItem* item : update->from) {
      if (JoinNode* node = build_from_item(block, item)) block.from.push_back(node);
    }
    for (const ast::Target& set : update->set) {
      if (set.multi_index <= 0) scan(set.value, block, rows);
    }
    scan(update->where, block, rows);
    build_outputs(block, update->returning);
    for (const ast::Target& target : update->returning) scan(target.value, block, rows);
    return;
  }
  if (const auto* remove = ast::as<ast::Delete>(&change)) {
    build_ctes(block, remove->with);
    block.from.push_back(leaf(block, add_target(block, *remove->relation, Access::Delete)));
    for (const ast::FromItem* item : remove->using_items) {
      if (JoinNode* node = build_from_item(block, item)) block.from.push_back(node);
    }
    scan(remove->where, block, rows);
    build_outputs(block, remove->returning);
    for (const ast::Target& target : remove->returning) scan(target.value, block, rows);
    return;
  }
  unknown(*block.context, change.at, "", reason::kNotUnderstood,
          "This statement is not understood as a query");
}

void Analysis::build_insert(Block& block, const ast::Insert& insert) {
  build_ctes(block, insert.with);
  if (insert.source != nullptr) {
    block.input = build_query(*insert.source, *block.context, {&block, 0, 0});
  }
  Source* target = add_target(block, *insert.relation, Access::Insert);
  const Site rows;
  if (insert.on_conflict != nullptr) {
    Source* excluded = new_source(block, "excluded", insert.on_conflict->at);
    excluded->kind = target->kind;
    excluded->relation = target->relation;
    excluded->block = target->block;
    excluded->any_column = target->any_column;
    excluded->access = Access::Insert;
    // EXCLUDED's columns are named with it: without, they are the target's.
    excluded->columns_visible = false;
    for (const ast::Target& set : insert.on_conflict->set) {
      if (set.multi_index <= 0) scan(set.value, block, rows);
    }
    scan(insert.on_conflict->where, block, rows);
  }
  build_outputs(block, insert.returning);
  for (const ast::Target& target_out : insert.returning) scan(target_out.value, block, rows);
}

// The source is joined to the target by ON; where rows without a match are put in, its other rows
// matter too.
void Analysis::build_merge(Block& block, const ast::Merge& merge) {
  build_ctes(block, merge.with);
  JoinNode* target = leaf(block, add_target(block, *merge.relation, Access::Merge));
  JoinNode* source = build_from_item(block, merge.source);
  if (source == nullptr) return;
  JoinNode& node = join_pool_.emplace_back();
  const bool unmatched = std::any_of(merge.whens.begin(), merge.whens.end(), [](const auto& w) {
    return w.match == ast::MergeMatch::NotMatched;
  });
  node.type = unmatched ? ast::JoinType::Right : ast::JoinType::Inner;
  node.left = target;
  node.right = source;
  node.condition = merge.on;
  node.at = merge.on == nullptr ? merge.at : merge.on->at;
  node.end = static_cast<std::uint32_t>(block.sources.size());
  block.target->nullable = unmatched;
  block.from.push_back(&node);
  scan(merge.on, block, Site{&node, true, 0, node.end, false, nullptr});
  for (const ast::MergeWhen& when : merge.whens) {
    scan(when.condition, block, Site{});
    for (const ast::Target& set : when.targets) {
      if (set.multi_index <= 0) scan(set.value, block, Site{});
    }
    for (const ast::Expr* value : when.values) scan(value, block, Site{});
  }
}

void Analysis::check_change(Block& block, const std::vector<Facts>& context) {
  std::vector<Facts> all = context;
  all.push_back(block.own);
  if (const auto* insert = ast::as<ast::Insert>(block.change)) {
    if (block.input != nullptr) check(*block.input, context, nullptr);
    check_insert(block, *insert, context);
  }
  check_region(block, block.from, all);
  check_links(block, context, all);
  if (const auto* update = ast::as<ast::Update>(block.change)) {
    check_assignments(block, update->set, all);
  }
  if (const auto* merge = ast::as<ast::Merge>(block.change)) {
    check_merge_actions(block, *merge, all);
  }
}

Analysis::Given Analysis::given_by_default(const Source& target) {
  Given out;
  const int tenant = know_.tenancy.of(*target.relation).column;
  const schema::Column& column = column_of(target, tenant);
  if (column.default_expr != nullptr) {
    Context& context = context_pool_.emplace_back();
    context.text = column.default_text != nullptr ? column.default_text : target.context->text;
    context.names = target.context->names;
    context.outer = target.context;
    Block* block = new_block(context, {}, 0);
    scan(column.default_expr, *block, Site{});
    finish_block(*block);
    const TermResult value = term_of(column.default_expr, {*block});
    if (is_source(value.term)) {
      out.verdict = Verdict::Proven;
      out.reason = reason::kPinned;
      out.by = value.term;
      return out;
    }
    if (schema::is_constant(column.default_expr)) out.reason = reason::kLiteral;
  }
  if (trigger_may_set(*target.relation)) {
    out.verdict = Verdict::Unknown;
    out.reason = reason::kNotUnderstood;
  }
  return out;
}

Analysis::Given Analysis::given_by_value(const ast::Expr* value, const Spot& where,
                                         const Source& target, const Closure& known) {
  if (value != nullptr && value->kind == ast::Kind::SetToDefault) return given_by_default(target);
  Given out;
  out.reason = reason::kInsertNoSource;
  out.at = value == nullptr ? 0 : value->at;
  const TermResult term = term_of(value, where);
  const int tenant = know_.tenancy.of(*target.relation).column;
  const schema::TypeRef& type = column_of(target, tenant).type;
  if (term.term == kNoTerm) {
    if (term.null_literal) return out;
    if (term.why != reason::kOtherColumn) {
      out.verdict = Verdict::Unknown;
      out.reason = term.why;
    }
    return out;
  }
  TermId by = kNoTerm;
  if (tied(term.term, known, &by) || is_source(term.term)) {
    if (by == kNoTerm) by = term.term;
    // What is put in is cast to the column's type; what was cut before stays cut.
    if (keeps_apart(type, terms_[by].casts)) {
      out.verdict = Verdict::Proven;
      out.reason = reason::kPinned;
      out.by = by;
      return out;
    }
    out.verdict = Verdict::Unknown;
    out.reason = reason::kMergingCast;
    return out;
  }
  const Term& t = terms_[term.term];
  if (t.kind == TermKind::Constant) out.reason = reason::kLiteral;
  if (t.kind == TermKind::Other || t.kind == TermKind::Parameter) out.reason = t.reason;
  return out;
}

Analysis::Given Analysis::given_tenant(Block& block, const ast::Insert& insert,
                                       const std::vector<Facts>& context) {
  const Source& target = *block.target;
  const int tenant = know_.tenancy.of(*target.relation).column;
  const int position = value_position(insert, *target.relation, tenant);
  if (position < 0 || block.input == nullptr) return given_by_default(target);
  const auto output = static_cast<std::size_t>(position);
  Block& input = *block.input;
  std::vector<Facts> all = context;
  if (input.select != nullptr && input.select->is_values) {
    const Closure known = closure(all);
    Given worst;
    worst.verdict = Verdict::Proven;
    worst.reason = reason::kPinned;
    for (const auto& row : input.select->values) {
      if (output >= row.size()) return given_by_default(target);
      const Given given = given_by_value(row[output], {input}, target, known);
      if (given.verdict > worst.verdict || worst.by == kNoTerm) {
        if (given.verdict >= worst.verdict) worst = given;
      }
    }
    return worst;
  }
  if (output >= input.outputs.size()) return given_by_default(target);
  const Output& column = input.outputs[output];
  if (column.expr != nullptr && input.left == nullptr) {
    gather(input);
    all.push_back(input.own);
    Given given = given_by_value(column.expr, {input}, target, closure(all));
    const TermId value = term_of(column.expr, {input}).term;
    // In a row of another grouping set the column is NULL.
    if (input.grouping_sets && value != kNoTerm && inside(value, input)) {
      given.verdict = Verdict::Missing;
      given.reason = reason::kInsertNoSource;
    }
    return given;
  }
  Source as;
  as.kind = SourceKind::Query;
  as.id = kNoSource;
  as.block = &input;
  as.home = &block;
  as.context = block.context;
  const TermId term = column_term(as, position);
  FactList rows;
  rows_of(input, as, rows);
  all.push_back(freeze(rows));
  Given out;
  out.reason = reason::kInsertNoSource;
  out.at = column.at;
  if (tied(term, closure(all), &out.by)) {
    out.verdict = Verdict::Proven;
    out.reason = reason::kPinned;
  }
  return out;
}

// What RETURNING knows: the row was given its tenant.
void Analysis::gather_insert(Block& block, FactList& out) {
  const auto& insert = *ast::as<ast::Insert>(block.change);
  if (block.target == nullptr || block.target->kind != SourceKind::Table) return;
  const schema::TableTenancy& tenancy = know_.tenancy.of(*block.target->relation);
  if (tenancy.kind != schema::TenancyKind::TenantOwned) return;
  const Given given = given_tenant(block, insert, {});
  if (given.verdict != Verdict::Proven) return;
  const TermId by = given.by == kNoTerm ? any_source() : given.by;
  for (Source* source : block.sources) {
    if (source->relation != block.target->relation) continue;
    out.push_back({FactKind::Equal, column_term(*source, tenancy.column), by, {}});
  }
}

void Analysis::check_insert(Block& block, const ast::Insert& insert,
                            const std::vector<Facts>& context) {
  Source& target = *block.target;
  if (target.kind == SourceKind::Query && target.relation != nullptr) {
    return unknown(*block.context, target.at, schema::qualified_name(*target.relation),
                   reason::kNotUnderstood, "INSERT through a view is not followed");
  }
  if (target.kind != SourceKind::Table) return;
  const schema::TableTenancy& tenancy = know_.tenancy.of(*target.relation);
  if (tenancy.kind != schema::TenancyKind::TenantOwned) return;
  Given given = given_tenant(block, insert, context);
  if (given.verdict == Verdict::Proven) check_conflict(block, insert, given);
  if (given.verdict == Verdict::Proven) check_unique_keys(block, insert, given);
  Occurrence& out = report(target, given.verdict, given.reason);
  if (given.at != 0) out.because = shown_place(*block.context, given.at);
  if (given.verdict == Verdict::Proven && insert.on_conflict != nullptr) {
    check_assignments(block, insert.on_conflict->set, {block.own});
  }
}

// ON CONFLICT meets rows by a key: it has to be one of the tenant's rows alone.
void Analysis::check_conflict(Block& block, const ast::Insert& insert, Given& given) {
  const ast::OnConflict* conflict = insert.on_conflict;
  if (conflict == nullptr) return;
  const Source& target = *block.target;
  const schema::Relation& table = *target.relation;
  const int tenant = know_.tenancy.of(table).column;
  const std::string_view tenant_name = column_of(target, tenant).name;
  const auto fail = [&](Verdict verdict) {
    given.verdict = verdict;
    given.reason = reason::kArbiter;
    given.at = conflict->at;
  };
  const auto has_tenant = [&](const schema::Index& index) {
    return std::any_of(index.keys.begin(), index.keys.end(),
                       [&](const auto& k) { return k.column == tenant; });
  };
  // A key tells tenants apart as far as equality of the column does.
  if (merges_values(column_of(target, tenant))) return fail(Verdict::Missing);
  if (!conflict->infer.empty()) {
    const bool named = std::any_of(conflict->infer.begin(), conflict->infer.end(),
                                   [&](const auto& e) { return e.column == tenant_name; });
    // Rows of two tenants do not choose the same random key.
    const bool random =
        std::any_of(conflict->infer.begin(), conflict->infer.end(), [&](const auto& e) {
          const int c = e.column.empty() ? -1 : table.find_column(e.column);
          return c >= 0 && surrogate(table.columns[static_cast<std::size_t>(c)]);
        });
    if (!named) fail(random ? Verdict::Unknown : Verdict::Missing);
    return;
  }
  if (!conflict->constraint.empty()) {
    for (const schema::Constraint* c : table.constraints) {
      if (c->dropped || c->name != conflict->constraint) continue;
      const bool named =
          std::find(c->columns.begin(), c->columns.end(), tenant) != c->columns.end();
      if (!named && (c->index == nullptr || !has_tenant(*c->index))) fail(Verdict::Missing);
      return;
    }
    return fail(Verdict::Unknown);
  }
  // DO NOTHING without a target: any unique key.
  for (const schema::Index* index : table.indexes) {
    if (index->dropped || (!index->unique && !index->exclusion) || has_tenant(*index)) continue;
    const bool apart = std::any_of(index->keys.begin(), index->keys.end(), [&](const auto& k) {
      return k.column >= 0 && (surrogate(table.columns[static_cast<std::size_t>(k.column)]) ||
                               (from_sequence(table.columns[static_cast<std::size_t>(k.column)]) &&
                                value_position(insert, table, k.column) < 0));
    });
    if (!apart) return fail(Verdict::Missing);
  }
}

// A key that the statement chooses and that all tenants share: whether the row goes in depends on
// the others.
void Analysis::check_unique_keys(const Block& block, const ast::Insert& insert, Given& given) {
  const schema::Relation& table = *block.target->relation;
  const int tenant = know_.tenancy.of(table).column;
  for (const schema::Index* index : table.indexes) {
    if (index->dropped || !index->unique) continue;
    bool chosen = true;
    for (const schema::IndexKey& key : index->keys) {
      if (key.column < 0) {
        chosen = false;
        continue;
      }
      const schema::Column& column = table.columns[static_cast<std::size_t>(key.column)];
      const bool given_here = value_position(insert, table, key.column) >= 0;
      const bool tenant_key = key.column == tenant && !merges_values(column);
      if (tenant_key || surrogate(column) || !given_here) chosen = false;
    }
    if (!chosen) continue;
    given.verdict = Verdict::Unknown;
    given.reason = reason::kUniqueAcrossTenants;
    return;
  }
}

// SET tenant_id = …: the tenant that the row has already, or it moves.
void Analysis::check_assignments(Block& block, ast::List<ast::Target> set,
                                 const std::vector<Facts>& context) {
  Source* target = block.target;
  if (target == nullptr || target->kind != SourceKind::Table) return;
  const schema::TableTenancy& tenancy = know_.tenancy.of(*target->relation);
  if (tenancy.kind != schema::TenancyKind::TenantOwned) return;
  const std::string_view name = column_of(*target, tenancy.column).name;
  for (const ast::Target& assignment : set) {
    if (assignment.name != name) continue;
    const ast::Expr* value = assignment.value;
    const auto* row = ast::as<ast::RowExpr>(value);
    const auto index = static_cast<std::size_t>(std::max<int>(assignment.multi_index, 0));
    if (assignment.multi_index >= 0) {
      value = row != nullptr && index < row->args.size() ? row->args[index] : nullptr;
    }
    const Closure known = closure(context);
    const TermResult term = value == nullptr ? TermResult{} : term_of(value, {block});
    const TermId current = column_term(*target, tenancy.column);
    if (term.term != kNoTerm && known.same(term.term, current)) continue;
    // Two sources: the same tenant, by what a source is.
    const bool both =
        (is_source(term.term) || tied(term.term, known)) && tied(current, known) && !known.never();
    const bool parameters = term.term != kNoTerm && terms_[term.term].kind == TermKind::Parameter;
    if (both && !parameters) continue;
    Occurrence& out = report(*target, Verdict::Missing, reason::kMovesTenant);
    out.because = shown_place(*block.context, assignment.at);
  }
}

void Analysis::check_merge_actions(Block& block, const ast::Merge& merge,
                                   const std::vector<Facts>& context) {
  Source* target = block.target;
  if (target == nullptr || target->kind != SourceKind::Table || block.from.empty()) return;
  const schema::TableTenancy& tenancy = know_.tenancy.of(*target->relation);
  if (tenancy.kind != schema::TenancyKind::TenantOwned) return;
  for (const ast::MergeWhen& when : merge.whens) {
    if (when.action == ast::MergeAction::Update) {
      std::vector<Facts> matched = context;
      matched.push_back(block.from[0]->left->out);
      matched.push_back(block.from[0]->right->out);
      matched.push_back(block.from[0]->on);
      check_assignments(block, when.targets, matched);
    }
    if (when.action != ast::MergeAction::Insert) continue;
    int position = -1;
    if (when.targets.empty()) {
      const std::vector<int> live = live_columns(*target->relation);
      const auto at = std::find(live.begin(), live.end(), tenancy.column);
      if (at != live.end()) position = static_cast<int>(at - live.begin());
    }
    for (std::size_t i = 0; i < when.targets.size(); ++i) {
      if (when.targets[i].name == column_of(*target, tenancy.column).name) {
        position = static_cast<int>(i);
      }
    }
    const bool there = position >= 0 && position < static_cast<int>(when.values.size());
    const Given given = there ? given_by_value(when.values[static_cast<std::size_t>(position)],
                                               {block}, *target, closure(context))
                              : given_by_default(*target);
    if (given.verdict == Verdict::Proven) continue;
    Occurrence& out = report(*target, given.verdict, given.reason);
    out.access = Access::Insert;
    if (given.at != 0) out.because = shown_place(*block.context, given.at);
  }
}

// TRUNCATE, COPY of a table, LOCK: all tenants at once.
void Analysis::whole_table(const ast::RangeVar& mention, const Context& context,
                           std::string_view verb) {
  Block* block = new_block(context, {}, mention.at);
  Source* source = add_table(*block, mention);
  finish_block(*block);
  const auto tell = [&](const Source& s) {
    if (s.kind != SourceKind::Table || !know_.tenancy.tenant_owned(*s.relation)) return;
    Occurrence& out = report(s, Verdict::Missing, reason::kWholeTable);
    out.access = Access::WholeTable;
    out.detail = std::string(verb) + " takes the whole table, the rows of all tenants";
  };
  tell(*source);
  if (source->kind == SourceKind::Query && source->block != nullptr) {
    for (const Source* inner : source->block->sources) tell(*inner);
  }
}

}  // namespace tenantlint::isolation
