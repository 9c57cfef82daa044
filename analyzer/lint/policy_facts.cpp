// In: the schema and who the application is. Out: verdicts of all policies, and the expressions
// that let foreign rows through, each with the rule that says so. Exists so that the rules about
// policies divide the faults between them: one fault, one finding.
#include "analyzer/lint/policy_facts.h"

#include <algorithm>

#include "analyzer/isolation/bodies.h"
#include "analyzer/isolation/policies.h"
#include "analyzer/lint/reach.h"

namespace tenantlint {

using isolation::ActionVerdict;
using isolation::PolicyExpression;
using isolation::RowAction;
using isolation::Verdict;
namespace reason = isolation::reason;

namespace {

template <typename T>
void add_once(std::vector<T>& list, T item) {
  if (std::find(list.begin(), list.end(), item) == list.end()) list.push_back(item);
}

// Null among them: a role that is configured and that the migrations do not know.
std::vector<const schema::Role*> judged_roles(const SchemaFacts& facts) {
  std::vector<const schema::Role*> out = facts.app_roles;
  if (facts.app_roles.size() < facts.config.roles.app.size()) out.push_back(nullptr);
  return out;
}

PolicyFault fault_of(const PolicyExpression& e, RowAction action) {
  if (e.through_function) return PolicyFault::FunctionUnknown;
  if (e.reason == reason::kNullOpens) return PolicyFault::OpenWithoutContext;
  if (e.reason == reason::kOtherSetting) return PolicyFault::OtherSetting;
  if (e.reason == reason::kLiteral) return PolicyFault::Literal;
  if (e.reason == reason::kThroughTable) return PolicyFault::RestsOnTable;
  const bool write = e.check || isolation::writes_row(action);
  return write ? PolicyFault::WriteNotTenantBound : PolicyFault::NotTenantBound;
}

// Said of each row that is read: a row of nobody, or one that is meant for all.
bool shares_on_purpose(const PolicyExpression& e) {
  return e.policy->command == schema::PolicyCommand::Select &&
         (e.reason == reason::kSharedRows || e.reason == reason::kNullTenant);
}

// Nothing is wrong with the policy but that it is permissive.
bool widens(const PolicyExpression& e) {
  return e.reason == reason::kAlwaysTrue || e.reason == reason::kNoTenantColumn ||
         e.reason == reason::kOtherColumn || e.reason == reason::kSubquery;
}

// Is there anything that a rule might say of the table?
bool is_of_interest(const isolation::TablePolicies& table) {
  if (table.circular != nullptr) return true;
  for (const ActionVerdict& action : table.actions) {
    if (action.denied || !action.open.empty() || action.reads != Verdict::Proven) return true;
  }
  return std::any_of(table.expressions.begin(), table.expressions.end(),
                     [](const PolicyExpression& e) {
                       return !e.functions.empty() || e.empty_cast.known() || e.column_cast.known();
                     });
}

class Judgement : public PolicyJudgement {
 public:
  Judgement(const SchemaFacts& schema, const isolation::SourceOptions& sources)
      : schema_(schema),
        roles_(judged_roles(schema)),
        bodies_(schema.model, schema.tenancy, sources),
        policies_(schema.model, schema.tenancy, bodies_.prover(), roles_) {}

  const PolicyFacts& facts() const override { return facts_; }
  void run();

 private:
  void collect(const isolation::TablePolicies& table);
  void add(const isolation::TablePolicies& table, const ActionVerdict& action,
           const PolicyExpression& open);
  bool reached(const schema::Relation& table, const ActionVerdict& action) const;
  void merge_checks(std::size_t first);

