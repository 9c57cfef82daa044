// The model as text: JSON in the shape of a catalogue dump, and a table that a person can read.
#pragma once

#include <string>

#include "analyzer/schema/model.h"

namespace tenantlint::schema {

// Keys: schemas, roles, types, tables, views, policies, indexes, constraints, functions, triggers,
// sequences, extensions; lists sorted by name. Tables of a baseline schema carry "stub": true; its
// other objects are left out.
// Expressions are the text that was written.
std::string dump_json(const Model& model);

// One block per table: columns, row security, policies, keys; then views and functions.
std::string dump_text(const Model& model);

}  // namespace tenantlint::schema
