// Bodies of SQL functions, parsed once.
#pragma once

#include <deque>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "analyzer/schema/model.h"
#include "analyzer/sql/ast.h"
#include "analyzer/text/arena.h"
#include "analyzer/text/sql_text.h"

namespace tenantlint::isolation {

// The statements of a body, and the text in which their offsets count.
struct FunctionBody {
  std::vector<const ast::Statement*> statements;
  std::vector<Span> spans;  // … without the semicolons
  const SqlText* text = nullptr;
  // False: neither LANGUAGE sql nor PL/pgSQL that only gives a value, or PostgreSQL's grammar
  // refuses it.
  bool parsed = false;
  std::string error;  // … what it says
  Place error_place;
};

class FunctionBodies {
 public:
  const FunctionBody& of(const schema::Function& function);

 private:
  void open_plpgsql(const schema::Function& function, FunctionBody& out);

  Arena arena_;
  std::deque<SqlText> texts_;
  std::unordered_map<const schema::Function*, FunctionBody> bodies_;
};

// The names of the columns that a call in FROM gives; `called`: what a single value is called.
std::vector<std::string_view> function_columns(const schema::Function& function,
                                               std::string_view called);

}  // namespace tenantlint::isolation
