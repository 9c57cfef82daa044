// Flags waivers that waive nothing because they are malformed.
#include "analyzer/lint/rule.h"

namespace tenantlint::rules {

static void check(const WaiverFacts& facts, Report& report) {
  for (const Waiver& w : facts.waivers) {
    if (!(w.malformed)) continue;
    report.add(w.fault, w.fault_place)
        .object("waiver", w.rules.empty() ? std::string() : w.rules.front())
        .reason(w.fault_reason)
        .help("tenantlint: allow RULE reason=\"…\" [owner=@name] [expires=YYYY-MM-DD]");
  }
}

static constexpr Example examples[] = {
    bad("No reason is given", R"sql(
-- tenantlint: allow table-without-rls
-- <- finding: waiver-malformed "missing-reason"
CREATE TABLE notes (tenant_id uuid NOT NULL, id int, PRIMARY KEY (tenant_id, id));
--           ^^^^^ finding: table-without-rls
)sql"),
    good("A reason, an owner, a day", R"sql(
-- tenantlint: allow table-without-rls reason="moved in 0042" owner=@core expires=2999-12-31
CREATE TABLE notes (tenant_id uuid NOT NULL, id int, PRIMARY KEY (tenant_id, id));
)sql"),
};

DEFINE_RULE(waiver_malformed) = {
    .severity = Severity::Error,
    .summary = "A waiver is malformed and waives nothing",
    .why = R"md(A waiver is a decision that somebody has to stand for. One without a reason,
with an unknown rule or an impossible date would be a switch that nobody can review, so it
waives nothing, and says so.)md",
    .limits = R"md(Only comments that contain "tenantlint:" are read.)md",
    .controls = {kSoc2Cc61, kGdpr32, kIso27001A9, kIso27001_5_15, kIso27001_8_3},
    .cwe = {1188},
    .examples = examples,
    .check_waivers = check,
};

}  // namespace tenantlint::rules
