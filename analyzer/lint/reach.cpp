// Reachability over roles and grants. Source: PostgreSQL manual 22.3 (role membership), 22.5
// (predefined roles).
#include "analyzer/lint/reach.h"

#include <algorithm>

namespace tenantlint {

namespace {

bool any_app_role(const SchemaFacts& facts, const schema::Role& group) {
  return std::any_of(facts.app_roles.begin(), facts.app_roles.end(),
                     [&](const schema::Role* role) { return member_of(*role, group); });
}

// A superuser, or one of the predefined roles that read and write every table.
bool needs_no_grant(const schema::Role& role) {
  return role.superuser ||
         (role.predefined && (role.name == "pg_read_all_data" || role.name == "pg_write_all_data"));
}

bool granted_anything(const SchemaFacts& facts) {
  constexpr std::uint32_t kAny = ~std::uint32_t{0};
  return std::any_of(
      facts.model.relations.begin(), facts.model.relations.end(), [&](const schema::Relation& r) {
        return !r.dropped && !r.stub && grant_to_application(facts, r, kAny) != nullptr;
      });
}

}  // namespace

const schema::Grant* grant_to_application(const SchemaFacts& facts, const schema::Relation& table,
                                          std::uint32_t privileges) {
  const schema::Grant* found = nullptr;
  for (const schema::Grant& grant : table.grants) {
    if ((grant.privileges & privileges) == 0) continue;
    const bool counts = grant.grantee == nullptr || facts.config.roles.app.empty() ||
                        any_app_role(facts, *grant.grantee);
    if (counts) found = &grant;
  }
  return found;
}

bool application_may_reach(const SchemaFacts& facts, const schema::Relation& table) {
  constexpr std::uint32_t kAny = ~std::uint32_t{0};
  if (facts.config.roles.app.empty()) return true;
  if (grant_to_application(facts, table, kAny) != nullptr) return true;
  if (table.owner != nullptr && any_app_role(facts, *table.owner)) return true;
  for (const schema::Role& role : facts.model.roles) {
    if (!role.dropped && needs_no_grant(role) && any_app_role(facts, role)) return true;
  }
  return !granted_anything(facts);
}

}  // namespace tenantlint
