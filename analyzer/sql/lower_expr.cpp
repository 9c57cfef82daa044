// Expressions: raw parse nodes in, our expression nodes out. What PostgreSQL's grammar can put into
// an expression and is not listed here becomes Unsupported with its node tag, which later stages
// answer with "unknown".
#include "analyzer/sql/lower_internal.h"

#include <fmt/format.h>

namespace tenantlint::sql {

namespace {

ast::OperatorForm form_of(const ::A_Expr* node) {
  const char* op = str_val(static_cast<const ::Node*>(linitial(node->name)));
  const bool negated = op != nullptr && (op[0] == '!' || std::strcmp(op, "<>") == 0);
  switch (node->kind) {
    case AEXPR_OP: return ast::OperatorForm::Plain;
    case AEXPR_OP_ANY: return ast::OperatorForm::Any;
    case AEXPR_OP_ALL: return ast::OperatorForm::All;
    case AEXPR_DISTINCT: return ast::OperatorForm::Distinct;
    case AEXPR_NOT_DISTINCT: return ast::OperatorForm::NotDistinct;
    case AEXPR_NULLIF: return ast::OperatorForm::NullIf;
    case AEXPR_IN: return negated ? ast::OperatorForm::NotIn : ast::OperatorForm::In;
    case AEXPR_LIKE: return negated ? ast::OperatorForm::NotLike : ast::OperatorForm::Like;
    case AEXPR_ILIKE: return negated ? ast::OperatorForm::NotILike : ast::OperatorForm::ILike;
    case AEXPR_SIMILAR: return negated ? ast::OperatorForm::NotSimilar : ast::OperatorForm::Similar;
    case AEXPR_BETWEEN: return ast::OperatorForm::Between;
    case AEXPR_NOT_BETWEEN: return ast::OperatorForm::NotBetween;
    case AEXPR_BETWEEN_SYM: return ast::OperatorForm::BetweenSymmetric;
    case AEXPR_NOT_BETWEEN_SYM: return ast::OperatorForm::NotBetweenSymmetric;
  }
  return ast::OperatorForm::Plain;
}

ast::SubLinkType sub_link_type(::SubLinkType type) {
  switch (type) {
    case EXISTS_SUBLINK: return ast::SubLinkType::Exists;
    case ALL_SUBLINK: return ast::SubLinkType::All;
    case ANY_SUBLINK: return ast::SubLinkType::Any;
    case ARRAY_SUBLINK: return ast::SubLinkType::Array;
    case MULTIEXPR_SUBLINK: return ast::SubLinkType::MultiExpr;
    case ROWCOMPARE_SUBLINK:
    case EXPR_SUBLINK:
    case CTE_SUBLINK: return ast::SubLinkType::Scalar;
  }
  return ast::SubLinkType::Scalar;
}

std::string_view value_function_name(::SQLValueFunctionOp op) {
  switch (op) {
    case SVFOP_CURRENT_DATE: return "current_date";
    case SVFOP_CURRENT_TIME:
    case SVFOP_CURRENT_TIME_N: return "current_time";
    case SVFOP_CURRENT_TIMESTAMP:
    case SVFOP_CURRENT_TIMESTAMP_N: return "current_timestamp";
    case SVFOP_LOCALTIME:
    case SVFOP_LOCALTIME_N: return "localtime";
    case SVFOP_LOCALTIMESTAMP:
    case SVFOP_LOCALTIMESTAMP_N: return "localtimestamp";
    case SVFOP_CURRENT_ROLE: return "current_role";
    case SVFOP_CURRENT_USER: return "current_user";
    case SVFOP_USER: return "user";
    case SVFOP_SESSION_USER: return "session_user";
    case SVFOP_CURRENT_CATALOG: return "current_catalog";
    case SVFOP_CURRENT_SCHEMA: return "current_schema";
  }
  return "";
}

}  // namespace

const ast::Expr* Lowerer::expr(const ::Node* node) {
  if (node == nullptr) return nullptr;
  const DepthGuard guard(*this);
  if (too_deep_) return nullptr;
  const Into into(*this, &arena_);
  return expr_node(node);
}

const ast::Expr* Lowerer::expr_node(const ::Node* node) {
  switch (nodeTag(node)) {
    case T_A_Expr: return operator_chain(to<::A_Expr>(node));
    case T_A_Const: return constant(to<::A_Const>(node));
    case T_ColumnRef: return column_ref(to<::ColumnRef>(node));
    case T_FuncCall: return func_call(to<::FuncCall>(node));
    case T_SubLink: return sub_link(to<::SubLink>(node));
    case T_CaseExpr: return case_expr(to<::CaseExpr>(node));
    case T_SQLValueFunction: return value_function(to<::SQLValueFunction>(node));
    case T_GroupingSet: return grouping_set(to<::GroupingSet>(node));
    case T_XmlExpr: return xml(to<::XmlExpr>(node));
    case T_ParamRef: {
      const auto* in = to<::ParamRef>(node);
      auto* out = make<ast::Param>(at(in->location));
      out->number = in->number;
      return out;
    }
    case T_TypeCast: {
      const auto* in = to<::TypeCast>(node);
      auto* out = make<ast::TypeCast>(at(in->location));
      out->arg = expr(in->arg);
      out->type = type(in->typeName);
      return out;
    }
    case T_BoolExpr: {
      const auto* in = to<::BoolExpr>(node);
      auto* out = make<ast::BoolExpr>(at(in->location));
      out->op = in->boolop == AND_EXPR  ? ast::BoolOp::And
                : in->boolop == OR_EXPR ? ast::BoolOp::Or
                                        : ast::BoolOp::Not;
      out->args = exprs(in->args);
      return out;
    }
    case T_NullTest: {
      const auto* in = to<::NullTest>(node);
      auto* out = make<ast::NullTest>(at(in->location));
      out->arg = expr(reinterpret_cast<const ::Node*>(in->arg));
      out->is_not = in->nulltesttype == IS_NOT_NULL;
      return out;
    }
    case T_BooleanTest: {
      const auto* in = to<::BooleanTest>(node);
      auto* out = make<ast::BooleanTest>(at(in->location));
      out->arg = expr(reinterpret_cast<const ::Node*>(in->arg));
      out->test = static_cast<ast::BooleanTestType>(in->booltesttype);
      return out;
    }
    default: return list_node(node);
  }
}

// What is little more than its arguments.
const ast::Expr* Lowerer::list_node(const ::Node* node) {
  switch (nodeTag(node)) {
    case T_CoalesceExpr: {
      const auto* in = to<::CoalesceExpr>(node);
      auto* out = make<ast::Coalesce>(at(in->location));
      out->args = exprs(in->args);
      return out;
    }
    case T_MinMaxExpr: {
      const auto* in = to<::MinMaxExpr>(node);
      auto* out = make<ast::MinMax>(at(in->location));
      out->greatest = in->op == IS_GREATEST;
      out->args = exprs(in->args);
      return out;
    }
    case T_RowExpr: {
      const auto* in = to<::RowExpr>(node);
      auto* out = make<ast::RowExpr>(at(in->location));
      out->args = exprs(in->args);
      return out;
    }
    // A plain list: the right side of IN, BETWEEN, and rows of VALUES.
    case T_List: {
      auto* out = make<ast::RowExpr>(0);
      out->args = exprs(to<::List>(node));
      if (!out->args.empty() && out->args[0] != nullptr) out->at = out->args[0]->at;
      return out;
    }
    case T_A_ArrayExpr: {
      const auto* in = to<::A_ArrayExpr>(node);
      auto* out = make<ast::ArrayExpr>(at(in->location));
      out->args = exprs(in->elements);
      return out;
    }
    case T_GroupingFunc: {
      const auto* in = to<::GroupingFunc>(node);
      auto* out = make<ast::GroupingFunc>(at(in->location));
      out->args = exprs(in->args);
      return out;
    }
    default: return rare_node(node);
  }
}

// What few statements have.
const ast::Expr* Lowerer::rare_node(const ::Node* node) {
  switch (nodeTag(node)) {
    case T_A_Indirection: {
      const auto* in = to<::A_Indirection>(node);
      auto* out = make<ast::Indirection>(0);
      out->arg = expr(in->arg);
      out->path = path(in->indirection);
      if (out->arg != nullptr) out->at = out->arg->at;
      return out;
    }
    case T_CollateClause: {
      const auto* in = to<::CollateClause>(node);
      auto* out = make<ast::Collate>(at(in->location));
      out->arg = expr(in->arg);
      out->collation = name(in->collname);
      return out;
    }
    case T_SetToDefault: return make<ast::SetToDefault>(at(to<::SetToDefault>(node)->location));
    case T_CurrentOfExpr: {
      auto* out = make<ast::CurrentOf>(0);
      out->cursor = str(to<::CurrentOfExpr>(node)->cursor_name);
      return out;
    }
    case T_NamedArgExpr: {
      const auto* in = to<::NamedArgExpr>(node);
      auto* out = make<ast::NamedArg>(at(in->location));
      out->name = str(in->name);
      out->arg = expr(reinterpret_cast<const ::Node*>(in->arg));
      return out;
    }
    case T_XmlSerialize: {
      const auto* in = to<::XmlSerialize>(node);
      auto* out = make<ast::XmlOrJson>(at(in->location));
      out->what = "xmlserialize";
      const ast::Expr* only = expr(in->expr);
      out->args = nodes_->list(std::vector<const ast::Expr*>{only});
      return out;
    }
    case T_MultiAssignRef: return expr(to<::MultiAssignRef>(node)->source);
    // A target list inside XMLELEMENT's attributes.
    case T_ResTarget: return expr(to<::ResTarget>(node)->val);
    case T_SelectStmt: {
      auto* out = make<ast::SubLink>(0);
      out->query = query(node);
      if (out->query != nullptr) out->at = out->query->at;
      return out;
    }
    default: break;
  }
  return unsupported(fmt::format("node {}", static_cast<int>(nodeTag(node))).c_str(), 0);
}

ast::Operator* Lowerer::operator_node(const ::A_Expr* node) {
  auto* out = make<ast::Operator>(at(node->location));
  out->form = form_of(node);
  out->op = name(node->name);
  return out;
}

// a + b + c + … leans to the left as deep as it has terms: follow the spine in a loop.
const ast::Expr* Lowerer::operator_chain(const ::A_Expr* node) {
  ast::Operator* const root = operator_node(node);
  ast::Operator* out = root;
  int spine = 0;
  for (;;) {
    out->right = expr(node->rexpr);
    const ::Node* left = node->lexpr;
    if (left == nullptr) break;
    if (!IsA(left, A_Expr)) {
      out->left = expr(left);
      break;
    }
    // Consumers recurse: the bound on depth holds for spines too.
    if (++spine + depth_ > kMaxDepth) {
      too_deep_ = true;
      break;
    }
    node = to<::A_Expr>(left);
    ast::Operator* inner = operator_node(node);
    out->left = inner;
    out = inner;
  }
  // The location that the grammar gives is the operator's; where there is a left side, it begins
  // there.
  return root;
}

const ast::Expr* Lowerer::constant(const ::A_Const* node) {
  auto* out = make<ast::Literal>(at(node->location));
  if (node->isnull) return out;
  switch (nodeTag(&node->val.node)) {
    case T_Integer:
      out->type = ast::LiteralType::Integer;
      out->text = str(fmt::format("{}", node->val.ival.ival).c_str());
      break;
    case T_Float:
      out->type = ast::LiteralType::Float;
      out->text = str(node->val.fval.fval);
      break;
    case T_Boolean:
      out->type = ast::LiteralType::Boolean;
      out->text = node->val.boolval.boolval ? "t" : "f";
      break;
    case T_BitString:
      out->type = ast::LiteralType::BitString;
      out->text = str(node->val.bsval.bsval);
      break;
    default:
      out->type = ast::LiteralType::String;
      out->text = str(node->val.sval.sval);
      break;
  }
  return out;
}

const ast::Expr* Lowerer::column_ref(const ::ColumnRef* node) {
  auto* out = make<ast::ColumnRef>(at(node->location));
  const int count = list_length(node->fields);
  const auto* last = count == 0 ? nullptr : static_cast<const ::Node*>(llast(node->fields));
  out->star = last != nullptr && IsA(last, A_Star);
  std::span<std::string_view> fields =
      nodes_->array<std::string_view>(static_cast<std::size_t>(out->star ? count - 1 : count));
  for (std::size_t i = 0; i < fields.size(); ++i) {
    fields[i] =
        str(str_val(static_cast<const ::Node*>(list_nth(node->fields, static_cast<int>(i)))));
  }
  out->fields = fields;
  return out;
}

const ast::Expr* Lowerer::func_call(const ::FuncCall* node) {
  auto* out = make<ast::FuncCall>(at(node->location));
  out->name = name(node->funcname, out->at);
  out->args = exprs(node->args);
  out->order_by = sort_list(node->agg_order);
  out->filter = expr(node->agg_filter);
  out->over = window(node->over);
  out->star = node->agg_star;
  out->distinct = node->agg_distinct;
  out->within_group = node->agg_within_group;
  out->variadic = node->func_variadic;
  out->sql_syntax = node->funcformat == COERCE_SQL_SYNTAX;
  return out;
}

const ast::Expr* Lowerer::sub_link(const ::SubLink* node) {
  auto* out = make<ast::SubLink>(at(node->location));
  out->type = sub_link_type(node->subLinkType);
  out->test = expr(node->testexpr);
  out->op = name(node->operName);
  out->query = query(node->subselect);
  return out;
}

const ast::Expr* Lowerer::case_expr(const ::CaseExpr* node) {
  auto* out = make<ast::Case>(at(node->location));
  out->arg = expr(reinterpret_cast<const ::Node*>(node->arg));
  out->whens = map<ast::CaseWhen>(node->args, [&](const ::Node* n) {
    const auto* when = to<::CaseWhen>(n);
    return ast::CaseWhen{expr(reinterpret_cast<const ::Node*>(when->expr)),
                         expr(reinterpret_cast<const ::Node*>(when->result))};
  });
  out->otherwise = expr(reinterpret_cast<const ::Node*>(node->defresult));
  return out;
}

const ast::Expr* Lowerer::value_function(const ::SQLValueFunction* node) {
  auto* out = make<ast::ValueFunction>(at(node->location));
  out->name = value_function_name(node->op);
  return out;
}

const ast::Expr* Lowerer::grouping_set(const ::GroupingSet* node) {
  auto* out = make<ast::GroupingSet>(at(node->location));
  out->type = static_cast<ast::GroupingSetType>(node->kind);
  out->content = exprs(node->content);
  return out;
}

const ast::Expr* Lowerer::xml(const ::XmlExpr* node) {
  auto* out = make<ast::XmlOrJson>(at(node->location));
  out->what = "xml";
  std::vector<const ast::Expr*> args;
  for (const ast::Expr* arg : exprs(node->named_args)) args.push_back(arg);
  for (const ast::Expr* arg : exprs(node->args)) args.push_back(arg);
  out->args = nodes_->list(args);
  return out;
}

ast::List<ast::Subscript> Lowerer::path(const ::List* list) {
  return map<ast::Subscript>(list, [&](const ::Node* n) {
    ast::Subscript out;
    if (IsA(n, String)) {
      out.field = str(str_val(n));
    } else if (IsA(n, A_Star)) {
      out.star = true;
    } else if (IsA(n, A_Indices)) {
      const auto* indices = to<::A_Indices>(n);
      out.slice = indices->is_slice;
      out.lower = expr(indices->lidx);
      out.upper = expr(indices->uidx);
    }
    return out;
  });
}

ast::SortBy Lowerer::sort_by(const ::SortBy* node) {
  ast::SortBy out;
  out.expr = expr(node->node);
  out.descending = node->sortby_dir == SORTBY_DESC;
  out.nulls_given = node->sortby_nulls != SORTBY_NULLS_DEFAULT;
  out.nulls_first = node->sortby_nulls == SORTBY_NULLS_FIRST;
  return out;
}

ast::List<ast::SortBy> Lowerer::sort_list(const ::List* list) {
  return map<ast::SortBy>(list, [&](const ::Node* n) { return sort_by(to<::SortBy>(n)); });
}

const ast::WindowDef* Lowerer::window(const ::WindowDef* node) {
  if (node == nullptr) return nullptr;
  auto* out = nodes_->make<ast::WindowDef>();
  out->name = str(node->name);
  out->base = str(node->refname);
  out->partition_by = exprs(node->partitionClause);
  out->order_by = sort_list(node->orderClause);
  out->default_frame = (node->frameOptions & FRAMEOPTION_NONDEFAULT) == 0;
  return out;
}

}  // namespace tenantlint::sql
