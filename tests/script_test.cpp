// Scripts as psql and the migration tools read them: which statements run, which may, which do not,
// and that what cannot be known is said.
#include "analyzer/sql/script.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "analyzer/sql/lower.h"

namespace tenantlint::sql {
namespace {

using Words = std::vector<std::string>;

// Statements as text, "?" before uncertain ones, "!" before those that did not parse; problem
// codes.
struct Read {
  Words statements;
  Words problems;
  std::size_t backward = 0;
};

Read read(std::string text, const std::map<std::string, std::string>& files = {},
          Sections sections = Sections::Auto) {
  prepare_parser_thread();
  SourceSet sources;
  const FileId file = sources.add("main.sql", std::move(text));
  ScriptOptions options;
  options.sections = sections;
  options.include = [&](std::string_view name, FileId, bool) -> std::optional<FileId> {
    const auto found = files.find(std::string(name));
    if (found == files.end()) return std::nullopt;
    return sources.add(found->first, found->second);
  };
  const Script script = read_script(sources, file, options);
  Read out;
  for (const ScriptStatement& s : script.statements) {
    out.statements.push_back((s.uncertain ? "?" : "") + std::string(s.tree == nullptr ? "!" : "") +
                             std::string(s.text->slice(s.span)));
  }
  for (const Problem& p : script.problems) out.problems.emplace_back(p.code);
  out.backward = script.skipped_backward;
  return out;
}

TEST(Script, APlainFileIsAllOfItsStatements) {
  const Read r = read("\xEF\xBB\xBF-- x\r\nSELECT 1;\r\nSELECT 2");
  EXPECT_EQ(r.statements, (Words{"SELECT 1", "SELECT 2"}));
  EXPECT_TRUE(r.problems.empty());
}

TEST(Script, AFaultCostsItsOwnStatementAlone) {
  const Read r = read("SELECT 1; SELEC 2; SELECT ';' || $$;$$;");
  EXPECT_EQ(r.statements, (Words{"SELECT 1", "!SELEC 2", "SELECT ';' || $$;$$"}));
  EXPECT_EQ(r.problems, (Words{"parse-error"}));
}

TEST(Script, WhatStandsBeforeAnUnterminatedStringCounts) {
  const Read r = read("SELECT 1; SELECT 'x; SELECT 3;");
  ASSERT_EQ(r.statements.size(), 2U);
  EXPECT_EQ(r.statements[0], "SELECT 1");
  EXPECT_EQ(r.problems, (Words{"parse-error"}));
}

TEST(Script, DataOfCopyIsNoSql) {
  const Read r = read("COPY t FROM stdin;\n1\tit's; DROP TABLE t;\n\\.\nSELECT 1;");
  EXPECT_EQ(r.statements, (Words{"COPY t FROM stdin", "SELECT 1"}));
  EXPECT_TRUE(r.problems.empty());
}

TEST(Script, BodiesAndParenthesesHoldSemicolons) {
  const Read r = read(
      "\\echo x\nCREATE FUNCTION f() RETURNS int BEGIN ATOMIC SELECT 1; SELECT 2; END;\n"
      "CREATE RULE r AS ON INSERT TO t DO (SELECT 1; SELECT 2); SELECT 3;");
  EXPECT_EQ(r.statements.size(), 3U);
  EXPECT_TRUE(r.problems.empty());
}

TEST(Script, VariablesAreFilledInAndUnsetOnesAreSaid) {
  const Read set = read("\\set t users\nTABLE :t; SELECT :'t', :\"t\";");
  EXPECT_EQ(set.statements, (Words{"TABLE users", "SELECT 'users', \"users\""}));
  const Read unset = read("TABLE :t; SELECT 1;");
  EXPECT_EQ(unset.statements, (Words{"!TABLE :t", "SELECT 1"}));
  EXPECT_EQ(unset.problems, (Words{"psql-variable"}));
  EXPECT_EQ(read("CREATE TABLE ${s}.t (a int);").problems, (Words{"placeholder"}));
}

TEST(Script, BranchesThatAreCertainAreTakenOrLeft) {
  const Read r = read("\\if true\nSELECT 1;\n\\else\nSELECT 2;\n\\endif\nSELECT 3;");
  EXPECT_EQ(r.statements, (Words{"SELECT 1", "SELECT 3"}));
  const Read unset = read("\\if :{?x}\nSELECT 1;\n\\else\nSELECT 2;\n\\endif");
  EXPECT_EQ(unset.statements, (Words{"SELECT 2"}));
}

TEST(Script, TheResultOfAQueryDecidesNothing) {
  // Neither the value from before \gset nor the absence of one is known afterwards.
  const Words both = {"SELECT false AS x", "?SELECT 1", "?SELECT 2"};
  const std::string branches = "\nSELECT 1;\n\\else\nSELECT 2;\n\\endif";
  EXPECT_EQ(read("\\set x true\nSELECT false AS x \\gset\n\\if :x" + branches).statements, both);
  EXPECT_EQ(read("SELECT false AS x \\gset p_\n\\if :{?p_x}" + branches).statements, both);
  EXPECT_EQ(read("SELECT x FROM t \\gset\n\\if :{?x}" + branches).statements[1], "?SELECT 1");
  EXPECT_EQ(read("SELECT * FROM t \\gset\n\\if :{?x}" + branches).statements[1], "?SELECT 1");
}

TEST(Script, WhatAnUncertainBranchSetsIsNotKnown) {
  const Read r =
      read("SELECT a AS c \\gset\n\\set t one\n\\if :c\n\\set t two\n\\endif\nTABLE :t;");
  ASSERT_EQ(r.statements.size(), 2U);
  EXPECT_EQ(r.statements[1], "!TABLE :t");
  EXPECT_EQ(r.problems, (Words{"psql-variable"}));
}

TEST(Script, AFileIncludedUnderAConditionIsAsUncertain) {
  const std::map<std::string, std::string> files = {{"a.sql", "CREATE TABLE a (i int);"}};
  const Read r = read("SELECT a AS c \\gset\n\\if :c\n\\i a.sql\n\\endif\nSELECT 1;", files);
  EXPECT_EQ(r.statements, (Words{"SELECT a AS c", "?CREATE TABLE a (i int)", "SELECT 1"}));
  EXPECT_EQ(read("\\i a.sql", files).statements, (Words{"CREATE TABLE a (i int)"}));
}

TEST(Script, QuitEndsTheFileThatItStandsIn) {
  const std::map<std::string, std::string> files = {{"a.sql", "SELECT 1;\n\\q\nSELECT 2;"}};
  EXPECT_EQ(read("\\i a.sql\nSELECT 3;\n\\q\nSELECT 4;", files).statements,
            (Words{"SELECT 1", "SELECT 3"}));
  EXPECT_EQ(read("SELECT 1\n\\q\nSELECT 2;").statements, (Words{"SELECT 1"}));
}

TEST(Script, IncludesThatCannotBeReadOrNeverEndAreSaid) {
  EXPECT_EQ(read("\\i none.sql\nSELECT 1;").problems, (Words{"psql-command"}));
  EXPECT_EQ(read("\\i a.sql", {{"a.sql", "\\i a.sql\n"}}).problems, (Words{"psql-command"}));
  EXPECT_EQ(read("\\nonsense\nSELECT 1;").problems, (Words{"psql-command"}));
}

TEST(Script, OnlyForwardSectionsRun) {
  EXPECT_EQ(read("-- +goose Up\nSELECT 1;\n-- +goose Down\nSELECT 2;").statements,
            (Words{"SELECT 1"}));
  EXPECT_EQ(read("-- migrate:up\nSELECT 1;\n-- migrate:down\nSELECT 2;").statements,
            (Words{"SELECT 1"}));
  EXPECT_EQ(read("-- +migrate Up\nSELECT 1;\n-- +migrate Down\nSELECT 2;").backward, 2U);
  EXPECT_EQ(read("--liquibase formatted sql\n--changeset a:1\nSELECT 1;\n--rollback SELECT 2;\n"
                 "--changeset a:2 dbms:mysql\nSELECT 3;")
                .statements,
            (Words{"SELECT 1"}));
}

TEST(Script, BytesThatAreNoTextAreSaid) {
  EXPECT_EQ(read("SELECT '\xFF';").problems, (Words{"encoding"}));
  EXPECT_EQ(read("\xFF\xFES\0E\0").problems, (Words{"encoding"}));
  const Read r = read(std::string("SELECT 1;\0SELECT 2;", 19));
  EXPECT_EQ(r.statements, (Words{"SELECT 1", "SELECT 2"}));
  EXPECT_EQ(r.problems, (Words{"encoding"}));
}

TEST(Script, ANulByteLeavesSectionsAsTheyAre) {
  using namespace std::string_literals;
  const Read r = read("-- +goose Up\nSELECT 1;\0SELECT 2;\n-- +goose Down\nSELECT 3;\0SELECT 4;"s);
  EXPECT_EQ(r.statements, (Words{"SELECT 1", "SELECT 2"}));
}

}  // namespace
}  // namespace tenantlint::sql
