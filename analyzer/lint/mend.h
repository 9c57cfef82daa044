// Corrections that rules offer: one more statement behind the one that created a table.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "analyzer/lint/finding.h"
#include "analyzer/schema/model.h"

namespace tenantlint {

// "schema.name" as it has to be written in SQL: double quotes where quote_identifier() puts them.
std::string sql_name(const schema::Relation& relation);

// The statement `before` + table + `after` (without semicolon) behind the one that created the
// table. The table is named as it was there, for it may have moved to another schema since. Nothing
// where that cannot be: the table was renamed, is a part of CREATE SCHEMA, or its text was put
// together while it ran; `column`, if given, came later or got another name.
// Always Suggested: a migration that has run somewhere must not be edited, the statement then
// belongs into a new one.
std::optional<Fix> mend_table(const schema::Model& model, const schema::Relation& table,
                              const schema::Column* column, std::string title,
                              std::string_view before, std::string_view after);

}  // namespace tenantlint
