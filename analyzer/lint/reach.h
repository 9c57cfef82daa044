// Who can get at a table: roles, memberships and grants, as the rules ask about them.
#pragma once

#include "analyzer/lint/facts.h"
#include "analyzer/schema/roles.h"

namespace tenantlint {

using schema::inherits_from;
using schema::member_of;

// The last grant of any of these privileges (schema::PrivilegeBit) on the table that reaches the
// application: to PUBLIC, to an application role or to a group of one; where no application role is
// configured, to anybody. Null if there is none.
const schema::Grant* grant_to_application(const SchemaFacts& facts, const schema::Relation& table,
                                          std::uint32_t privileges);

// Can the application get at the table at all: by a grant, as its owner, or by a role that needs no
// grant? True also where that cannot be told: no application role is configured, or the migrations
// grant the configured ones nothing, so that their grants must be made elsewhere.
bool application_may_reach(const SchemaFacts& facts, const schema::Relation& table);

}  // namespace tenantlint
