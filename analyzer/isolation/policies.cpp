// In: a table's policies and the roles of the application. Out: for each action of each role the
// verdict of (OR of the permissive) AND (all restrictive), and which expressions let rows through.
// Who a policy applies to and which expression counts for what is PostgreSQL's rowsecurity.c.
// Source: PostgreSQL manual 5.8 and CREATE POLICY.
#include "analyzer/isolation/policies.h"

#include <algorithm>
#include <map>

#include "analyzer/isolation/policy_expression.h"
#include "analyzer/isolation/policy_shape.h"
#include "analyzer/schema/roles.h"

namespace tenantlint::isolation {

using schema::Policy;
using schema::Relation;
using schema::Role;

std::string_view to_string(RowAction action) {
  switch (action) {
    case RowAction::Select: return "SELECT";
    case RowAction::Insert: return "INSERT";
    case RowAction::UpdateOld:
    case RowAction::UpdateNew: return "UPDATE";
    case RowAction::Delete: return "DELETE";
  }
  return "SELECT";
}

std::uint32_t privilege_for(RowAction action) {
  switch (action) {
    case RowAction::Select: return schema::kSelect;
    case RowAction::Insert: return schema::kInsert;
    case RowAction::UpdateOld:
    case RowAction::UpdateNew: return schema::kUpdate;
    case RowAction::Delete: return schema::kDelete;
  }
  return 0;
}

const ActionVerdict* TablePolicies::find(RowAction action, const Role* role) const {
  for (const ActionVerdict& v : actions) {
    if (v.action == action && v.role == role) return &v;
  }
  return nullptr;
}

namespace {

template <typename T>
void add_once(std::vector<T>& list, T item) {
  if (std::find(list.begin(), list.end(), item) == list.end()) list.push_back(item);
}

// The groups that a role may SET ROLE to.
void add_groups(const Role& role, std::vector<const Role*>& out) {
  for (const schema::Membership& m : role.member_of) {
    if (std::find(out.begin(), out.end(), m.role) != out.end()) continue;
    out.push_back(m.role);
    add_groups(*m.role, out);
  }
}

bool applies(const Policy& policy, const Role* role) {
  if (policy.roles.empty()) return true;
  return role != nullptr &&
         std::any_of(policy.roles.begin(), policy.roles.end(),
                     [&](const Role* to) { return schema::inherits_from(*role, *to); });
}

BoundRole binding(const Relation& table, const Role* role) {
  BoundRole out{role, true, {}};
  if (role == nullptr) return out;
  // Attributes are not inherited; ownership is.
  if (role->superuser) out.why = "superuser";
  if (role->bypass_rls) out.why = "bypassrls";
  if (out.why.empty() && !table.force_rls && table.owner != nullptr &&
      schema::inherits_from(*role, *table.owner)) {
    out.why = "owner";
  }
  out.bound = out.why.empty();
  return out;
}

}  // namespace

// The expressions of one table, each judged once.
class Expressions {
 public:
  Expressions(ExpressionJudge& judge, std::list<PolicyExpression>& out)
      : judge_(judge), out_(out) {}

  const PolicyExpression& of(const WrittenExpression& e, const Role* role,
                             const ExpressionJudge::Protection& protection) {
    for (const Entry& known : entries_) {
      if (known.written.tree != e.tree) continue;
      if (e.plain || (known.written.new_row == e.new_row && known.role == role))
        return *known.judged;
    }
    const PolicyExpression& judged = out_.emplace_back(judge_.judge(e, protection));
    entries_.push_back({e, role, &judged});
    return judged;
  }

  const WrittenExpression& written(const PolicyExpression& judged) const {
    return std::find_if(entries_.begin(), entries_.end(),
                        [&](const Entry& e) { return e.judged == &judged; })
        ->written;
  }

