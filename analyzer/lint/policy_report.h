// What the rules about policies share: how a finding about a policy is begun, and its words.
#pragma once

#include <string>

#include "analyzer/lint/facts.h"
#include "analyzer/lint/rule.h"

namespace tenantlint {

// "public.docs/tenant_isolation", as findings name a policy.
std::string policy_name(const schema::Policy& policy);
// "'tenant_isolation' of 'public.docs'"
std::string policy_words(const schema::Policy& policy);

// A finding about the policy: at its name, or at the expression where a later ALTER POLICY wrote
// it.
Report::Builder report_policy(const schema::Policy& policy, std::string message, Report& report,
                              const isolation::PolicyExpression* expression = nullptr);

// The findings of one rule: every open policy that has this fault.
void report_open_policies(const SchemaFacts& facts, PolicyFault fault, Report& report);

// "tenant_id = current_setting('app.current_tenant')"
std::string tenant_condition(const SchemaFacts& facts, const schema::Relation& table);
// "SELECT, UPDATE"
std::string action_list(const std::vector<isolation::RowAction>& actions);
// "'app_user'", "'a' and 2 more", "every role"
std::string role_list(const std::vector<const schema::Role*>& roles);

}  // namespace tenantlint
