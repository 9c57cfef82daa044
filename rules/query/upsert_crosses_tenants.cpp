// Flags ON CONFLICT whose key does not contain the tenant: it finds other tenants' rows.
#include "analyzer/lint/query_report.h"
#include "analyzer/lint/rule.h"

namespace tenantlint::rules {

static void check(const SchemaFacts& facts, std::span<const QueryFacts> queries, Report& report) {
  for (const QueryFacts& query : queries) {
    for (const isolation::Occurrence& o : query.judged.occurrences) {
      if (fault_of(o) != QueryFault::UpsertCrosses) continue;
      report_occurrence(
          facts, query, o,
          "An upsert into '" + o.table + "' meets rows of other tenants: " + because_clause(o),
          report)
          .help(
              "Name a unique key that holds the tenant column in ON CONFLICT, or tie the row "
              "in DO UPDATE … WHERE");
    }
  }
}

static constexpr Example examples[] = {
    bad("The key is shared by all tenants", R"sql(
CREATE TABLE flags (tenant_id uuid NOT NULL, flag text UNIQUE, enabled boolean);
-- file: tenantlint.toml
[rules]
select = ["query"]
-- file: queries/flags.sql
INSERT INTO flags (tenant_id, flag, enabled) VALUES ($1, $2, $3)
--          ^^^^^ finding: upsert-crosses-tenants
ON CONFLICT (flag) DO UPDATE SET enabled = excluded.enabled;
)sql"),
    good("The key holds the tenant", R"sql(
CREATE TABLE flags (tenant_id uuid NOT NULL, flag text, enabled boolean,
    PRIMARY KEY (tenant_id, flag));
-- file: tenantlint.toml
[rules]
select = ["query"]
-- file: queries/flags.sql
INSERT INTO flags (tenant_id, flag, enabled) VALUES ($1, $2, $3)
ON CONFLICT (tenant_id, flag) DO UPDATE SET enabled = excluded.enabled;
)sql"),
};

DEFINE_RULE(upsert_crosses_tenants) = {
    .severity = Severity::Error,
    .summary = "ON CONFLICT uses a key without the tenant column",
    .why = R"md(ON CONFLICT DO UPDATE writes to the row that is already there. If the key is unique
across tenants, that row may be another tenant's: its values are overwritten, by a statement whose
VALUES name the right tenant. DO NOTHING is quieter and still wrong: the row is not written, and the
caller learns that somebody has that key.)md",
    .limits = R"md(The key is looked up in the schema, by columns or by the constraint's name. Keys
that only exist outside of the migrations are not known.)md",
    .controls = {kSoc2Cc61, kGdpr32, kIso27001A9, kIso27001_5_15, kIso27001_8_3},
    .cwe = {639, 203},
    .examples = examples,
    .check_queries = check,
};

}  // namespace tenantlint::rules
