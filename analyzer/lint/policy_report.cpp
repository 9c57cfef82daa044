// In: a policy or an open expression of one. Out: the beginning of a finding, or all of it. Exists
// so that twelve rules name policies, roles and what they may do in the same words.
#include "analyzer/lint/policy_report.h"

#include <algorithm>
#include <cctype>

#include "analyzer/schema/identifiers.h"

namespace tenantlint {

using isolation::PolicyExpression;
using isolation::RowAction;
using isolation::Verdict;
namespace reason = isolation::reason;

namespace {

bool within(const Place& place, const Place& whole) {
  return place.known() && place.file == whole.file && whole.begin <= place.begin &&
         place.begin < whole.end;
}

// The second half of a sentence: "Nothing …" goes on in lower case.
std::string continued(std::string text) {
  const auto letter = [&](std::size_t i) { return static_cast<unsigned char>(text[i]); };
  if (text.size() > 1 && std::isupper(letter(0)) != 0 && std::isupper(letter(1)) == 0)
    text[0] = static_cast<char>(std::tolower(letter(0)));
  return text;
}

std::string joined(const std::vector<std::string>& words) {
  std::string out;
  for (std::size_t i = 0; i < words.size(); ++i) {
    if (i > 0) out += i + 1 == words.size() ? " and " : ", ";
    out += words[i];
  }
  return out;
}

// "read, change and delete rows of other tenants"
std::string deeds(const std::vector<RowAction>& actions) {
  const auto has = [&](RowAction a) {
    return std::find(actions.begin(), actions.end(), a) != actions.end();
  };
  std::vector<std::string> words;
  if (has(RowAction::Select)) words.emplace_back("read");
  if (has(RowAction::UpdateOld)) words.emplace_back("change");
  if (has(RowAction::Delete)) words.emplace_back("delete");
  if (!words.empty()) return joined(words) + " rows of other tenants";
  if (has(RowAction::Insert)) words.emplace_back("add rows for other tenants");
  if (has(RowAction::UpdateNew)) words.emplace_back("move rows to other tenants");
  return joined(words);
}

bool same_setting(std::string_view a, std::string_view b) {
  return std::equal(a.begin(), a.end(), b.begin(), b.end(), [](char x, char y) {
    return std::tolower(static_cast<unsigned char>(x)) ==
           std::tolower(static_cast<unsigned char>(y));
  });
}

// The first setting of the expression that is not configured; empty: it is no setting.
std::string_view other_setting(const SchemaFacts& facts, const PolicyExpression& e) {
  const auto& configured = facts.config.tenancy.settings;
  for (const std::string_view name : e.settings) {
    const bool known = std::any_of(configured.begin(), configured.end(),
                                   [&](const std::string& c) { return same_setting(c, name); });
    if (!known) return name;
  }
  return {};
}

std::string message(const SchemaFacts& facts, const OpenPolicy& o) {
  const PolicyExpression& e = *o.expression;
  const std::string policy = "Policy '" + std::string(e.policy->name) + "'";
  const std::string table = "'" + schema::qualified_name(*o.table->table) + "'";
  const std::string because = continued(e.detail);
  if (e.reason == reason::kList) {
    return policy + " of " + table + " lets through every tenant that the setting lists";
  }
  if (o.fault == PolicyFault::OtherSetting) {
    const std::string_view name = other_setting(facts, e);
    const std::string what =
        name.empty() ? "the session's user" : "setting '" + std::string(name) + "'";
    return policy + " of " + table + " takes the tenant from " + what + ", which does not carry it";
  }
  if (o.fault == PolicyFault::FunctionUnknown && !e.functions.empty()) {
    auto asked = std::find_if(e.functions.begin(), e.functions.end(),
                              [](const isolation::PolicyFunction& f) { return !f.inlined; });
    if (asked == e.functions.end()) asked = e.functions.begin();
    return policy + " of " + table + " is not proven to keep to one tenant: it asks '" +
           asked->name + "'";
  }
  if (e.verdict == Verdict::Unknown) {
    return policy + " of " + table + " is not proven to keep to one tenant: " + because;
  }
  if (o.reason == reason::kPermissiveUnion) {
    return policy + " widens '" + std::string(o.beside->name) + "' on " + table + " for " +
           role_list(o.roles) + ": permissive policies are OR-ed, and " + because;
  }
  return policy + " lets " + role_list(o.roles) + " " + deeds(o.actions) + " in " + table + ": " +
         because;
}

std::string help(const SchemaFacts& facts, const OpenPolicy& o) {
  const std::string condition = tenant_condition(facts, *o.table->table);
  switch (o.fault) {
    case PolicyFault::OpenWithoutContext:
      return "Compare only: " + condition + "; a missing setting then matches no row";
    case PolicyFault::OtherSetting:
      return "Compare with the configured setting (" + condition +
             "), or add this one to [tenancy] settings";
    case PolicyFault::RestsOnTable: return "Protect that table, or AND " + condition;
    case PolicyFault::FunctionUnknown:
      return "AND " + condition + ", or add the function to [tenancy] functions if it returns it";
    default: break;
  }
  if (o.reason == reason::kPermissiveUnion) {
    return "Make it AS RESTRICTIVE if it is to narrow the others, or AND " + condition;
  }
  if (o.reason == reason::kOrBranch) return "AND " + condition + " around the whole of the OR";
  return (o.expression->check ? "WITH CHECK (" : "USING (") + condition + " …)";
}

void add_notes(const SchemaFacts& facts, const OpenPolicy& o, Report::Builder& out) {
  const PolicyExpression& e = *o.expression;
  if (e.because.known()) out.note("this decides", e.because);
  if (o.fault == PolicyFault::FunctionUnknown) {
    for (const isolation::PolicyFunction& f : e.functions) {
      out.note("called here", f.place);
      if (f.function != nullptr) out.note("defined here", f.function->place);
    }
  }
  if (o.fault == PolicyFault::RestsOnTable) {
    for (const isolation::Occurrence& read : e.reads) {
      const std::string what = read.relation->rls ? "its own policies do not tie it to the tenant"
                                                  : "its row-level security is off";
      out.note("'" + read.table + "': " + what, read.relation->place);
    }
  }
  for (const isolation::Explanation& step : e.path) out.note(step.message, step.place);
  if (o.and_check != nullptr) out.note("WITH CHECK is no tighter", o.and_check->place);
  if (o.beside != nullptr && o.beside != e.policy) {
    out.note("'" + std::string(o.beside->name) + "' is tied to the tenant, and does not hold here",
             o.beside->place);
  }
  if (o.idle_guard != nullptr) {
    out.note("restrictive, but not for this command and " + role_list(o.roles),
             o.idle_guard->place);
  }
  const schema::TableTenancy& tenancy = facts.tenancy.of(*o.table->table);
  out.note("'" + schema::qualified_name(*o.table->table) + "' is tenant-owned: " + tenancy.reason,
           tenancy.place);
}

}  // namespace

std::string policy_name(const schema::Policy& policy) {
  return schema::qualified_name(*policy.table) + "/" + std::string(policy.name);
}

std::string policy_words(const schema::Policy& policy) {
  return "'" + std::string(policy.name) + "' of '" + schema::qualified_name(*policy.table) + "'";
}

Report::Builder report_policy(const schema::Policy& policy, std::string text, Report& report,
                              const PolicyExpression* expression) {
  // A policy that was altered is wrong where it was altered, if that wrote what is wrong.
  const bool altered = expression != nullptr && !within(policy.place, policy.statement) &&
                       within(expression->place, policy.statement);
  Report::Builder out = report.add(std::move(text), altered ? expression->place : policy.place);
  out.object("policy", policy_name(policy));
  if (altered) out.note("the policy was made here", policy.place);
  return out;
}

void report_open_policies(const SchemaFacts& facts, PolicyFault fault, Report& report) {
  if (facts.policies == nullptr) return;
  for (const OpenPolicy& o : facts.policies->open) {
    if (o.fault != fault) continue;
    auto finding = report_policy(*o.expression->policy, message(facts, o), report, o.expression);
    finding.reason(o.reason).severity(o.severity).help(help(facts, o));
    add_notes(facts, o, finding);
  }
}

std::string tenant_condition(const SchemaFacts& facts, const schema::Relation& table) {
  const std::string column = schema::quote_identifier(facts.tenant_column(table).name);
  const auto& tenancy = facts.config.tenancy;
  if (!tenancy.functions.empty()) return column + " = " + tenancy.functions[0] + "()";
  if (tenancy.settings.empty()) return column + " = …";
  return column + " = current_setting('" + tenancy.settings[0] + "')";
}

std::string action_list(const std::vector<RowAction>& actions) {
  std::vector<std::string> words;
  for (const RowAction a : actions) {
    std::string word(isolation::to_string(a));
    if (std::find(words.begin(), words.end(), word) == words.end()) words.push_back(word);
  }
  return joined(words);
}

std::string role_list(const std::vector<const schema::Role*>& roles) {
  if (roles.empty() || std::find(roles.begin(), roles.end(), nullptr) != roles.end())
    return "every role";
  const std::string first = "'" + std::string(roles[0]->name) + "'";
  if (roles.size() == 1) return first;
  if (roles.size() == 2) return first + " and '" + std::string(roles[1]->name) + "'";
  return first + " and " + std::to_string(roles.size() - 1) + " more";
}

}  // namespace tenantlint
