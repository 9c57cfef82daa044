// What the body of a function that a policy calls does, by its words: advice, not proof.
#pragma once

#include "analyzer/schema/model.h"

namespace tenantlint::isolation {

// Does it read the session (a setting, the user, the clock) or a table, itself or through functions
// that it calls?
bool reads_outside(const schema::Model& model, const schema::Function& function);
// Does it write rows or settings, or draw something new at each call?
bool changes_something(const schema::Model& model, const schema::Function& function);

}  // namespace tenantlint::isolation
