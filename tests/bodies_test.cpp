// SQL inside functions: which statements a body has, their verdicts, and the exact places of what
// they say, through quoting, multibyte text and dynamic SQL.
#include "analyzer/isolation/bodies.h"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <string>

#include "analyzer/schema/replay.h"
#include "analyzer/sql/locate.h"
#include "analyzer/sql/script.h"

namespace tenantlint::isolation {
namespace {

constexpr std::string_view kSchema = R"(
CREATE TABLE tenants (id uuid PRIMARY KEY, slug text UNIQUE);
CREATE TABLE inv (tenant_id uuid NOT NULL REFERENCES tenants (id), id uuid PRIMARY KEY, total int,
                  paid boolean);
CREATE TABLE items (tenant_id uuid NOT NULL, inv_id uuid, n int);
CREATE TABLE plans (id int, name text);
)";

struct Judged {
  SourceSet sources;
  sql::Script script;
  schema::Model model;
  std::unique_ptr<schema::Tenancy> tenancy;
  std::unique_ptr<Bodies> bodies;

  explicit Judged(std::string_view text, std::string_view schema = kSchema) {
    const FileId file = sources.add("a.sql", std::string(schema) + std::string(text));
    script = sql::read_script(sources, file, {});
    for (const Problem& p : script.problems) ADD_FAILURE() << p.message;
    schema::Replay replay(model);
    replay.run(script);
    for (const Problem& p : replay.problems()) ADD_FAILURE() << p.message;
    tenancy = std::make_unique<schema::Tenancy>(model, schema::TenancyConfig{});
    bodies = std::make_unique<Bodies>(model, *tenancy, SourceOptions{});
  }
  std::string text(const Place& place) const {
    return std::string(sources[place.file].slice(sql::resolve(sources, place)));
  }
  const schema::Function& function(std::string_view name) const {
    return *model.find_functions(*model.find_schema("public"), name).at(0);
  }
  // One line a statement: "select proven", "delete missing inv:no-predicate". Proven occurrences
  // are left out.
  std::string show(const BodyVerdict& verdict) const {
    std::string out;
    for (const BodyStatement& s : verdict.statements) {
      if (!out.empty()) out += "; ";
      out += fmt::format("{} {}", to_string(s.judged.kind), to_string(s.judged.verdict));
      for (const Occurrence& o : s.judged.occurrences) {
        if (o.verdict == Verdict::Proven) continue;
        out += fmt::format(" {}:{}", o.alias, o.reason);
      }
    }
    return out;
  }
  std::string of(std::string_view name) { return show(bodies->judge(function(name))); }
  // The texts that the places of the occurrences are.
  std::string places(std::string_view name) {
    std::string out;
    for (const BodyStatement& s : bodies->judge(function(name)).statements) {
      for (const Occurrence& o : s.judged.occurrences) {
        const Position p = sources[o.place.file].position(sql::resolve(sources, o.place).begin);
        out += fmt::format("{}{}@{}", out.empty() ? "" : " ", text(o.place), p.column);
      }
    }
    return out;
  }
  std::string summary(std::string_view name) {
    const FunctionSummary s = bodies->summary(function(name));
    std::string out = fmt::format("{}{}", to_string(s.verdict), s.reads_tenant_data ? "" : " pure");
    for (const int n : s.tenant_parameters) out += fmt::format(" ${}", n);
    return out;
  }
};

// The body of a PL/pgSQL function f(p_tenant uuid, p_id uuid, p_text text).
std::string plpgsql(std::string_view body, std::string_view schema = kSchema) {
  Judged j(fmt::format("CREATE FUNCTION f(p_tenant uuid, p_id uuid, p_text text) RETURNS void "
                       "LANGUAGE plpgsql AS $fn$\n{}\n$fn$;",
                       body),
           schema);
  return j.of("f");
}

TEST(Bodies, ParametersAreTheTenantByTheirNames) {
  EXPECT_EQ(plpgsql("BEGIN PERFORM 1 FROM inv WHERE tenant_id = p_tenant; END"), "select proven");
  EXPECT_EQ(plpgsql("BEGIN PERFORM 1 FROM inv WHERE tenant_id = f.p_tenant; END"), "select proven");
  EXPECT_EQ(plpgsql("BEGIN PERFORM 1 FROM inv WHERE tenant_id = $1; END"), "select proven");
  EXPECT_EQ(plpgsql("BEGIN PERFORM 1 FROM inv WHERE tenant_id = p_id; END"),
            "select missing inv:other-parameter");
  EXPECT_EQ(plpgsql("BEGIN DELETE FROM inv WHERE total < 3; END"),
            "delete missing inv:no-predicate");
}

TEST(Bodies, EachStatementWithSqlIsThere) {
  EXPECT_EQ(plpgsql(R"(
DECLARE n int := (SELECT count(*) FROM inv); c CURSOR (k int) FOR SELECT * FROM inv WHERE total = k;
  r record; cur refcursor;
BEGIN
  IF EXISTS (SELECT 1 FROM inv) THEN NULL; ELSIF (SELECT true FROM items) THEN NULL; END IF;
  n := total FROM inv LIMIT 1;
  SELECT 1 INTO n FROM inv;
  INSERT INTO inv (tenant_id, id) VALUES (p_tenant, p_id);
  UPDATE inv SET paid = true WHERE tenant_id = p_tenant RETURNING total INTO n;
  FOR r IN SELECT * FROM plans LOOP DELETE FROM items; END LOOP;
  OPEN cur FOR SELECT * FROM items;
  WHILE (SELECT count(*) FROM inv) > 3 LOOP EXIT; END LOOP;
  RAISE NOTICE '%', (SELECT count(*) FROM items);
  CREATE TEMP TABLE tmp (a int); SET LOCAL work_mem = '1MB'; COMMIT;
EXCEPTION WHEN OTHERS THEN TRUNCATE inv;
END)"),
            "select missing inv:subquery; select missing inv:no-predicate; "
            "select missing inv:subquery; select missing items:subquery; "
            "select missing inv:no-predicate; select missing inv:no-predicate; insert proven; "
            "update proven; select proven; delete missing items:no-predicate; "
            "select missing items:no-predicate; select missing inv:subquery; "
            "select missing items:subquery; truncate missing inv:whole-table");
}

TEST(Bodies, VariablesThatAreAssignedTheTenantAreTheTenant) {
  const std::string read = " PERFORM 1 FROM inv WHERE tenant_id = v; END";
  const auto with = [&](std::string_view code) { return plpgsql(std::string(code) + read); };
  EXPECT_EQ(with("DECLARE v uuid := current_setting('app.current_tenant')::uuid; BEGIN"),
            "select proven");
  EXPECT_EQ(with("DECLARE v uuid; BEGIN SELECT current_setting('app.current_tenant', true)::uuid "
                 "INTO v;"),
            "select proven; select proven");
  EXPECT_EQ(with("DECLARE v uuid; BEGIN v := p_tenant;"), "select proven");
  EXPECT_EQ(with("DECLARE v uuid; BEGIN v := p_id;"), "select missing inv:other-parameter");
  EXPECT_EQ(with("DECLARE v uuid; BEGIN v := p_tenant; IF p_id IS NULL THEN v := p_id; END IF;"),
            "select missing inv:other-parameter");
  EXPECT_EQ(with("DECLARE v uuid; BEGIN v := current_setting('app.user')::uuid;"),
            "select missing inv:other-parameter");
  EXPECT_EQ(with("DECLARE v uuid; BEGIN SELECT tenant_id INTO v FROM items WHERE n = 1;"),
            "select missing items:no-predicate; select missing inv:other-parameter");
  EXPECT_EQ(with("DECLARE v uuid; BEGIN SELECT tenant_id INTO v FROM items WHERE tenant_id = "
                 "p_tenant;"),
            "select proven; select proven");
  EXPECT_EQ(
      with("DECLARE v uuid; BEGIN INSERT INTO tenants (id) VALUES (p_id) RETURNING id INTO v;"),
      "insert proven; select proven");
  // A name alone does not make what was put into it the tenant.
  EXPECT_EQ(plpgsql("DECLARE v_tenant_id uuid := p_id; BEGIN PERFORM 1 FROM inv WHERE tenant_id = "
                    "v_tenant_id; END"),
            "select missing inv:other-parameter");
  // Nor a parameter that is replaced.
  EXPECT_EQ(plpgsql("BEGIN p_tenant := p_id; PERFORM 1 FROM inv WHERE tenant_id = p_tenant; END"),
            "select missing inv:other-parameter");
}

TEST(Bodies, RecordsOfProvenQueriesCarryTheTenant) {
  EXPECT_EQ(plpgsql(R"(DECLARE r record; BEGIN
FOR r IN SELECT * FROM inv WHERE tenant_id = p_tenant LOOP
  DELETE FROM items WHERE tenant_id = r.tenant_id AND inv_id = r.id;
END LOOP; END)"),
            "select proven; delete proven");
  EXPECT_EQ(plpgsql(R"(DECLARE r record; BEGIN
FOR r IN SELECT * FROM inv LOOP DELETE FROM items WHERE tenant_id = r.tenant_id; END LOOP; END)"),
            "select missing inv:no-predicate; delete missing items:other-column");
  EXPECT_EQ(plpgsql(R"(DECLARE r inv%ROWTYPE; BEGIN
SELECT * INTO r FROM inv WHERE tenant_id = p_tenant AND id = p_id;
DELETE FROM items WHERE tenant_id = r.tenant_id; END)"),
            "select proven; delete proven");
  EXPECT_EQ(plpgsql(R"(DECLARE c CURSOR FOR SELECT * FROM inv WHERE tenant_id = p_tenant; BEGIN
FOR r IN c LOOP DELETE FROM items WHERE tenant_id = r.tenant_id; END LOOP; END)"),
            "select proven; delete proven");
}

TEST(Bodies, DynamicTextIsFollowed) {
  EXPECT_EQ(plpgsql("BEGIN EXECUTE 'SELECT 1 FROM inv WHERE tenant_id = $1' USING p_tenant; END"),
            "select proven");
  EXPECT_EQ(plpgsql("BEGIN EXECUTE 'SELECT 1 FROM inv WHERE tenant_id = $1' USING p_id; END"),
            "select missing inv:other-parameter");
  EXPECT_EQ(plpgsql("BEGIN EXECUTE format('DELETE FROM %I WHERE tenant_id = %L', 'inv', p_tenant); "
                    "END"),
            "delete proven");
  EXPECT_EQ(
      plpgsql("BEGIN EXECUTE 'DELETE FROM inv WHERE tenant_id = ''' || p_tenant || ''''; END"),
      "delete proven");
  EXPECT_EQ(plpgsql("BEGIN EXECUTE 'DELETE FROM ' || quote_ident(p_text); END"),
            "other unknown :text-unknown");
  EXPECT_EQ(plpgsql("BEGIN EXECUTE p_text; END"), "other unknown :text-unknown");
  EXPECT_EQ(plpgsql("BEGIN EXECUTE format('ALTER TABLE %I ADD x int', p_text); END"), "");
  EXPECT_EQ(plpgsql("BEGIN EXECUTE format('CREATE TABLE p_%s (x int)', p_text); END"), "");
  EXPECT_EQ(plpgsql("BEGIN EXECUTE format('SELECT 1 FROM inv WHERE tenant_id = %L ORDER BY %I', "
                    "p_tenant, p_text); END"),
            "select proven");
}

TEST(Bodies, TextThatIsBuiltInStepsHasAllItsForms) {
  EXPECT_EQ(plpgsql(R"(DECLARE q text; BEGIN
q := 'SELECT 1 FROM inv WHERE tenant_id = $1';
IF p_id IS NOT NULL THEN q := q || ' AND id = ' || quote_literal(p_id); END IF;
RETURN QUERY EXECUTE q USING p_tenant; END)"),
            "select proven");
  EXPECT_EQ(plpgsql(R"(DECLARE q text := 'SELECT 1 FROM inv'; BEGIN
IF p_tenant IS NOT NULL THEN q := q || format(' WHERE tenant_id = %L', p_tenant); END IF;
EXECUTE q; END)"),
            "select missing inv:no-predicate");
  EXPECT_EQ(plpgsql(R"(DECLARE t text; BEGIN
FOREACH t IN ARRAY ARRAY['inv', 'items'] LOOP
  EXECUTE format('DELETE FROM %I WHERE tenant_id = $1', t) USING p_tenant;
END LOOP; END)"),
            "delete proven");
  EXPECT_EQ(plpgsql(R"(DECLARE q text := ''; BEGIN
FOR i IN 1..3 LOOP q := q || p_text; END LOOP; EXECUTE q; END)"),
            "other unknown :text-unknown");
}

TEST(Bodies, TextThatOnlyLooksSafeIsNot) {
  // The name of a column that is not known is not the tenant column.
  EXPECT_EQ(plpgsql("BEGIN EXECUTE format('DELETE FROM inv WHERE %I = %L', p_text, p_tenant); END"),
            "delete missing inv:no-predicate");
  EXPECT_EQ(plpgsql("BEGIN EXECUTE format('DELETE FROM inv WHERE %s', p_text); END"),
            "other unknown :text-unknown");
  EXPECT_EQ(plpgsql("BEGIN EXECUTE 'DELETE FROM inv WHERE tenant_id = ''' || p_text || ''''; END"),
            "other unknown :text-unknown");
}

constexpr std::string_view kTrigger =
    "CREATE TRIGGER t AFTER INSERT ON inv FOR EACH ROW EXECUTE FUNCTION g();";

std::string trigger(std::string_view body, std::string_view triggers = kTrigger) {
  Judged j(fmt::format("CREATE FUNCTION g() RETURNS trigger LANGUAGE plpgsql AS $fn${}$fn$;\n{}",
                       body, triggers));
  std::string out = j.of("g");
  for (const Remark& r : j.bodies->judge(j.function("g")).remarks) {
    out += fmt::format(" [{} {}]", r.kind, j.text(r.place));
  }
  return out;
}

TEST(Bodies, TheRowOfATriggerIsTheTenants) {
  EXPECT_EQ(
      trigger("BEGIN UPDATE items SET n = 1 WHERE tenant_id = NEW.tenant_id; RETURN NEW; END"),
      "update proven");
  EXPECT_EQ(trigger("BEGIN UPDATE items SET n = 1 WHERE inv_id = NEW.id; RETURN NEW; END"),
            "update missing items:no-predicate");
  EXPECT_EQ(trigger("BEGIN UPDATE items SET n = 1 WHERE tenant_id = NEW.id; RETURN NEW; END"),
            "update missing items:other-parameter");
  EXPECT_EQ(trigger("BEGIN NEW.tenant_id := gen_random_uuid(); DELETE FROM items WHERE tenant_id = "
                    "NEW.tenant_id; RETURN NEW; END"),
            "delete missing items:other-parameter [trigger-sets-tenant NEW.tenant_id]");
  EXPECT_EQ(trigger("BEGIN NEW.tenant_id := current_setting('app.current_tenant')::uuid; "
                    "RETURN NEW; END"),
            "");
  EXPECT_EQ(trigger("BEGIN EXECUTE format('DELETE FROM %I', TG_TABLE_NAME); RETURN NULL; END"),
            "delete missing inv:no-predicate");
}

TEST(Bodies, TransitionTablesHoldTheTenantsRows) {
  constexpr std::string_view kStatement =
      "CREATE TRIGGER t AFTER INSERT ON inv REFERENCING NEW TABLE AS fresh FOR EACH STATEMENT "
      "EXECUTE FUNCTION g();";
  EXPECT_EQ(trigger("BEGIN INSERT INTO items (tenant_id, inv_id) SELECT tenant_id, id FROM fresh; "
                    "RETURN NULL; END",
                    kStatement),
            "insert proven");
  EXPECT_EQ(trigger("BEGIN DELETE FROM items i USING fresh n WHERE i.inv_id = n.id; RETURN NULL; "
                    "END",
                    kStatement),
            "delete missing i:no-predicate");
  EXPECT_EQ(trigger("BEGIN DELETE FROM items i USING fresh n WHERE i.tenant_id = n.tenant_id AND "
                    "i.inv_id = n.id; RETURN NULL; END",
                    kStatement),
            "delete proven");
}

TEST(Bodies, PlacesAreThoseOfTheFile) {
  Judged j(R"(CREATE FUNCTION a() RETURNS int LANGUAGE sql AS $$ /* é∑𝄞 */ SELECT 1 FROM "inv" $$;
CREATE FUNCTION b() RETURNS int LANGUAGE sql AS 'SELECT n FROM items';
CREATE FUNCTION c() RETURNS void LANGUAGE plpgsql AS
$$BEGIN /* é∑𝄞 */ DELETE FROM public.inv; END$$;
CREATE FUNCTION d() RETURNS void LANGUAGE plpgsql AS
$$BEGIN EXECUTE 'DELETE /*é''*/ FROM inv'; END$$;
CREATE FUNCTION e() RETURNS int BEGIN ATOMIC SELECT total FROM inv; SELECT n FROM items; END;
)");
  EXPECT_EQ(j.places("a"), "\"inv\"@76");
  EXPECT_EQ(j.places("b"), "items@64");
  EXPECT_EQ(j.places("c"), "public.inv@31");
  EXPECT_EQ(j.places("d"), "inv@38");
  EXPECT_EQ(j.places("e"), "inv@64 items@83");
  EXPECT_EQ(j.text(j.bodies->judge(j.function("e")).statements.at(1).place), "SELECT n FROM items");
  EXPECT_EQ(j.text(j.bodies->judge(j.function("c")).statements.at(0).place),
            "DELETE FROM public.inv");
}

TEST(Bodies, CallsNeedWhatTheBodyNeeds) {
  Judged j(R"(
CREATE FUNCTION needs(p_text text, p_tenant uuid) RETURNS int LANGUAGE plpgsql AS $$BEGIN
RETURN (SELECT count(*) FROM inv WHERE tenant_id = p_tenant); END$$;
CREATE FUNCTION pure(x int) RETURNS int LANGUAGE plpgsql AS $$BEGIN RETURN x + 1; END$$;
CREATE FUNCTION leaks() RETURNS int LANGUAGE plpgsql AS $$BEGIN
RETURN (SELECT count(*) FROM inv); END$$;
CREATE FUNCTION passes(p_tenant uuid) RETURNS int LANGUAGE plpgsql AS $$BEGIN
RETURN needs('x', p_tenant); END$$;
CREATE FUNCTION wrong(p_user_id uuid) RETURNS int LANGUAGE plpgsql AS $$BEGIN
RETURN needs('x', p_user_id); END$$;
CREATE FUNCTION again(p_tenant uuid, n int) RETURNS int LANGUAGE plpgsql AS $$BEGIN
DELETE FROM inv WHERE tenant_id = p_tenant; RETURN again(p_tenant, n - 1); END$$;
CREATE FUNCTION astray(p_tenant uuid, n uuid) RETURNS int LANGUAGE plpgsql AS $$BEGIN
DELETE FROM inv WHERE tenant_id = p_tenant; RETURN astray(gen_random_uuid(), n); END$$;
CREATE FUNCTION set() RETURNS int LANGUAGE plpgsql AS $$BEGIN
RETURN (SELECT count(*) FROM inv
        WHERE tenant_id = current_setting('app.current_tenant')::uuid); END$$;
)");
  EXPECT_EQ(j.summary("needs"), "proven $2");
  EXPECT_EQ(j.summary("pure"), "proven pure");
  EXPECT_EQ(j.summary("leaks"), "missing");
  EXPECT_EQ(j.summary("passes"), "proven $1");
  EXPECT_EQ(j.summary("wrong"), "unknown");
  EXPECT_EQ(j.summary("again"), "proven $1");
  EXPECT_EQ(j.summary("astray"), "unknown");
  EXPECT_EQ(j.summary("set"), "proven");
  EXPECT_EQ(j.of("wrong"), "select unknown public.needs:function");
}

TEST(Bodies, TemporaryTablesAreTheBodysOwn) {
  EXPECT_EQ(plpgsql(R"(BEGIN
CREATE TEMP TABLE tmp AS SELECT id FROM inv WHERE tenant_id = p_tenant;
PERFORM 1 FROM tmp; DELETE FROM items USING tmp WHERE inv_id = tmp.id; END)"),
            "select proven; select proven; delete unknown items:not-understood");
}

TEST(Bodies, WhatIsNotUnderstoodIsSaid) {
  EXPECT_EQ(plpgsql("BEGIN SELECT FROM WHERE; END"), "other unknown :not-parsed");
  EXPECT_EQ(plpgsql("BEGIN ?? ; END"), "other unknown :not-parsed");
  Judged j("CREATE FUNCTION p() RETURNS int LANGUAGE internal AS 'x';");
  EXPECT_EQ(j.summary("p"), "unknown");
  EXPECT_EQ(j.of("p"), "");
}

TEST(Bodies, BlocksOfAScript) {
  Judged j("SELECT 1;");
  const FileId file = j.sources.add("q.sql", "DO $$BEGIN DELETE FROM inv; END$$;");
  const sql::Script script = sql::read_script(j.sources, file, {});
  const auto* block = ast::as<ast::DoBlock>(script.statements.at(0).tree);
  ASSERT_NE(block, nullptr);
  const BodyVerdict verdict = j.bodies->judge(*block, *script.statements.at(0).text, {});
  EXPECT_EQ(j.show(verdict), "delete missing inv:no-predicate");
  EXPECT_EQ(j.text(verdict.statements.at(0).judged.occurrences.at(0).place), "inv");
}

}  // namespace
}  // namespace tenantlint::isolation
