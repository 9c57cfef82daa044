// Settings, transactions, prepared statements, and the statements that are understood to have no
// effect on schema or tenant rows.
#include "analyzer/sql/lower_internal.h"

namespace tenantlint::sql {

namespace {

ast::TransactionAction transaction_action(::TransactionStmtKind kind) {
  using A = ast::TransactionAction;
  switch (kind) {
    case TRANS_STMT_BEGIN:
    case TRANS_STMT_START: return A::Begin;
    case TRANS_STMT_COMMIT: return A::Commit;
    case TRANS_STMT_ROLLBACK: return A::Rollback;
    case TRANS_STMT_SAVEPOINT: return A::Savepoint;
    case TRANS_STMT_RELEASE: return A::Release;
    case TRANS_STMT_ROLLBACK_TO: return A::RollbackTo;
    case TRANS_STMT_PREPARE: return A::Prepare;
    case TRANS_STMT_COMMIT_PREPARED: return A::CommitPrepared;
    case TRANS_STMT_ROLLBACK_PREPARED: return A::RollbackPrepared;
  }
  return A::Begin;
}

std::string_view discard_word(::DiscardMode mode) {
  switch (mode) {
    case DISCARD_ALL: return "all";
    case DISCARD_PLANS: return "plans";
    case DISCARD_SEQUENCES: return "sequences";
    case DISCARD_TEMP: return "temp";
  }
  return "all";
}

// Maintenance, notification and physical layout: no table, no privilege and no row changes.
const char* no_effect(const ::Node* node) {
  switch (nodeTag(node)) {
#define NO_EFFECT(tag) \
  case T_##tag:        \
    return #tag;
#define LOWERED(tag)
#define PART(tag)
#define UNSUPPORTED(tag)
#define NEVER(tag)
#include "analyzer/sql/node_kinds.def"
#undef NO_EFFECT
#undef LOWERED
#undef PART
#undef UNSUPPORTED
#undef NEVER
    default: return nullptr;
  }
}

}  // namespace

ast::SetClause Lowerer::set_clause(const ::VariableSetStmt* node) {
  ast::SetClause out;
  switch (node->kind) {
    case VAR_SET_VALUE: out.action = ast::SetAction::Value; break;
    case VAR_SET_DEFAULT: out.action = ast::SetAction::Default; break;
    case VAR_SET_CURRENT: out.action = ast::SetAction::FromCurrent; break;
    case VAR_SET_MULTI: out.action = ast::SetAction::Multi; break;
    case VAR_RESET: out.action = ast::SetAction::Reset; break;
    case VAR_RESET_ALL: out.action = ast::SetAction::ResetAll; break;
  }
  out.name = str(node->name);
  // SET TRANSACTION's modes are options, not expressions, and change no row.
  if (node->kind != VAR_SET_MULTI) out.values = exprs(node->args);
  out.local = node->is_local;
  return out;
}

const ast::Statement* Lowerer::session_statement(const ::Node* node, std::uint32_t at) {
  switch (nodeTag(node)) {
    case T_VariableSetStmt: {
      auto* out = make<ast::Set>(at);
      out->clause = set_clause(to<::VariableSetStmt>(node));
      return out;
    }
    case T_VariableShowStmt: {
      auto* out = make<ast::Show>(at);
      out->name = str(to<::VariableShowStmt>(node)->name);
      return out;
    }
    case T_DiscardStmt: {
      auto* out = make<ast::Discard>(at);
      out->what = discard_word(to<::DiscardStmt>(node)->target);
      return out;
    }
    case T_TransactionStmt: {
      const auto* in = to<::TransactionStmt>(node);
      auto* out = make<ast::Transaction>(at);
      out->action = transaction_action(in->kind);
      out->savepoint = str(in->savepoint_name);
      return out;
    }
    case T_PrepareStmt: {
      const auto* in = to<::PrepareStmt>(node);
      auto* out = make<ast::Prepare>(at);
      out->name = str(in->name);
      out->types = map<const ast::TypeName*>(
          in->argtypes, [&](const ::Node* n) { return type(to<::TypeName>(n)); });
      out->query = query(in->query);
      return out;
    }
    case T_ExecuteStmt: {
      const auto* in = to<::ExecuteStmt>(node);
      auto* out = make<ast::Execute>(at);
      out->name = str(in->name);
      out->args = exprs(in->params);
      return out;
    }
    case T_DeallocateStmt: {
      auto* out = make<ast::Deallocate>(at);
      out->name = str(to<::DeallocateStmt>(node)->name);
      return out;
    }
    case T_ExplainStmt: {
      const auto* in = to<::ExplainStmt>(node);
      auto* out = make<ast::Explain>(at);
      out->query = statement(in->query, 0, 0);
      for (const ast::Option& o : options(in->options)) {
        out->analyze = out->analyze || (o.name == "analyze" && o.value != "false");
      }
      return out;
    }
    case T_DeclareCursorStmt: {
      const auto* in = to<::DeclareCursorStmt>(node);
      auto* out = make<ast::DeclareCursor>(at);
      out->name = str(in->portalname);
      out->query = query(in->query);
      return out;
    }
    default: break;
  }
  const char* what = no_effect(node);
  if (what == nullptr) return nullptr;
  auto* out = make<ast::NoEffect>(at);
  out->what = what;
  return out;
}

}  // namespace tenantlint::sql
