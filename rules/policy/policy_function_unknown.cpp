// Flags policies that rest on functions which cannot be judged, or not be trusted.
#include <algorithm>

#include "analyzer/lint/policy_report.h"
#include "analyzer/lint/rule.h"
#include "analyzer/schema/roles.h"

namespace tenantlint::rules {

struct Doubt {
  std::string_view reason;
  std::string_view what;
  std::string_view help;
};

static Doubt doubt_about(const SchemaFacts& facts, const isolation::PolicyFunction& f) {
  if (f.frozen) {
    return {"immutable", "is IMMUTABLE and reads the session: plans keep its first answer",
            "ALTER FUNCTION … STABLE;"};
  }
  if (f.changes) {
    return {"volatile", "is VOLATILE and changes something, for each row",
            "Let the policy call functions that only read"};
  }
  const schema::Role* owner = f.function == nullptr ? nullptr : f.function->owner;
  if (owner == nullptr) return {};
  for (const schema::Role* role : facts.app_roles) {
    // Who may do anything need not replace a function.
    if (role->superuser || role->bypass_rls) continue;
    if (schema::member_of(*role, *owner)) {
      return {"replaceable", "belongs to the application, which can replace it",
              "ALTER FUNCTION … OWNER TO the owner of the tables;"};
    }
  }
  return {};
}

static void check(const SchemaFacts& facts, Report& report) {
  if (facts.policies == nullptr) return;
  report_open_policies(facts, PolicyFault::FunctionUnknown, report);
  for (const isolation::TablePolicies* table : facts.policies->tables) {
    std::vector<std::pair<const schema::Policy*, std::string>> said;
    for (const isolation::PolicyExpression& e : table->expressions) {
      for (const isolation::PolicyFunction& f : e.functions) {
        const Doubt doubt = doubt_about(facts, f);
        const std::pair key(e.policy, f.name);
        if (doubt.reason.empty() || std::find(said.begin(), said.end(), key) != said.end())
          continue;
        said.push_back(key);
        auto finding = report_policy(*e.policy,
                                     "Policy " + policy_words(*e.policy) + " asks '" + f.name +
                                         "', which " + std::string(doubt.what),
                                     report, &e);
        finding.reason(doubt.reason).note("called here", f.place).help(std::string(doubt.help));
        if (f.function != nullptr) finding.note("defined here", f.function->place);
      }
    }
  }
}

static constexpr Example examples[] = {
    bad("A plan for the first tenant", R"sql(
CREATE TABLE docs (tenant_id text NOT NULL, id int, body text, PRIMARY KEY (tenant_id, id));
CREATE FUNCTION my_tenant() RETURNS text LANGUAGE sql IMMUTABLE
    AS $$ SELECT current_setting('app.current_tenant') $$;
ALTER TABLE docs ENABLE ROW LEVEL SECURITY;
ALTER TABLE docs FORCE ROW LEVEL SECURITY;
CREATE POLICY tenant_isolation ON docs USING (tenant_id = my_tenant());
--            ^^^^^^^^^^^^^^^^ finding: policy-function-unknown "immutable"
)sql"),
    bad("Nobody knows what it does", R"sql(
CREATE TABLE docs (tenant_id text NOT NULL, id int, body text, PRIMARY KEY (tenant_id, id));
ALTER TABLE docs ENABLE ROW LEVEL SECURITY;
ALTER TABLE docs FORCE ROW LEVEL SECURITY;
CREATE POLICY tenant_isolation ON docs USING (acl.may_see(tenant_id, id));
--            ^^^^^^^^^^^^^^^^ finding: policy-function-unknown "not proven"
)sql"),
    good("A wrapper around the setting", R"sql(
CREATE TABLE docs (tenant_id text NOT NULL, id int, body text, PRIMARY KEY (tenant_id, id));
CREATE FUNCTION my_tenant() RETURNS text LANGUAGE sql STABLE
    AS $$ SELECT current_setting('app.current_tenant') $$;
ALTER TABLE docs ENABLE ROW LEVEL SECURITY;
ALTER TABLE docs FORCE ROW LEVEL SECURITY;
CREATE POLICY tenant_isolation ON docs USING (tenant_id = my_tenant());
)sql"),
};

DEFINE_RULE(policy_function_unknown) = {
    .severity = Severity::Warning,
    .summary = "A policy depends on a function that cannot be judged or trusted",
    .why =
        R"md(A policy that asks a function is as good as the function. One that reads
the setting and is marked IMMUTABLE is computed once, when the plan is made: a prepared
statement keeps the tenant of whoever used the connection first. One that writes runs once for
each row. One that the application owns can be replaced by it. And where the text of a function
is not there, or is not SQL, nobody can say what it lets through.)md",
    .limits =
        R"md(Bodies are opened where they are one query, or one RETURN. A function
that returns the tenant belongs into [tenancy] functions. For a policy that ties its rows
without the function, the finding is a note.)md",
    .controls = {kSoc2Cc61, kGdpr32, kIso27001A9, kIso27001_5_15, kIso27001_8_3},
    .cwe = {863, 1188},
    .examples = examples,
    .check_schema = check,
};

}  // namespace tenantlint::rules
