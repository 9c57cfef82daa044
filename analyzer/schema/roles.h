// What roles may do: memberships, and the grants that reach a role through them.
#pragma once

#include <cstdint>

#include "analyzer/schema/model.h"

namespace tenantlint::schema {

// Is the role the group, or a member of it, directly or through others? A member that does not
// inherit may still SET ROLE.
bool member_of(const Role& role, const Role& group);
// The same, but only as far as privileges are inherited without SET ROLE.
bool inherits_from(const Role& role, const Role& group);

// The last grant of any of these privileges (PrivilegeBit) on the table that the role has: its own,
// PUBLIC's, or one of a group it inherits from. `role`: null for one that has only what PUBLIC has.
// Null if there is none.
const Grant* grant_to(const Relation& table, const Role* role, std::uint32_t privileges);

}  // namespace tenantlint::schema
