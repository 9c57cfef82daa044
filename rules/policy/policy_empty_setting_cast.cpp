// Flags casts of a setting that may be empty to a type that has no empty value.
#include "analyzer/lint/policy_report.h"
#include "analyzer/lint/rule.h"

namespace tenantlint::rules {

static void check(const SchemaFacts& facts, Report& report) {
  if (facts.policies == nullptr) return;
  for (const isolation::TablePolicies* table : facts.policies->tables) {
    const schema::Policy* last = nullptr;
    for (const isolation::PolicyExpression& e : table->expressions) {
      if (!e.empty_cast.known() || e.policy == last) continue;
      last = e.policy;
      report_policy(*e.policy,
                    "Policy " + policy_words(*e.policy) +
                        " fails where the setting is empty, and finds nothing where it is missing",
                    report, &e)
          .reason("nullif-missing")
          .note("after SET LOCAL the setting is '', which is no value of the type", e.empty_cast)
          .help("NULLIF(current_setting(…, true), '') before the cast");
    }
  }
}

static constexpr Example examples[] = {
    bad("NULL on a fresh connection, an error on a used one", R"sql(
CREATE TABLE docs (tenant_id uuid NOT NULL, id int, body text, PRIMARY KEY (tenant_id, id));
ALTER TABLE docs ENABLE ROW LEVEL SECURITY;
ALTER TABLE docs FORCE ROW LEVEL SECURITY;
CREATE POLICY tenant_isolation ON docs
--            ^^^^^^^^^^^^^^^^ finding: policy-empty-setting-cast
    USING (tenant_id = current_setting('app.current_tenant', true)::uuid);
)sql"),
    good("Empty is NULL", R"sql(
CREATE TABLE docs (tenant_id uuid NOT NULL, id int, body text, PRIMARY KEY (tenant_id, id));
ALTER TABLE docs ENABLE ROW LEVEL SECURITY;
ALTER TABLE docs FORCE ROW LEVEL SECURITY;
CREATE POLICY tenant_isolation ON docs
    USING (tenant_id = NULLIF(current_setting('app.current_tenant', true), '')::uuid);
)sql"),
};

DEFINE_RULE(policy_empty_setting_cast) = {
    .severity = Severity::Warning,
    .summary = "A setting that may be missing is cast to a type that the empty string does not fit",
    .why =
        R"md(`current_setting('app.current_tenant', true)` says that a missing
setting is no error: it gives NULL, and no row matches. That is true of a fresh connection only.
Once the setting was set by SET LOCAL, it is the empty string after the transaction, for as long
as the pooled connection lives; and `''::uuid` is an error. Statements without a tenant then
sometimes find nothing and sometimes fail.)md",
    .limits =
        R"md(The form with one argument raises an error for a missing setting
anyway, and is not flagged: that an empty one is an error too is what it is for.)md",
    .controls = {kSoc2Cc61, kGdpr32, kIso27001A9, kIso27001_5_15, kIso27001_8_3},
    .cwe = {754, 394},
    .examples = examples,
    .check_schema = check,
};

}  // namespace tenantlint::rules
