// The session: SET, search_path and transactions. Source: PostgreSQL manual, SET, BEGIN, SAVEPOINT.
#include <algorithm>

#include "analyzer/schema/replayer.h"

namespace tenantlint::schema {

namespace {

std::string value_of(const ast::Expr* expr) {
  if (const auto* literal = ast::as<ast::Literal>(expr)) return std::string(literal->text);
  const auto* cast = ast::as<ast::TypeCast>(expr);
  return cast != nullptr ? value_of(cast->arg) : std::string();
}

}  // namespace

void Replayer::set_search_path(std::vector<std::string> path, bool local) {
  // SET LOCAL outside a transaction has no effect (manual, SET); code runs inside of one.
  if (local && !session.in_transaction && nesting == 0) return;
  if (local && !session.path_before_local) session.path_before_local = session.search_path;
  session.search_path = std::move(path);
}

void Replayer::set(const ast::SetClause& clause) {
  if (clause.action == ast::SetAction::ResetAll) {
    session.search_path = start_path;
    return;
  }
  if (clause.name == "search_path") {
    if (clause.action == ast::SetAction::Reset || clause.action == ast::SetAction::Default) {
      return set_search_path(start_path, clause.local);
    }
    std::vector<std::string> path;
    for (const ast::Expr* value : clause.values) path.push_back(value_of(value));
    return set_search_path(std::move(path), clause.local);
  }
  if (clause.name == "role" || clause.name == "session_authorization") {
    const std::string name = clause.values.empty() ? "none" : value_of(clause.values[0]);
    session.role =
        clause.action == ast::SetAction::Value && name != "none" ? model.find_role(name) : nullptr;
    return;
  }
  std::string joined;
  for (const ast::Expr* value : clause.values) {
    if (!joined.empty()) joined += ", ";
    joined += value_of(value);
  }
  model.settings.push_back(
      {model.intern(clause.name), model.intern(joined), clause.local, step, statement_place()});
}

// Which database is meant is not asked: migrations set their own. It holds for later sessions.
void Replayer::alter_database_set(const ast::AlterDatabaseSet& tree) {
  if (tree.set == nullptr) return;
  std::vector<std::string> values;
  for (const ast::Expr* value : tree.set->values) values.push_back(value_of(value));
  if (tree.set->name == "search_path") {
    start_path = tree.set->action == ast::SetAction::Value
                     ? values
                     : std::vector<std::string>{"$user", "public"};
  }
  std::string joined;
  for (const std::string& value : values) joined += (joined.empty() ? "" : ", ") + value;
  model.settings.push_back(
      {model.intern(tree.set->name), model.intern(joined), false, step, statement_place()});
}

void Replayer::transaction(const ast::Transaction& tree) {
  using A = ast::TransactionAction;
  const auto end = [&](bool keep) {
    if (!session.in_transaction) return;
    // Inner savepoints end with the transaction.
    for (; !session.savepoints.empty(); session.savepoints.pop_back()) {
      keep ? model.release() : model.rollback();
    }
    keep ? model.release() : model.rollback();
    if (session.path_before_local) session.search_path = *session.path_before_local;
    if (!keep && session.path_before_transaction) {
      session.search_path = *session.path_before_transaction;
    }
    session.path_before_local.reset();
    session.path_before_transaction.reset();
    session.in_transaction = session.failed = false;
  };
  const auto find = [&] {
    return std::find(session.savepoints.rbegin(), session.savepoints.rend(), tree.savepoint);
  };
  switch (tree.action) {
    case A::Begin:
      if (session.in_transaction) return;  // a warning in PostgreSQL
      session.in_transaction = true;
      session.path_before_transaction = session.search_path;
      model.savepoint();
      return;
    case A::Commit: return end(!session.failed);
    case A::Rollback: return end(false);
    case A::Savepoint:
      if (!session.in_transaction) return;
      session.savepoints.emplace_back(tree.savepoint);
      model.savepoint();
      return;
    case A::Release:
    case A::RollbackTo: {
      const auto found = find();
      if (found == session.savepoints.rend()) {
        fail("invalid_savepoint_specification",
             "savepoint \"" + std::string(tree.savepoint) + "\" does not exist", statement_place());
      }
      const bool back = tree.action == A::RollbackTo;
      const auto count = static_cast<std::size_t>(found - session.savepoints.rbegin()) + 1;
      for (std::size_t i = 0; i < count; ++i) {
        back ? model.rollback() : model.release();
        session.savepoints.pop_back();
      }
      if (!back) return;
      // The savepoint itself stays, and the transaction is whole again.
      session.savepoints.emplace_back(tree.savepoint);
      model.savepoint();
      session.failed = false;
      return;
    }
    case A::Prepare: return end(true);
    case A::CommitPrepared:
    case A::RollbackPrepared: return;
  }
}

}  // namespace tenantlint::schema
