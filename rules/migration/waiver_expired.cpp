// Flags waivers whose day has passed.
#include "analyzer/lint/rule.h"

namespace tenantlint::rules {

static void check(const WaiverFacts& facts, Report& report) {
  for (const Waiver& w : facts.waivers) {
    if (!(w.expired)) continue;
    report
        .add("The waiver of '" + (w.rules.empty() ? std::string("?") : w.rules.front()) +
                 "' expired on " + w.expires,
             w.place)
        .object("waiver", w.rules.empty() ? std::string() : w.rules.front())
        .reason("expired")
        .help("Cure the fault, or decide anew and set another day");
  }
}

static constexpr Example examples[] = {
    bad("Long past", R"sql(
-- tenantlint: allow table-without-rls reason="until the next release" expires=2001-01-31
-- <- finding: waiver-expired
CREATE TABLE notes (tenant_id uuid NOT NULL, id int, PRIMARY KEY (tenant_id, id));
--           ^^^^^ finding: table-without-rls
)sql"),
    good("Not yet", R"sql(
-- tenantlint: allow table-without-rls reason="until the next release" expires=2999-01-31
CREATE TABLE notes (tenant_id uuid NOT NULL, id int, PRIMARY KEY (tenant_id, id));
)sql"),
};

DEFINE_RULE(waiver_expired) = {
    .severity = Severity::Error,
    .summary = "A waiver has expired",
    .why = R"md(An exception with an end is a promise. When the day has passed the waiver stops
working and the finding is back, together with this one, which names the promise.)md",
    .limits = R"md(The day is compared in UTC.)md",
    .controls = {kSoc2Cc61, kGdpr32, kIso27001A9, kIso27001_5_15, kIso27001_8_3},
    .cwe = {1188},
    .examples = examples,
    .check_waivers = check,
};

}  // namespace tenantlint::rules
