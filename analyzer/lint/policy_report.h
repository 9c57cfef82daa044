// What the rules about policies share: which of them a fault belongs to, and how a finding about it
// is begun.
#pragma once

#include <string>

#include "analyzer/lint/facts.h"
#include "analyzer/lint/rule.h"

namespace tenantlint {

// One rule for each, so that one fault gives one finding.
enum class PolicyFaultKind : std::uint8_t {
  None,                // a list that the setting itself gives: who fills it is not to be seen here
  NotBound,            // 2001
  WriteNotBound,       // 2002
  OpenWithoutContext,  // 2003
  OtherSetting,        // 2004
  Literal,             // 2009
};
PolicyFaultKind kind_of(const isolation::PolicyFault& fault);

// Findings about all faults of that kind, at the names of their policies. `message` comes behind
// "Policy 'p' of 'schema.table' "; reason, notes and object are the fault's.
void report_policies(const SchemaFacts& facts, PolicyFaultKind kind, std::string_view message,
                     std::string_view help, Report& report);

}  // namespace tenantlint
