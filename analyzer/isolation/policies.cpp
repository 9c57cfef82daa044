// In: a table and the roles of the application. Out: the policies that do not tie what they let
// through. Permissive policies are OR'ed and restrictive ones AND'ed, so each permissive one has to
// tie by itself, or a restrictive one for the same role and command does it for all of them.
#include "analyzer/isolation/policies.h"

#include <algorithm>
#include <unordered_map>

namespace tenantlint::isolation {

namespace {

using schema::PolicyCommand;

constexpr Deed kDeeds[] = {Deed::See, Deed::Add, Deed::Change, Deed::ChangeTo, Deed::Remove};
// Memberships cannot form circles in PostgreSQL; a faulty script must not make us run for ever.
constexpr int kDeepest = 16;

bool inherits(const schema::Role& role, const schema::Role& group, int depth) {
  if (&role == &group) return true;
  if (depth > kDeepest || !role.inherit) return false;
  return std::any_of(role.member_of.begin(), role.member_of.end(),
                     [&](const auto& m) { return inherits(*m.role, group, depth + 1); });
}

struct Expression {
  const ast::Expr* tree = nullptr;
  const SqlText* text = nullptr;
  schema::Step step = 0;
  bool check = false;
};

// Where there is no WITH CHECK, USING stands in.
Expression expression_of(const schema::Policy& policy, Deed deed) {
  const bool checks = deed == Deed::Add || deed == Deed::ChangeTo;
  if (checks && policy.check_expr != nullptr) {
    return {policy.check_expr, policy.check_text, policy.check_step, true};
  }
  return {policy.using_expr, policy.using_text, policy.using_step, false};
}

class Judge {
 public:
  Judge(Prover& prover, const schema::Tenancy& tenancy) : prover_(prover), tenancy_(tenancy) {}

  std::vector<PolicyFault> faults(const schema::Relation& table, const schema::Role* role,
                                  const std::vector<Deed>& deeds);

 private:
  const Prover::ConditionVerdict& judge(const Expression& e, const schema::Policy& policy,
                                        const schema::Role* role);
  bool protects(const schema::Relation& table, const schema::Role* role);

  Prover& prover_;
  const schema::Tenancy& tenancy_;
  std::unordered_map<const ast::Expr*, Prover::ConditionVerdict> judged_;
  std::unordered_map<const schema::Relation*, bool> protected_;
};

const Prover::ConditionVerdict& Judge::judge(const Expression& e, const schema::Policy& policy,
                                             const schema::Role* role) {
  if (const auto known = judged_.find(e.tree); known != judged_.end()) return known->second;
  NameScope names;
  names.search_path = policy.search_path;
  names.step = e.step;
  Prover::ConditionVerdict verdict = prover_.prove_condition(
      *policy.table, *e.tree, *e.text, names,
      [&](const schema::Relation& read) { return &read != policy.table && protects(read, role); });
  return judged_.emplace(e.tree, std::move(verdict)).first->second;
}

// Row-level security ties what the role sees of the table. A circle of policies protects nobody.
bool Judge::protects(const schema::Relation& table, const schema::Role* role) {
  if (!table.rls || !tenancy_.tenant_owned(table)) return false;
  const auto [at, fresh] = protected_.try_emplace(&table, false);
  if (!fresh) return at->second;
  const bool tied = faults(table, role, {Deed::See}).empty();
  return protected_[&table] = tied;
}

std::vector<PolicyFault> Judge::faults(const schema::Relation& table, const schema::Role* role,
                                       const std::vector<Deed>& deeds) {
  std::vector<PolicyFault> out;
  for (const Deed deed : deeds) {
    bool restricted = false;
    bool some_tied = false;
    std::vector<PolicyFault> open;
    for (const schema::Policy* policy : table.policies) {
      const Expression e = expression_of(*policy, deed);
      if (policy->dropped || !covers(*policy, deed) || !applies_to(*policy, role)) continue;
      if (e.tree == nullptr) continue;
      const Prover::ConditionVerdict& verdict = judge(e, *policy, role);
      const bool own = std::any_of(verdict.others.begin(), verdict.others.end(),
                                   [&](const Occurrence& o) { return o.relation == &table; });
      const bool tied = verdict.row.verdict == Verdict::Proven;
      if (own) {
        out.push_back({policy, role, deed, e.check, true, false, verdict.row});
      } else if (!policy->permissive) {
        restricted = restricted || tied;
      } else if (!tied) {
        open.push_back({policy, role, deed, e.check, false, false, verdict.row});
      } else {
        some_tied = true;
      }
    }
    if (restricted) continue;
    for (PolicyFault& fault : open) {
      fault.beside_tied = some_tied;
      out.push_back(std::move(fault));
    }
  }
  return out;
}

}  // namespace

bool covers(const schema::Policy& policy, Deed deed) {
  switch (policy.command) {
    case PolicyCommand::All: return true;
    case PolicyCommand::Select: return deed == Deed::See;
    case PolicyCommand::Insert: return deed == Deed::Add;
    case PolicyCommand::Update: return deed == Deed::Change || deed == Deed::ChangeTo;
    case PolicyCommand::Delete: return deed == Deed::Remove;
  }
  return false;
}

bool applies_to(const schema::Policy& policy, const schema::Role* role) {
  if (policy.roles.empty() || role == nullptr) return true;
  return std::any_of(policy.roles.begin(), policy.roles.end(), [&](const schema::Role* group) {
    return group != nullptr && inherits(*role, *group, 0);
  });
}

std::vector<PolicyFault> judge_policies(Prover& prover, const schema::Tenancy& tenancy,
                                        const schema::Relation& table,
                                        const std::vector<const schema::Role*>& roles) {
  std::vector<PolicyFault> out;
  const std::vector<Deed> all(std::begin(kDeeds), std::end(kDeeds));
  std::vector<const schema::Role*> whom = roles;
  if (whom.empty()) whom.push_back(nullptr);
  for (const schema::Role* role : whom) {
    Judge judge(prover, tenancy);
    for (PolicyFault& fault : judge.faults(table, role, all)) {
      const bool said = std::any_of(out.begin(), out.end(), [&](const PolicyFault& f) {
        return f.policy == fault.policy && f.check == fault.check;
      });
      if (!said) out.push_back(std::move(fault));
    }
  }
  return out;
}

}  // namespace tenantlint::isolation
