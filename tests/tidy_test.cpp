// Holds the tree to the rules of the house, and shows on bad snippets that each check can fail:
// a guard that cannot fail guards nothing.
#include <gtest/gtest.h>

#include <string>

#include "tests/support/tidy.h"
#include "tests/support/tidy_text.h"

namespace tenantlint::tidy {
namespace {

const Tree& project() {
  static const Tree tree = read_tree(TENANTLINT_SOURCE_DIR);
  return tree;
}

std::string joined(const Complaints& complaints) {
  std::string text;
  for (const std::string& complaint : complaints) text += complaint + "\n";
  return text;
}

void expect_none(const Complaints& complaints) {
  for (const std::string& complaint : complaints) ADD_FAILURE() << complaint;
}

TEST(House, LinesAndFilesAreShort) {
  expect_none(check_lines(project()));
}
TEST(House, FunctionsAreShort) {
  expect_none(check_functions(project()));
}
TEST(House, FilesSayWhatTheyAreFor) {
  expect_none(check_openings(project()));
}
TEST(House, IncludesPointDownwards) {
  expect_none(check_layers(project()));
}
TEST(House, CoreIsPure) {
  expect_none(check_banned(project()));
}
TEST(House, NothingIsLeftOver) {
  expect_none(check_leftovers(project()));
}
TEST(House, NoFileIsDead) {
  expect_none(check_dead_files(project()));
}
TEST(House, RulesAreWhereTheirNamesSay) {
  expect_none(check_rules(project()));
}
TEST(House, FoldersHaveReadmes) {
  expect_none(check_readmes(project()));
}

std::string repeated(std::string_view text, int times) {
  std::string out;
  for (int i = 0; i < times; ++i) out += text;
  return out;
}

TEST(Lines, LongLineIsFound) {
  EXPECT_EQ(joined(check_lines({{"ci/a.sh", repeated("x", 101) + "\n"}})),
            "ci/a.sh:1: 101 columns\n");
  EXPECT_EQ(joined(check_lines({{"ci/a.sh", repeated("x", 100) + "\n"}})), "");
}

TEST(Lines, ColumnsAreCharactersNotBytes) {
  EXPECT_EQ(joined(check_lines({{"a.cpp", repeated("é", 100)}})), "");
}

TEST(Lines, TabTrailingBlankAndLongFileAreFound) {
  EXPECT_EQ(joined(check_lines({{"a.h", "int\ta;\n"}})), "a.h:1: tab\n");
  EXPECT_EQ(joined(check_lines({{"a.h", "int a; \n"}})), "a.h:1: blank at the end of the line\n");
  EXPECT_EQ(joined(check_lines({{"a.h", repeated("\n", 801)}})), "a.h: 801 lines\n");
}

TEST(Functions, LongFunctionIsFound) {
  const std::string body = repeated("  ++i;\n", 69);
  EXPECT_EQ(joined(check_functions({{"a.cpp", "void f(\n    int i) {\n" + body + "}\n"}})),
            "a.cpp:1: function of 72 lines\n");
}

TEST(Functions, MethodsInsideClassesAndNamespacesAreMeasured) {
  const std::string body = repeated("    ++i;\n", 70);
  const std::string text =
      "namespace a {\nclass B {\n public:\n  int c() const {\n" + body + "  }\n};\n}\n";
  EXPECT_EQ(joined(check_functions({{"a.h", text}})), "a.h:4: function of 72 lines\n");
}

TEST(Functions, TablesLiteralsAndCommentsAreNoFunctions) {
  const std::string rows = repeated("    f(1),\n", 90);
  EXPECT_TRUE(functions_of("static constexpr int a[] = {\n" + rows + "};\n").empty());
  EXPECT_TRUE(functions_of("// void f() {\nconst char* s = R\"sql(f() { )sql\";\n").empty());
  const auto functions = functions_of("char f() {\n  return '{';\n}\nint g() { return 1'000; }\n");
  ASSERT_EQ(functions.size(), 2U);
  EXPECT_EQ(functions[0].last_line, 3U);
  EXPECT_EQ(functions[1].first_line, 4U);
}

TEST(Openings, SilentFileAndHeaderWithoutGuardAreFound) {
  EXPECT_EQ(joined(check_openings({{"a.cpp", "int a;\n"}})),
            "a.cpp: does not open with what it is for\n");
  EXPECT_EQ(joined(check_openings({{"a.h", "// A.\nint a;\n"}})), "a.h: no #pragma once\n");
}

TEST(Layers, IncludeUpwardsIsFound) {
  const Tree tree = {{"ci/layers.txt", "low: low\nhigh: high low\n"},
                     {"high/b.h", "#include \"low/a.h\"\n"},
                     {"low/a.h", "#include <string>\n#include \"high/b.h\"\n"}};
  EXPECT_EQ(joined(check_layers(tree)), "low/a.h:2: low may not include high/b.h\n");
}

TEST(Layers, FolderOutsideOfTheTableIsFound) {
  EXPECT_EQ(joined(check_layers({{"ci/layers.txt", "low: low\n"}, {"new/a.h", ""}})),
            "new/a.h: no line in ci/layers.txt\n");
  EXPECT_EQ(joined(check_layers({})), "ci/layers.txt: no table\n");
}

TEST(Banned, ImpureHeadersAndCallsInTheCoreAreFound) {
  EXPECT_EQ(joined(check_banned({{"analyzer/lint/a.cpp", "#include <fstream>\n"}})),
            "analyzer/lint/a.cpp:1: <fstream> in the core\n");
  EXPECT_EQ(joined(check_banned({{"rules/a.cpp", "\nauto t = std::time(nullptr);\n"}})),
            "rules/a.cpp:2: time( in the core\n");
  EXPECT_EQ(joined(check_banned({{"analyzer/driver/a.cpp", "#include <fstream>\n"}})), "");
}

TEST(Banned, CallsInCommentsAndLongerNamesAreNone) {
  EXPECT_EQ(joined(check_banned({{"rules/a.cpp", "// time(x)\nauto a = run_time(1);\n"}})), "");
}

TEST(Banned, RegexAnywhereAndParserOutsideOfLowerAreFound) {
  EXPECT_EQ(joined(check_banned({{"sql-linter/a.cpp", "#include <regex>\n"}})),
            "sql-linter/a.cpp:1: <regex>\n");
  EXPECT_EQ(joined(check_banned({{"analyzer/schema/a.cpp", "#include <pg_query.h>\n"}})),
            "analyzer/schema/a.cpp:1: PostgreSQL's headers belong to analyzer/sql/lower*\n");
  EXPECT_EQ(joined(check_banned({{"analyzer/sql/lower_x.cpp", "#include <pg_query.h>\n"}})), "");
}

TEST(Leftovers, WorkWithoutOwnerAndPathsOfAMachineAreFound) {
  const std::string todo = std::string("// TO") + "DO";
  EXPECT_EQ(check_leftovers({{"a.cpp", todo + ": later\n"}}).size(), 1U);
  EXPECT_EQ(check_leftovers({{"a.cpp", todo + "(ada): later\n"}}).size(), 0U);
  EXPECT_EQ(check_leftovers({{"ci/a.sh", std::string("cd /ho") + "me/ada\n"}}).size(), 1U);
  EXPECT_EQ(check_leftovers({{"ci/a.sh", std::string("cd $PWD/ho") + "me/ada\n"}}).size(), 0U);
}

TEST(DeadFiles, SourceHeaderFixtureAndScriptThatNothingUsesAreFound) {
  EXPECT_EQ(joined(check_dead_files({{"analyzer/new/a.cpp", ""}})),
            "analyzer/new/a.cpp: nothing builds it\n");
  EXPECT_EQ(joined(check_dead_files({{"analyzer/a.h", ""}})),
            "analyzer/a.h: nothing includes it\n");
  EXPECT_EQ(joined(check_dead_files({{"fixtures/odd/a.sql", ""}})),
            "fixtures/odd/a.sql: no test runs it\n");
  EXPECT_EQ(joined(check_dead_files({{"ci/a.sh", ""}})), "ci/a.sh: nothing calls it\n");
}

TEST(DeadFiles, FixtureOfARuleThatIsGoneIsFound) {
  const Tree tree = {{"rules/rules.def", "RULE(1, table, kept_rule)\n"},
                     {"rules/registry.cpp", "#include \"rules/rules.def\"\n"},
                     {"rules/table/kept_rule.cpp", ""},
                     {"rules/CMakeLists.txt", "registry.cpp"},
                     {"tests/fixture_test.cpp", "\"fixtures/rules\""},
                     {"fixtures/rules/kept-rule/a.sql", ""},
                     {"fixtures/rules/gone-rule/a.sql", ""}};
  EXPECT_EQ(joined(check_dead_files(tree)), "fixtures/rules/gone-rule/a.sql: fixture of no rule\n");
}

TEST(Rules, FileSymbolAndListMustAgree) {
  EXPECT_EQ(joined(check_rules({{"rules/rules.def", "RULE(1, table, a)\n"}})),
            "rules/table/a.cpp: listed in rules.def, but missing\n");
  EXPECT_EQ(joined(check_rules({{"rules/rules.def", "RULE(1, table, a)\n"},
                                {"rules/table/a.cpp", "DEFINE_RULE(b) = {"}})),
            "rules/table/a.cpp: does not define the rule of its name\n");
  EXPECT_EQ(joined(check_rules({{"rules/table/a.cpp", "DEFINE_RULE(a) = {"}})),
            "rules/table/a.cpp: rule that rules.def does not list\n");
}

TEST(Readmes, FolderWithoutOneIsFound) {
  EXPECT_EQ(joined(check_readmes({{"analyzer/README.md", ""}, {"analyzer/sql/a.h", ""}})),
            "analyzer/sql: no README.md\n");
}

}  // namespace
}  // namespace tenantlint::tidy
