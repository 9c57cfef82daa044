// What rules see: facts about the schema, the migrations and the waivers. Never trees.
// A rule that needs more gets a new fact here.
#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "analyzer/isolation/policies.h"
#include "analyzer/isolation/verdict.h"
#include "analyzer/lint/config.h"
#include "analyzer/lint/finding.h"
#include "analyzer/schema/model.h"
#include "analyzer/schema/tenancy.h"
#include "analyzer/text/source_file.h"
#include "analyzer/text/span.h"

namespace tenantlint {

// One rule for each; a policy's expression that lets foreign rows through is exactly one of them.
enum class PolicyFault : std::uint8_t {
  NotTenantBound,       // 2001
  WriteNotTenantBound,  // 2002
  OpenWithoutContext,   // 2003
  OtherSetting,         // 2004
  Literal,              // 2009
  RestsOnTable,         // 2010
  FunctionUnknown,      // 2011
};

// An expression that lets rows of other tenants through, for these actions of these roles.
struct OpenPolicy {
  PolicyFault fault = PolicyFault::NotTenantBound;
  const isolation::TablePolicies* table = nullptr;
  const isolation::PolicyExpression* expression = nullptr;
  std::string_view reason;
  Severity severity = Severity::Error;
  std::vector<isolation::RowAction> actions;
  std::vector<const schema::Role*> roles;                  // null: whoever has only what PUBLIC has
  const schema::Policy* beside = nullptr;                  // a permissive policy that it widens
  const schema::Policy* idle_guard = nullptr;              // a restrictive one that does not apply
  const isolation::PolicyExpression* and_check = nullptr;  // WITH CHECK has the same fault
};

// Row-level security of the tenant-owned tables that have it switched on.
struct PolicyFacts {
  std::vector<const isolation::TablePolicies*> tables;  // those that are not plainly in order
  std::vector<OpenPolicy> open;
};

// The schema that all migrations add up to.
struct SchemaFacts {
  const schema::Model& model;
  const schema::Tenancy& tenancy;
  const Config& config;
  // Live, not stubs, in order of creation: the tables that rules report on …
  std::vector<const schema::Relation*> tables;
  // … and those of them that hold rows of tenants.
  std::vector<const schema::Relation*> tenant_tables;
  // The roles that the application connects as: configured, or, where none is, those that are
  // granted DML on tenant-owned tables (then `app_roles_inferred`).
  std::vector<const schema::Role*> app_roles;
  bool app_roles_inferred = false;
  const PolicyFacts* policies = nullptr;  // null: there are none

  const schema::Column& tenant_column(const schema::Relation& table) const {
    return table.columns[static_cast<std::size_t>(tenancy.of(table).column)];
  }
};

// Two migrations whose order is not plain from their names.
struct OrderAmbiguity {
  std::string first;  // path of the file that was taken first
  std::string second;
  std::string reason;  // "same-version", "unpadded-number"
  std::string detail;  // a sentence: which order was taken, and why
  Place first_place;   // first byte of the file
  Place second_place;
};

struct MigrationFacts {
  std::vector<OrderAmbiguity> ambiguities;
};

// One statement of the application's SQL, judged.
struct QueryFacts {
  Place place;           // the whole statement
  std::string name;      // of its block in the file ("-- name: GetUser :one"); or empty
  std::string function;  // "public.monthly_total(uuid)", whose body it stands in; or empty
  bool dynamic = false;  // its text is put together while it runs: `place` is the EXECUTE
  bool parsed = true;    // false: there is a problem, and the verdict is Unknown
  isolation::StatementVerdict judged;
  const SourceFile* source = nullptr;  // the text that places count in, for corrections
};

// A comment "tenantlint: allow RULE reason=… owner=… expires=…".
struct Waiver {
  std::vector<std::string> rules;
  std::string reason;
  std::string owner;
  std::string expires;  // YYYY-MM-DD, or empty
  Place place;          // the comment
  Span covers;          // bytes of the file that it speaks for
  bool malformed = false;
  std::string fault;              // what is malformed, as a sentence
  std::string_view fault_reason;  // unknown-rule, missing-reason, bad-date, syntax
  Place fault_place;
  bool expired = false;
  bool used = false;
};

struct WaiverFacts {
  const std::vector<Waiver>& waivers;
};

}  // namespace tenantlint
