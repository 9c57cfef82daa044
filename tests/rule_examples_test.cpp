// The examples in the rules are tests: each bad one gives exactly the marked findings, each good
// one none.
#include <gtest/gtest.h>

#include "rules/registry.h"
#include "tests/support/fixture.h"

namespace tenantlint::test {
namespace {

TEST(RuleExamples, GiveWhatTheyShow) {
  for (const RuleEntry& rule : rules::all()) {
    for (const Example& e : rule.definition->examples) {
      const std::string name = std::string(rule.name) + ", " + std::string(e.title);
      // The literal begins with a line break that is not part of the example.
      for (const std::string& line : check_fixture(e.sql.substr(1), name)) ADD_FAILURE() << line;
      EXPECT_EQ(e.is_bad, has_marks(e.sql)) << name;
    }
  }
}

TEST(RuleExamples, AreCuredByTheirCorrections) {
  int applied = 0;
  for (const RuleEntry& rule : rules::all()) {
    for (const Example& e : rule.definition->examples) {
      const std::string name = std::string(rule.name) + ", " + std::string(e.title);
      for (const std::string& line : check_fixes(e.sql.substr(1), name, applied))
        ADD_FAILURE() << line;
    }
  }
  EXPECT_GT(applied, 0);
}

TEST(RuleExamples, EachRuleHasABadAndAGoodOne) {
  for (const RuleEntry& rule : rules::all()) {
    int bad = 0, good = 0;
    for (const Example& e : rule.definition->examples) ++(e.is_bad ? bad : good);
    EXPECT_GT(bad, 0) << rule.name;
    EXPECT_GT(good, 0) << rule.name;
    EXPECT_FALSE(rule.definition->why.empty()) << rule.name;
    EXPECT_FALSE(rule.definition->limits.empty()) << rule.name;
    EXPECT_FALSE(rule.definition->controls.view().empty()) << rule.name;
    EXPECT_FALSE(rule.definition->cwe.view().empty()) << rule.name;
  }
}

}  // namespace
}  // namespace tenantlint::test
