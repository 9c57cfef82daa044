// Notes policies that no index can help, or that are computed for each row anew.
#include <algorithm>

#include "analyzer/lint/policy_report.h"
#include "analyzer/lint/rule.h"

namespace tenantlint::rules {

static void check(const SchemaFacts& facts, Report& report) {
  if (facts.policies == nullptr) return;
  for (const isolation::TablePolicies* table : facts.policies->tables) {
    std::vector<const schema::Policy*> said;
    for (const isolation::PolicyExpression& e : table->expressions) {
      if (std::find(said.begin(), said.end(), e.policy) != said.end()) continue;
      const auto slow = std::find_if(e.functions.begin(), e.functions.end(), [](const auto& f) {
        return f.function != nullptr && f.per_row;
      });
      const bool cast = e.column_cast.known();
      if (!cast && slow == e.functions.end()) continue;
      said.push_back(e.policy);
      auto finding =
          report_policy(*e.policy,
                        "Policy " + policy_words(*e.policy) +
                            (cast ? " changes its own column, so that no index on it helps"
                                  : " calls '" + slow->name + "' for each row"),
                        report, &e);
      if (cast) {
        finding.reason("column-cast")
            .note("changed here", e.column_cast)
            .help("Cast what the column is compared with, not the column");
      } else {
        finding.reason("called-per-row")
            .note("called here", slow->place)
            .help("(SELECT " + slow->name + "(…)) is evaluated once");
      }
    }
  }
}

static constexpr Example examples[] = {
    bad("The index is on the uuid", R"sql(
CREATE TABLE docs (tenant_id uuid NOT NULL, id int, body text, PRIMARY KEY (tenant_id, id));
ALTER TABLE docs ENABLE ROW LEVEL SECURITY;
ALTER TABLE docs FORCE ROW LEVEL SECURITY;
CREATE POLICY tenant_isolation ON docs
--            ^^^^^^^^^^^^^^^^ finding: policy-defeats-index "column-cast"
    USING (tenant_id::text = current_setting('app.current_tenant'));
)sql"),
    good("The setting is cast", R"sql(
CREATE TABLE docs (tenant_id uuid NOT NULL, id int, body text, PRIMARY KEY (tenant_id, id));
ALTER TABLE docs ENABLE ROW LEVEL SECURITY;
ALTER TABLE docs FORCE ROW LEVEL SECURITY;
CREATE POLICY tenant_isolation ON docs
    USING (tenant_id = current_setting('app.current_tenant')::uuid);
)sql"),
};

DEFINE_RULE(policy_defeats_index) = {
    .severity = Severity::Note,
    .summary = "A policy keeps indexes from being used, or is evaluated for every row",
    .why =
        R"md(A policy is part of every query of its table. If it changes its own
column before it compares it (`tenant_id::text = …`), the index on that column is of no use, and
each query reads the rows of all tenants to find one's own. A function that PostgreSQL cannot
inline is called once for each row that is looked at; in a sub-select of its own, `(SELECT
my_tenant())`, it is called once.)md",
    .limits =
        R"md(An index on the same expression would help, and is not looked for.
current_setting() is cheap enough to be called for each row.)md",
    .controls = {kSoc2Cc61, kGdpr32, kIso27001A9, kIso27001_5_15, kIso27001_8_3},
    .cwe = {1050, 405},
    .examples = examples,
    .check_schema = check,
};

}  // namespace tenantlint::rules
