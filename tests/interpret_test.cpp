// The interpreter of DO blocks and dynamic SQL: what is certain is carried out, what depends on
// data, the clock or the server is said and not guessed. (That the certain part is what PostgreSQL
// does is compared with a server: fixtures/server/.)
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <thread>
#include <vector>

#include "analyzer/schema/evaluate_value.h"
#include "analyzer/schema/replay.h"
#include "analyzer/sql/lower.h"
#include "analyzer/sql/script.h"

namespace tenantlint::schema {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

// One script, replayed. Tables are listed with their columns: "t(a,b)".
struct Replayed {
  SourceSet sources;
  sql::Script script;
  Model model;
  std::vector<std::string> problems;  // "code line message"
  std::vector<std::string> tables;

  explicit Replayed(std::string text) {
    const FileId file = sources.add("a.sql", std::move(text));
    script = sql::read_script(sources, file, {});
    Replay replay(model);
    replay.run(script);
    for (const Problem& p : replay.problems()) {
      const std::string where =
          p.place.known() ? std::to_string(sources[file].position(p.place.begin).line) : "?";
      problems.push_back(std::string(p.code) + " " + where + " " + p.message);
    }
    for (const Relation& r : model.relations) {
      if (r.dropped || !r.is_table()) continue;
      std::string columns;
      for (const Column& c : r.columns) {
        if (!c.dropped) columns += (columns.empty() ? "" : ",") + std::string(c.name);
      }
      tables.push_back(std::string(r.name) + "(" + columns + ")");
    }
  }
};

TEST(Interpret, CertainBlocksRunCompletely) {
  const Replayed r(R"(
CREATE TABLE t (id int);
DO $$
DECLARE c text;
BEGIN
  FOREACH c IN ARRAY ARRAY['a', 'b'] LOOP
    EXECUTE format('ALTER TABLE %I ADD COLUMN %I int', 't', c);
  END LOOP;
  IF NOT EXISTS (SELECT 1 FROM information_schema.columns
                 WHERE table_name = 't' AND column_name = 'b') THEN
    CREATE TABLE never (id int);
  END IF;
END $$;)");
  EXPECT_THAT(r.problems, IsEmpty());
  EXPECT_THAT(r.tables, ElementsAre("t(id,a,b)"));
}

TEST(Interpret, DataDecidesNothing) {
  const Replayed r(R"(
CREATE TABLE t (id int);
DO $$ BEGIN
  IF EXISTS (SELECT 1 FROM t) THEN
    ALTER TABLE t ADD a int;
  END IF;
  ALTER TABLE t ADD b int;
END $$;)");
  ASSERT_EQ(r.problems.size(), 1U);
  EXPECT_THAT(r.problems[0], HasSubstr("not-interpreted 4 "));
  EXPECT_THAT(r.problems[0], HasSubstr("the rows of 't'"));
  EXPECT_THAT(r.tables, ElementsAre("t(id,b)"));
}

TEST(Interpret, BranchesOnDataThatTouchRowsAloneAreNoProblem) {
  const Replayed r(R"(
CREATE TABLE t (id int);
DO $$ DECLARE n int; BEGIN
  SELECT count(*) INTO n FROM t;
  IF n > 5 THEN UPDATE t SET id = 1; ELSE EXECUTE 'DELETE FROM t'; END IF;
  EXECUTE format('DELETE FROM t WHERE id = %s', n);
  IF n > 9 THEN RAISE EXCEPTION 'too many'; END IF;
  LOOP
    DELETE FROM t; GET DIAGNOSTICS n = ROW_COUNT; EXIT WHEN n = 0;
  END LOOP;
  CREATE TABLE done (id int);
END $$;)");
  EXPECT_THAT(r.problems, IsEmpty());
  EXPECT_THAT(r.tables, ElementsAre("t(id)", "done(id)"));
}

TEST(Interpret, NothingIsKnownBehindAReturnThatDependsOnData) {
  const Replayed r(R"(
CREATE TABLE t (id int);
DO $$ BEGIN
  IF EXISTS (SELECT 1 FROM t) THEN RETURN; END IF;
  ALTER TABLE t ADD b int;
END $$;)");
  ASSERT_EQ(r.problems.size(), 1U);
  EXPECT_THAT(r.problems[0], HasSubstr("not-interpreted 5 "));
  EXPECT_THAT(r.tables, ElementsAre("t(id)"));
}

TEST(Interpret, LoopsOverDataWithDdlAreProblems) {
  const Replayed r(R"(
CREATE TABLE tenants (name text);
DO $$ DECLARE r record; BEGIN
  FOR r IN SELECT name FROM tenants LOOP
    EXECUTE format('CREATE SCHEMA %I', r.name);
  END LOOP;
END $$;)");
  ASSERT_EQ(r.problems.size(), 1U);
  EXPECT_THAT(r.problems[0], HasSubstr("not-interpreted 4 What this loop does"));
}

TEST(Interpret, TheClockIsGoodForNamesAndNotForDecisions) {
  const Replayed r(R"(
DO $$ BEGIN
  EXECUTE 'CREATE TABLE log_' || to_char(CURRENT_DATE, 'YYYYMMDD') || ' (id int)';
  IF now() > '2001-01-01' THEN CREATE TABLE late (id int); END IF;
END $$;)");
  EXPECT_THAT(r.tables, ElementsAre("log_20000605(id)"));
  ASSERT_EQ(r.problems.size(), 1U);
  EXPECT_THAT(r.problems[0], HasSubstr("the day of the run"));
}

TEST(Interpret, HandlersCatchByConditionAndUndo) {
  const Replayed r(R"(
CREATE TABLE t (id int);
DO $$ BEGIN
  BEGIN
    CREATE TABLE undone (id int);
    CREATE TABLE t (id int);
  EXCEPTION WHEN duplicate_table THEN
    CREATE TABLE caught (id int);
  END;
  BEGIN RAISE EXCEPTION 'x' USING ERRCODE = '23505';
  EXCEPTION WHEN unique_violation THEN ALTER TABLE t ADD u int; END;
END $$;
DO $$ BEGIN
  CREATE TABLE gone (id int);
  RAISE EXCEPTION 'stop % now', 7;
EXCEPTION WHEN undefined_table THEN NULL;
END $$;)");
  ASSERT_EQ(r.problems.size(), 1U);
  EXPECT_THAT(r.problems[0], HasSubstr("replay-error 15 stop 7 now"));
  EXPECT_THAT(r.tables, ElementsAre("t(id,u)", "caught(id)"));
}

TEST(Interpret, FunctionsThatChangeTheSchemaRunWhereTheyAreCalled) {
  const Replayed r(R"(
CREATE FUNCTION mk(name text, extra text DEFAULT 'x') RETURNS text LANGUAGE plpgsql AS $$
BEGIN EXECUTE format('CREATE TABLE %I (%I int)', name, extra); RETURN name; END $$;
SELECT mk('a');
SELECT mk(v.n, v.c) FROM (VALUES ('b', 'y'), ('c', 'z')) AS v(n, c);
SELECT mk(extra => 'q', name => 'd');
CREATE TABLE rows_ (id int);
SELECT mk('e' || id) FROM rows_;
INSERT INTO rows_ SELECT 1 WHERE mk('f') <> '';)");
  EXPECT_THAT(r.tables, ElementsAre("a(x)", "b(y)", "c(z)", "d(q)", "rows_(id)"));
  ASSERT_EQ(r.problems.size(), 2U);
  EXPECT_THAT(r.problems[0], HasSubstr("not-interpreted 8 "));
  EXPECT_THAT(r.problems[1], HasSubstr("not-interpreted 9 "));
}

TEST(Interpret, TriggersWithDdlAreSaid) {
  const Replayed r(R"(
CREATE TABLE t (id int);
CREATE FUNCTION f() RETURNS trigger LANGUAGE plpgsql AS
  $$ BEGIN CREATE TABLE side (id int); RETURN NEW; END $$;
CREATE TRIGGER g AFTER INSERT ON t EXECUTE FUNCTION f();
INSERT INTO t VALUES (1);)");
  ASSERT_EQ(r.problems.size(), 1U);
  EXPECT_THAT(r.problems[0], HasSubstr("the trigger \"g\""));
}

TEST(Interpret, EndlessCodeEnds) {
  const Replayed r(
      "DO $$ DECLARE i int := 0; BEGIN LOOP i := i + 1; END LOOP; END $$;\n"
      "CREATE FUNCTION f() RETURNS void LANGUAGE plpgsql AS\n"
      "$$ BEGIN EXECUTE 'CREATE TABLE t (a int)'; PERFORM f(); END $$;\n"
      "SELECT f();");
  ASSERT_EQ(r.problems.size(), 2U);
  EXPECT_THAT(r.problems[0], HasSubstr("runs longer than it is followed"));
  EXPECT_THAT(r.problems[1], HasSubstr("already exists"));
  EXPECT_THAT(r.tables, IsEmpty());
}

TEST(Interpret, OtherLanguagesAndUnreadableTextAreSaid) {
  const Replayed r(
      "DO LANGUAGE plpython3u $$ x $$;\n"
      "DO $$ BEGIN IF a NULL; END $$;\n"
      "DO $$ BEGIN EXECUTE 'CREATE TABEL t'; END $$;");
  ASSERT_EQ(r.problems.size(), 3U);
  EXPECT_THAT(r.problems[0], HasSubstr("plpython3u"));
  EXPECT_THAT(r.problems[1], HasSubstr("not understood"));
  EXPECT_THAT(r.problems[2], HasSubstr("replay-error 3 syntax error"));
}

TEST(Values, PatternsAndDates) {
  EXPECT_TRUE(like("a_b%c", "a\\_%\\%c", false));
  EXPECT_FALSE(like("abc", "a_", false));
  EXPECT_TRUE(regex_match("tenant_12", "^tenant_[0-9]+$", false).is_true());
  EXPECT_TRUE(regex_match("x", "^(a|x)$", false).is_true());
  EXPECT_TRUE(regex_match("x", "x{2}", false).unknown());
  EXPECT_EQ(regex_replace("a_new_new", "_new$", "", "").text, "a_new");
  EXPECT_EQ(regex_replace("aXbXc", "X", "-", "g").text, "a-b-c");
  EXPECT_EQ(format_date(parse_date("2024-02-29").integer + 1, "YYYY_MM_DD").text, "2024_03_01");
  EXPECT_TRUE(parse_interval("1 hour").unknown());
  const Value month = add_interval(parse_date("2024-01-31"), parse_interval("1 month"), 1);
  EXPECT_EQ(format_date(month.integer, "YYYY-MM-DD").text, "2024-02-29");
}

}  // namespace
}  // namespace tenantlint::schema
