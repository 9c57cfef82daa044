// All rules, made from rules.def.
#pragma once

#include <span>
#include <string_view>

#include "analyzer/lint/rule.h"

namespace tenantlint::rules {

// In order of their numbers.
std::span<const RuleEntry> all();

// By name ("table-without-rls"), id ("TL1001") or number ("1001"); nullptr if there is none.
const RuleEntry* find(std::string_view word);

}  // namespace tenantlint::rules
