// Row-level security as PostgreSQL puts it together: for each tenant-owned table, each thing that
// can be done with a row and each role, are the rows tied to the tenant?
//
// Policies go through the prover; ISOLATION.md, "Policies use the same prover". For one role and
// one action the effective predicate is (OR of the permissive policies that apply) AND (all
// restrictive ones); none permissive denies. Only the policies of an action itself count for it:
// the SELECT policies, which PostgreSQL adds where a statement reads a column, do not save a bare
// DELETE.
#pragma once

#include <list>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "analyzer/isolation/prover.h"
#include "analyzer/isolation/verdict.h"
#include "analyzer/schema/model.h"
#include "analyzer/schema/tenancy.h"

namespace tenantlint::isolation {

enum class RowAction : std::uint8_t { Select, Insert, UpdateOld, UpdateNew, Delete };
inline constexpr std::size_t kRowActions = 5;
std::string_view to_string(RowAction action);   // "SELECT" …; both sides of UPDATE: "UPDATE"
std::uint32_t privilege_for(RowAction action);  // schema::PrivilegeBit
inline bool writes_row(RowAction action) {      // judged by WITH CHECK, or what stands in for it
  return action == RowAction::Insert || action == RowAction::UpdateNew;
}

// Reasons of policies beside those of verdict.h: why an expression lets foreign rows through.
namespace reason {
inline constexpr std::string_view kAlwaysTrue = "always-true";
inline constexpr std::string_view kNoTenantColumn = "no-tenant-column";
inline constexpr std::string_view kNullTenant = "null-tenant";  // rows of no tenant
inline constexpr std::string_view kSharedRows = "shared-rows";  // a row says that all may see it
inline constexpr std::string_view kPermissiveUnion = "permissive-union";
inline constexpr std::string_view kReadsOwnTable = "reads-own-table";
// Tied to whatever a table says that is not proven to be tied itself: memberships of a user.
inline constexpr std::string_view kThroughTable = "through-table";
}  // namespace reason

// A function that an expression calls.
struct PolicyFunction {
  const schema::Function* function = nullptr;  // null: not of the schema, and not built in
  std::string name;
  Place place;
  bool per_row = false;  // does not depend on the row, and is not in a sub-select of its own
  bool inlined = false;  // its body is one query that PostgreSQL itself looks into
  bool frozen = false;   // IMMUTABLE, and its body reads the session or a table
  bool changes = false;  // VOLATILE, and its body writes
};

// One expression of a policy by itself.
struct PolicyExpression {
  const schema::Policy* policy = nullptr;
  bool check = false;    // WITH CHECK; else USING, also where it stands in for WITH CHECK
  bool new_row = false;  // judged over a row that is written
  Verdict verdict = Verdict::Unknown;
  std::string_view reason;
  std::string detail;  // a sentence without a full stop
  Place place;         // its first token; unknown where there is nothing to say
  Place because;       // what decides; may be unknown
  std::vector<Explanation> path;
  std::vector<Occurrence> reads;  // of its sub-queries: what is not proven
  std::vector<PolicyFunction> functions;
  std::vector<std::string_view> settings;  // that it reads: "app.current_tenant"
  bool through_function = false;  // not proven, and it is a function that is not understood
  Place empty_cast;               // current_setting(…, true)::uuid: fails for ''
  Place column_cast;              // the tenant column is changed before it is compared
};

// What one role may do with rows of one table.
struct ActionVerdict {
  RowAction action = RowAction::Select;
  const schema::Role* role = nullptr;               // null: one that has only what PUBLIC has
  Verdict verdict = Verdict::Proven;                // of the rows; Proven too where all is denied
  Verdict reads = Verdict::Proven;                  // of what the expressions read
  bool denied = false;                              // no permissive policy applies
  std::vector<const PolicyExpression*> permissive;  // those that apply
  std::vector<const PolicyExpression*> restrictive;
  std::vector<const PolicyExpression*> open;  // permissive ones that are not tied, restrictive ones
                                              // taken into account
};

// Does row-level security bind the role at all?
struct BoundRole {
  const schema::Role* role = nullptr;
  bool bound = true;
  std::string_view why;  // "superuser", "bypassrls", "owner"; empty: it is bound
};

struct TablePolicies {
  const schema::Relation* table = nullptr;
  std::vector<BoundRole> roles;
  std::vector<ActionVerdict> actions;       // kRowActions for each role that is bound, in order
  std::list<PolicyExpression> expressions;  // all that were judged
  // A policy that PostgreSQL cannot apply: its sub-query comes back to its own table.
  const schema::Policy* circular = nullptr;
  const schema::Relation* circular_through = nullptr;  // null: directly

  const ActionVerdict* find(RowAction action, const schema::Role* role) const;
};

// All arguments outlive it. Trees may be deep: run it on a thread with a parser's stack.
class Policies {
 public:
  // `app_roles`: whom to judge for; a null among them is a role that has only what PUBLIC has.
  // Groups that they may SET ROLE to are judged as well. Empty: nothing is known of the
  // application, and each table is judged for PUBLIC and for every role that its policies name.
  Policies(const schema::Model& model, const schema::Tenancy& tenancy, Prover& prover,
           std::vector<const schema::Role*> app_roles);
  ~Policies();
  Policies(const Policies&) = delete;
  Policies& operator=(const Policies&) = delete;

  // For a table with row-level security that is tenant-owned. Nothing of the result is kept: most
  // tables are in order, and of no further interest.
  std::unique_ptr<TablePolicies> judge(const schema::Relation& table);

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace tenantlint::isolation
