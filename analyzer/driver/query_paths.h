// The search_path under which the statements of a query file are run.
#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "analyzer/schema/model.h"
#include "analyzer/sql/ast.h"

namespace tenantlint {

using SearchPath = std::vector<std::string>;

// Follows one file, statement by statement. Where it cannot be told which path is in force (the
// application's roles differ; SET LOCAL without a transaction in sight), there are several, and a
// verdict has to hold under each of them. An empty path says that nothing is known about it.
class QueryPaths {
 public:
  // `start`: of a new session. `app_roles`: whose ALTER ROLE … SET search_path goes before it.
  QueryPaths(const schema::Model& model, const SearchPath& start,
             std::span<const std::string> app_roles);

  const std::vector<SearchPath>& current() const { return current_; }
  // To be called behind each statement; true if `current` may have changed. `uncertain`: whether
  // the statement runs at all is not known.
  bool follow(const ast::Statement& statement, bool uncertain);

 private:
  bool follow(const ast::Statement& statement);
  void set(const ast::SetClause& clause);
  void assign(SearchPath path, bool local);
  void end_transaction(bool commit);
  bool set_config(const ast::Select& select);

  std::vector<SearchPath> initial_;
  std::vector<SearchPath> current_;
  std::vector<SearchPath> before_;         // the transaction: what ROLLBACK brings back
  std::vector<SearchPath> without_local_;  // what COMMIT leaves
  bool in_transaction_ = false;
};

}  // namespace tenantlint
