// In: a judged statement and one occurrence in it. Out: the beginning of a finding. Exists so that
// the nine rules about statements divide the occurrences between them without a gap, and say where
// the tenant comes from and how the occurrence was reached in the same words.
#include "analyzer/lint/query_report.h"

#include <cctype>

namespace tenantlint {

using isolation::Access;
using isolation::Occurrence;
using isolation::Verdict;
namespace reason = isolation::reason;

namespace {

// What stands at the place that decides.
std::string_view decides(std::string_view why) {
  if (why == reason::kOrBranch) return "this OR has a branch without the tenant";
  if (why == reason::kNullOpens) return "where this value is NULL, all tenants are meant";
  if (why == reason::kOuterJoinSide)
    return "this ON keeps rows of the outer side that do not match";
  if (why == reason::kSelfComparison) return "this is true for every row";
  if (why == reason::kOtherColumn) return "this column is compared instead";
  if (why == reason::kOtherSetting) return "this setting is not the configured one";
  if (why == reason::kOtherParameter) return "this parameter is something else";
  if (why == reason::kFilterAfterLimit)
    return "rows are chosen here, before the tenant is asked for";
  if (why == reason::kFilterAfterAggregate) return "rows of all tenants are put together here";
  if (why == reason::kFilterAfterWindow) return "this window looks at rows of all tenants";
  if (why == reason::kFilterAfterDistinctOn) return "one row of all tenants' is chosen here";
  if (why == reason::kSetBranch) return "this branch does not tie it";
  if (why == reason::kMovesTenant) return "the tenant is assigned here";
  if (why == reason::kArbiter) return "rows are met by this key";
  return "this decides";
}

// In the database's own functions row-level security is what usually ties a table, and what binds
// the owner too ties it for SECURITY DEFINER. TRUNCATE and LOCK pass it by.
bool tied_by_policies(const QueryFacts& query, const Occurrence& occurrence) {
  if (query.function.empty() || occurrence.relation == nullptr) return false;
  const schema::Relation& table = *occurrence.relation;
  return occurrence.access != Access::WholeTable && table.rls && table.force_rls &&
         !table.policies.empty();
}

}  // namespace

QueryFault fault_of(const Occurrence& o) {
  if (o.verdict == Verdict::Proven) return QueryFault::None;
  if (o.reason == reason::kLiteral) return QueryFault::Literal;
  if (o.reason == reason::kSet || o.reason == reason::kList) return QueryFault::Set;
  if (o.verdict == Verdict::Unknown) return QueryFault::NotProven;
  if (o.reason == reason::kMovesTenant) return QueryFault::MovesTenant;
  if (o.reason == reason::kArbiter) return QueryFault::UpsertCrosses;
  if (o.access == Access::WholeTable || o.reason == reason::kWholeTable)
    return QueryFault::WholeTable;
  if (o.access == Access::Insert || o.reason == reason::kInsertWithoutTenant ||
      o.reason == reason::kInsertNoSource) {
    return QueryFault::InsertWithoutTenant;
  }
  return QueryFault::WithoutPredicate;
}

Report::Builder report_occurrence(const SchemaFacts& facts, const QueryFacts& query,
                                  const Occurrence& occurrence, std::string message,
                                  Report& report) {
  const Place& place = occurrence.place.known() ? occurrence.place : query.place;
  Report::Builder out = report.add(std::move(message), place);
  const bool table = occurrence.relation != nullptr;
  out.object(table ? "table" : "name", occurrence.table)
      .reason(occurrence.reason)
      .statement(query.place);
  if (tied_by_policies(query, occurrence)) {
    out.severity(Severity::Note)
        .note("In function '" + query.function + "', where row-level security alone ties it",
              query.place);
  }
  if (occurrence.because.known())
    out.note(std::string(decides(occurrence.reason)), occurrence.because);
  for (const isolation::Explanation& step : occurrence.path) out.note(step.message, step.place);
  if (table && facts.tenancy.tenant_owned(*occurrence.relation)) {
    const schema::TableTenancy& tenancy = facts.tenancy.of(*occurrence.relation);
    out.note(
        "'" + schema::qualified_name(*occurrence.relation) + "' is tenant-owned: " + tenancy.reason,
        tenancy.place);
  }
  return out;
}

void report_remarks(const QueryFacts& query, std::string_view kind, std::string_view help,
                    Report& report) {
  for (const isolation::Remark& remark : query.judged.remarks) {
    if (remark.kind != kind) continue;
    Report::Builder out =
        report.add(remark.message, remark.place.known() ? remark.place : query.place);
    out.reason(remark.kind).statement(query.place).help(std::string(help));
    if (remark.relation != nullptr) out.object("table", schema::qualified_name(*remark.relation));
  }
}

std::string_view done_to(Access access) {
  switch (access) {
    case Access::Read: return "read";
    case Access::Insert: return "written";
    case Access::Update: return "changed";
    case Access::Delete: return "deleted";
    case Access::Merge: return "merged into";
    case Access::WholeTable: return "taken";
  }
  return "read";
}

std::string because_clause(const Occurrence& occurrence) {
  std::string out = occurrence.detail;
  // "Nothing …" goes on in lower case; "ON …" is a keyword.
  const auto letter = [&](std::size_t i) { return static_cast<unsigned char>(out[i]); };
  if (out.size() > 1 && std::isupper(letter(0)) != 0 && std::isupper(letter(1)) == 0)
    out[0] = static_cast<char>(std::tolower(letter(0)));
  return out;
}

}  // namespace tenantlint
