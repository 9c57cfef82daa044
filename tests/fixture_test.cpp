// Runs every file of fixtures/rules, fixtures/sql, fixtures/schema and fixtures/isolation against
// its marks, and, where a neighbour x.schema.expected or x.isolation.expected stands beside it,
// against that dump. TENANTLINT_UPDATE=1 rewrites dumps.
#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <sstream>

#include "rules/registry.h"
#include "tests/support/fixture.h"

namespace tenantlint::test {
namespace {

namespace fs = std::filesystem;

std::string read(const fs::path& path) {
  std::ifstream in(path);
  std::stringstream out;
  out << in.rdbuf();
  return out.str();
}

// With its folder: "isolation/or.sql".
std::string name_of(const fs::path& path) {
  return path.parent_path().filename().string() + "/" + path.filename().string();
}

std::vector<fs::path> fixtures() {
  std::vector<fs::path> out;
  for (const char* kind : {"rules", "sql", "schema", "isolation"}) {
    const fs::path folder = fs::path(TENANTLINT_SOURCE_DIR) / "fixtures" / kind;
    if (!fs::exists(folder)) continue;
    for (const auto& entry : fs::recursive_directory_iterator(folder)) {
      if (entry.path().extension() == ".sql") out.push_back(entry.path());
    }
  }
  std::sort(out.begin(), out.end());
  return out;
}

TEST(Fixtures, SayWhatTheirMarksSay) {
  const std::vector<fs::path> files = fixtures();
  ASSERT_FALSE(files.empty());
  for (const fs::path& path : files) {
    for (const std::string& line : check_fixture(read(path), name_of(path))) ADD_FAILURE() << line;
  }
}

TEST(Fixtures, AreCuredByTheCorrectionsOffered) {
  int applied = 0;
  for (const fs::path& path : fixtures()) {
    for (const std::string& line : check_fixes(read(path), name_of(path), applied))
      ADD_FAILURE() << line;
  }
  EXPECT_GT(applied, 0);
}

TEST(Fixtures, WithoutMarksSayThatTheyAreClean) {
  for (const fs::path& path : fixtures()) {
    const std::string text = read(path);
    const bool dump = fs::exists(fs::path(path).replace_extension(".schema.expected")) ||
                      fs::exists(fs::path(path).replace_extension(".isolation.expected"));
    EXPECT_TRUE(has_marks(text) || dump || text.starts_with("-- clean:")) << path;
  }
}

TEST(Fixtures, ExistForEachRule) {
  for (const RuleEntry& rule : rules::all()) {
    const fs::path folder = fs::path(TENANTLINT_SOURCE_DIR) / "fixtures" / "rules" / rule.name;
    EXPECT_TRUE(fs::exists(folder) && !fs::is_empty(folder)) << rule.name;
  }
}

void expect_dumps(const char* extension,
                  std::string (*dump_of)(std::string_view, std::string_view)) {
  for (const fs::path& path : fixtures()) {
    const fs::path expected = fs::path(path).replace_extension(extension);
    if (!fs::exists(expected)) continue;
    const std::string dump = dump_of(read(path), name_of(path));
    if (std::getenv("TENANTLINT_UPDATE") != nullptr) std::ofstream(expected) << dump;
    EXPECT_EQ(read(expected), dump) << path;
  }
}

TEST(Fixtures, MatchTheirSchemaDumps) {
  expect_dumps(".schema.expected", fixture_schema);
}
TEST(Fixtures, MatchTheirIsolationDumps) {
  expect_dumps(".isolation.expected", fixture_isolation);
}

TEST(FixtureRunner, FailsWhereAMarkIsMissingOrWrong) {
  const std::string open =
      "CREATE TABLE t (tenant_id uuid NOT NULL, id int, PRIMARY KEY (tenant_id, id));\n";
  EXPECT_FALSE(check_fixture(open, "unmarked").empty());
  EXPECT_TRUE(
      check_fixture(open + "--           ^ finding: table-without-rls\n", "marked").empty());
  EXPECT_FALSE(
      check_fixture(open + "--            ^ finding: table-without-rls\n", "beside").empty());
  EXPECT_FALSE(
      check_fixture(open + "--           ^ finding: rls-not-forced\n", "other rule").empty());
  EXPECT_FALSE(check_fixture(open + "-- <- missing: table-without-rls\n", "cured").empty());
  EXPECT_TRUE(check_fixture(open + "-- <- spurious: table-without-rls\n", "known").empty());
  EXPECT_TRUE(check_fixture("SELECT 1;\n-- <- missing: table-without-rls\n", "known").empty());
  EXPECT_FALSE(check_fixture("SELECT 1;\n-- <- spurious: table-without-rls\n", "gone").empty());
  EXPECT_FALSE(
      check_fixture("SELECT 1;\n--     ^ finding: table-without-rls\n", "nothing there").empty());
}

}  // namespace
}  // namespace tenantlint::test
