// Which files are migrations and in which order they run, for each tool's convention.
#include "analyzer/driver/migrations.h"

#include <gtest/gtest.h>

#include <map>
#include <string>
#include <vector>

namespace tenantlint {
namespace {

using Words = std::vector<std::string>;

struct Ordered {
  Words files;
  Words reasons;
  std::string format;
};

Ordered order(Words paths, std::string_view format = "auto",
              const std::map<std::string, std::string>& beside = {}, bool given = false) {
  const auto read = [&](const std::string& path) {
    const auto found = beside.find(path);
    return found == beside.end() ? std::string() : found->second;
  };
  const MigrationOrder result = order_migrations(std::move(paths), format, given, read);
  Ordered out;
  for (const MigrationFile& f : result.files) out.files.push_back(f.path);
  for (const Ambiguity& a : result.ambiguities) out.reasons.push_back(a.reason);
  out.format = result.format;
  return out;
}

TEST(Migrations, OnlyTheHalfOfAPairGoesBack) {
  const Ordered r = order({"m/001_a_up.sql", "m/001_a_down.sql", "m/002_scale_down.sql"});
  EXPECT_EQ(r.files, (Words{"m/001_a_up.sql", "m/002_scale_down.sql"}));
}

TEST(Migrations, PairsRunForwardByNumber) {
  const Ordered r = order({"m/10_b.up.sql", "m/2_a.down.sql", "m/2_a.up.sql"});
  EXPECT_EQ(r.format, "golang-migrate");
  EXPECT_EQ(r.files, (Words{"m/2_a.up.sql", "m/10_b.up.sql"}));
  EXPECT_EQ(r.reasons, (Words{"unpadded-number"}));
}

TEST(Migrations, ToolsThatGoByNameKeepTheNames) {
  const Ordered r = order({"m/2_a.sql", "m/10_b.sql"}, "dbmate");
  EXPECT_EQ(r.files, (Words{"m/10_b.sql", "m/2_a.sql"}));
  EXPECT_EQ(r.reasons, (Words{"unpadded-number"}));
}

TEST(Migrations, TwoFilesWithOneVersionAreSaid) {
  EXPECT_EQ(order({"m/001_a.sql", "m/001_b.sql"}).reasons, (Words{"same-version"}));
  EXPECT_EQ(order({"m/001-2fa.sql", "m/001-keys.sql"}).reasons, (Words{"same-version"}));
  EXPECT_TRUE(order({"m/001_a.sql", "m/002_b.sql"}).reasons.empty());
}

TEST(Migrations, DaysAndDottedVersionsAreVersionsAsAWhole) {
  const Ordered days = order({"m/2024-01-31_b.sql", "m/2024-01-02_a.sql"});
  EXPECT_EQ(days.files, (Words{"m/2024-01-02_a.sql", "m/2024-01-31_b.sql"}));
  EXPECT_TRUE(days.reasons.empty());
  EXPECT_TRUE(order({"m/2024_01_31_093000_a.sql", "m/2024_01_31_093001_b.sql"}).reasons.empty());
  EXPECT_EQ(order({"m/1.10.0.sql", "m/1.9.0.sql"}).files, (Words{"m/1.9.0.sql", "m/1.10.0.sql"}));
}

TEST(Migrations, FilesNamedOneByOneKeepTheirOrder) {
  EXPECT_EQ(order({"b.sql", "a.sql"}, "plain", {}, true).files, (Words{"b.sql", "a.sql"}));
  EXPECT_EQ(order({"b.sql", "a.sql"}, "plain").files, (Words{"a.sql", "b.sql"}));
}

TEST(Migrations, FoldersOfBackwardScriptsAreLeftOut) {
  EXPECT_EQ(order({"m/down/1_a.sql", "m/up/1_a.sql"}).files, (Words{"m/up/1_a.sql"}));
  // Without its counterpart it is a folder like any other.
  EXPECT_EQ(order({"m/down/1_a.sql"}).files, (Words{"m/down/1_a.sql"}));
  EXPECT_EQ(order({"sqls/1-a-down.sql", "sqls/1-a-up.sql"}).files, (Words{"sqls/1-a-up.sql"}));
}

TEST(Migrations, FlywayOrdersByVersionThenRepeatable) {
  const Ordered r =
      order({"R__v.sql", "V1.10__c.sql", "V1.9__b.sql", "U1.9__b.sql", "afterMigrate.sql"});
  EXPECT_EQ(r.format, "flyway");
  EXPECT_EQ(r.files, (Words{"V1.9__b.sql", "V1.10__c.sql", "R__v.sql", "afterMigrate.sql"}));
  EXPECT_EQ(order({"V1__a.sql", "B2__all.sql", "V2__b.sql", "V3__c.sql"}).files,
            (Words{"B2__all.sql", "V3__c.sql"}));
}

TEST(Migrations, FoldersPerMigration) {
  EXPECT_EQ(order({"m/2_b/migration.sql", "m/1_a/migration.sql"}).format, "prisma");
  const Ordered r = order({"m/2_b/up.sql", "m/1_a/up.sql", "m/1_a/down.sql"});
  EXPECT_EQ(r.format, "diesel");
  EXPECT_EQ(r.files, (Words{"m/1_a/up.sql", "m/2_b/up.sql"}));
}

TEST(Migrations, TheDialectOfAVersionWins) {
  const Ordered r = order({"1_a.up.sql", "1_a.postgres.up.sql", "2_b.mysql.up.sql",
                           "3_release_1.2.up.sql", "1_a.down.sql"});
  EXPECT_EQ(r.format, "pop");
  EXPECT_EQ(r.files, (Words{"1_a.postgres.up.sql", "3_release_1.2.up.sql"}));
}

TEST(Migrations, TheJournalDecides) {
  const std::string journal =
      R"({"entries": [{"idx": 1, "tag": "0000_b"}, {"idx": 0, "tag": "0001_a"}]})";
  const Words files = {"d/0000_b.sql", "d/0001_a.sql", "d/stray.sql"};
  EXPECT_EQ(order(files, "auto", {{"d/meta/_journal.json", journal}}).files,
            (Words{"d/0001_a.sql", "d/0000_b.sql"}));
  // A journal that is none brings nothing down.
  const std::string odd = R"({"entries": [7, {"idx": "0", "tag": "0000_b"}]})";
  EXPECT_NO_THROW(order(files, "auto", {{"d/meta/_journal.json", odd}}));
  EXPECT_EQ(order(files, "drizzle", {{"d/meta/_journal.json", "{"}}).files.size(), 3U);
}

TEST(Migrations, ThePlanDecidesAlsoAboutReworkedChanges) {
  const std::string plan =
      "%project=x\r\n\r\nb 2024 A\r\na [b] 2024 A\r\n@v1 2024 A\r\n@v2 2024 A\r\nb [b@v2] 2024 "
      "A\r\n";
  const Words files = {"srv/deploy/p/deploy/a.sql", "srv/deploy/p/deploy/b.sql",
                       "srv/deploy/p/deploy/b@v2.sql", "srv/deploy/p/revert/a.sql"};
  const Ordered r = order(files, "auto", {{"srv/deploy/p/sqitch.plan", plan}});
  EXPECT_EQ(r.format, "sqitch");
  EXPECT_EQ(r.files, (Words{"srv/deploy/p/deploy/b@v2.sql", "srv/deploy/p/deploy/a.sql",
                            "srv/deploy/p/deploy/b.sql"}));
}

}  // namespace
}  // namespace tenantlint
