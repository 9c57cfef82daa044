// Identifiers: quoting, truncation, and the names that PostgreSQL makes up.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "analyzer/schema/model.h"

namespace tenantlint::schema {

// Names are at most this many bytes long (NAMEDATALEN - 1).
inline constexpr std::size_t kMaxName = 63;

// The longest prefix of at most `bytes` bytes that ends at a character.
std::string_view clip(std::string_view name, std::size_t bytes);

// With double quotes where PostgreSQL's quote_identifier() puts them.
std::string quote_identifier(std::string_view name);
// As quote_literal(): with E'' where there is a backslash.
std::string quote_literal(std::string_view text);

// name1_name2_label within kMaxName bytes; the longer of name1 and name2 is cut first. Empty parts
// are left out. Source: src/backend/commands/indexcmds.c, makeObjectName.
std::string make_object_name(std::string_view name1, std::string_view name2,
                             std::string_view label);

// The first of name1_name2_label, …_label1, …_label2 that no relation of the schema has (and, for
// an index behind a constraint, no constraint either). Source: indexcmds.c, ChooseRelationName.
std::string choose_relation_name(const Schema& schema, std::string_view name1,
                                 std::string_view name2, std::string_view label,
                                 bool is_constraint);

// The same for constraints: unique among the constraints of the schema and `others`.
// Source: src/backend/catalog/pg_constraint.c, ChooseConstraintName.
std::string choose_constraint_name(const Schema& schema, std::string_view name1,
                                   std::string_view name2, std::string_view label,
                                   const std::vector<std::string_view>& others = {});

// The column names of an index, made unique, joined by '_'. Source: ChooseIndexNameAddition.
std::string join_column_names(const std::vector<std::string>& columns);
std::vector<std::string> unique_column_names(const std::vector<std::string>& columns);

// PostGIS types, whose modifiers are words: geometry(PointZ, 4326). Packed into TypeRef::mod1; -1
// if the word is none of theirs.
bool is_shape_type(const Type& type);
std::int32_t pack_shape(std::string_view words, std::int32_t reference, bool geography);

// What an output column or an index expression is called if nothing else says so; empty if there is
// nothing to go by. Source: src/backend/parser/parse_target.c, FigureColnameInternal.
std::string_view figure_column_name(const ast::Expr* expr);

}  // namespace tenantlint::schema
