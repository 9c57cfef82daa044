// Flags sub-queries of policies on tables that are open themselves.
#include <algorithm>

#include "analyzer/lint/policy_report.h"
#include "analyzer/lint/rule.h"

namespace tenantlint::rules {

// Policies that let rows through have a finding already.
static bool is_open(const SchemaFacts& facts, const schema::Policy& policy) {
  return std::any_of(facts.policies->open.begin(), facts.policies->open.end(),
                     [&](const OpenPolicy& o) { return o.expression->policy == &policy; });
}

static void check_policy(const isolation::PolicyExpression& e,
                         std::vector<const schema::Relation*>& said, Report& report) {
  for (const isolation::Occurrence& read : e.reads) {
    if (read.relation == e.policy->table) continue;
    if (std::find(said.begin(), said.end(), read.relation) != said.end()) continue;
    said.push_back(read.relation);
    report_policy(*e.policy,
                  "Policy " + policy_words(*e.policy) + " depends on rows of all tenants in '" +
                      read.table + "'",
                  report, &e)
        .reason(read.reason)
        .note(read.relation->rls ? "its own policies do not tie it to the tenant"
                                 : "its row-level security is off",
              read.relation->place)
        .note("read here", read.place)
        .help("Protect '" + read.table + "', or compare its tenant column in the sub-query");
  }
}

static void check(const SchemaFacts& facts, Report& report) {
  if (facts.policies == nullptr) return;
  report_open_policies(facts, PolicyFault::RestsOnTable, report);
  for (const isolation::TablePolicies* table : facts.policies->tables) {
    const schema::Policy* last = nullptr;
    std::vector<const schema::Relation*> said;
    for (const isolation::PolicyExpression& e : table->expressions) {
      if (e.policy == table->circular || is_open(facts, *e.policy)) continue;
      if (e.policy != last) said.clear();
      last = e.policy;
      check_policy(e, said, report);
    }
  }
}

static constexpr Example examples[] = {
    bad("Membership that nothing protects", R"sql(
CREATE TABLE docs (tenant_id text NOT NULL, id int, body text, PRIMARY KEY (tenant_id, id));
CREATE TABLE shares (tenant_id text NOT NULL, doc int, reader text,
    PRIMARY KEY (tenant_id, doc, reader));
ALTER TABLE docs ENABLE ROW LEVEL SECURITY;
ALTER TABLE docs FORCE ROW LEVEL SECURITY;
CREATE POLICY tenant_isolation ON docs
--            ^^^^^^^^^^^^^^^^ finding: policy-reads-unprotected-table "public.shares"
    USING (tenant_id = current_setting('app.current_tenant')
        AND id IN (SELECT doc FROM shares WHERE reader = current_user));
-- file: tenantlint.toml
[rules]
select = ["policy"]
)sql"),
    bad("As wide as a table of members says", R"sql(
CREATE TABLE docs (tenant_id text NOT NULL, id int, body text, PRIMARY KEY (tenant_id, id));
CREATE TABLE members (tenant_id text NOT NULL, name text, PRIMARY KEY (tenant_id, name));
ALTER TABLE docs ENABLE ROW LEVEL SECURITY;
ALTER TABLE docs FORCE ROW LEVEL SECURITY;
CREATE POLICY of_members ON docs
--            ^^^^^^^^^^ finding: policy-reads-unprotected-table "through-table"
    USING (tenant_id IN (SELECT m.tenant_id FROM members m WHERE m.name = current_user));
-- file: tenantlint.toml
[rules]
select = ["policy"]
)sql"),
    good("The sub-query is tied as well", R"sql(
CREATE TABLE docs (tenant_id text NOT NULL, id int, body text, PRIMARY KEY (tenant_id, id));
CREATE TABLE shares (tenant_id text NOT NULL, doc int, reader text,
    PRIMARY KEY (tenant_id, doc, reader));
ALTER TABLE docs ENABLE ROW LEVEL SECURITY;
ALTER TABLE docs FORCE ROW LEVEL SECURITY;
CREATE POLICY tenant_isolation ON docs
    USING (tenant_id = current_setting('app.current_tenant')
        AND id IN (SELECT doc FROM shares s
                   WHERE s.tenant_id = docs.tenant_id AND reader = current_user));
-- file: tenantlint.toml
[rules]
select = ["policy"]
)sql"),
};

DEFINE_RULE(policy_reads_unprotected_table) = {
    .severity = Severity::Warning,
    .summary = "A policy rests on a table that is itself open to all tenants",
    .why = R"md(What a policy's sub-query reads is filtered by the policies of that table, for
the role that asks. If that table has none, or open ones, rows of other tenants decide what this
tenant sees: whoever can write there can add himself. The policy is right, and rests on sand. A
policy that is tied to the tenants of a user (`tenant_id IN (SELECT tenant_id FROM members WHERE
user_id = …)`, reason through-table) is as wide as that table says, and it is not said by this
session's tenant: protect the table by its own policy, and by grants.)md",
    .limits = R"md(The table's own faults are findings of other rules. Sub-queries of a policy
that lets rows through for another reason are not looked at twice, and a sub-query that asks for
no one in particular ties nothing: policy-not-tenant-bound.)md",
    .controls = {kSoc2Cc61, kGdpr32, kIso27001A9, kIso27001_5_15, kIso27001_8_3},
    .cwe = {639, 863},
    .examples = examples,
    .check_schema = check,
};

}  // namespace tenantlint::rules
