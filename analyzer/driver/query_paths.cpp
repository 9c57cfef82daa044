// In: the statements of a query file, one by one. Out: the search_path of each. PostgreSQL takes it
// from the role, then from the database, then from its default (manual, ALTER ROLE); SET holds
// until the session or, with LOCAL, the transaction ends. Exists because a query file is never
// replayed, but what its names mean depends on this one setting.
#include "analyzer/driver/query_paths.h"

#include <algorithm>

namespace tenantlint {

namespace {

// '"$user", public' as ALTER ROLE keeps it: names between commas.
SearchPath split(std::string_view list) {
  SearchPath out;
  while (!list.empty()) {
    const std::size_t end = std::min(list.find(','), list.size());
    std::string_view name = list.substr(0, end);
    list.remove_prefix(std::min(end + 1, list.size()));
    const std::size_t first = name.find_first_not_of(" \"");
    if (first == std::string_view::npos) continue;
    name = name.substr(first, name.find_last_not_of(" \"") + 1 - first);
    out.emplace_back(name);
  }
  return out;
}

const ast::Literal* literal(const ast::Expr* expr) {
  if (const auto* cast = ast::as<ast::TypeCast>(expr)) return literal(cast->arg);
  return ast::as<ast::Literal>(expr);
}

// "$user" is the schema of the role's name, if there is one.
SearchPath for_role(const schema::Model& model, const SearchPath& names, std::string_view role) {
  SearchPath out;
  for (const std::string& name : names) {
    const std::string_view schema = name == "$user" ? role : std::string_view(name);
    if (!schema.empty() && model.find_schema(schema) != nullptr) out.emplace_back(schema);
  }
  // A dump sets an empty path for its own session; applications have the default.
  if (out.empty()) out.emplace_back("public");
  return out;
}

void add(std::vector<SearchPath>& to, const SearchPath& path) {
  if (std::find(to.begin(), to.end(), path) == to.end()) to.push_back(path);
}

}  // namespace

QueryPaths::QueryPaths(const schema::Model& model, const SearchPath& start,
                       std::span<const std::string> app_roles) {
  for (const std::string& name : app_roles) {
    SearchPath path = start;
    if (const schema::Role* role = model.find_role(name)) {
      for (const auto& [setting, value] : role->settings) {
        if (setting == "search_path") path = split(value);
      }
    }
    add(initial_, for_role(model, path, name));
  }
  if (initial_.empty()) initial_.push_back(for_role(model, start, ""));
  current_ = initial_;
}

void QueryPaths::assign(SearchPath path, bool local) {
  // Whether the application runs this inside of a transaction is not in the file: SET LOCAL may
  // then do nothing at all.
  if (!local || in_transaction_) current_.clear();
  add(current_, path);
  if (!local) without_local_ = current_;
}

void QueryPaths::set(const ast::SetClause& clause) {
  const bool all = clause.action == ast::SetAction::ResetAll;
  if (!all && clause.name != "search_path") return;
  if (clause.action != ast::SetAction::Value) {
    current_ = without_local_ = initial_;
    return;
  }
  SearchPath path;
  for (const ast::Expr* value : clause.values) {
    const ast::Literal* name = literal(value);
    if (name == nullptr) return assign({}, clause.local);
    if (name->text != "$user") path.emplace_back(name->text);
  }
  assign(std::move(path), clause.local);
}

// SELECT set_config('search_path', 'app', is_local): a path that is computed is not known.
bool QueryPaths::set_config(const ast::Select& select) {
  bool any = false;
  for (const ast::Target& target : select.targets) {
    const auto* call = ast::as<ast::FuncCall>(target.value);
    if (call == nullptr || call->name.name != "set_config" || call->args.size() < 2) continue;
    const ast::Literal* setting = literal(call->args[0]);
    if (setting != nullptr && setting->text != "search_path") continue;
    const ast::Literal* value = literal(call->args[1]);
    // Any setting could be meant by a parameter; the tenant's is what it nearly always is.
    if (setting == nullptr) continue;
    const ast::Literal* local = call->args.size() > 2 ? literal(call->args[2]) : nullptr;
    assign(value == nullptr ? SearchPath{} : split(value->text),
           local != nullptr && local->text == "t");
    any = true;
  }
  return any;
}

void QueryPaths::end_transaction(bool commit) {
  if (!in_transaction_) return;
  in_transaction_ = false;
  current_ = commit ? without_local_ : before_;
}

bool QueryPaths::follow(const ast::Statement& statement) {
  if (const auto* set_statement = ast::as<ast::Set>(&statement)) {
    set(set_statement->clause);
    return true;
  }
  if (const auto* select = ast::as<ast::Select>(&statement)) return set_config(*select);
  if (const auto* discard = ast::as<ast::Discard>(&statement)) {
    if (discard->what == "all") current_ = without_local_ = initial_;
    return true;
  }
  const auto* transaction = ast::as<ast::Transaction>(&statement);
  if (transaction == nullptr) return false;
  using A = ast::TransactionAction;
  if (transaction->action == A::Begin && !in_transaction_) {
    in_transaction_ = true;
    before_ = without_local_ = current_;
  }
  if (transaction->action == A::Commit) end_transaction(true);
  if (transaction->action == A::Rollback) end_transaction(false);
  return true;
}

bool QueryPaths::follow(const ast::Statement& statement, bool uncertain) {
  const std::vector<SearchPath> before = uncertain ? current_ : std::vector<SearchPath>{};
  const bool changed = follow(statement);
  for (const SearchPath& path : before) add(current_, path);
  return changed;
}

}  // namespace tenantlint
