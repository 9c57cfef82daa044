// The PL/pgSQL parser: what each statement becomes, with its exact text, and that what it does not
// understand is an Unknown instead of a gap.
#include "analyzer/sql/plpgsql.h"

#include <gtest/gtest.h>

#include <string>

namespace tenantlint::sql::plpgsql {
namespace {

struct Parsed {
  Arena arena;
  Code code;
  explicit Parsed(std::string_view body) { code = parse_body(body, arena); }
  std::string text(Span span) const {
    return std::string(code.text.substr(span.begin, span.end - span.begin));
  }
  const Statement& at(std::size_t i) const { return *code.block->body[i]; }
};

TEST(Plpgsql, DeclarationsKeepTypesAndDefaults) {
  const Parsed p(R"(<<outer>>
DECLARE
  n CONSTANT int := 1 + (2);
  r public.users%ROWTYPE;
  t text COLLATE "C" NOT NULL DEFAULT 'a;b';
  c CURSOR (x int) FOR SELECT 1;
  a ALIAS FOR $1;
BEGIN NULL; END outer;)");
  ASSERT_EQ(p.code.block->kind, Kind::Block);
  EXPECT_TRUE(p.code.complete);
  EXPECT_EQ(p.code.block->label, "outer");
  const auto& d = p.code.block->declarations;
  ASSERT_EQ(d.size(), 5U);
  EXPECT_TRUE(d[0].constant);
  EXPECT_EQ(p.text(d[0].type), "int");
  EXPECT_EQ(p.text(d[0].default_expr), "1 + (2)");
  EXPECT_EQ(p.text(d[1].type), "public.users%ROWTYPE");
  EXPECT_EQ(p.text(d[2].default_expr), "'a;b'");
  EXPECT_EQ(p.text(d[3].cursor_query), "SELECT 1");
  EXPECT_EQ(d[4].alias, "$1");
}

TEST(Plpgsql, IntoIsBlankedOutOfTheStatement) {
  Parsed p(
      "BEGIN SELECT a, b INTO STRICT x, r.y FROM t; INSERT INTO t VALUES (1) "
      "RETURNING id INTO i; END");
  EXPECT_TRUE(p.at(0).strict);
  ASSERT_EQ(p.at(0).into.size(), 2U);
  EXPECT_EQ(p.at(0).into[1].parts[1], "y");
  const ParseResult result = parse_sql(p.code, p.at(0).sql, p.arena);
  ASSERT_EQ(result.statements.size(), 1U);
  EXPECT_EQ(result.statements[0].tree->kind, ast::Kind::Select);
  EXPECT_EQ(p.at(1).into[0].parts[0], "i");
  EXPECT_TRUE(parse_sql(p.code, p.at(1).sql, p.arena).ok);
}

TEST(Plpgsql, ControlFlow) {
  const Parsed p(R"(BEGIN
  IF a > 1 THEN PERFORM f(1); ELSIF b THEN x := 2; ELSE NULL; END IF;
  CASE v WHEN 1, 2 THEN NULL; ELSE RAISE NOTICE '% %', a, b; END CASE;
  FOR i IN REVERSE 1..10 BY 2 LOOP EXIT WHEN i > 3; END LOOP;
  FOR r IN SELECT 1 LOOP CONTINUE; END LOOP;
  FOR r IN EXECUTE 'select ' || q USING a, b LOOP NULL; END LOOP;
  FOREACH x SLICE 1 IN ARRAY ARRAY[[1]] LOOP NULL; END LOOP;
  <<w>> WHILE true LOOP EXIT w; END LOOP w;
  FOR r IN cur LOOP NULL; END LOOP;
END)");
  EXPECT_TRUE(p.code.complete);
  ASSERT_EQ(p.code.block->body.size(), 8U);
  EXPECT_EQ(p.text(p.at(0).branches[0].condition), "a > 1");
  EXPECT_EQ(p.at(0).branches.size(), 2U);
  EXPECT_TRUE(p.at(0).has_else);
  EXPECT_EQ(p.text(p.at(1).branches[0].condition), "1, 2");
  EXPECT_EQ(p.at(2).kind, Kind::ForInteger);
  EXPECT_TRUE(p.at(2).reverse);
  EXPECT_EQ(p.text(p.at(2).expr2), "10");
  EXPECT_EQ(p.text(p.at(3).sql), "SELECT 1");
  EXPECT_EQ(p.at(4).args.size(), 2U);
  EXPECT_EQ(p.at(5).number, 1);
  EXPECT_EQ(p.at(6).label, "w");
  EXPECT_EQ(p.at(7).kind, Kind::ForCursor);
}

TEST(Plpgsql, DynamicSqlHandlersAndRaise) {
  const Parsed p(R"(BEGIN
  EXECUTE format('x %I', t) INTO a USING 1, f(2, 3);
  RETURN QUERY EXECUTE q USING z;
  RAISE EXCEPTION USING ERRCODE = '23505';
  RAISE unique_violation USING MESSAGE = 'm';
  GET DIAGNOSTICS n = ROW_COUNT;
  a.b[1] := c[2];
  CREATE FUNCTION g() RETURNS int BEGIN ATOMIC SELECT 1; SELECT 2; END;
EXCEPTION
  WHEN duplicate_object OR SQLSTATE '42P07' THEN NULL;
  WHEN others THEN RAISE;
END;)");
  EXPECT_TRUE(p.code.complete);
  EXPECT_EQ(p.at(0).args.size(), 2U);
  EXPECT_EQ(p.text(p.at(0).expr), "format('x %I', t)");
  EXPECT_EQ(p.at(1).kind, Kind::ReturnExecute);
  EXPECT_EQ(p.at(3).condition, "unique_violation");
  EXPECT_EQ(p.text(p.at(5).target_span), "a.b[1]");
  EXPECT_EQ(p.code.block->body.size(), 7U);
  ASSERT_EQ(p.code.block->handlers.size(), 2U);
  EXPECT_EQ(p.code.block->handlers[0].conditions[1], "42P07");
}

TEST(Plpgsql, ExpressionsParseInPlace) {
  Parsed p("BEGIN IF EXISTS (SELECT 1 FROM t) THEN NULL; END IF; x := count(*) FROM t; END");
  const ast::Select* condition = parse_expression(p.code, p.at(0).branches[0].condition, p.arena);
  ASSERT_NE(condition, nullptr);
  EXPECT_EQ(condition->targets[0].value->kind, ast::Kind::SubLink);
  const ast::Select* value = parse_expression(p.code, p.at(1).expr, p.arena);
  ASSERT_NE(value, nullptr);
  EXPECT_EQ(value->from.size(), 1U);
  EXPECT_EQ(p.code.text.substr(Code::kPrefix, 5), "BEGIN");
}

TEST(Plpgsql, WhatIsNotUnderstoodIsUnknown) {
  const Parsed p("BEGIN IF a NULL; x := ; CREATE TABLE t (a int); END");
  EXPECT_FALSE(p.code.complete);
  EXPECT_EQ(p.at(0).kind, Kind::Unknown);
  EXPECT_EQ(p.text(p.at(0).span), "IF a NULL");
  EXPECT_EQ(p.at(1).kind, Kind::Unknown);
  EXPECT_EQ(p.at(2).kind, Kind::Sql);
  EXPECT_EQ(Parsed("garbage").code.block->kind, Kind::Unknown);
  EXPECT_FALSE(Parsed("").code.complete);
}

TEST(Plpgsql, PlacesLeadToTheFile) {
  Arena arena;
  const std::string file = "DO $x$BEGIN NULL; END$x$";
  const SqlText outer(file, 3);
  const Code code = parse_body(std::string_view(file).substr(6, 15), arena);
  const SqlText text = body_text(code, outer, {std::string_view(file).substr(6, 15), 6, true});
  const Place place = text.place(code.block->body[0]->span);
  EXPECT_EQ(place.file, 3U);
  EXPECT_EQ(file.substr(place.begin, place.end - place.begin), "NULL");
}

}  // namespace
}  // namespace tenantlint::sql::plpgsql
