// Does a statement let one tenant's rows depend on another's? Asked of the server.
#pragma once

#include <string>

#include "tests/differential/server.h"

namespace tenantlint::differential {

enum class Answer {
  Same,           // nothing differs, in any variant
  Leaks,          // the result, or A's rows, differ, or others' rows were written
  LeaksWithout,   // only where a source of the tenant is NULL
  Invalid,        // PostgreSQL refuses it everywhere
  NotComparable,  // fails in some variants only, or is not determined by the rows
};

struct Comparison {
  Answer answer = Answer::Same;
  std::string evidence;  // for people: where, and the two results
};

// Stops at the first leak. `sure`: a leak is believed only if the order of rows does not explain it
// (dear, so only asked for where something was proven).
Comparison compare(Server& server, const SchemaPlan& plan, const std::string& sql, bool sure);

struct Seen {
  Variant variant;
  const Outcome* outcome;
};

// What differs between two variants in results and in the tenant's rows; empty if nothing does.
std::string difference(const Seen& a, const Seen& b, const std::string& tenant);
// Which rows of others were written, of those that were there `before`; empty if none. `tenant` is
// empty where there is none: then new rows of nobody are the writer's own.
std::string trespass(const std::vector<DumpedRow>& before, const Seen& seen,
                     const std::string& tenant);

}  // namespace tenantlint::differential
