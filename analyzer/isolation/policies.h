// Policies through the prover: which of them let a role of the application reach rows of others?
#pragma once

#include <cstdint>
#include <vector>

#include "analyzer/isolation/prover.h"

namespace tenantlint::isolation {

// What a policy decides about; UPDATE has two sides.
enum class Deed : std::uint8_t { See, Add, Change, ChangeTo, Remove };

// A permissive policy whose expression does not tie its rows, and that no restrictive one makes up
// for; or one that PostgreSQL cannot evaluate.
struct PolicyFault {
  const schema::Policy* policy = nullptr;
  const schema::Role* role = nullptr;  // for whom; null: nobody is known, so for anybody
  Deed deed = Deed::See;
  bool check = false;            // it is WITH CHECK that does not tie
  bool reads_own_table = false;  // "infinite recursion detected in policy"
  bool beside_tied = false;      // another permissive policy ties: together they do not
  Occurrence row;
};

// Of one tenant-owned table with row-level security. Each expression is reported once, for the
// first deed and role that it fails. `roles`: those that the application connects as; empty: every
// policy counts. Source: PostgreSQL manual 5.8; CREATE POLICY, "Application of Multiple Policies".
std::vector<PolicyFault> judge_policies(Prover& prover, const schema::Tenancy& tenancy,
                                        const schema::Relation& table,
                                        const std::vector<const schema::Role*>& roles);

// Does the policy speak of what the role does, and is it one for that role (or for a group that the
// role inherits from)? Null: for anybody.
bool covers(const schema::Policy& policy, Deed deed);
bool applies_to(const schema::Policy& policy, const schema::Role* role);

}  // namespace tenantlint::isolation
