// In: roles with their memberships, tables with their grants. Out: who is a member of whom, and
// which grant reaches a role. Exists because policies and rules ask the same questions.
// Source: PostgreSQL manual 22.3 (role membership).
#include "analyzer/schema/roles.h"

#include <algorithm>

namespace tenantlint::schema {

namespace {

// Memberships cannot form circles in PostgreSQL; a faulty script must not make us run for ever.
constexpr int kDeepest = 16;

bool reaches(const Role& role, const Role& group, bool inherited_only, int depth) {
  if (&role == &group) return true;
  if (depth > kDeepest || (inherited_only && !role.inherit)) return false;
  return std::any_of(role.member_of.begin(), role.member_of.end(), [&](const Membership& m) {
    return reaches(*m.role, group, inherited_only, depth + 1);
  });
}

}  // namespace

bool member_of(const Role& role, const Role& group) {
  return reaches(role, group, false, 0);
}

bool inherits_from(const Role& role, const Role& group) {
  return reaches(role, group, true, 0);
}

const Grant* grant_to(const Relation& table, const Role* role, std::uint32_t privileges) {
  const Grant* found = nullptr;
  for (const Grant& grant : table.grants) {
    if ((grant.privileges & privileges) == 0) continue;
    const bool reached =
        grant.grantee == nullptr || (role != nullptr && inherits_from(*role, *grant.grantee));
    if (reached) found = &grant;
  }
  return found;
}

}  // namespace tenantlint::schema
