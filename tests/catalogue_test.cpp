// The catalogue of rules (rules/README.md, rules/pages/) is generated from the rules themselves and
// may not be stale. TENANTLINT_UPDATE=1 rewrites it.
#include <fmt/format.h>
#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <set>
#include <sstream>

#include "rules/registry.h"

namespace tenantlint::test {
namespace {

namespace fs = std::filesystem;

const fs::path kRules = fs::path(TENANTLINT_SOURCE_DIR) / "rules";

std::string read(const fs::path& path) {
  std::ifstream in(path);
  std::stringstream out;
  out << in.rdbuf();
  return out.str();
}

std::string page(const RuleEntry& rule) {
  const RuleDefinition& d = *rule.definition;
  std::vector<std::string> cwe;
  for (const std::uint16_t n : d.cwe.view()) cwe.push_back(fmt::format("CWE-{}", n));
  std::string out = fmt::format(
      "# {} · {}\n\n{}. Severity: {}{}.\n\n## Why\n\n{}\n\n## Limits\n\n{}\n\n## Examples\n",
      rule.id, rule.name, d.summary, to_string(d.severity),
      d.on_by_default ? "" : ", off by default", d.why, d.limits);
  for (const Example& e : d.examples) {
    out += fmt::format("\n{}: {}\n\n```sql\n{}```\n", e.is_bad ? "Bad" : "Good", e.title,
                       e.sql.substr(1));
  }
  out += fmt::format("\n## Supports\n\n{} · {}\n", fmt::join(d.controls.view(), ", "),
                     fmt::join(cwe, ", "));
  return out;
}

std::string overview() {
  std::string out =
      "# The rules\n\nOne file per rule, in the folder of its group; `rules.def` is the only list. "
      "A rule is\n"
      "constant data plus a function over facts (`analyzer/lint/rule.h`); it may include lint, "
      "isolation,\n"
      "schema and text, never sql, report or driver. To add one: write the `.cpp`, add its line to "
      "`rules.def`, put\n"
      "fixtures under `fixtures/rules/<rule>/`, run the target `update-expectations`, read the "
      "diff.\n\n"
      "This page and `pages/` are generated from the rules by `tests/catalogue_test`.\n\n"
      "Numbers and names are those of the design. Beyond it: 6010 `tenant-looked-up`, because a\n"
      "statement that finds the tenant by a public name is proven, and still worth a look.\n\n"
      "| id | rule | severity | fault |\n|---|---|---|---|\n";
  for (const RuleEntry& rule : rules::all()) {
    const RuleDefinition& d = *rule.definition;
    out += fmt::format("| {} | [{}](pages/{}.md) | {}{} | {} |\n", rule.id, rule.name, rule.name,
                       to_string(d.severity), d.on_by_default ? "" : ", off by default", d.summary);
  }
  return out;
}

void expect_file(const fs::path& path, const std::string& text) {
  if (std::getenv("TENANTLINT_UPDATE") != nullptr && read(path) != text) {
    fs::create_directories(path.parent_path());
    std::ofstream(path) << text;
  }
  EXPECT_EQ(read(path), text) << path << " is stale: build the target update-expectations";
}

TEST(Catalogue, IsWhatTheRulesSay) {
  expect_file(kRules / "README.md", overview());
  for (const RuleEntry& rule : rules::all())
    expect_file(kRules / "pages" / (std::string(rule.name) + ".md"), page(rule));
}

TEST(Catalogue, HasNoPageWithoutARule) {
  for (const auto& entry : fs::directory_iterator(kRules / "pages")) {
    EXPECT_NE(rules::find(entry.path().stem().string()), nullptr) << entry.path();
  }
}

TEST(Catalogue, NumbersAndNamesAreUnique) {
  std::set<std::uint16_t> numbers;
  std::set<std::string_view> names;
  for (const RuleEntry& rule : rules::all()) {
    EXPECT_TRUE(numbers.insert(rule.number).second) << rule.number;
    EXPECT_TRUE(names.insert(rule.name).second) << rule.name;
    EXPECT_EQ(rules::find(rule.id), &rule);
  }
}

}  // namespace
}  // namespace tenantlint::test
