// In: a table's policies and the roles of the application. Out: for each action of each role the
// verdict of (OR of the permissive) AND (all restrictive), and which expressions let rows through.
// Who a policy applies to and which expression counts for what is PostgreSQL's rowsecurity.c.
// Source: PostgreSQL manual 5.8 and CREATE POLICY.
#include "analyzer/isolation/policies.h"

#include <algorithm>
#include <deque>
#include <map>
#include <tuple>
#include <unordered_map>

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

struct Policies::Impl {
  Impl(const schema::Model& m, const schema::Tenancy& t, Prover& p)
      : model(m), tenancy(t), judge(m, t, p) {}

  TablePolicies& table_of(const Relation& table);
  std::vector<const Role*> roles_of(const Relation& table) const;
  const ActionVerdict& action(const Relation& table, RowAction action, const Role* role);
  ActionVerdict judge_action(const Relation& table, RowAction action, const Role* role);
  Verdict with_restrictive(const PolicyExpression& permissive, const ActionVerdict& out);
  const PolicyExpression& expression(const WrittenExpression& e, const Role* role);
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
  std::unordered_map<const Relation*, std::unique_ptr<TablePolicies>> tables;
  // By tree, by whether it is judged over a new row, and by role where that matters.
  using Key = std::tuple<const ast::Expr*, bool, const Role*>;
  std::map<Key, PolicyExpression> expressions;
  std::unordered_map<const PolicyExpression*, WrittenExpression> written;
  std::map<std::tuple<const Relation*, RowAction, const Role*>, ActionVerdict> actions;
  std::vector<std::pair<const Relation*, const Role*>> in_progress;
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
  const std::pair key(&table, role);
  if (std::find(in_progress.begin(), in_progress.end(), key) != in_progress.end())
    return Verdict::Missing;
  return action(table, RowAction::Select, role).verdict;
}

ExpressionJudge::Protection Policies::Impl::protection(const Role* role) {
  return [this, role](const Relation& table) { return protection_of(table, role); };
}

const PolicyExpression& Policies::Impl::expression(const WrittenExpression& e, const Role* role) {
  // What a sub-query sees depends on who asks; nothing else does.
  const bool by_role = shape::has_subquery(e.tree);
  const Key key{e.tree, e.new_row, by_role ? role : nullptr};
  const auto known = expressions.find(key);
  if (known != expressions.end()) return known->second;
  PolicyExpression judged = judge.judge(e, protection(role));
  const auto at = expressions.insert_or_assign(key, std::move(judged)).first;
  written[&at->second] = e;
  return at->second;
}

// A permissive policy that does not tie its rows may be held by restrictive ones, each by itself or
// together with it.
Verdict Policies::Impl::with_restrictive(const PolicyExpression& permissive,
                                         const ActionVerdict& out) {
  Verdict best = permissive.verdict;
  for (const PolicyExpression* r : out.restrictive) best = std::min(best, r->verdict);
  if (best == Verdict::Proven || out.restrictive.empty()) return best;
  std::vector<WrittenExpression> all{written[&permissive]};
  for (const PolicyExpression* r : out.restrictive) all.push_back(written[r]);
  return std::min(best, judge.together(all, protection(out.role)));
}

ActionVerdict Policies::Impl::judge_action(const Relation& table, RowAction action,
                                           const Role* role) {
  ActionVerdict out;
  out.action = action;
  out.role = role;
  for (const Policy* policy : table.policies) {
    if (!covers(*policy, action) || !applies(*policy, role)) continue;
    const WrittenExpression e = written_expression(*policy, action);
    // Without an expression for the action a policy neither permits nor restricts it.
    if (e.tree == nullptr) continue;
    const PolicyExpression& judged = expression(e, role);
    (policy->permissive ? out.permissive : out.restrictive).push_back(&judged);
  }
  out.denied = out.permissive.empty();
  if (out.denied) return out;
  for (const PolicyExpression* p : out.permissive) {
    const Verdict v = p->verdict == Verdict::Proven ? p->verdict : with_restrictive(*p, out);
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

const ActionVerdict& Policies::Impl::action(const Relation& table, RowAction action,
                                            const Role* role) {
  const std::tuple key(&table, action, role);
  const auto known = actions.find(key);
  if (known != actions.end()) return known->second;
  // Only what a sub-query reads can come back to itself.
  const bool select = action == RowAction::Select;
  if (select) in_progress.emplace_back(&table, role);
  ActionVerdict judged = judge_action(table, action, role);
  if (select) in_progress.pop_back();
  return actions.insert_or_assign(key, std::move(judged)).first->second;
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

TablePolicies& Policies::Impl::table_of(const Relation& table) {
  std::unique_ptr<TablePolicies>& known = tables[&table];
  if (known != nullptr) return *known;
  known = std::make_unique<TablePolicies>();
  TablePolicies& out = *known;
  out.table = &table;
  for (const Role* role : roles_of(table)) {
    const BoundRole bound = binding(table, role);
    out.roles.push_back(bound);
    if (!bound.bound) continue;
    for (std::size_t i = 0; i < kRowActions; ++i) {
      const ActionVerdict& v = action(table, static_cast<RowAction>(i), role);
      for (const auto* list : {&v.permissive, &v.restrictive}) {
        for (const PolicyExpression* e : *list) add_once(out.expressions, e);
      }
      out.actions.push_back(v);
    }
  }
  find_circle(out);
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

const TablePolicies& Policies::of(const Relation& table) {
  return impl_->table_of(table);
}

}  // namespace tenantlint::isolation
