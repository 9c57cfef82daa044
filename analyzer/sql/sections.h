// Which parts of a script run forward, by the section marks of its migration tool.
#pragma once

#include <string_view>
#include <vector>

#include "analyzer/sql/script.h"
#include "analyzer/text/span.h"

namespace tenantlint::sql {

struct SectionRanges {
  std::vector<Span> forward;    // in order; a statement never runs from one into the next
  std::vector<Span> backward;   // down and rollback sections, and what stands before the first mark
  bool marked = false;          // any mark was found
  bool no_transaction = false;  // the format says that the script runs outside a transaction
};

SectionRanges forward_ranges(std::string_view text, Span whole, Sections format);

}  // namespace tenantlint::sql
