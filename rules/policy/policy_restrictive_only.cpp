// Flags tables whose policies are all restrictive.
#include <algorithm>

#include "analyzer/lint/rule.h"

namespace tenantlint::rules {

static void check(const SchemaFacts& facts, Report& report) {
  for (const schema::Relation* table : facts.tenant_tables) {
    if (!table->rls || table->policies.empty()) continue;
    const bool permissive = std::any_of(table->policies.begin(), table->policies.end(),
                                        [](const schema::Policy* p) { return p->permissive; });
    if (permissive) continue;
    const schema::Policy& first = *table->policies[0];
    const std::string name = schema::qualified_name(*table);
    report
        .add("All policies of '" + name + "' are restrictive: no row can be read or written",
             first.place)
        .object("policy", name + "." + std::string(first.name))
        .reason("restrictive-only")
        .help("one policy has to be permissive: restrictive ones narrow what others allow");
  }
}

static constexpr Example examples[] = {
    bad("Nothing allows anything", R"sql(
CREATE TABLE docs (tenant_id text NOT NULL, id bigint NOT NULL, body text,
    PRIMARY KEY (tenant_id, id));
ALTER TABLE docs ENABLE ROW LEVEL SECURITY;
ALTER TABLE docs FORCE ROW LEVEL SECURITY;
CREATE POLICY guard ON docs AS RESTRICTIVE
--            ^^^^^ finding: policy-restrictive-only
    USING (tenant_id = current_setting('app.current_tenant'));
)sql"),
    good("A permissive one beside it", R"sql(
CREATE TABLE docs (tenant_id text NOT NULL, id bigint NOT NULL, body text,
    PRIMARY KEY (tenant_id, id));
ALTER TABLE docs ENABLE ROW LEVEL SECURITY;
ALTER TABLE docs FORCE ROW LEVEL SECURITY;
CREATE POLICY everyone ON docs USING (true);
CREATE POLICY guard ON docs AS RESTRICTIVE
    USING (tenant_id = current_setting('app.current_tenant'));
)sql"),
};

DEFINE_RULE(policy_restrictive_only) = {
    .severity = Severity::Warning,
    .summary = "Only restrictive policies: everything is denied",
    .why = R"md(Restrictive policies take away from what permissive ones allow; without one there
is nothing to take from, and PostgreSQL denies every row. The table looks isolated and cannot be
used, and the repair is made in a hurry.)md",
    .limits = R"md(Roles are not told apart: a permissive policy for any role is enough.)md",
    .controls = {kSoc2Cc61, kGdpr32, kIso27001A9, kIso27001_5_15, kIso27001_8_3},
    .cwe = {862},
    .examples = examples,
    .check_schema = check,
};

}  // namespace tenantlint::rules
