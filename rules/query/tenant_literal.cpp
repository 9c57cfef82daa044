// Flags statements that name one tenant in their text.
#include "analyzer/lint/query_report.h"
#include "analyzer/lint/rule.h"

namespace tenantlint::rules {

static constexpr std::string_view kHelp =
    "Take the tenant from a parameter or the setting, or waive it with the reason";

static void check(const SchemaFacts& facts, std::span<const QueryFacts> queries, Report& report) {
  for (const QueryFacts& query : queries) {
    for (const isolation::Occurrence& o : query.judged.occurrences) {
      if (fault_of(o) != QueryFault::Literal) continue;
      report_occurrence(facts, query, o, "'" + o.table + "' is tied to one fixed tenant", report)
          .help(std::string(kHelp));
    }
    report_remarks(query, isolation::remark::kLiteral, kHelp, report);
  }
}

static constexpr Example examples[] = {
    bad("One customer in the code", R"sql(
CREATE TABLE notes (tenant_id text NOT NULL, id int, body text);
-- file: tenantlint.toml
[rules]
select = ["query"]
-- file: queries/notes.sql
SELECT body FROM notes WHERE tenant_id = 'acme' AND id = $1;
--               ^^^^^ finding: tenant-literal
)sql"),
    good("Whoever asks", R"sql(
CREATE TABLE notes (tenant_id text NOT NULL, id int, body text);
-- file: tenantlint.toml
[rules]
select = ["query"]
-- file: queries/notes.sql
SELECT body FROM notes WHERE tenant_id = current_setting('app.current_tenant') AND id = $1;
)sql"),
};

DEFINE_RULE(tenant_literal) = {
    .severity = Severity::Warning,
    .summary = "A statement names one tenant in its text",
    .why = R"md(A hard-coded tenant is a support query that was committed, a test that reached
production, or a customer with code of his own. Whoever runs it sees that tenant's rows, whoever he
is. It also hides from reviews that look for a condition on the tenant, because there is one.)md",
    .limits = R"md(A constant that stands for no tenant (a row of defaults for all) is flagged too:
waive it, or declare the table shared.)md",
    .controls = {kSoc2Cc61, kGdpr32, kIso27001A9, kIso27001_5_15, kIso27001_8_3},
    .cwe = {639, 798},
    .examples = examples,
    .check_queries = check,
};

}  // namespace tenantlint::rules
