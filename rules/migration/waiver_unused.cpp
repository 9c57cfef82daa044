// Flags waivers that match no finding.
#include "analyzer/lint/rule.h"

namespace tenantlint::rules {

static void check(const WaiverFacts& facts, Report& report) {
  for (const Waiver& w : facts.waivers) {
    if (!(!w.malformed && !w.expired && !w.used)) continue;
    report
        .add("The waiver of '" + (w.rules.empty() ? std::string("?") : w.rules.front()) +
                 "' matches no finding",
             w.place)
        .object("waiver", w.rules.empty() ? std::string() : w.rules.front())
        .reason("unused")
        .help("Remove it: the fault is cured, or the waiver stands in the wrong place");
  }
}

static constexpr Example examples[] = {
    bad("Nothing to waive", R"sql(
-- tenantlint: allow table-without-rls reason="legacy"
-- <- finding: waiver-unused
CREATE TABLE countries (code text PRIMARY KEY);
)sql"),
    good("Something to waive", R"sql(
-- tenantlint: allow table-without-rls reason="legacy"
CREATE TABLE notes (tenant_id uuid NOT NULL, id int, PRIMARY KEY (tenant_id, id));
)sql"),
};

DEFINE_RULE(waiver_unused) = {
    .severity = Severity::Warning,
    .summary = "A waiver matches no finding",
    .why = R"md(A waiver that matches nothing is a hole that waits: the next fault on that line
would be waived by a reason that was given for another. It also hides that the first one was
cured.)md",
    .limits = R"md(A waiver of a rule that is switched off is unused.)md",
    .controls = {kSoc2Cc61, kGdpr32, kIso27001A9, kIso27001_5_15, kIso27001_8_3},
    .cwe = {1188},
    .examples = examples,
    .check_waivers = check,
};

}  // namespace tenantlint::rules
