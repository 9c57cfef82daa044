// Flags tables all of whose policies are restrictive.
#include <algorithm>

#include "analyzer/lint/policy_report.h"
#include "analyzer/lint/rule.h"

namespace tenantlint::rules {

static void check(const SchemaFacts& facts, Report& report) {
  for (const schema::Relation* table : facts.tenant_tables) {
    if (!table->rls || table->policies.empty()) continue;
    const bool permissive = std::any_of(table->policies.begin(), table->policies.end(),
                                        [](const schema::Policy* p) { return p->permissive; });
    if (permissive) continue;
    const std::string name = schema::qualified_name(*table);
    report
        .add("All policies of '" + name + "' are restrictive: no row can be read or written",
             table->policies[0]->place)
        .object("table", name)
        .reason("no-permissive-policy")
        .note("row-level security is on since here", table->rls_place)
        .help("Add a permissive policy for the rows that the restrictive ones narrow");
  }
}

static constexpr Example examples[] = {
    bad("A guard with nothing to guard", R"sql(
CREATE TABLE docs (tenant_id text NOT NULL, id int, body text, PRIMARY KEY (tenant_id, id));
ALTER TABLE docs ENABLE ROW LEVEL SECURITY;
ALTER TABLE docs FORCE ROW LEVEL SECURITY;
CREATE POLICY guard ON docs AS RESTRICTIVE
--            ^^^^^ finding: policy-restrictive-only
    USING (tenant_id = current_setting('app.current_tenant'));
)sql"),
    good("Something to restrict", R"sql(
CREATE TABLE docs (tenant_id text NOT NULL, id int, body text, PRIMARY KEY (tenant_id, id));
ALTER TABLE docs ENABLE ROW LEVEL SECURITY;
ALTER TABLE docs FORCE ROW LEVEL SECURITY;
CREATE POLICY everyone ON docs USING (true);
CREATE POLICY guard ON docs AS RESTRICTIVE
    USING (tenant_id = current_setting('app.current_tenant'));
)sql"),
};

DEFINE_RULE(policy_restrictive_only) = {
    .severity = Severity::Warning,
    .summary = "All policies of a table are restrictive: nothing is permitted",
    .why =
        R"md(A restrictive policy takes away from what permissive ones give. Where
none gives, nobody sees a row and every INSERT is an error. It looks like the strictest
isolation there is, and is an unfinished one; the quick repair, a permissive USING (true), is
right only as long as the restrictive policy covers every command and every role.)md",
    .limits =
        R"md(A table that nobody is to reach may be meant to be closed; waive it
with that reason.)md",
    .controls = {kSoc2Cc61, kGdpr32, kIso27001A9, kIso27001_5_15, kIso27001_8_3},
    .cwe = {285, 862},
    .examples = examples,
    .check_schema = check,
};

}  // namespace tenantlint::rules