 private:
  struct Entry {
    WrittenExpression written;
    const Role* role;
    const PolicyExpression* judged;
  };
  ExpressionJudge& judge_;
  std::list<PolicyExpression>& out_;
  std::vector<Entry> entries_;
};

struct Policies::Impl {
  Impl(const schema::Model& m, const schema::Tenancy& t, Prover& p)
      : model(m), tenancy(t), judge(m, t, p) {}

  std::unique_ptr<TablePolicies> judge_table(const Relation& table);
  std::vector<const Role*> roles_of(const Relation& table) const;
  ActionVerdict judge_action(const Relation& table, RowAction action, const Role* role,
                             Expressions& expressions);
  Verdict with_restrictive(const PolicyExpression& permissive, const ActionVerdict& out,
                           const Expressions& expressions);
  ExpressionJudge::Protection protection(const Role* role);
  Verdict protection_of(const Relation& table, const Role* role);
  void find_circle(TablePolicies& out) const;
  bool reads(const Relation& from, const Relation& target,
             std::vector<const Relation*>& seen) const;
  std::vector<const Relation*> read_by_policies(const Relation& table) const;

  const schema::Model& model;
  const schema::Tenancy& tenancy;
  ExpressionJudge judge;
  std::vector<const Role*> app_roles;
  bool roles_known = false;
  // What a sub-query may rely on: the verdict of SELECT, of tables that were asked for.
  using Key = std::pair<const Relation*, const Role*>;
  std::map<Key, Verdict> protections;
  std::vector<Key> in_progress;
};

std::vector<const Role*> Policies::Impl::roles_of(const Relation& table) const {
  if (roles_known) return app_roles;
  std::vector<const Role*> out{nullptr};
  for (const Policy* policy : table.policies) {
    for (const Role* role : policy->roles) add_once(out, role);
  }
  return out;
}

// Rows of a table that a sub-query of a policy reads: are they the tenant's, by its own policies? A
// table whose policies come back to themselves protects nothing.
Verdict Policies::Impl::protection_of(const Relation& table, const Role* role) {
  if (!table.rls || !tenancy.tenant_owned(table) || !binding(table, role).bound)
    return Verdict::Missing;
  const Key key(&table, role);
  if (const auto known = protections.find(key); known != protections.end()) return known->second;
  if (std::find(in_progress.begin(), in_progress.end(), key) != in_progress.end())
    return Verdict::Missing;
  in_progress.push_back(key);
  std::list<PolicyExpression> judged;
  Expressions expressions(judge, judged);
  const Verdict verdict = judge_action(table, RowAction::Select, role, expressions).verdict;
  in_progress.pop_back();
  return protections.emplace(key, verdict).first->second;
}

ExpressionJudge::Protection Policies::Impl::protection(const Role* role) {
  return [this, role](const Relation& table) { return protection_of(table, role); };
}

// A permissive policy that does not tie its rows may be held by restrictive ones, each by itself or
// together with it.
Verdict Policies::Impl::with_restrictive(const PolicyExpression& permissive,
                                         const ActionVerdict& out, const Expressions& expressions) {
  Verdict best = permissive.verdict;
  for (const PolicyExpression* r : out.restrictive) best = std::min(best, r->verdict);
  if (best == Verdict::Proven || out.restrictive.empty()) return best;
  std::vector<WrittenExpression> all{expressions.written(permissive)};
  for (const PolicyExpression* r : out.restrictive) all.push_back(expressions.written(*r));
  return std::min(best, judge.together(all, protection(out.role)));
}

ActionVerdict Policies::Impl::judge_action(const Relation& table, RowAction action,
                                           const Role* role, Expressions& expressions) {
  ActionVerdict out;
  out.action = action;
  out.role = role;
  for (const Policy* policy : table.policies) {
    if (!covers(*policy, action) || !applies(*policy, role)) continue;
    const WrittenExpression e = written_expression(*policy, action);
    // Without an expression for the action a policy neither permits nor restricts it.
    if (e.tree == nullptr) continue;
    const PolicyExpression& judged = expressions.of(e, role, protection(role));
    (policy->permissive ? out.permissive : out.restrictive).push_back(&judged);
  }
  out.denied = out.permissive.empty();
  if (out.denied) return out;
  for (const PolicyExpression* p : out.permissive) {
    const Verdict v =
        p->verdict == Verdict::Proven ? p->verdict : with_restrictive(*p, out, expressions);
    if (v != Verdict::Proven) out.open.push_back(p);
    out.verdict = std::max(out.verdict, v);
  }
  for (const auto* list : {&out.permissive, &out.restrictive}) {
    for (const PolicyExpression* e : *list) {
      for (const Occurrence& o : e->reads) out.reads = std::max(out.reads, o.verdict);
    }
  }
  return out;
}

// Protected tables that are read when the table is read.
std::vector<const Relation*> Policies::Impl::read_by_policies(const Relation& table) const {
  std::vector<const Relation*> out;
  for (const Policy* policy : table.policies) {
    if (!covers(*policy, RowAction::Select) || policy->using_expr == nullptr) continue;
    const auto found = model.references.find(policy->using_expr);
    if (found == model.references.end()) continue;
    for (const Relation* r : found->second.relations) {
      if (r->rls && !r->dropped && r->is_table()) add_once(out, r);
    }
  }
  return out;
}

bool Policies::Impl::reads(const Relation& from, const Relation& target,
                           std::vector<const Relation*>& seen) const {
  if (std::find(seen.begin(), seen.end(), &from) != seen.end()) return false;
  seen.push_back(&from);
  for (const Relation* next : read_by_policies(from)) {
    if (next == &target || reads(*next, target, seen)) return true;
  }
  return false;
}

// PostgreSQL refuses to expand the policies of a table while it expands them.
void Policies::Impl::find_circle(TablePolicies& out) const {
  const Relation& table = *out.table;
  for (const Policy* policy : table.policies) {
    const bool used = std::any_of(out.actions.begin(), out.actions.end(), [&](const auto& a) {
      return a.action == RowAction::Select && applies(*policy, a.role);
    });
    if (!used || !covers(*policy, RowAction::Select) || policy->using_expr == nullptr) continue;
    const auto found = model.references.find(policy->using_expr);
    if (found == model.references.end()) continue;
    for (const Relation* r : found->second.relations) {
      if (!r->rls || r->dropped || !r->is_table()) continue;
      std::vector<const Relation*> seen;
      if (r != &table && !reads(*r, table, seen)) continue;
      out.circular = policy;
      out.circular_through = r == &table ? nullptr : r;
      return;
    }
  }
}

std::unique_ptr<TablePolicies> Policies::Impl::judge_table(const Relation& table) {
  auto out = std::make_unique<TablePolicies>();
  out->table = &table;
  Expressions expressions(judge, out->expressions);
  for (const Role* role : roles_of(table)) {
    const BoundRole bound = binding(table, role);
    out->roles.push_back(bound);
    if (!bound.bound) continue;
    for (std::size_t i = 0; i < kRowActions; ++i) {
      const auto action = static_cast<RowAction>(i);
      // Only what a sub-query reads can come back to itself.
      const bool select = action == RowAction::Select;
      if (select) in_progress.emplace_back(&table, role);
      out->actions.push_back(judge_action(table, action, role, expressions));
      if (select) in_progress.pop_back();
    }
  }
  find_circle(*out);
  return out;
}

Policies::Policies(const schema::Model& model, const schema::Tenancy& tenancy, Prover& prover,
                   std::vector<const Role*> app_roles)
    : impl_(std::make_unique<Impl>(model, tenancy, prover)) {
  impl_->roles_known = !app_roles.empty();
  for (const Role* role : app_roles) add_once(impl_->app_roles, role);
  for (const Role* role : app_roles) {
    if (role != nullptr) add_groups(*role, impl_->app_roles);
  }
}

Policies::~Policies() = default;

std::unique_ptr<TablePolicies> Policies::judge(const Relation& table) {
  return impl_->judge_table(table);
}

}  // namespace tenantlint::isolation
