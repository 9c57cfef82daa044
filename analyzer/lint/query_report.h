// What the rules about statements share: which fault an occurrence is, how a finding about it is
// begun, and the predicate that would mend it.
#pragma once

#include <optional>
#include <string>

#include "analyzer/isolation/verdict.h"
#include "analyzer/lint/facts.h"
#include "analyzer/lint/rule.h"

namespace tenantlint {

// One rule for each; every occurrence that is not proven is exactly one of them.
enum class QueryFault : std::uint8_t {
  None,                 // proven
  WithoutPredicate,     // 6001
  InsertWithoutTenant,  // 6002
  MovesTenant,          // 6003
  UpsertCrosses,        // 6004
  WholeTable,           // 6005
  Literal,              // 6006
  Set,                  // 6007
  NotProven,            // 6009
};
QueryFault fault_of(const isolation::Occurrence& occurrence);

// A finding about this occurrence, at its name: object, reason and the notes that lead to it are
// there; help and correction are the rule's.
Report::Builder report_occurrence(const SchemaFacts& facts, const QueryFacts& query,
                                  const isolation::Occurrence& occurrence, std::string message,
                                  Report& report);

// A finding about a remark, if the statement has one of that kind.
void report_remarks(const QueryFacts& query, std::string_view kind, std::string_view help,
                    Report& report);

// "read", "changed", "deleted" …: what the statement does with rows of the occurrence.
std::string_view done_to(isolation::Access access);
// The occurrence's detail as the second half of a sentence: "nothing ties 'tenant_id' …".
std::string because_clause(const isolation::Occurrence& occurrence);

// The missing predicate, "i.tenant_id = $1": with the parameter that the statement uses for the
// tenant, else the next one; in statements without parameters, with the setting.
std::string tenant_predicate(const SchemaFacts& facts, const QueryFacts& query,
                             const isolation::Occurrence& occurrence);

// That predicate in the WHERE of the block, or in the ON of an outer join whose optional side the
// occurrence is. Nothing where the text does not allow it. Always Suggested: a statement that asks
// for more than it did is another statement.
std::optional<Fix> add_predicate(const SchemaFacts& facts, const QueryFacts& query,
                                 const isolation::Occurrence& occurrence);

}  // namespace tenantlint
