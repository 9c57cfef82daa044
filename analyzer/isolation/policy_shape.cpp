// In: trees of policy expressions. Out: answers about their shape, by walking. Exists so that
// findings say what people wrote: an OR for missing settings, a flag that shares a row, a cast.
#include "analyzer/isolation/policy_shape.h"

#include <algorithm>

#include "analyzer/isolation/builtins.h"
#include "analyzer/sql/walk.h"

namespace tenantlint::isolation::shape {

namespace {

bool is_true_word(std::string_view text) {
  return text == "t" || text == "true" || text == "yes" || text == "on" || text == "1" ||
         text == "y" || text == "TRUE";
}

bool plain(const ast::Operator* op, std::string_view name) {
  return op != nullptr && op->form == ast::OperatorForm::Plain && op->op.name == name;
}

const ast::Expr* without_casts(const ast::Expr* expr) {
  for (;;) {
    if (const auto* cast = ast::as<ast::TypeCast>(expr)) {
      expr = cast->arg;
    } else if (const auto* collate = ast::as<ast::Collate>(expr)) {
      expr = collate->arg;
    } else {
      return expr;
    }
  }
}

const ast::ColumnRef* column_ref(const ast::Expr* expr) {
  const auto* ref = ast::as<ast::ColumnRef>(without_casts(expr));
  return ref != nullptr && !ref->star && !ref->fields.empty() ? ref : nullptr;
}

bool is_column(const ast::Expr* expr, std::string_view name) {
  const ast::ColumnRef* ref = column_ref(expr);
  return ref != nullptr && ref->fields.back() == name;
}

template <typename Predicate>
bool any_node(const ast::Expr* expr, const Predicate& holds) {
  bool found = false;
  if (expr == nullptr) return found;
  sql::walk(*expr, [&](const ast::Node& node) {
    found = found || holds(node);
    return !found;
  });
  return found;
}

// A value that comes from the session: a setting, or a function that is given nothing of the row.
bool reads_session(const ast::Expr* expr) {
  return any_node(expr, [](const ast::Node& node) {
    if (node.kind == ast::Kind::ValueFunction) return true;
    const auto* call = ast::as<ast::FuncCall>(&node);
    return call != nullptr && (call->name.name == "current_setting" || call->args.empty());
  });
}

bool is_empty_string(const ast::Expr* expr) {
  const auto* literal = ast::as<ast::Literal>(without_casts(expr));
  return literal != nullptr && literal->type == ast::LiteralType::String && literal->text.empty();
}

bool is_zero(const ast::Expr* expr) {
  const auto* literal = ast::as<ast::Literal>(expr);
  return literal != nullptr && literal->type == ast::LiteralType::Integer && literal->text == "0";
}

bool texts(std::string_view type) {
  return type == "text" || type == "varchar" || type == "bpchar" || type == "name" ||
         type == "citext";
}

// Calls of `expr`; `inside` a sub-query or not.
void collect_calls(const ast::Expr* expr, bool inside, std::vector<Call>& out) {
  if (expr == nullptr) return;
  if (const auto* call = ast::as<ast::FuncCall>(expr)) {
    const bool row =
        any_node(call, [](const ast::Node& n) { return n.kind == ast::Kind::ColumnRef; });
    out.push_back({call, !inside && !row});
  }
  inside = inside || expr->kind == ast::Kind::SubLink;
  sql::for_each_child(*expr, [&](const ast::Node& child) { collect_calls(&child, inside, out); });
}

}  // namespace

std::optional<bool> constant_truth(const ast::Expr* expr) {
  expr = without_casts(expr);
  if (const auto* literal = ast::as<ast::Literal>(expr)) {
    return literal->type != ast::LiteralType::Null && is_true_word(literal->text);
  }
  if (const auto* op = ast::as<ast::Operator>(expr); plain(op, "=")) {
    const auto* left = ast::as<ast::Literal>(without_casts(op->left));
    const auto* right = ast::as<ast::Literal>(without_casts(op->right));
    if (left == nullptr || right == nullptr || left->type != right->type) return {};
    return left->text == right->text && left->type != ast::LiteralType::Null;
  }
  const auto* node = ast::as<ast::BoolExpr>(expr);
  if (node == nullptr) return {};
  if (node->op == ast::BoolOp::Not) {
    const auto inner = node->args.empty() ? std::nullopt : constant_truth(node->args[0]);
    return inner ? std::optional(!*inner) : std::nullopt;
  }
  const bool decides = node->op == ast::BoolOp::Or;
  bool all = true;
  for (const ast::Expr* arg : node->args) {
    const auto value = constant_truth(arg);
    if (value == decides) return decides;
    all = all && value.has_value();
  }
  return all ? std::optional(!decides) : std::nullopt;
}

std::vector<const ast::Expr*> branches(const ast::Expr* expr) {
  const auto* node = ast::as<ast::BoolExpr>(expr);
  if (node == nullptr || node->op == ast::BoolOp::Not) return {expr};
  std::vector<const ast::Expr*> out;
  if (node->op == ast::BoolOp::Or) {
    for (const ast::Expr* arg : node->args) {
      for (const ast::Expr* inner : branches(arg)) out.push_back(inner);
    }
    return out;
  }
  for (const ast::Expr* arg : node->args) {
    out = branches(arg);
    if (out.size() > 1) return out;
  }
  return {expr};
}

bool is_plain(const ast::Expr* expr) {
  const auto all = [](ast::List<const ast::Expr*> list) {
    return std::all_of(list.begin(), list.end(), is_plain);
  };
  if (expr == nullptr) return true;
  switch (expr->kind) {
    case ast::Kind::Literal:
    case ast::Kind::ValueFunction: return true;
    case ast::Kind::ColumnRef: return ast::as<ast::ColumnRef>(expr)->fields.size() == 1;
    case ast::Kind::TypeCast: return is_plain(ast::as<ast::TypeCast>(expr)->arg);
    case ast::Kind::NullTest: return is_plain(ast::as<ast::NullTest>(expr)->arg);
    case ast::Kind::BoolExpr: return all(ast::as<ast::BoolExpr>(expr)->args);
    case ast::Kind::Operator: {
      const auto& op = *ast::as<ast::Operator>(expr);
      return is_plain(op.left) && is_plain(op.right);
    }
    case ast::Kind::FuncCall: {
      const auto& call = *ast::as<ast::FuncCall>(expr);
      return call.over == nullptr && call.filter == nullptr &&
             builtin_function(call.name.name) == Builtin::Plain && all(call.args);
    }
    default: return false;
  }
}

void write_plain(const ast::Expr* expr, const ColumnWriter& column, std::string& out) {
  const auto all = [&](ast::List<const ast::Expr*> list) {
    for (const ast::Expr* item : list) write_plain(item, column, out);
  };
  const auto word = [&](std::string_view text) { out.append(text).push_back('\0'); };
  if (expr == nullptr) return word("-");
  out.push_back(static_cast<char>(expr->kind));
  switch (expr->kind) {
    case ast::Kind::Literal: {
      const auto& literal = *ast::as<ast::Literal>(expr);
      out.push_back(static_cast<char>(literal.type));
      return word(literal.text);
    }
    case ast::Kind::ValueFunction: return word(ast::as<ast::ValueFunction>(expr)->name);
    case ast::Kind::ColumnRef: return column(ast::as<ast::ColumnRef>(expr)->fields[0], out);
    case ast::Kind::TypeCast: {
      const auto& cast = *ast::as<ast::TypeCast>(expr);
      word(cast.type->name.schema);
      word(cast.type->name.name);
      for (const std::string_view modifier : cast.type->modifiers) word(modifier);
      out.push_back(static_cast<char>(cast.type->array_dims));
      return write_plain(cast.arg, column, out);
    }
    case ast::Kind::NullTest: {
      const auto& test = *ast::as<ast::NullTest>(expr);
      out.push_back(test.is_not ? '1' : '0');
      return write_plain(test.arg, column, out);
    }
    case ast::Kind::BoolExpr: {
      const auto& node = *ast::as<ast::BoolExpr>(expr);
      out.push_back(static_cast<char>(node.op));
      all(node.args);
      return out.push_back(')');
    }
    case ast::Kind::Operator: {
      const auto& op = *ast::as<ast::Operator>(expr);
      out.push_back(static_cast<char>(op.form));
      word(op.op.schema);
      word(op.op.name);
      write_plain(op.left, column, out);
      return write_plain(op.right, column, out);
    }
    default: {
      const auto& call = *ast::as<ast::FuncCall>(expr);
      word(call.name.schema);
      word(call.name.name);
      all(call.args);
      return out.push_back(')');
    }
  }
}

bool mentions(const ast::Expr* expr, std::string_view column) {
  return any_node(expr, [&](const ast::Node& node) {
    return node.kind == ast::Kind::ColumnRef && is_column(&node, column);
  });
}

bool has_subquery(const ast::Expr* expr) {
  return any_node(expr, [](const ast::Node& node) { return node.kind == ast::Kind::SubLink; });
}

bool opens_without_context(const ast::Expr* expr) {
  return any_node(expr, [](const ast::Node& node) {
    if (const auto* test = ast::as<ast::NullTest>(&node))
      return !test->is_not && reads_session(test->arg);
    if (const auto* coalesce = ast::as<ast::Coalesce>(&node)) return reads_session(coalesce);
    if (const auto* test = ast::as<ast::BooleanTest>(&node)) return reads_session(test);
    const auto* op = ast::as<ast::Operator>(&node);
    if (op == nullptr) return false;
    if (op->form == ast::OperatorForm::NotDistinct) return reads_session(op);
    if (!plain(op, "=") && !plain(op, "<")) return false;
    return (is_empty_string(op->right) && reads_session(op->left)) ||
           (is_empty_string(op->left) && reads_session(op->right)) ||
           (is_zero(op->right) && reads_session(op->left));
  });
}

bool tests_null(const ast::Expr* expr, std::string_view column) {
  return any_node(expr, [&](const ast::Node& node) {
    const auto* test = ast::as<ast::NullTest>(&node);
    return test != nullptr && !test->is_not && is_column(test->arg, column);
  });
}

bool subquery_asks_session(const ast::Expr* expr) {
  return any_node(expr, [](const ast::Node& node) {
    const auto* link = ast::as<ast::SubLink>(&node);
    return link != nullptr && link->query != nullptr && reads_session(link->query);
  });
}

bool compares_with_session(const ast::Expr* expr) {
  return any_node(expr, [](const ast::Node& node) {
    const auto* op = ast::as<ast::Operator>(&node);
    if (!plain(op, "=")) return false;
    return (column_ref(op->left) != nullptr && reads_session(op->right)) ||
           (column_ref(op->right) != nullptr && reads_session(op->left));
  });
}

bool takes_from_function(const ast::Expr* expr, std::string_view column) {
  const auto own = [](const ast::Expr* item) {
    const auto* call = ast::as<ast::FuncCall>(without_casts(item));
    return call != nullptr && builtin_function(call->name.name) == Builtin::None;
  };
  return any_node(expr, [&](const ast::Node& node) {
    const auto* link = ast::as<ast::SubLink>(&node);
    if (link == nullptr || link->type != ast::SubLinkType::Any || !is_column(link->test, column))
      return false;
    const auto* query = ast::as<ast::Select>(link->query);
    if (query == nullptr || query->targets.size() != 1) return false;
    if (own(query->targets[0].value)) return true;
    const auto* from =
        query->from.size() == 1 ? ast::as<ast::RangeFunction>(query->from[0]) : nullptr;
    return from != nullptr && from->functions.size() == 1 && own(from->functions[0]);
  });
}

bool says_shared(const ast::Expr* expr) {
  const auto shares = [](std::string_view word) {
    for (const std::string_view part : {"public", "shared", "global"}) {
      if (word.find(part) != std::string_view::npos) return true;
    }
    return false;
  };
  if (const auto* node = ast::as<ast::BoolExpr>(expr);
      node != nullptr && node->op != ast::BoolOp::Not) {
    const bool all = node->op == ast::BoolOp::Or;
    const auto inner = [&](const ast::Expr* arg) { return says_shared(arg); };
    return all ? std::all_of(node->args.begin(), node->args.end(), inner)
               : std::any_of(node->args.begin(), node->args.end(), inner);
  }
  if (const auto* test = ast::as<ast::BooleanTest>(expr)) {
    return test->test == ast::BooleanTestType::IsTrue && says_shared(test->arg);
  }
  if (const ast::ColumnRef* ref = column_ref(expr)) return shares(ref->fields.back());
  const auto* op = ast::as<ast::Operator>(expr);
  if (!plain(op, "=") || column_ref(op->left) == nullptr) return false;
  const auto* value = ast::as<ast::Literal>(without_casts(op->right));
  if (value == nullptr) return false;
  return shares(value->text) ||
         (is_true_word(value->text) && shares(column_ref(op->left)->fields.back()));
}

const ast::FuncCall* empty_cast(const ast::Expr* expr) {
  const ast::FuncCall* found = nullptr;
  if (expr == nullptr) return found;
  sql::walk(*expr, [&](const ast::Node& node) {
    const auto* cast = ast::as<ast::TypeCast>(&node);
    const auto* call = cast == nullptr ? nullptr : ast::as<ast::FuncCall>(cast->arg);
    if (call == nullptr || call->name.name != "current_setting" || call->args.size() < 2) {
      return true;
    }
    const auto value = constant_truth(call->args[1]);
    const bool has_empty = texts(cast->type->name.name) || cast->type->array_dims > 0;
    if (value == true && !has_empty) found = call;
    return true;
  });
  return found;
}

const ast::Expr* changed_column(const ast::Expr* expr, const schema::Column& column) {
  const ast::Expr* found = nullptr;
  const std::string_view type =
      column.type.type == nullptr ? std::string_view() : column.type.type->name;
  const auto changes = [&](const ast::Expr* side) {
    if (const auto* cast = ast::as<ast::TypeCast>(side)) {
      const std::string_view to = cast->type->name.name;
      return is_column(cast->arg, column.name) && to != type && !(texts(to) && texts(type));
    }
    const auto* call = ast::as<ast::FuncCall>(side);
    return call != nullptr && std::any_of(call->args.begin(), call->args.end(),
                                          [&](const auto* a) { return is_column(a, column.name); });
  };
  if (expr == nullptr) return found;
  sql::walk(*expr, [&](const ast::Node& node) {
    const auto* op = ast::as<ast::Operator>(&node);
    if (op != nullptr && found == nullptr) {
      if (changes(op->left))
        found = op->left;
      else if (changes(op->right))
        found = op->right;
    }
    return node.kind != ast::Kind::SubLink;
  });
  return found;
}

std::vector<Call> calls(const ast::Expr* expr) {
  std::vector<Call> out;
  collect_calls(expr, false, out);
  return out;
}

std::vector<std::string_view> settings(const ast::Expr* expr) {
  std::vector<std::string_view> out;
  for (const Call& c : calls(expr)) {
    if (c.call->name.name != "current_setting" || c.call->args.empty()) continue;
    const auto* name = ast::as<ast::Literal>(without_casts(c.call->args[0]));
    if (name != nullptr) out.push_back(name->text);
  }
  return out;
}

std::string_view former_name(const ast::Expr* expr, std::string_view name) {
  if (expr == nullptr) return {};
  std::vector<std::string_view> known;
  std::vector<std::string_view> used;
  bool other_names = false;  // things in FROM whose names are not looked at here
  sql::walk(*expr, [&](const ast::Node& node) {
    if (const auto* mention = ast::as<ast::RangeVar>(&node)) {
      known.push_back(mention->alias.name.empty() ? mention->name.name : mention->alias.name);
    } else if (const auto* select = ast::as<ast::RangeSubselect>(&node)) {
      known.push_back(select->alias.name);
    } else if (const auto* function = ast::as<ast::RangeFunction>(&node)) {
      known.push_back(function->alias.name);
      for (const ast::Expr* call : function->functions) {
        if (const auto* f = ast::as<ast::FuncCall>(call)) known.push_back(f->name.name);
      }
    } else if (const auto* join = ast::as<ast::JoinExpr>(&node)) {
      known.push_back(join->alias.name);
    } else if (node.kind == ast::Kind::RangeTableFunc || node.kind == ast::Kind::Unsupported) {
      other_names = true;
    } else if (const auto* ref = ast::as<ast::ColumnRef>(&node)) {
      const std::size_t parts = ref->fields.size() + (ref->star ? 1 : 0);
      if (parts > 1) used.push_back(ref->fields[parts - 2]);
    }
    return true;
  });
  if (other_names) return {};
  std::string_view out;
  for (const std::string_view qualifier : used) {
    if (qualifier == name) return {};
    if (std::find(known.begin(), known.end(), qualifier) != known.end()) continue;
    if (!out.empty() && out != qualifier) return {};
    out = qualifier;
  }
  return out;
}

}  // namespace tenantlint::isolation::shape
