// Flags assignments to a tenant column: the row changes its owner.
#include "analyzer/lint/query_report.h"
#include "analyzer/lint/rule.h"

namespace tenantlint::rules {

static void check(const SchemaFacts& facts, std::span<const QueryFacts> queries, Report& report) {
  for (const QueryFacts& query : queries) {
    for (const isolation::Occurrence& o : query.judged.occurrences) {
      if (fault_of(o) != QueryFault::MovesTenant) continue;
      report_occurrence(
          facts, query, o,
          "Rows of '" + o.table + "' are moved to another tenant: " + because_clause(o), report)
          .help("Leave the tenant column out of SET");
    }
    report_remarks(query, isolation::remark::kTriggerSetsTenant,
                   "Leave the tenant column of NEW as it is", report);
  }
}

static constexpr Example examples[] = {
    bad("Given away", R"sql(
CREATE TABLE notes (tenant_id uuid NOT NULL, id int, body text);
-- file: tenantlint.toml
[rules]
select = ["query"]
-- file: queries/notes.sql
UPDATE notes SET tenant_id = $3, body = $4 WHERE tenant_id = $1 AND id = $2;
--     ^^^^^ finding: update-moves-tenant
)sql"),
    good("The row stays where it is", R"sql(
CREATE TABLE notes (tenant_id uuid NOT NULL, id int, body text);
-- file: tenantlint.toml
[rules]
select = ["query"]
-- file: queries/notes.sql
UPDATE notes SET body = $3 WHERE tenant_id = $1 AND id = $2;
UPDATE notes SET tenant_id = $1, body = $3 WHERE tenant_id = $1 AND id = $2;
)sql"),
};

DEFINE_RULE(update_moves_tenant) = {
    .severity = Severity::Error,
    .summary = "A statement assigns the tenant column, so that rows change their owner",
    .why =
        R"md(Whoever may assign the tenant column can put his rows into another tenant's account, or
take part of a statement that pulls the others' into his. Generic update code that writes every
column it is sent is the usual way. Rows that refer to the moved one stay behind, and references
then cross tenants.)md",
    .limits = R"md(Assigning the value that the row is already tied to is fine. A migration that
moves rows on purpose is not a query; a query that does wants a waiver with its reason.)md",
    .controls = {kSoc2Cc61, kGdpr32, kIso27001A9, kIso27001_5_15, kIso27001_8_3},
    .cwe = {639, 915},
    .examples = examples,
    .check_queries = check,
};

}  // namespace tenantlint::rules
