// What the prover says: one verdict for each occurrence of a tenant-owned relation in a statement.
//
// Design: ISOLATION.md. A statement is isolated when rows of other tenants can change neither what
// it returns nor which rows it writes, and it writes no row of another tenant.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "analyzer/schema/model.h"
#include "analyzer/text/span.h"

namespace tenantlint::isolation {

// From best to worst; a statement's verdict is the worst of its occurrences.
enum class Verdict : std::uint8_t {
  Proven,   // every row of it that can matter is the current tenant's
  Unknown,  // not understood, or it depends on text that is not in the program
  Missing,  // understood, and no such condition exists
};
std::string_view to_string(Verdict verdict);  // "proven", "unknown", "missing"

enum class Access : std::uint8_t {
  Read,
  Insert,
  Update,
  Delete,
  Merge,
  WholeTable,  // TRUNCATE, COPY of a table, LOCK
};

// Stable words of JSON and SARIF. Each says which shape an occurrence has that is not proven.
namespace reason {
inline constexpr std::string_view kPinned = "pinned";  // the one of everything that is proven
// Missing
inline constexpr std::string_view kNoPredicate = "no-predicate";
inline constexpr std::string_view kOrBranch = "or-branch";
inline constexpr std::string_view kNullOpens = "null-opens";
inline constexpr std::string_view kOuterJoinSide = "outer-join-side";
inline constexpr std::string_view kSelfComparison = "self-comparison";
inline constexpr std::string_view kNotEquality = "not-equality";
inline constexpr std::string_view kOtherColumn = "other-column";
inline constexpr std::string_view kOtherSetting = "other-setting";
inline constexpr std::string_view kOtherParameter = "other-parameter";
inline constexpr std::string_view kJoinWithoutTenant = "join-without-tenant";
inline constexpr std::string_view kFilterAfterLimit = "filter-after-limit";
inline constexpr std::string_view kFilterAfterAggregate = "filter-after-aggregate";
inline constexpr std::string_view kFilterAfterWindow = "filter-after-window";
inline constexpr std::string_view kFilterAfterDistinctOn = "filter-after-distinct-on";
inline constexpr std::string_view kSetBranch = "set-branch";
inline constexpr std::string_view kSubquery = "subquery";
inline constexpr std::string_view kView = "view";
inline constexpr std::string_view kFunction = "function";
inline constexpr std::string_view kLiteral = "tenant-literal";                // rule 6006
inline constexpr std::string_view kSet = "tenant-set";                        // rule 6007
inline constexpr std::string_view kInsertWithoutTenant = "tenant-not-given";  // rule 6002
inline constexpr std::string_view kInsertNoSource = "tenant-no-source";       // rule 6002
inline constexpr std::string_view kMovesTenant = "moves-tenant";              // rule 6003
inline constexpr std::string_view kArbiter = "arbiter-without-tenant";        // rule 6004
inline constexpr std::string_view kWholeTable = "whole-table";                // rule 6005
// Unknown
// One of the values that the tenant setting itself lists.
inline constexpr std::string_view kList = "tenant-list";
inline constexpr std::string_view kUnknownTable = "unknown-table";
inline constexpr std::string_view kUnknownColumn = "unknown-column";
inline constexpr std::string_view kAmbiguousColumn = "ambiguous-column";
inline constexpr std::string_view kUnknownFunction = "unknown-function";
inline constexpr std::string_view kRunsSql = "runs-sql";
inline constexpr std::string_view kMergingCast = "cast-may-merge";
inline constexpr std::string_view kTransformedSource = "source-transformed";
inline constexpr std::string_view kNullsEqual = "nulls-equal";
inline constexpr std::string_view kUniqueAcrossTenants = "unique-across-tenants";
inline constexpr std::string_view kNotUnderstood = "not-understood";
inline constexpr std::string_view kTooComplex = "too-complex";
inline constexpr std::string_view kNotParsed = "not-parsed";
inline constexpr std::string_view kDynamicText = "text-unknown";
}  // namespace reason

// A step on the way: the view that was opened, the function that was followed, the LIMIT above.
struct Explanation {
  std::string message;  // a sentence without a full stop
  Place place;
};

// One use of a tenant-owned relation (or of one that is not known).
struct Occurrence {
  const schema::Relation* relation = nullptr;  // null: not in the schema
  std::string table;                           // "schema.name"; as written if it is not known
  std::string alias;                           // the name that columns of it are written with
  Access access = Access::Read;
  Verdict verdict = Verdict::Unknown;
  std::string_view reason;  // one of isolation::reason
  std::string detail;       // a sentence without a full stop: what is there instead
  Place place;    // the name in FROM, INTO, UPDATE …; in a view: where the view is named
  Place because;  // what decides (the OR, the LIMIT, the ON …); may be unknown
  std::vector<Explanation> path;
  // The block whose WHERE would hold the missing predicate, for fixes: the statement's own text.
  Place where_clause;  // its WHERE expression; unknown if there is none
  Place fix_after;     // behind which byte a new WHERE clause would stand (empty range); or unknown
  std::string tenant_column;  // as it would be written: alias.column, quoted where needed
};

enum class StatementKind : std::uint8_t {
  Select,
  Insert,
  Update,
  Delete,
  Merge,
  Copy,
  Truncate,
  Lock,
  Call,
  Do,
  Other,  // touches no rows, or is not a query
};
std::string_view to_string(StatementKind kind);  // "select", …

// Something true of the statement beside its verdict: a rule says whether it matters.
struct Remark {
  std::string_view kind;  // one of the words below
  std::string message;
  Place place;
  const schema::Relation* relation = nullptr;
};
namespace remark {
inline constexpr std::string_view kMixedSources = "mixed-tenant-sources";  // rule 6008
inline constexpr std::string_view kLiteral =
    "tenant-literal";  // a constant tenant, beside a source
// The tenant is looked up by a unique value of the caller's (WHERE tenants.slug = $1).
inline constexpr std::string_view kLookedUp = "tenant-looked-up";
// A trigger assigns NEW's tenant column what is no source of the tenant.
inline constexpr std::string_view kTriggerSetsTenant = "trigger-sets-tenant";
}  // namespace remark

// The verdict of one statement.
struct StatementVerdict {
  StatementKind kind = StatementKind::Other;
  Verdict verdict = Verdict::Proven;
  std::vector<Occurrence> occurrences;  // in source order
  std::vector<Remark> remarks;
  // The tenant as this statement writes it elsewhere ("$1", ":tenant_id"), for fixes; or empty.
  std::string tenant_source;
  // Reads or writes any relation or calls any function that could: is it a query at all?
  bool is_query = false;
};

}  // namespace tenantlint::isolation
