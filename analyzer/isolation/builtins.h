// The functions of pg_catalog, by what a call of them may do.
#pragma once

#include <cstdint>
#include <string_view>

namespace tenantlint::isolation {

enum class Builtin : std::uint8_t {
  None,       // not in pg_catalog
  Plain,      // depends on its arguments, the session or the clock; changes nothing
  Aggregate,  // one value for a group of rows
  Window,     // looks at the other rows of its window
  Effect,     // changes something, or waits
  Reads,      // reads more than its arguments, or runs SQL from a string
};

Builtin builtin_function(std::string_view name);

}  // namespace tenantlint::isolation
