// Views: the query, what it refers to, and the columns that come out of it.
// Source: PostgreSQL 15, src/backend/commands/view.c (checkViewTupleDesc: what OR REPLACE may
// change).
#include <fmt/format.h>

#include "analyzer/schema/replayer.h"

namespace tenantlint::schema {

void Replayer::set_query(Relation& relation, const ast::Node& query,
                         ast::List<std::string_view> names, bool column_places) {
  relation.query = ast::as<ast::Select>(&query);
  relation.query_text = text;
  relation.query_step = step;
  relation.bindings.clear();
  note_references(&query, &relation.bindings);
  const auto found = model.references.find(&query);
  if (found != model.references.end()) relation.calls = found->second.functions;
  std::vector<OutputColumn> columns = output_columns(query);
  if (names.size() > columns.size()) {
    fail("syntax_error", "too many column names were specified", relation.place);
  }
  std::vector<Column> made;
  for (std::size_t i = 0; i < columns.size(); ++i) {
    Column c;
    c.name = model.intern(i < names.size() ? names[i] : std::string_view(columns[i].name));
    for (const Column& other : made) {
      if (other.name != c.name) continue;
      fail("duplicate_column", fmt::format("column \"{}\" specified more than once", c.name),
           relation.place);
    }
    c.type = columns[i].type;
    c.created = step;
    c.place = column_places ? statement_place() : relation.place;
    if (c.type.type->kind == TypeKind::Unknown) relation.complete = false;
    made.push_back(std::move(c));
  }
  relation.columns = std::move(made);
}

void Replayer::create_view(const ast::CreateView& tree) {
  const ast::RangeVar& name = *tree.relation;
  bool temporary = name.persistence == 't';
  Schema& schema = creation_schema(name.name.schema, name_place(name.name), temporary);
  Relation* there = model.find_relation(schema, name.name.name);
  if (there != nullptr && (!tree.or_replace || there->kind != RelationKind::View)) {
    fail(tree.or_replace ? "wrong_object_type" : "duplicate_table",
         tree.or_replace ? fmt::format("\"{}\" is not a view", name.name.name)
                         : fmt::format("relation \"{}\" already exists", name.name.name),
         name_place(name.name));
  }
  Relation made;
  made.place = name_place(name.name);
  set_query(made, *tree.query, tree.columns, false);
  if (there != nullptr) {
    for (std::size_t i = 0; i < there->columns.size(); ++i) {
      if (i >= made.columns.size()) {
        fail("invalid_table_definition", "cannot drop columns from view", made.place);
      }
      if (made.columns[i].name != there->columns[i].name) {
        fail("invalid_table_definition",
             fmt::format("cannot change name of view column \"{}\" to \"{}\"",
                         there->columns[i].name, made.columns[i].name),
             made.place);
      }
    }
  }
  Relation& view = there != nullptr
                       ? model.edit(*there)
                       : model.add_relation(schema, name.name.name, RelationKind::View);
  view.query = made.query;
  view.query_text = made.query_text;
  view.query_step = made.query_step;
  view.bindings = std::move(made.bindings);
  view.calls = std::move(made.calls);
  view.columns = std::move(made.columns);
  view.complete = made.complete;
  view.place = made.place;
  view.statement = statement_place();
  // OR REPLACE sets the options anew: those that are not named again are gone.
  view.options.clear();
  for (const ast::Option& o : tree.options) {
    view.options.emplace_back(model.intern(o.name), model.intern(o.has_value ? o.value : "true"));
  }
  if (tree.check_option != 0) {
    view.options.emplace_back("check_option", tree.check_option == 'l' ? "local" : "cascaded");
  }
  if (there != nullptr) return;
  view.created = step;
  view.stub = stub;
  view.owner = session.role;
  add_row_type(view);
  new_table_privileges(view, ast::ObjectType::Table);
}

}  // namespace tenantlint::schema
