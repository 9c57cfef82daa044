// pg_partman: partitions that an extension makes while the application runs. Their names are not
// known, but two things are: they have no row-level security of their own, and the grants of their
// parent only if inherit_privileges is set. Source: pg_partman 4, doc/pg_partman.md.
#include <algorithm>

#include "analyzer/schema/replayer.h"

namespace tenantlint::schema {

namespace {

// The table that 'schema.table' names.
Relation* named_table(const Replayer& r, const ast::Expr* expr) {
  const auto* literal = ast::as<ast::Literal>(expr);
  if (literal == nullptr) return nullptr;
  ast::QualifiedName name;
  const std::size_t dot = literal->text.find('.');
  name.name = literal->text.substr(dot == std::string_view::npos ? 0 : dot + 1);
  if (dot != std::string_view::npos) name.schema = literal->text.substr(0, dot);
  return r.find_relation(name);
}

bool installed(const Model& model) {
  return std::any_of(model.extensions.begin(), model.extensions.end(),
                     [](const Extension& e) { return !e.dropped && e.name == "pg_partman"; });
}

}  // namespace

// create_parent('schema.table', …): true if the call is pg_partman's, and the table known.
bool Replayer::create_parent(const ast::FuncCall& call) {
  if (call.name.name != "create_parent" || !installed(model) || call.args.empty()) return false;
  const ast::Expr* first = call.args[0];
  if (const auto* named = ast::as<ast::NamedArg>(first)) first = named->arg;
  Relation* table = named_table(*this, first);
  if (table == nullptr) return false;
  model.edit(*table).managed_partitions = true;
  return true;
}

// UPDATE part_config SET inherit_privileges = true [WHERE parent_table = 'schema.table'].
void Replayer::configure_partitions(const ast::Update& tree) {
  change_rows(tree);
  if (tree.relation->name.name != "part_config" || !installed(model)) return;
  bool copies = false;
  for (const ast::Target& t : tree.set) {
    const auto* value = ast::as<ast::Literal>(t.value);
    copies = copies || (t.name == "inherit_privileges" && value != nullptr && value->text == "t");
  }
  if (!copies) return;
  const auto* where = ast::as<ast::Operator>(tree.where);
  Relation* only = where == nullptr ? nullptr : named_table(*this, where->right);
  for (Relation& table : model.relations) {
    if (table.dropped || !table.managed_partitions || (only != nullptr && only != &table)) continue;
    model.edit(table).copies_grants = statement_place();
  }
}

}  // namespace tenantlint::schema
