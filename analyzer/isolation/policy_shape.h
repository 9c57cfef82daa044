// Questions about the shape of a policy's expression, for reasons and advice. None of them decides
// whether rows are tied to the tenant: that is the prover's.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "analyzer/schema/model.h"
#include "analyzer/sql/ast.h"

namespace tenantlint::isolation::shape {

// The value of an expression that is the same for every row: true, 1 = 1, NOT false, 't'::bool.
std::optional<bool> constant_truth(const ast::Expr* expr);

// The branches of an OR that stands alone or in a conjunction; the expression itself if there is
// none.
std::vector<const ast::Expr*> branches(const ast::Expr* expr);

// Neither sub-queries nor functions that are not built in, and no qualified names: most policies.
// It says the same of every role and of a row that is written.
bool is_plain(const ast::Expr* expr);

// A plain expression as text; equal texts say the same, if `column` writes what a name means there.
using ColumnWriter = std::function<void(std::string_view name, std::string& out)>;
void write_plain(const ast::Expr* expr, const ColumnWriter& column, std::string& out);

// Is a column of that name used anywhere, sub-queries included?
bool mentions(const ast::Expr* expr, std::string_view column);
bool has_subquery(const ast::Expr* expr);

// True where a setting (or what a function gives) is missing or empty: current_setting(…) IS NULL,
// COALESCE(current_setting(…), …), … IS NOT DISTINCT FROM ….
bool opens_without_context(const ast::Expr* expr);
// column IS NULL
bool tests_null(const ast::Expr* expr, std::string_view column);
// Does a sub-query ask who is there: for a setting, the session's user, what a function gives?
bool subquery_asks_session(const ast::Expr* expr);
// Is any column compared with what the session gives?
bool compares_with_session(const ast::Expr* expr);
// column IN (SELECT f(…)), or … FROM f(…), of a function that is not built in.
bool takes_from_function(const ast::Expr* expr, std::string_view column);
// A column that says that the row is meant for all: is_public, visibility = 'public'.
bool says_shared(const ast::Expr* expr);

// current_setting(…, true) whose value is cast to a type that has no empty value.
const ast::FuncCall* empty_cast(const ast::Expr* expr);
// A comparison that changes the column before it looks at it; null if there is none.
const ast::Expr* changed_column(const ast::Expr* expr, const schema::Column& column);

// A call in the expression; `alone`: it depends on no column, and is in no sub-query.
struct Call {
  const ast::FuncCall* call = nullptr;
  bool alone = false;
};
std::vector<Call> calls(const ast::Expr* expr);

// The names that current_setting() is given.
std::vector<std::string_view> settings(const ast::Expr* expr);

// What the table was called when the expression was written, if that shows: a qualifier that is no
// name of FROM. Empty otherwise.
std::string_view former_name(const ast::Expr* expr, std::string_view name);

}  // namespace tenantlint::isolation::shape
