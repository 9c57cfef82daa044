// Questions about expressions that rules and dumps ask, so that they need not look into trees.
#pragma once

#include <string>

#include "analyzer/schema/model.h"

namespace tenantlint::schema {

// A literal other than NULL, through casts, collations and signs: the same for every row.
bool is_constant(const ast::Expr* expr);

// Is the value made anew for each row, and not to be guessed: gen_random_uuid(), uuid_generate_v4()
// …
bool is_random(const ast::Expr* expr);

// nextval(…): the next number of a sequence.
bool is_sequence_value(const ast::Expr* expr);

// Compares a column with a constant: `tenant_id = 'acme'`, either side, through casts.
// Gives the name of the column, or an empty one.
std::string_view column_fixed_to_constant(const ast::Expr* expr);

// The source text of an expression, on one line; short and approximate where ends are not known.
std::string source_text(const ast::Expr* expr, const SqlText* text);

}  // namespace tenantlint::schema
