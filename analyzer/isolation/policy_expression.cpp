// In: an expression of a policy. Out: whether it ties the row, and if not, what people wrote
// instead: nothing, an OR for missing settings, rows of nobody, a function that says nothing.
#include "analyzer/isolation/policy_expression.h"

#include <algorithm>

#include "analyzer/isolation/builtins.h"
#include "analyzer/isolation/policy_function.h"
#include "analyzer/isolation/policy_shape.h"
#include "analyzer/sql/walk.h"

namespace tenantlint::isolation {

using schema::PolicyCommand;

namespace {

bool about_function(const Occurrence& o) {
  return o.relation == nullptr && o.verdict == Verdict::Unknown &&
         (o.reason == reason::kUnknownFunction || o.reason == reason::kFunction ||
          o.reason == reason::kRunsSql);
}

bool calls_own_functions(const ast::Expr* tree) {
  const auto all = shape::calls(tree);
  return std::any_of(all.begin(), all.end(), [](const shape::Call& c) {
    return builtin_function(c.call->name.name) == Builtin::None;
  });
}

// What the row itself says: it does not depend on who asks.
std::string sentence(std::string_view why, std::string_view column) {
  const std::string name = "'" + std::string(column) + "'";
  if (why == reason::kAlwaysTrue) return "It is true for every row";
  if (why == reason::kNoTenantColumn) return "It does not look at " + name;
  if (why == reason::kOtherColumn) return "It looks at another column than " + name;
  if (why == reason::kNullTenant) return "It is true where " + name + " is NULL";
  if (why == reason::kSharedRows) return "It is true for rows that are marked as shared";
  if (why == reason::kSubquery) return "Nothing in its sub-query ties " + name + " to the tenant";
  if (why == reason::kNullOpens) return "It is true where no tenant is set";
  if (why == reason::kThroughTable)
    return name + " is tied to what a table says that is not tied itself";
  if (why == reason::kUnknownFunction) return "What the function does with the row is not known";
  if (why == reason::kLiteral) return name + " is compared with a constant";
  if (why == reason::kNotEquality)
    return name + " is compared, but not by an equality of whole values";
  return {};
}

// Reasons for which a Missing of the prover's is no more than Unknown.
bool leaves_open(std::string_view why) {
  return why == reason::kThroughTable || why == reason::kUnknownFunction;
}

// The first byte of an expression: operators stand behind their left side.
std::uint32_t first_byte(const ast::Expr& tree) {
  std::uint32_t out = 0;
  sql::walk(tree, [&](const ast::Node& node) {
    if (node.at != 0 && (out == 0 || node.at < out)) out = node.at;
    return true;
  });
  return out;
}

// Branches of an OR: what is worst comes first.
int rank(std::string_view why) {
  static constexpr std::string_view kOrder[] = {
      reason::kAlwaysTrue, reason::kNullOpens,  reason::kOtherSetting, reason::kLiteral,
      reason::kOrBranch,   reason::kSharedRows, reason::kNullTenant};
  const auto* at = std::find(std::begin(kOrder), std::end(kOrder), why);
  return static_cast<int>((at == std::end(kOrder) ? std::begin(kOrder) + 4 : at) -
                          std::begin(kOrder));
}

}  // namespace

bool covers(const schema::Policy& policy, RowAction action) {
  switch (policy.command) {
    case PolicyCommand::All: return true;
    case PolicyCommand::Select: return action == RowAction::Select;
    case PolicyCommand::Insert: return action == RowAction::Insert;
    case PolicyCommand::Update:
      return action == RowAction::UpdateOld || action == RowAction::UpdateNew;
    case PolicyCommand::Delete: return action == RowAction::Delete;
  }
  return false;
}

WrittenExpression written_expression(const schema::Policy& policy, RowAction action) {
  WrittenExpression out;
  out.policy = &policy;
  out.new_row = writes_row(action);
  out.check = out.new_row && policy.check_expr != nullptr;
  out.tree = out.check ? policy.check_expr : policy.using_expr;
  out.text = out.check ? policy.check_text : policy.using_text;
  out.step = out.check ? policy.check_step : policy.using_step;
  out.plain = shape::is_plain(out.tree);
  return out;
}

const schema::Column& ExpressionJudge::tenant_column(const schema::Policy& policy) const {
  return policy.table->columns[static_cast<std::size_t>(tenancy_.of(*policy.table).column)];
}

Prover::ConditionVerdict ExpressionJudge::prove(
    const WrittenExpression& e, const ast::Expr& tree,
    const std::function<bool(const schema::Relation&)>& protects) {
  NameScope scope;
  scope.search_path = e.policy->search_path;
  scope.step = e.step;
  if (!e.plain) scope.row = shape::former_name(e.tree, e.policy->table->name);
  return prover_.prove_condition(*e.policy->table, tree, *e.text, scope, protects, e.new_row);
}

// Tied by what is proven of the tables that it reads.
bool ExpressionJudge::tied(const WrittenExpression& e, const ast::Expr& tree,
                           const Protection& protection) {
  const auto protects = [&](const schema::Relation& r) { return protection(r) == Verdict::Proven; };
  return prove(e, tree, protects).row.verdict == Verdict::Proven;
}

// Tied to what a table says: by policies that are not proven themselves, or because it is asked for
// whoever is there, as tables of members are.
bool ExpressionJudge::through_table(const WrittenExpression& e, const ast::Expr& tree,
                                    const Protection& protection) {
  if (!shape::has_subquery(&tree)) return false;
  const bool asks = shape::subquery_asks_session(&tree);
  const auto may_protect = [&](const schema::Relation& r) {
    return asks || protection(r) != Verdict::Missing;
  };
  return prove(e, tree, may_protect).row.verdict == Verdict::Proven;
}

// The reason of one expression (or branch) that is not tied.
std::string_view ExpressionJudge::reason_of(const WrittenExpression& e, const ast::Expr& tree,
                                            const Prover::ConditionVerdict& v,
                                            const Protection& protection) {
  const std::string_view column = tenant_column(*e.policy).name_at(e.step);
  if (shape::constant_truth(&tree) == true) return reason::kAlwaysTrue;
  const std::string_view why = v.row.reason;
  if (through_table(e, tree, protection)) return reason::kThroughTable;
  if (shape::takes_from_function(&tree, column)) return reason::kUnknownFunction;
  if (why == reason::kNullOpens) {
    const bool column_alone =
        !shape::opens_without_context(&tree) && shape::tests_null(&tree, column);
    return column_alone ? reason::kNullTenant : why;
  }
  if (why != reason::kNoPredicate && why != reason::kSubquery) return why;
  if (shape::opens_without_context(&tree)) return reason::kNullOpens;
  const bool reads_only = e.policy->command == PolicyCommand::Select;
  if (reads_only && shape::says_shared(&tree)) return reason::kSharedRows;
  if (shape::has_subquery(&tree)) return reason::kSubquery;
  if (shape::mentions(&tree, column)) return reason::kNotEquality;
  return shape::compares_with_session(&tree) ? reason::kOtherColumn : reason::kNoTenantColumn;
}

// An OR one branch of which ties the row: the branches that do not say why. False: there is none.
bool ExpressionJudge::branch_reason(const WrittenExpression& e, const Protection& protection,
                                    PolicyExpression& out) {
  const std::vector<const ast::Expr*> all = shape::branches(e.tree);
  if (all.size() < 2) return false;
  bool tied = false;
  bool missing = false;
  std::string_view worst;
  Place because;
  for (const ast::Expr* branch : all) {
    if (shape::constant_truth(branch) == false) continue;
    const auto protects = [&](const schema::Relation& r) {
      return protection(r) == Verdict::Proven;
    };
    const Prover::ConditionVerdict v = prove(e, *branch, protects);
    if (v.row.verdict == Verdict::Proven) {
      tied = true;
      continue;
    }
    std::string_view why = reason_of(e, *branch, v, protection);
    const bool unknown = v.row.verdict == Verdict::Unknown || leaves_open(why);
    if (!unknown && rank(why) == rank(reason::kOrBranch)) why = reason::kOrBranch;
    // Half a proof is one branch's, and says nothing of the others.
    tied = tied || why == reason::kThroughTable;
    missing = missing || !unknown;
    if (!worst.empty() && rank(why) >= rank(worst)) continue;
    worst = why;
    const std::uint32_t at = first_byte(*branch);
    because = at == 0 ? Place{} : e.text->place(at, Extent::Name);
  }
  if (!tied || worst.empty()) return false;
  out.reason = worst;
  out.verdict = missing ? Verdict::Missing : Verdict::Unknown;
  if (because.known()) out.because = because;
  return true;
}

void ExpressionJudge::explain(const WrittenExpression& e, const Protection& protection,
                              PolicyExpression& out) {
  const std::string_view column = tenant_column(*e.policy).name;
  const std::string_view said = out.reason;
  if (!branch_reason(e, protection, out) && said == reason::kOrBranch)
    out.verdict = Verdict::Missing;
  std::string own = sentence(out.reason, column);
  if (!own.empty()) {
    out.detail = std::move(own);
  } else if (out.reason == reason::kOrBranch && said != reason::kOrBranch) {
    out.detail = "'" + std::string(column) + "' is tied in one branch of OR and not in another";
  }
}

void ExpressionJudge::note_functions(const WrittenExpression& e, const Prover::ConditionVerdict& v,
                                     PolicyExpression& out) const {
  for (const shape::Call& c : shape::calls(e.tree)) {
    const std::string_view name = c.call->name.name;
    PolicyFunction f;
    for (const schema::Function* known : v.functions) {
      const bool same_schema = c.call->name.schema.empty() || known->schema == nullptr ||
                               known->schema->name == c.call->name.schema;
      if (known->name == name && same_schema) f.function = known;
    }
    const bool unknown = std::find(v.unknown_functions.begin(), v.unknown_functions.end(), name) !=
                         v.unknown_functions.end();
    if (f.function == nullptr && !unknown) continue;
    f.name = c.call->name.schema.empty()
                 ? std::string(name)
                 : std::string(c.call->name.schema) + "." + std::string(name);
    f.place = e.text->place(c.call->at, Extent::Name);
    f.inlined = f.function != nullptr && f.function->language == "sql" &&
                !f.function->security_definer && f.function->settings.empty();
    f.per_row = c.alone && !f.inlined;
    if (f.function != nullptr) {
      f.frozen = f.function->volatility == 'i' && reads_outside(model_, *f.function);
      f.changes = f.function->volatility == 'v' && changes_something(model_, *f.function);
    }
    out.functions.push_back(std::move(f));
  }
}

// What decides about a plain expression: its tree, and what its columns and types are.
std::string ExpressionJudge::plain_text(const WrittenExpression& e) const {
  const schema::Relation& table = *e.policy->table;
  std::string out;
  for (const std::string_view entry : e.policy->search_path) out.append(entry).push_back(',');
  const auto column = [&](std::string_view name, std::string& text) {
    const int index = table.find_column_at(name, e.step);
    if (index < 0) return text.append(name).push_back('?');
    const schema::Column& c = table.columns[static_cast<std::size_t>(index)];
    const bool tenant = index == tenancy_.of(table).column;
    const std::uintptr_t type = reinterpret_cast<std::uintptr_t>(c.type.type);
    const std::int32_t numbers[] = {c.type.mod1, c.type.mod2, c.type.array, c.not_null, tenant};
    if (!tenant) text.append(name);
    text.append(reinterpret_cast<const char*>(&type), sizeof(type));
    text.append(reinterpret_cast<const char*>(numbers), sizeof(numbers));
    text.append(c.collation).push_back('.');
  };
  shape::write_plain(e.tree, column, out);
  return out;
}

PolicyExpression ExpressionJudge::judge(const WrittenExpression& e, const Protection& protection) {
  PolicyExpression out;
  out.policy = e.policy;
  out.check = e.check;
  out.new_row = e.new_row;
  std::string text;
  if (e.plain) {
    text = plain_text(e);
    if (proven_.contains(text)) {
      out.verdict = Verdict::Proven;
      out.reason = reason::kPinned;
      return out;
    }
  }
  const auto protects = [&](const schema::Relation& r) { return protection(r) == Verdict::Proven; };
  Prover::ConditionVerdict v = prove(e, *e.tree, protects);
  out.verdict = v.row.verdict;
  out.detail = std::move(v.row.detail);
  out.because = v.row.because;
  out.path = std::move(v.row.path);
  if (!e.plain) note_functions(e, v, out);
  const bool unknown_function = std::any_of(v.others.begin(), v.others.end(), about_function);
  out.reason =
      v.row.verdict == Verdict::Proven ? reason::kPinned : reason_of(e, *e.tree, v, protection);
  if (v.row.verdict != Verdict::Proven) {
    out.settings = shape::settings(e.tree);
    // What a function that is not understood does with the row is not known either.
    const bool silent = out.reason == reason::kNoTenantColumn ||
                        out.reason == reason::kOtherColumn || out.reason == reason::kNotEquality;
    if (unknown_function && silent && v.row.verdict == Verdict::Missing) {
      out.verdict = Verdict::Unknown;
      out.reason = reason::kUnknownFunction;
      out.detail = sentence(out.reason, {});
    } else {
      if (leaves_open(out.reason)) out.verdict = Verdict::Unknown;
      explain(e, protection, out);
    }
    const bool vague =
        out.reason == reason::kNotUnderstood || out.reason == reason::kUnknownFunction;
    out.through_function = out.verdict == Verdict::Unknown && vague &&
                           (unknown_function || calls_own_functions(e.tree));
  } else {
    const ast::Expr* changed = shape::changed_column(e.tree, tenant_column(*e.policy));
    if (changed != nullptr) out.column_cast = e.text->place(first_byte(*changed), Extent::Name);
  }
  if (const ast::FuncCall* call = shape::empty_cast(e.tree))
    out.empty_cast = e.text->place(call->at, Extent::Name);
  const bool in_order = out.verdict == Verdict::Proven && e.plain && !out.empty_cast.known() &&
                        !out.column_cast.known();
  if (in_order) {
    proven_.insert(std::move(text));
    return out;
  }
  out.place = e.text->place(first_byte(*e.tree), Extent::Name);
  for (Occurrence& o : v.others) {
    if (o.verdict != Verdict::Proven && o.relation != nullptr) out.reads.push_back(std::move(o));
  }
  return out;
}

// Does a name of one mean something else by the time the other was written?
bool ExpressionJudge::renamed_between(const WrittenExpression& a,
                                      const WrittenExpression& b) const {
  const schema::Step first = std::min(a.step, b.step);
  const schema::Step last = std::max(a.step, b.step);
  const auto renamed = [&](const schema::Relation& r) {
    return std::any_of(r.columns.begin(), r.columns.end(), [&](const schema::Column& c) {
      return c.name_at(first) != c.name_at(last) || (c.created > first && c.created <= last);
    });
  };
  if (first != last && renamed(*a.policy->table)) return true;
  for (const WrittenExpression* e : {&a, &b}) {
    const auto found = model_.references.find(e->tree);
    if (first == last || found == model_.references.end()) continue;
    for (const schema::Relation* r : found->second.relations) {
      if (renamed(*r)) return true;
    }
  }
  return false;
}

Verdict ExpressionJudge::together(std::span<const WrittenExpression> all,
                                  const Protection& protection) {
  const WrittenExpression& first = all[0];
  std::vector<const ast::Expr*>& args = made_args_.emplace_back();
  for (const WrittenExpression& e : all) {
    const bool alike = e.text == first.text && !renamed_between(first, e) &&
                       e.policy->search_path == first.policy->search_path;
    if (alike) args.push_back(e.tree);
  }
  if (args.size() < 2) return Verdict::Missing;
  ast::BoolExpr& both = made_.emplace_back();
  both.kind = ast::Kind::BoolExpr;
  both.at = first.tree->at;
  both.op = ast::BoolOp::And;
  both.args = args;
  return tied(first, both, protection) ? Verdict::Proven : Verdict::Missing;
}

}  // namespace tenantlint::isolation
