// Flags migrations whose order is not plain from their names.
#include "analyzer/lint/rule.h"

namespace tenantlint::rules {

static void check(const MigrationFacts& facts, Report& report) {
  for (const OrderAmbiguity& a : facts.ambiguities) {
    report
        .add("The order of '" + a.first + "' and '" + a.second + "' is not plain: " + a.detail,
             a.second_place)
        .object("file", a.second)
        .reason(a.reason == "same-version" ? "same-version" : "unpadded-number")
        .note("the file that was taken first", a.first_place)
        .help(a.reason == "same-version" ? "Give one of them a number of its own"
                                         : "Pad the numbers with zeros to the same length");
  }
}

static constexpr Example examples[] = {
    bad("Two files of the same number", R"sql(
-- file: migrations/001_a.sql
CREATE TABLE a (id int);
-- file: migrations/001_b.sql
CREATE TABLE b (id int);
-- <- finding: migration-order-ambiguous
)sql"),
    good("One after the other", R"sql(
-- file: migrations/001_a.sql
CREATE TABLE a (id int);
-- file: migrations/002_b.sql
CREATE TABLE b (id int);
)sql"),
};

DEFINE_RULE(migration_order_ambiguous) = {
    .severity = Severity::Warning,
    .summary = "Two migrations claim the same place, or their numbers sort wrongly",
    .why = R"md(What a history of migrations adds up to depends on its order. Two files with the
same number, merged from two branches, run in one order here and in another there; 10_x comes
before 2_x for a tool that sorts by name. If one of them enables row-level security and the
other re-creates the table, the difference is a leak that exists on one server only.)md",
    .limits = R"md(Only leading numbers are compared, within one folder.)md",
    .controls = {kSoc2Cc61, kGdpr32, kIso27001A9, kIso27001_5_15, kIso27001_8_3},
    .cwe = {1188},
    .examples = examples,
    .check_migrations = check,
};

}  // namespace tenantlint::rules
