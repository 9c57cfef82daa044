// What holds where a condition is true (or false): equalities, rows that are there, nothing. NOT is
// pushed inwards, OR keeps what every branch gives; all comparisons are those that NULL does not
// pass. What names a tenant column and gives nothing is remembered as an attempt, for the reason.
#include <algorithm>
#include <unordered_map>

#include "analyzer/isolation/analysis.h"
#include "analyzer/sql/walk.h"

namespace tenantlint::isolation {

namespace {

bool catalogue_operator(const ast::QualifiedName& op) {
  return op.schema.empty() || op.schema == "pg_catalog";
}

bool is(const ast::Operator& op, std::string_view name) {
  return op.op.name == name && catalogue_operator(op.op);
}

// Built-in operators that give NULL if a side is NULL.
bool is_strict(const ast::Operator& op) {
  static constexpr std::string_view kNames[] = {"=", "<>", "<",  ">",   "<=",  ">=",   "~~", "!~~",
                                                "~", "!~", "~*", "!~*", "~~*", "!~~*", "+",  "-",
                                                "*", "/",  "%",  "||",  "@>",  "<@",   "&&"};
  return catalogue_operator(op.op) &&
         std::find(std::begin(kNames), std::end(kNames), op.op.name) != std::end(kNames);
}

bool true_word(std::string_view text) {
  return text == "t" || text == "true" || text == "yes" || text == "on" || text == "1" ||
         text == "y" || text == "TRUE";
}

// Columns of types whose equality is that of whole values: of one type, all texts, all integers.
bool comparable(const Term& a, const Term& b) {
  if (a.type == nullptr || b.type == nullptr || a.type->type == b.type->type) return true;
  constexpr std::uint16_t kTexts = kCastText | kCastBounded;
  constexpr std::uint16_t kNumbers = kCastInt2 | kCastInt4 | kCastInt8 | kCastNumeric;
  const std::uint16_t x = cast_to(*a.type).mask;
  const std::uint16_t y = cast_to(*b.type).mask;
  return (x == y && x != kCastOther) || ((x | y) & ~kTexts) == 0 || ((x | y) & ~kNumbers) == 0;
}

const ast::Select* query_of(const ast::SubLink& link) {
  return ast::as<ast::Select>(link.query);
}

}  // namespace

void Analysis::attempt(TermId term, std::string_view why, std::uint32_t at, const Block& block) {
  attempts_.push_back({term, why, at, block.context, &block});
}

// Every tenant column that the expression names was meant to be tied by it, and is not.
void Analysis::attempt(const ast::Node* expr, std::string_view why, const Spot& where) {
  if (expr == nullptr) return;
  sql::walk(*expr, [&](const ast::Node& node) {
    if (node.kind == ast::Kind::SubLink) return false;
    const auto* ref = ast::as<ast::ColumnRef>(&node);
    if (ref == nullptr || ref->star) return true;
    const ColumnUse use = resolve(*ref, where.block, where.begin, where.end);
    if (use.status != NameStatus::Column) return true;
    Source& source = *use.source;
    const bool tenant = source.kind == SourceKind::Table
                            ? know_.tenancy.tenant_owned(*source.relation) &&
                                  know_.tenancy.of(*source.relation).column == use.column
                            : !know_.other_columns.contains(column_name(source, use.column));
    if (tenant) attempt(column_term(source, use.column), why, ref->at, where.block);
    return true;
  });
}

void Analysis::strict_operands(const ast::Expr* left, const ast::Expr* right, const Spot& where,
                               FactList& out) {
  for (const ast::Expr* side : {left, right}) {
    while (const auto* cast = ast::as<ast::TypeCast>(side)) side = cast->arg;
    if (const auto* op = ast::as<ast::Operator>(side)) {
      if (op->form == ast::OperatorForm::Plain && is_strict(*op)) {
        strict_operands(op->left, op->right, where, out);
      }
      continue;
    }
    const auto* ref = ast::as<ast::ColumnRef>(side);
    if (ref == nullptr || ref->star) continue;
    const ColumnUse use = resolve(*ref, where.block, where.begin, where.end);
    if (use.status == NameStatus::Column) {
      out.push_back({FactKind::NotNull, column_term(*use.source, use.column), kNoTerm, {}});
    }
  }
}

// Of type text for certain: citext is then compared as text, which tells case apart.
bool Analysis::is_text(const ast::Expr* expr, const Spot& where) const {
  if (const auto* cast = ast::as<ast::TypeCast>(expr)) {
    return cast->type != nullptr && casts_of(*cast->type, *where.block.context) == Casts{kCastText};
  }
  const auto* call = ast::as<ast::FuncCall>(expr);
  return call != nullptr && call->name.name == "current_setting" &&
         (call->name.schema.empty() || call->name.schema == "pg_catalog");
}

TermResult Analysis::text_of_citext(const ast::Expr* expr, const Spot& where, TermResult none) {
  const auto* ref = ast::as<ast::ColumnRef>(expr);
  if (ref == nullptr || ref->star) return none;
  const ColumnUse use = resolve(*ref, where.block, where.begin, where.end);
  if (use.status != NameStatus::Column || use.source->kind != SourceKind::Table) return none;
  const schema::Column& c = use.source->relation->columns[static_cast<std::size_t>(use.column)];
  if (!c.collation.empty() || c.type.type == nullptr || c.type.type->name != "citext") return none;
  none.term = column_term(*use.source, use.column);
  return none;
}

void Analysis::equate(const ast::Expr* left, const ast::Expr* right, const Spot& where,
                      FactList& out) {
  const auto* row = ast::as<ast::RowExpr>(left);
  const auto* other_row = ast::as<ast::RowExpr>(right);
  if (row != nullptr && other_row != nullptr) return equate_rows(*row, *other_row, where, out);
  for (const auto& [value, other] : {std::pair(right, left), std::pair(left, right)}) {
    const auto* link = ast::as<ast::SubLink>(value);
    if (link == nullptr || link->type != ast::SubLinkType::Scalar) continue;
    Block* block = find_link(where.block, *link);
    const bool simple = block != nullptr && block->outputs.size() == 1;
    if (simple && ast::as<ast::RowExpr>(other) == nullptr &&
        term_of(other, where).term != kNoTerm) {
      return equate_link(other, *block, where, out);
    }
  }
  TermResult a = term_of(left, where);
  TermResult b = term_of(right, where);
  if (a.term == kNoTerm && is_text(right, where)) a = text_of_citext(left, where, a);
  if (b.term == kNoTerm && is_text(left, where)) b = text_of_citext(right, where, b);
  if (a.null_literal || b.null_literal) {
    out.push_back({});
    return;
  }
  if (a.term == kNoTerm || b.term == kNoTerm) {
    strict_operands(left, right, where, out);
    // The side that is no term says why; the tenant column may stand on either.
    const std::string_view why = a.term == kNoTerm ? a.why : b.why;
    attempt(left, why, where);
    attempt(right, why, where);
    return;
  }
  if (a.term == b.term) {
    strict_operands(left, right, where, out);
    return attempt(left, reason::kSelfComparison, where);
  }
  const Term& x = terms_[a.term];
  const Term& y = terms_[b.term];
  if (x.kind == TermKind::Constant && y.kind == TermKind::Constant) {
    const bool numbers = ast::as<ast::Literal>(left) != nullptr &&
                         ast::as<ast::Literal>(right) != nullptr &&
                         ast::as<ast::Literal>(left)->type == ast::LiteralType::Integer &&
                         ast::as<ast::Literal>(right)->type == ast::LiteralType::Integer;
    if (numbers) out.push_back({});
    return;
  }
  if (!comparable(x, y)) {
    strict_operands(left, right, where, out);
    attempt(left, reason::kMergingCast, where);
    return attempt(right, reason::kMergingCast, where);
  }
  out.push_back({FactKind::Equal, a.term, b.term, {}});
}

void Analysis::equate_rows(const ast::RowExpr& left, const ast::RowExpr& right, const Spot& where,
                           FactList& out) {
  if (left.args.size() != right.args.size()) return;
  for (std::size_t i = 0; i < left.args.size(); ++i) {
    equate(left.args[i], right.args[i], where, out);
  }
}

void Analysis::assume(const ast::Expr* expr, bool truth, const Spot& where, FactList& out,
                      Facts base) {
  if (expr == nullptr) return;
  switch (expr->kind) {
    case ast::Kind::BoolExpr: {
      const auto& node = *ast::as<ast::BoolExpr>(expr);
      if (node.op == ast::BoolOp::Not) {
        return assume(node.args.empty() ? nullptr : node.args[0], !truth, where, out, base);
      }
      if ((node.op == ast::BoolOp::And) == truth) {
        for (const ast::Expr* arg : node.args) assume(arg, truth, where, out, base);
        return;
      }
      std::vector<Branch> branches;
      for (const ast::Expr* arg : node.args) {
        Branch& branch = branches.emplace_back();
        branch.at = node.at != 0 ? node.at : expr->at;
        branch.null_test = tests_null(arg);
        assume(arg, truth, where, branch.facts, base);
      }
      return meet(branches, where, out, base);
    }
    case ast::Kind::Operator:
      return assume_operator(*ast::as<ast::Operator>(expr), truth, where, out, base);
    case ast::Kind::NullTest:
      return assume_null_test(*ast::as<ast::NullTest>(expr), truth, where, out);
    case ast::Kind::BooleanTest: {
      const auto& test = *ast::as<ast::BooleanTest>(expr);
      using T = ast::BooleanTestType;
      const bool is_true = truth ? test.test == T::IsTrue : test.test == T::IsNotTrue;
      const bool is_false = truth ? test.test == T::IsFalse : test.test == T::IsNotFalse;
      if (is_true) return assume(test.arg, true, where, out, base);
      if (is_false) return assume(test.arg, false, where, out, base);
      return attempt(test.arg, reason::kNullOpens, where);
    }
    case ast::Kind::Literal: {
      const auto& literal = *ast::as<ast::Literal>(expr);
      const bool value = literal.type != ast::LiteralType::Null && true_word(literal.text);
      if (literal.type == ast::LiteralType::Null || value != truth) out.push_back({});
      return;
    }
    case ast::Kind::TypeCast:
      return assume(ast::as<ast::TypeCast>(expr)->arg, truth, where, out, base);
    case ast::Kind::Case: return assume_case(*ast::as<ast::Case>(expr), truth, where, out, base);
    case ast::Kind::Coalesce: {
      std::vector<Branch> branches;
      for (const ast::Expr* arg : ast::as<ast::Coalesce>(expr)->args) {
        Branch& branch = branches.emplace_back();
        branch.at = expr->at;
        branch.null_test = true;
        assume(arg, truth, where, branch.facts, base);
      }
      return meet(branches, where, out, base);
    }
    case ast::Kind::SubLink: return assume_link(*ast::as<ast::SubLink>(expr), truth, where, out);
    case ast::Kind::FuncCall: return assume_call(*ast::as<ast::FuncCall>(expr), truth, where, out);
    case ast::Kind::ColumnRef: return strict_operands(expr, nullptr, where, out);
    default: return attempt(expr, reason::kNotUnderstood, where);
  }
}

// Is the condition true where a value is missing? For the reason only.
bool Analysis::tests_null(const ast::Expr* expr) {
  bool found = false;
  if (expr == nullptr) return found;
  sql::walk(*expr, [&](const ast::Node& node) {
    const auto* test = ast::as<ast::NullTest>(&node);
    found = found || (test != nullptr && !test->is_not);
    const auto* op = ast::as<ast::Operator>(&node);
    const auto* literal = op == nullptr ? nullptr : ast::as<ast::Literal>(op->right);
    found = found || (literal != nullptr && literal->type == ast::LiteralType::String &&
                      literal->text.empty() && is(*op, "="));
    return node.kind != ast::Kind::SubLink;
  });
  return found;
}

void Analysis::assume_operator(const ast::Operator& op, bool truth, const Spot& where,
                               FactList& out, Facts base) {
  using F = ast::OperatorForm;
  (void)base;
  switch (op.form) {
    case F::Plain: {
      const bool equal = truth ? is(op, "=") : is(op, "<>");
      if (equal) return equate(op.left, op.right, where, out);
      if (is_strict(op)) strict_operands(op.left, op.right, where, out);
      const std::string_view why = is_strict(op) ? reason::kNotEquality : reason::kNotUnderstood;
      attempt(op.left, why, where);
      return attempt(op.right, why, where);
    }
    case F::In:
    case F::NotIn: return assume_list(op, truth, where, out);
    case F::Any:
    case F::All: return assume_array(op, truth, where, out);
    case F::NotDistinct:
    case F::Distinct:
      if ((op.form == F::NotDistinct) == truth) return assume_not_distinct(op, where, out);
      attempt(op.left, reason::kNotEquality, where);
      return attempt(op.right, reason::kNotEquality, where);
    case F::Like:
    case F::NotLike:
    case F::ILike:
    case F::NotILike:
    case F::Similar:
    case F::NotSimilar:
      strict_operands(op.left, op.right, where, out);
      return attempt(op.left, reason::kNotEquality, where);
    case F::Between:
    case F::BetweenSymmetric:
    case F::NotBetween:
    case F::NotBetweenSymmetric: {
      const auto* bounds = ast::as<ast::RowExpr>(op.right);
      const bool within = (op.form == F::Between || op.form == F::BetweenSymmetric) == truth;
      if (bounds != nullptr && bounds->args.size() == 2 && within) {
        const TermResult low = term_of(bounds->args[0], where);
        const TermResult high = term_of(bounds->args[1], where);
        if (low.term != kNoTerm && low.term == high.term) {
          return equate(op.left, bounds->args[0], where, out);
        }
      }
      if (within) strict_operands(op.left, nullptr, where, out);
      return attempt(op.left, reason::kNotEquality, where);
    }
    case F::NullIf: return attempt(op.left, reason::kNotUnderstood, where);
  }
}

// x IN (a, b): one of them. A list of sources alone ties, though not to one of them.
void Analysis::assume_list(const ast::Operator& op, bool truth, const Spot& where, FactList& out) {
  const auto* list = ast::as<ast::RowExpr>(op.right);
  if ((op.form == ast::OperatorForm::In) != truth || list == nullptr) {
    strict_operands(op.left, nullptr, where, out);
    return attempt(op.left, reason::kNotEquality, where);
  }
  strict_operands(op.left, nullptr, where, out);
  const bool literals = std::all_of(list->args.begin(), list->args.end(), [](const auto* item) {
    return item != nullptr && item->kind == ast::Kind::Literal;
  });
  if (list->args.size() > 1) {
    attempt(op.left, literals ? reason::kLiteral : reason::kSet, where);
    // Of different constants there is nothing to know.
    if (literals) return;
  }
  std::vector<Branch> branches;
  for (const ast::Expr* item : list->args) {
    Branch& branch = branches.emplace_back();
    branch.at = op.at;
    equate(op.left, item, where, branch.facts);
  }
  meet(branches, where, out, {});
}

// x = ANY (ARRAY[a, b]) is IN; x = ALL (ARRAY[a]) is every one of them, and there is one.
void Analysis::assume_array(const ast::Operator& op, bool truth, const Spot& where, FactList& out) {
  const ast::Expr* right = op.right;
  while (const auto* cast = ast::as<ast::TypeCast>(right)) right = cast->arg;
  const auto* array = ast::as<ast::ArrayExpr>(right);
  const bool any = op.form == ast::OperatorForm::Any;
  const bool equal = is(op, truth ? "=" : "<>");
  strict_operands(op.left, nullptr, where, out);
  if (!equal) return attempt(op.left, reason::kNotEquality, where);
  // NOT (x <> ALL (…)) is x = ANY (…), and the other way round.
  const bool some = any == truth;
  if (array == nullptr) {
    // string_to_array(setting, ',') holds what the setting names, and nothing else.
    const auto* call = ast::as<ast::FuncCall>(right);
    if (some && call != nullptr && call->name.name == "string_to_array" && !call->args.empty()) {
      const TermResult list = term_of(call->args[0], where);
      const TermResult column = term_of(op.left, where);
      if (list.term != kNoTerm && terms_[list.term].kind == TermKind::Tenant &&
          column.term != kNoTerm) {
        return attempt(op.left, reason::kList, where);
      }
    }
    return attempt(op.left, some ? reason::kSet : reason::kNotEquality, where);
  }
  if (array->args.empty()) {
    if (some) out.push_back({});
    return;
  }
  if (!some) {
    for (const ast::Expr* item : array->args) equate(op.left, item, where, out);
    return;
  }
  std::vector<Branch> branches;
  for (const ast::Expr* item : array->args) {
    Branch& branch = branches.emplace_back();
    branch.at = op.at;
    equate(op.left, item, where, branch.facts);
  }
  if (array->args.size() > 1) attempt(op.left, reason::kSet, where);
  meet(branches, where, out, {});
}

// As equality if one side cannot be NULL.
void Analysis::assume_not_distinct(const ast::Operator& op, const Spot& where, FactList& out) {
  const TermResult a = term_of(op.left, where);
  const TermResult b = term_of(op.right, where);
  if (a.term == kNoTerm || b.term == kNoTerm || a.term == b.term) {
    attempt(op.left, a.term == b.term && a.term != kNoTerm ? reason::kSelfComparison : a.why,
            where);
    return attempt(op.right, b.why, where);
  }
  if (!a.may_be_null || !b.may_be_null) {
    out.push_back({FactKind::Equal, a.term, b.term, {}});
    return;
  }
  attempt(op.left, reason::kNullOpens, where);
  attempt(op.right, reason::kNullOpens, where);
}

void Analysis::assume_case(const ast::Case& node, bool truth, const Spot& where, FactList& out,
                           Facts base) {
  std::vector<Branch> branches;
  for (const ast::CaseWhen& when : node.whens) {
    Branch& branch = branches.emplace_back();
    branch.at = node.at;
    branch.null_test = tests_null(when.condition);
    if (node.arg == nullptr) {
      assume(when.condition, true, where, branch.facts, base);
    } else {
      equate(node.arg, when.condition, where, branch.facts);
    }
    assume(when.result, truth, where, branch.facts, base);
  }
  if (node.otherwise != nullptr) {
    Branch& branch = branches.emplace_back();
    branch.at = node.at;
    assume(node.otherwise, truth, where, branch.facts, base);
  }
  meet(branches, where, out, base);
}

void Analysis::assume_null_test(const ast::NullTest& test, bool truth, const Spot& where,
                                FactList& out) {
  if (test.is_not == truth) return strict_operands(test.arg, nullptr, where, out);
  const auto* ref = ast::as<ast::ColumnRef>(test.arg);
  if (ref == nullptr) return;
  const ColumnUse use = resolve(*ref, where.block, where.begin, where.end);
  if (use.status != NameStatus::Column || use.source->kind != SourceKind::Table) return;
  const schema::Column& c = use.source->relation->columns[static_cast<std::size_t>(use.column)];
  // Rows of grouping sets have NULL for what they are not grouped by; sources of outer queries may
  // be the empty side of a join that is not looked at here.
  const bool never = c.not_null && !use.source->nullable && use.source->home == &where.block &&
                     where.begin == 0 && !where.block.grouping_sets;
  if (never) {
    out.push_back({});
  } else {
    attempt(test.arg, reason::kNullOpens, where);
  }
}

// EXISTS (…), x IN (SELECT …), x = ANY (SELECT …), (SELECT condition)
void Analysis::assume_link(const ast::SubLink& link, bool truth, const Spot& where, FactList& out) {
  Block* block = find_link(where.block, link);
  if (block == nullptr) return;
  switch (link.type) {
    case ast::SubLinkType::Exists:
      if (truth) any_row(*block, nullptr, out);
      return;
    case ast::SubLinkType::Any:
      if (!truth ||
          (!link.op.name.empty() && (link.op.name != "=" || !catalogue_operator(link.op)))) {
        return attempt(link.test, reason::kNotEquality, where);
      }
      any_row(*block, nullptr, out);
      return equate_link(link.test, *block, where, out);
    case ast::SubLinkType::Scalar: {
      const auto* select = query_of(link);
      const bool plain = truth && select != nullptr && select->targets.size() == 1 &&
                         select->op == ast::SetOp::None;
      if (plain) any_row(*block, select->targets[0].value, out);
      return;
    }
    case ast::SubLinkType::All:
    case ast::SubLinkType::MultiExpr:
    case ast::SubLinkType::Array: return attempt(link.test, reason::kNotEquality, where);
  }
}

// The left side of IN equals what the subquery gives.
void Analysis::equate_link(const ast::Expr* test, Block& block, const Spot& where, FactList& out) {
  Source value;
  value.id = kNoSource;
  value.kind = SourceKind::Query;
  value.block = &block;
  value.home = &where.block;
  value.context = block.context;
  FactList facts;
  const auto* row = ast::as<ast::RowExpr>(test);
  const std::size_t count = row == nullptr ? 1 : row->args.size();
  std::vector<TermId> stand_ins;
  for (std::size_t i = 0; i < count && i < block.outputs.size(); ++i) {
    stand_ins.push_back(column_term(value, static_cast<int>(i)));
  }
  rows_of(block, value, facts);
  out.insert(out.end(), facts.begin(), facts.end());
  for (std::size_t i = 0; i < stand_ins.size(); ++i) {
    const ast::Expr* side = row == nullptr ? test : row->args[i];
    const TermResult term = term_of(side, where);
    if (term.term == kNoTerm) {
      strict_operands(side, nullptr, where, out);
      attempt(side, term.why, where);
    } else {
      out.push_back({FactKind::Equal, term.term, stand_ins[i], {}});
      attempt(side, reason::kSubquery, where);
      same_row(term.term, value, static_cast<int>(i), out);
    }
  }
  links_by_stand_in_.emplace_back(&block, stand_ins);
}

// A boolean function of LANGUAGE sql: where it is true, so is its expression.
void Analysis::assume_call(const ast::FuncCall& call, bool truth, const Spot& where,
                           FactList& out) {
  Block* block = find_link(where.block, call);
  if (block == nullptr || !truth || block->select == nullptr ||
      block->select->targets.size() != 1) {
    return attempt(&call, reason::kNotUnderstood, where);
  }
  const std::size_t before = out.size();
  any_row(*block, block->select->targets[0].value, out);
  if (out.size() == before) attempt(&call, reason::kNotUnderstood, where);
}

// OR: what every branch that can be true gives, together with what is known anyway.
void Analysis::meet(std::vector<Branch>& branches, const Spot& where, FactList& out, Facts base) {
  std::vector<Closure> closures;
  std::vector<const Branch*> used;
  for (Branch& branch : branches) {
    // Conditional facts are waited for by address: they must not move.
    const Facts frozen = freeze(branch.facts);
    Closure known(terms_, static_cast<std::uint32_t>(sources_.size()));
    known.add(base);
    known.add(frozen);
    if (!spend(terms_.size())) too_complex_ = true;
    if (known.never() || too_complex_) continue;
    closures.push_back(std::move(known));
    used.push_back(&branch);
  }
  if (too_complex_) return;
  if (closures.empty()) {
    out.push_back({});
    return;
  }
  if (closures.size() == 1) {
    out.insert(out.end(), used[0]->facts.begin(), used[0]->facts.end());
    return;
  }
  // Terms that are in one class in every branch.
  std::vector<TermId> group(terms_.size(), 0);
  TermId groups = 1;
  for (const Closure& known : closures) {
    std::unordered_map<std::uint64_t, TermId> numbers;
    for (TermId id = 0; id < group.size(); ++id) {
      const std::uint64_t key = (std::uint64_t{group[id]} << 32) | known.find(id);
      group[id] = numbers.try_emplace(key, static_cast<TermId>(numbers.size())).first->second;
    }
    groups = static_cast<TermId>(numbers.size());
  }
  std::vector<TermId> first(groups, kNoTerm);
  const TermId some_source = any_source();
  for (TermId id = 0; id < group.size(); ++id) {
    const bool not_null = std::all_of(closures.begin(), closures.end(),
                                      [&](const Closure& c) { return c.not_null(id); });
    if (not_null) out.push_back({FactKind::NotNull, id, kNoTerm, {}});
    if (first[group[id]] == kNoTerm) {
      first[group[id]] = id;
    } else if (not_null) {
      out.push_back({FactKind::Equal, first[group[id]], id, {}});
    }
    if (terms_[id].kind != TermKind::Column && terms_[id].kind != TermKind::Merged) continue;
    std::size_t tied_in = 0;
    for (const Closure& known : closures) tied_in += tied(id, known) ? 1 : 0;
    if (tied_in == closures.size() && not_null) {
      out.push_back({FactKind::Equal, id, some_source, {}});
    } else if (tied_in > 0 || closures.size() < 2) {
      std::uint32_t at = used[0]->at;
      bool null_test = false;
      for (std::size_t i = 0; i < closures.size(); ++i) {
        if (!tied(id, closures[i])) null_test = null_test || used[i]->null_test;
      }
      attempt(id, null_test ? reason::kNullOpens : used[0]->why, at, where.block);
    }
  }
  for (SourceId s = 0; s < sources_.size(); ++s) {
    const bool present = std::all_of(closures.begin(), closures.end(),
                                     [&](const Closure& c) { return c.present(s); });
    if (present) out.push_back({FactKind::Present, s, kNoTerm, {}});
  }
}

}  // namespace tenantlint::isolation
