// Which tables are taken to hold rows of tenants, and which table the tenants themselves are in.
#include "analyzer/schema/tenancy.h"

#include <gtest/gtest.h>

#include <string>

#include "analyzer/schema/replay.h"
#include "analyzer/sql/script.h"

namespace tenantlint::schema {
namespace {

struct Judged {
  SourceSet sources;
  sql::Script script;
  Model model;

  explicit Judged(std::string text) {
    const FileId file = sources.add("a.sql", std::move(text));
    script = sql::read_script(sources, file, {});
    Replay replay(model);
    replay.run(script);
    EXPECT_TRUE(replay.problems().empty());
  }
  const Relation& relation(std::string_view name) const {
    return *model.find_relation(*model.find_schema("public"), name);
  }
  // "owned:column", "shared", "undeclared".
  std::string of(std::string_view name, const TenancyConfig& config = {}) const {
    const Tenancy tenancy(model, config);
    const TableTenancy& t = tenancy.of(relation(name));
    if (t.kind == TenancyKind::Shared) return "shared";
    if (t.kind == TenancyKind::Undeclared) return "undeclared";
    return "owned:" + std::string(relation(name).columns[static_cast<std::size_t>(t.column)].name);
  }
};

TEST(Tenancy, AColumnOfTheNameMakesATableTenantOwned) {
  const Judged j(R"(
CREATE TABLE a (id int, tenant_id int);
CREATE TABLE b (id int, "Tenant_id" int);
CREATE TABLE c (id int, gone int);
ALTER TABLE c RENAME COLUMN gone TO tenant_id;
CREATE TABLE d (id int, tenant_id int);
ALTER TABLE d DROP COLUMN tenant_id;)");
  EXPECT_EQ(j.of("a"), "owned:tenant_id");
  EXPECT_EQ(j.of("b"), "undeclared");
  EXPECT_EQ(j.of("c"), "owned:tenant_id");
  EXPECT_EQ(j.of("d"), "undeclared");
}

TEST(Tenancy, TheConfigurationDecidesBeforeTheColumns) {
  const Judged j(
      "CREATE TABLE a (id int, tenant_id int, org int); CREATE TABLE s (tenant_id int);");
  TenancyConfig config;
  config.is_shared = [](std::string_view) { return true; };
  config.column_of = [](std::string_view name) {
    return std::string(name == "public.a" ? "org" : "");
  };
  EXPECT_EQ(j.of("a", config), "owned:org");
  EXPECT_EQ(j.of("s", config), "shared");
}

TEST(Tenancy, PartitionsAndChildrenFollowTheirParents) {
  const Judged j(R"(
CREATE TABLE p (id int, tenant_id int) PARTITION BY LIST (id);
CREATE TABLE p1 PARTITION OF p FOR VALUES IN (1);
CREATE TABLE base (id int, org int);
CREATE TABLE child (x int) INHERITS (base);)");
  TenancyConfig config;
  config.column_of = [](std::string_view name) {
    return std::string(name == "public.base" ? "org" : "");
  };
  EXPECT_EQ(j.of("p1"), "owned:tenant_id");
  EXPECT_EQ(j.of("child"), "undeclared");
  EXPECT_EQ(j.of("child", config), "owned:org");
}

TEST(Tenancy, ViewsHandOnTenantColumns) {
  const Judged j(R"(
CREATE TABLE a (id int, tenant_id int);
CREATE VIEW named AS SELECT id, tenant_id FROM a;
CREATE VIEW renamed AS SELECT x.id, x.tenant_id AS owner FROM a x;
CREATE VIEW nested AS SELECT owner AS o FROM renamed;
CREATE VIEW without AS SELECT id FROM a;)");
  EXPECT_EQ(j.of("named"), "owned:tenant_id");
  EXPECT_EQ(j.of("renamed"), "owned:owner");
  EXPECT_EQ(j.of("nested"), "owned:o");
  EXPECT_EQ(j.of("without"), "undeclared");
}

TEST(Tenancy, CopiesAreJudgedByTheirOwnColumns) {
  const Judged j(R"(
CREATE TABLE a (id int, tenant_id int);
CREATE TABLE l (LIKE a);
CREATE TABLE c AS SELECT id FROM a;)");
  EXPECT_EQ(j.of("l"), "owned:tenant_id");
  EXPECT_EQ(j.of("c"), "undeclared");
}

TEST(Tenancy, TheTenantsTableIsWhereTenantColumnsRefer) {
  const Judged j(R"(
CREATE TABLE orgs (id int PRIMARY KEY);
CREATE TABLE users (id int PRIMARY KEY);
CREATE TABLE a (tenant_id int REFERENCES orgs, user_id int REFERENCES users);
CREATE TABLE b (tenant_id int REFERENCES orgs, user_id int REFERENCES users);)");
  const Tenancy tenancy(j.model, {});
  EXPECT_EQ(tenancy.tenants_table(), &j.relation("orgs"));
  const Judged none("CREATE TABLE x (tenant_id int);");
  EXPECT_EQ(Tenancy(none.model, {}).tenants_table(), nullptr);
}

}  // namespace
}  // namespace tenantlint::schema
