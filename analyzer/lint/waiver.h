// Waivers: comments that accept a finding, with a reason, for a while.
#pragma once

#include <functional>
#include <string_view>
#include <vector>

#include "analyzer/lint/facts.h"
#include "analyzer/sql/script.h"
#include "analyzer/text/source_file.h"

namespace tenantlint {

// All waivers of a file. `is_rule` knows the names; `today` is YYYY-MM-DD.
// A waiver covers its own line and, if it stands alone on its line, the statement below it.
std::vector<Waiver> read_waivers(const SourceFile& file, FileId id, const sql::Script& script,
                                 const std::function<bool(std::string_view)>& is_rule,
                                 std::string_view today);

}  // namespace tenantlint
