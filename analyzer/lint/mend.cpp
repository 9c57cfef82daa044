// Builds corrections as text edits: a table and the statement that it lacks go in, an insertion
// behind CREATE TABLE comes out, if one is possible. Exists so that each rule gives the same shape
// of correction and none prints SQL from a tree.
#include "analyzer/lint/mend.h"

#include "analyzer/schema/identifiers.h"

namespace tenantlint {

namespace {

bool within(const Place& place, const Place& whole) {
  return place.known() && place.file == whole.file && whole.begin <= place.begin &&
         place.begin < whole.end;
}

// The name that the statement gave to the table; null if it is no plain CREATE TABLE. The parts of
// CREATE SCHEMA are one statement, between which nothing fits.
const ast::RangeVar* created_as(const schema::StepInfo& step) {
  if (const auto* tree = ast::as<ast::CreateTable>(step.tree)) return tree->relation;
  if (const auto* tree = ast::as<ast::CreateTableAs>(step.tree)) return tree->relation;
  return nullptr;
}

}  // namespace

std::string sql_name(const schema::Relation& relation) {
  const std::string name = schema::quote_identifier(relation.name);
  if (relation.schema == nullptr) return name;
  return schema::quote_identifier(relation.schema->name) + "." + name;
}

std::optional<Fix> mend_table(const schema::Model& model, const schema::Relation& table,
                              const schema::Column* column, std::string title,
                              std::string_view before, std::string_view after) {
  const Place& whole = table.statement;
  if (!whole.known() || whole.extent != Extent::Range) return {};
  // Places of names move when things are renamed.
  if (!within(table.place, whole) || (column != nullptr && !within(column->place, whole)))
    return {};
  if (table.created == 0 || table.created > model.steps.size()) return {};
  const schema::StepInfo& step = model.steps[table.created - 1];
  if (step.tree == nullptr || step.text == nullptr) return {};
  if (step.text->pieces().size() != 1 || !step.text->pieces()[0].verbatim) return {};
  const ast::RangeVar* written = created_as(step);
  if (written == nullptr) return {};
  std::string name = schema::quote_identifier(written->name.name);
  if (!written->name.schema.empty())
    name = schema::quote_identifier(written->name.schema) + "." + name;
  Place end = whole;
  end.begin = whole.end;  // the statement's own semicolon then ends the new one
  Fix out{std::move(title), Trust::Suggested, {}};
  out.edits.push_back({end, ";\n" + std::string(before) + name + std::string(after)});
  return out;
}

}  // namespace tenantlint
