// Code that runs while migrations run: DO blocks, functions called at top level, \gexec. What it
// does to the schema is followed as far as it can be; the rest is said.
#include "analyzer/schema/replayer.h"
#include "analyzer/sql/walk.h"

namespace tenantlint::schema {

void Replayer::do_block(const ast::DoBlock&) {
  not_interpreted("What this DO block does to the schema is not known", statement_place());
}

void Replayer::call(const ast::Call&) {
  not_interpreted("What this procedure does to the schema is not known", statement_place());
}

void Replayer::execute_result(const ast::Statement&) {
  not_interpreted("What \\gexec runs is not known", statement_place());
}

void Replayer::select(const ast::Select& tree) {
  sql::walk(tree, [&](const ast::Node& node) {
    const auto* f = ast::as<ast::FuncCall>(&node);
    if (f == nullptr) return true;
    if (f->name.name == "set_config" && f->args.size() == 3) {
      const auto* name = ast::as<ast::Literal>(f->args[0]);
      const auto* value = ast::as<ast::Literal>(f->args[1]);
      const auto* local = ast::as<ast::Literal>(f->args[2]);
      if (name == nullptr || name->text != "search_path") return true;
      if (value == nullptr) not_interpreted("search_path is set to a computed value", place(f->at));
      std::vector<std::string> path;
      std::string part;
      for (const char c : std::string(value->text) + ",") {
        if (c == ',') {
          if (!part.empty() && part != "\"\"") path.push_back(part);
          part.clear();
        } else if (c != ' ' && c != '"') {
          part += c;
        }
      }
      set_search_path(std::move(path), local != nullptr && local->text == "t");
    }
    return true;
  });
}

}  // namespace tenantlint::schema