  const SchemaFacts& schema_;
  const std::vector<const schema::Role*> roles_;
  isolation::Bodies bodies_;
  isolation::Policies policies_;
  std::vector<std::unique_ptr<isolation::TablePolicies>> kept_;
  PolicyFacts facts_;
  bool granted_ = false;  // the migrations grant the application something
};

// Has the role the privilege, as far as the migrations say?
bool Judgement::reached(const schema::Relation& table, const ActionVerdict& action) const {
  const std::uint32_t privilege = isolation::privilege_for(action.action);
  if (!granted_ || schema::grant_to(table, action.role, privilege) != nullptr) return true;
  return action.role != nullptr && table.owner != nullptr &&
         inherits_from(*action.role, *table.owner);
}

void Judgement::add(const isolation::TablePolicies& table, const ActionVerdict& action,
                    const PolicyExpression& open) {
  const bool reach = reached(*table.table, action);
  // A group that is only an idea away counts where it was granted something.
  const bool own =
      roles_.empty() || std::find(roles_.begin(), roles_.end(), action.role) != roles_.end();
  if (!reach && !own) return;
  auto at = std::find_if(facts_.open.begin(), facts_.open.end(), [&](const OpenPolicy& o) {
    return o.expression->policy == open.policy && o.expression->check == open.check;
  });
  Severity severity = open.verdict == Verdict::Unknown ? Severity::Warning : Severity::Error;
  if (!reach || shares_on_purpose(open) || open.reason == reason::kList) severity = Severity::Note;
  if (at == facts_.open.end()) {
    at = facts_.open.insert(facts_.open.end(), OpenPolicy{});
    at->fault = fault_of(open, action.action);
    at->table = &table;
    at->expression = &open;
    at->reason = open.reason;
    at->severity = severity;
  }
  at->severity = std::max(at->severity, severity);
  add_once(at->actions, action.action);
  add_once(at->roles, action.role);
  for (const PolicyExpression* p : action.permissive) {
    if (p->verdict == Verdict::Proven && p->policy != open.policy) at->beside = p->policy;
  }
  for (const schema::Policy* p : table.table->policies) {
    const bool here = std::any_of(action.restrictive.begin(), action.restrictive.end(),
                                  [&](const PolicyExpression* r) { return r->policy == p; });
    if (!p->permissive && !here) at->idle_guard = p;
  }
  if (at->beside != nullptr && widens(*at->expression)) at->reason = reason::kPermissiveUnion;
}

// USING and WITH CHECK of one policy with the same fault: one finding.
void Judgement::merge_checks(std::size_t first) {
  const auto clause = [](PolicyFault f) {
    return f == PolicyFault::WriteNotTenantBound ? PolicyFault::NotTenantBound : f;
  };
  for (std::size_t i = first; i < facts_.open.size(); ++i) {
    OpenPolicy& check = facts_.open[i];
    if (!check.expression->check) continue;
    for (std::size_t j = first; j < facts_.open.size(); ++j) {
      OpenPolicy& other = facts_.open[j];
      const bool same = !other.expression->check &&
                        other.expression->policy == check.expression->policy &&
                        clause(other.fault) == clause(check.fault) &&
                        other.expression->reason == check.expression->reason;
      if (!same) continue;
      other.and_check = check.expression;
      other.severity = std::max(other.severity, check.severity);
      for (const RowAction a : check.actions) add_once(other.actions, a);
      facts_.open.erase(facts_.open.begin() + static_cast<std::ptrdiff_t>(i));
      --i;
      break;
    }
  }
}

void Judgement::collect(const isolation::TablePolicies& table) {
  const std::size_t first = facts_.open.size();
  for (const ActionVerdict& action : table.actions) {
    for (const PolicyExpression* open : action.open) {
      // Nothing comes through a policy that PostgreSQL cannot apply.
      if (open->policy != table.circular) add(table, action, *open);
    }
  }
  merge_checks(first);
}

void Judgement::run() {
  constexpr std::uint32_t kAny = ~std::uint32_t{0};
  for (const schema::Relation& r : schema_.model.relations) {
    if (r.dropped || r.stub || granted_) continue;
    granted_ = std::any_of(roles_.begin(), roles_.end(), [&](const schema::Role* role) {
      return schema::grant_to(r, role, kAny) != nullptr;
    });
  }
  for (const schema::Relation* table : schema_.tenant_tables) {
    if (!table->rls) continue;
    std::unique_ptr<isolation::TablePolicies> judged = policies_.judge(*table);
    if (!is_of_interest(*judged)) continue;
    facts_.tables.push_back(judged.get());
    collect(*judged);
    kept_.push_back(std::move(judged));
  }
}

}  // namespace

std::unique_ptr<PolicyJudgement> judge_policies(const SchemaFacts& schema,
                                                const isolation::SourceOptions& sources) {
  const bool any = std::any_of(schema.tenant_tables.begin(), schema.tenant_tables.end(),
                               [](const schema::Relation* t) { return t->rls; });
  if (!any) return nullptr;
  auto out = std::make_unique<Judgement>(schema, sources);
  out->run();
  return out;
}

}  // namespace tenantlint
