// Terms of expressions: which values of a row are a column, a parameter, the tenant, a constant,
// through everything that leaves a value as it is. Anything else has no term, and says why.
#include <algorithm>
#include <cctype>

#include "analyzer/isolation/analysis.h"
#include "analyzer/isolation/builtins.h"

namespace tenantlint::isolation {

namespace {

TermResult none(std::string_view why) {
  TermResult out;
  out.why = why;
  return out;
}

TermResult some(TermId term, bool may_be_null = true) {
  TermResult out;
  out.term = term;
  out.may_be_null = may_be_null;
  return out;
}

// The value of the term, or NULL.
TermResult some_or_null(TermId term) {
  TermResult out = some(term);
  out.exact = false;
  return out;
}

const ast::Literal* literal_of(const ast::Expr* expr) {
  while (const auto* cast = ast::as<ast::TypeCast>(expr)) expr = cast->arg;
  return ast::as<ast::Literal>(expr);
}

bool is_zero(const ast::Expr* expr) {
  const auto* literal = literal_of(expr);
  return literal != nullptr && literal->type == ast::LiteralType::Integer && literal->text == "0";
}

// Functions that map different values to one, of which people use these on tenants.
bool folds_values(std::string_view name) {
  static constexpr std::string_view kNames[] = {
      "lower",          "upper",   "initcap", "trim",       "btrim",     "ltrim",
      "rtrim",          "left",    "right",   "substr",     "substring", "split_part",
      "regexp_replace", "replace", "length",  "char_length"};
  return std::find(std::begin(kNames), std::end(kNames), name) != std::end(kNames);
}

bool equal_ignoring_case(std::string_view a, std::string_view b) {
  return std::equal(a.begin(), a.end(), b.begin(), b.end(), [](char x, char y) {
    return std::tolower(static_cast<unsigned char>(x)) ==
           std::tolower(static_cast<unsigned char>(y));
  });
}

}  // namespace

TermId Analysis::column_term(Source& source, int column) {
  for (const auto& [known, term] : source.terms) {
    if (known == column) return term;
  }
  Term term;
  term.kind = TermKind::Column;
  term.source = source.id;
  term.column = column;
  if (source.id == kNoSource) term.owner = source.home;
  if (column < 0) {
    // See tenant_of_row().
  } else if (source.kind == SourceKind::Table) {
    const schema::Column& c = source.relation->columns[static_cast<std::size_t>(column)];
    term.not_null = c.not_null;
    term.type = &c.type;
    if (!source.new_values && is_row_key(*source.relation, column)) {
      term.row_of = source.relation;
      term.row_key = column;
    }
  } else if (source.kind == SourceKind::Query) {
    // A plain output has the type of the column behind it.
    Block* block = source.cte != nullptr ? source.cte->block : source.block;
    while (block != nullptr && block->left != nullptr) block = block->left;
    const auto output = static_cast<std::size_t>(column);
    if (block != nullptr && output < block->outputs.size()) {
      const TermId inner = term_of_output(*block, output).term;
      if (inner != kNoTerm && terms_[inner].kind == TermKind::Column) {
        term.type = terms_[inner].type;
        term.row_of = terms_[inner].row_of;
        term.row_key = terms_[inner].row_key;
      }
    }
  }
  const TermId id = terms_.add(term);
  source.terms.emplace_back(column, id);
  return id;
}

// Only a FULL JOIN makes a value of its own of two columns.
TermId Analysis::merged_term(const Merged& merged) {
  switch (merged.type) {
    case ast::JoinType::Inner:
    case ast::JoinType::Left: return term_of_use(merged.left).term;
    case ast::JoinType::Right: return term_of_use(merged.right).term;
    case ast::JoinType::Full: break;
  }
  if (merged.term != kNoTerm) return merged.term;
  Term term;
  term.kind = TermKind::Merged;
  term.source = term_of_use(merged.left).term;
  term.column = static_cast<int>(term_of_use(merged.right).term);
  const TermId id = terms_.add(term);
  const_cast<Merged&>(merged).term = id;
  return id;
}

TermId Analysis::constant(std::string_view text) {
  Term term;
  term.kind = TermKind::Constant;
  term.text = text;
  term.reason = reason::kLiteral;
  return terms_.constant(term);
}

TermId Analysis::parameter(std::string_view name, int number) {
  Term term;
  term.kind = TermKind::Parameter;
  term.text = name;
  term.column = number;
  term.tenant = name.empty() || know_.may_be_tenant(name);
  term.reason = reason::kOtherParameter;
  return terms_.intern(term);
}

TermId Analysis::any_source() {
  Term term;
  term.kind = TermKind::AnySource;
  return terms_.intern(term);
}

bool Analysis::is_source(TermId id) const {
  if (id == kNoTerm) return false;
  const Term& term = terms_[id];
  return term.kind == TermKind::Tenant || term.kind == TermKind::LookedUp ||
         term.kind == TermKind::AnySource || (term.kind == TermKind::Parameter && term.tenant);
}

bool Analysis::loose(const ast::QualifiedName& collation) const {
  return std::find(know_.loose_collations.begin(), know_.loose_collations.end(), collation.name) !=
         know_.loose_collations.end();
}

// Are different values of the column equal to PostgreSQL?
bool Analysis::merges_values(const schema::Column& column) const {
  const std::string_view name = column.collation.substr(column.collation.rfind('.') + 1);
  return (!name.empty() && loose({{}, {}, name, 0})) ||
         (column.type.type != nullptr && column.type.type->name == "citext");
}

Casts Analysis::casts_of(const ast::TypeName& type, const Context& context) const {
  if (type.array_dims > 0 || type.setof || type.percent_type) return {kCastOther};
  const auto& model = know_.model;
  const schema::Type* found = nullptr;
  if (type.name.schema.empty() || type.name.schema == "pg_catalog") {
    found = model.builtin_type(type.name.name);
  }
  if (found == nullptr && !type.name.schema.empty()) {
    const schema::Schema* schema = model.find_schema(type.name.schema);
    if (schema != nullptr) found = model.find_type(*schema, type.name.name);
  }
  if (found == nullptr) {
    for (const std::string_view entry : context.names->search_path) {
      const schema::Schema* schema = model.find_schema(entry);
      if (schema != nullptr && found == nullptr) found = model.find_type(*schema, type.name.name);
    }
  }
  if (found == nullptr) return {kCastOther};
  schema::TypeRef ref;
  ref.type = found;
  if (!type.modifiers.empty()) {
    ref.mod1 = 0;
    for (const char c : type.modifiers[0]) {
      if (c < '0' || c > '9' || ref.mod1 > 100'000'000) return {kCastOther};
      ref.mod1 = ref.mod1 * 10 + (c - '0');
    }
  }
  return cast_to(ref);
}

TermResult Analysis::apply_cast(TermResult value, const Casts& casts) {
  if (value.term == kNoTerm) return value;
  const Term term = terms_[value.term];
  switch (term.kind) {
    case TermKind::Column:
      // A column of a block passes on what its type is not known to; only text is safe for it.
      if (term.type == nullptr) {
        if (casts.mask == kCastText) return value;
        return none(reason::kMergingCast);
      }
      if (keeps_apart(*term.type, casts)) return value;
      return none(reason::kMergingCast);
    case TermKind::Merged: return none(reason::kMergingCast);
    case TermKind::Constant: return value;
    default: break;
  }
  Term cast = term;
  cast.casts = term.casts + casts;
  if (cast.casts == term.casts) return value;
  value.term = terms_.intern(cast);
  return value;
}

TermResult Analysis::term_of_use(const ColumnUse& use) {
  switch (use.status) {
    case NameStatus::Column: {
      Source& source = *use.source;
      const TermId term = column_term(source, use.column);
      if (source.kind == SourceKind::Table) {
        const schema::Column& c = source.relation->columns[static_cast<std::size_t>(use.column)];
        if (merges_values(c)) return none(reason::kNotEquality);
      }
      const bool sets = source.home != nullptr && source.home->grouping_sets;
      return some(term, source.nullable || sets || !terms_[term].not_null);
    }
    case NameStatus::MergedColumn: return some(merged_term(*use.merged));
    case NameStatus::Argument:
      return use.argument->term == kNoTerm ? none(reason::kOtherParameter)
                                           : some(use.argument->term);
    case NameStatus::Variable: {
      const Variable& v = use.variable->copy_of == nullptr ? *use.variable : *use.variable->copy_of;
      Term term;
      term.kind = TermKind::Parameter;
      term.text = v.name;
      term.column = v.number;
      term.reason = reason::kOtherParameter;
      term.tenant = v.tenant && know_.may_be_tenant(v.name);
      if (v.source) term.kind = TermKind::Tenant;
      if (v.row != nullptr) {
        const int tenant = know_.tenancy.of(*v.row).column;
        term.tenant = v.pinned_row && use.column >= 0 && use.column == tenant;
        term.column = use.column;
      }
      return some(terms_.intern(term));
    }
    default: return none(reason::kOtherColumn);
  }
}

TermResult Analysis::term_of(const ast::Expr* expr, const Spot& where) {
  if (expr == nullptr) return none(reason::kNotUnderstood);
  switch (expr->kind) {
    case ast::Kind::ColumnRef:
      return term_of_use(
          resolve(*ast::as<ast::ColumnRef>(expr), where.block, where.begin, where.end));
    case ast::Kind::Param: {
      const auto& param = *ast::as<ast::Param>(expr);
      for (const Argument& argument : where.block.context->arguments) {
        if (argument.number == param.number && param.name.empty()) {
          return argument.term == kNoTerm ? none(reason::kOtherParameter) : some(argument.term);
        }
      }
      const auto* variables = where.block.context->names->variables;
      if (variables != nullptr && param.name.empty()) {
        for (const Variable& v : *variables) {
          if (v.number != param.number) continue;
          ColumnUse use;
          use.status = NameStatus::Variable;
          use.variable = &v;
          return term_of_use(use);
        }
      }
      return some(parameter(param.name, param.number));
    }
    case ast::Kind::Literal: {
      const auto& literal = *ast::as<ast::Literal>(expr);
      if (literal.type != ast::LiteralType::Null) return some(constant(literal.text), false);
      TermResult out = none(reason::kNotUnderstood);
      out.null_literal = true;
      return out;
    }
    case ast::Kind::TypeCast: return term_of_cast(*ast::as<ast::TypeCast>(expr), where);
    case ast::Kind::FuncCall: return term_of_call(*ast::as<ast::FuncCall>(expr), where);
    case ast::Kind::SubLink: {
      const auto& link = *ast::as<ast::SubLink>(expr);
      Block* block = find_link(where.block, link);
      if (link.type != ast::SubLinkType::Scalar || block == nullptr) {
        return none(reason::kNotUnderstood);
      }
      return term_of_link(*block);
    }
    case ast::Kind::Coalesce: return term_of_coalesce(*ast::as<ast::Coalesce>(expr), where);
    case ast::Kind::Operator: return term_of_operator(*ast::as<ast::Operator>(expr), where);
    case ast::Kind::Collate: {
      const auto& collate = *ast::as<ast::Collate>(expr);
      if (loose(collate.collation)) return none(reason::kNotEquality);
      return term_of(collate.arg, where);
    }
    case ast::Kind::Indirection: {
      // (o).tenant_id
      const auto& path = *ast::as<ast::Indirection>(expr);
      const auto* row = ast::as<ast::ColumnRef>(path.arg);
      if (row == nullptr || path.path.size() != 1 || path.path[0].field.empty()) break;
      ColumnUse use = resolve(*row, where.block, where.begin, where.end);
      if (use.status != NameStatus::WholeRow) break;
      use.column = find_column(*use.source, path.path[0].field);
      if (use.column < 0) break;
      use.status = NameStatus::Column;
      return term_of_use(use);
    }
    case ast::Kind::ValueFunction: {
      Term term;
      term.kind = TermKind::Other;
      term.text = ast::as<ast::ValueFunction>(expr)->name;
      term.reason = reason::kOtherSetting;
      return some(terms_.intern(term), false);
    }
    default: break;
  }
  return none(reason::kNotUnderstood);
}

TermResult Analysis::term_of_cast(const ast::TypeCast& cast, const Spot& where) {
  TermResult value = term_of(cast.arg, where);
  if (value.term == kNoTerm || cast.type == nullptr) return value;
  return apply_cast(value, casts_of(*cast.type, *where.block.context));
}

// current_setting('app.current_tenant'[, missing_ok])
TermResult Analysis::setting(const ast::FuncCall& call) {
  const auto* name = call.args.empty() ? nullptr : literal_of(call.args[0]);
  if (name == nullptr || name->type != ast::LiteralType::String) {
    return none(reason::kOtherSetting);
  }
  const bool tenant =
      std::any_of(know_.options.settings.begin(), know_.options.settings.end(),
                  [&](const std::string& s) { return equal_ignoring_case(s, name->text); });
  const auto* missing = call.args.size() > 1 ? literal_of(call.args[1]) : nullptr;
  const bool strict = call.args.size() == 1 || (missing != nullptr && missing->text == "f");
  Term term;
  term.kind = tenant ? TermKind::Tenant : TermKind::Other;
  term.text = name->text;
  term.reason = reason::kOtherSetting;
  return some(terms_.intern(term), !strict);
}

TermResult Analysis::term_of_call(const ast::FuncCall& call, const Spot& where) {
  const std::string_view name = call.name.name;
  const bool catalogue = call.name.schema.empty() || call.name.schema == "pg_catalog";
  if (know_.is_function(call.name.schema, name)) {
    Term term;
    term.kind = TermKind::Tenant;
    term.text = name;
    return some(terms_.intern(term));
  }
  if (catalogue && name == "current_setting") return setting(call);
  if (Block* block = find_link(where.block, call)) return term_of_link(*block);
  const bool value_cast = catalogue && call.args.size() == 1 && call.over == nullptr &&
                          know_.model.builtin_type(name) != nullptr;
  if (value_cast) {
    schema::TypeRef type;
    type.type = know_.model.builtin_type(name);
    return apply_cast(term_of(call.args[0], where), cast_to(type));
  }
  if (catalogue && folds_values(name) && !call.args.empty()) {
    const TermResult value = term_of(call.args[0], where);
    const bool source = value.term != kNoTerm && terms_[value.term].kind != TermKind::Column &&
                        terms_[value.term].kind != TermKind::Merged;
    return none(source ? reason::kTransformedSource : reason::kNotEquality);
  }
  return none(reason::kNotUnderstood);
}

// COALESCE(column that is not NULL, …) is the column; of sources alone, a source; of both sides of
// a FULL JOIN, what USING would give.
TermResult Analysis::term_of_coalesce(const ast::Coalesce& node, const Spot& where) {
  if (node.args.empty()) return none(reason::kNotUnderstood);
  const TermResult first = term_of(node.args[0], where);
  if (first.term == kNoTerm) return none(first.why);
  if (!first.may_be_null) return first;
  if (is_source(first.term)) {
    bool sources = true;
    bool columns = false;
    for (const ast::Expr* arg : node.args.subspan(1)) {
      const TermResult other = term_of(arg, where);
      const auto* literal = literal_of(arg);
      const bool empty =
          literal != nullptr && (literal->type == ast::LiteralType::Null || literal->text.empty());
      sources = sources && (empty || is_source(other.term));
      columns = columns || (other.term != kNoTerm && terms_[other.term].kind == TermKind::Column);
    }
    if (sources && node.args.size() == 2 && literal_of(node.args[1]) != nullptr) {
      return some_or_null(first.term);
    }
    if (sources) return some_or_null(any_source());
    return none(columns ? reason::kNullOpens : reason::kLiteral);
  }
  if (node.args.size() == 2) {
    const TermResult second = term_of(node.args[1], where);
    if (second.term != kNoTerm && terms_[first.term].kind == TermKind::Column &&
        terms_[second.term].kind == TermKind::Column) {
      for (TermId id = 0; id < terms_.size(); ++id) {
        const Term& t = terms_[id];
        if (t.kind == TermKind::Merged && t.source == first.term &&
            t.column == static_cast<int>(second.term)) {
          return some(id);
        }
      }
      Term term;
      term.kind = TermKind::Merged;
      term.source = first.term;
      term.column = static_cast<int>(second.term);
      return some(terms_.add(term));
    }
  }
  return none(reason::kNullOpens);
}

TermResult Analysis::term_of_operator(const ast::Operator& op, const Spot& where) {
  if (op.form == ast::OperatorForm::NullIf) {
    // NULLIF(x, constant) is x or NULL.
    if (literal_of(op.right) == nullptr) return none(reason::kNotUnderstood);
    TermResult value = term_of(op.left, where);
    if (value.term != kNoTerm && !is_source(value.term)) return none(reason::kNotUnderstood);
    value.may_be_null = true;
    value.exact = false;
    return value;
  }
  if (op.form != ast::OperatorForm::Plain || op.left == nullptr)
    return none(reason::kNotUnderstood);
  if (op.op.name == "+" || op.op.name == "-") {
    if (is_zero(op.right)) return term_of(op.left, where);
    if (op.op.name == "+" && is_zero(op.left)) return term_of(op.right, where);
  }
  return none(reason::kNotUnderstood);
}

Block* Analysis::find_link(const Block& block, const ast::Node& node) const {
  for (const Link& link : block.links) {
    if (link.node == &node) return link.block;
  }
  return nullptr;
}

// What a scalar subquery (or a call of an SQL function) gives, where it gives anything: a term of
// outside that its output equals. It is used in comparisons that NULL does not pass.
TermResult Analysis::term_of_link(Block& block) {
  if (block.outputs.empty()) return none(reason::kNotUnderstood);
  Source value;
  value.id = kNoSource;
  value.kind = SourceKind::Query;
  value.block = &block;
  value.home = &block;
  value.context = block.context;
  const TermId stand_in = column_term(value, 0);
  FactList facts;
  rows_of(block, value, facts);
  Closure known(terms_, static_cast<std::uint32_t>(sources_.size()));
  known.add(facts);
  // NULL is not passed on: what holds where the value is not NULL may be used.
  const Fact given{FactKind::NotNull, stand_in, kNoTerm, {}};
  known.add({&given, 1});
  TermId best = kNoTerm;
  for (TermId id = 0; id < terms_.size(); ++id) {
    if (id == stand_in || !known.same(id, stand_in) || inside(id, block)) continue;
    if (terms_[id].kind == TermKind::Column && terms_[id].source == kNoSource) continue;
    if (best == kNoTerm || is_source(id)) best = id;
  }
  if (best == kNoTerm) {
    return none(reason::kNotUnderstood);
  }
  return some_or_null(best);
}

const Variable* Analysis::variable_of(TermId id, const NameScope& names) const {
  const Term& term = terms_[id];
  if (term.kind != TermKind::Parameter || names.variables == nullptr) return nullptr;
  if ((term.casts.mask & (kCastBounded | kCastOther)) != 0) return nullptr;
  for (const Variable& v : *names.variables) {
    const Variable& root = v.copy_of == nullptr ? v : *v.copy_of;
    const bool value = root.row == nullptr && !root.source;
    if (value && root.name == term.text && root.number == term.column) return &root;
  }
  return nullptr;
}

std::vector<Prover::OutputValue> Analysis::outputs(const ast::Select& query, const SqlText& text,
                                                   const NameScope& names) {
  Context& context = context_pool_.emplace_back();
  context.text = &text;
  context.names = &names;
  Block* block = build_query(query, context, {});
  if (block == nullptr || too_complex_ || !block->outputs_known) return {};
  std::vector<Prover::OutputValue> out(block->outputs.size());
  Source value;
  value.id = kNoSource;
  value.kind = SourceKind::Query;
  value.block = block;
  value.home = block;
  value.context = &context;
  FactList facts;
  std::vector<TermId> stand_ins;
  for (std::size_t i = 0; i < out.size(); ++i) {
    Term term;
    term.kind = TermKind::Column;
    stand_ins.push_back(terms_.add(term));
    value.terms.emplace_back(static_cast<int>(i), stand_ins.back());
  }
  rows_of(*block, value, facts);
  if (too_complex_) return {};
  for (std::size_t i = 0; i < out.size(); ++i) {
    Closure known(terms_, static_cast<std::uint32_t>(sources_.size()));
    known.add(facts);
    // What holds where this one is not NULL; of the others that is not said.
    const Fact given{FactKind::NotNull, stand_ins[i], kNoTerm, {}};
    known.add({&given, 1});
    out[i].name = block->outputs[i].name;
    out[i].null = block->left == nullptr && term_of_output(*block, i).null_literal;
    out[i].tenant = tied(stand_ins[i], known);
    for (const TermId id : terms_.anchors()) {
      if (!known.same(id, stand_ins[i])) continue;
      if (const Variable* v = variable_of(id, names)) out[i].variable = v;
    }
  }
  return out;
}

TermResult Analysis::term_of_output(const Block& block, std::size_t output) {
  Block& b = const_cast<Block&>(block);
  const Output& out = block.outputs[output];
  const bool values = block.select != nullptr && block.select->is_values;
  if (!values || block.select->values.size() == 1) {
    if (out.expr == nullptr) return term_of_use(out.use);
    return term_of(out.expr, {b});
  }
  TermId term = kNoTerm;
  bool sources = true;
  bool same = true;
  bool exact = true;
  for (const auto& row : block.select->values) {
    const TermResult value =
        output < row.size() ? term_of(row[output], {b}) : none(reason::kNotUnderstood);
    sources = sources && is_source(value.term);
    exact = exact && value.exact;
    same = same && value.term != kNoTerm && (term == kNoTerm || term == value.term);
    if (term == kNoTerm) term = value.term;
  }
  if (same) return exact ? some(term) : some_or_null(term);
  return sources ? some_or_null(any_source()) : none(reason::kNotUnderstood);
}

}  // namespace tenantlint::isolation
