// Roles, memberships and privileges. Roles that no statement created are made up when they are
// mentioned: most repositories create theirs elsewhere. Source: PostgreSQL manual, CREATE ROLE,
// GRANT.
#include <fmt/format.h>

#include <algorithm>

#include "analyzer/schema/replayer.h"

namespace tenantlint::schema {

namespace {

void apply_options(Role& role, ast::List<ast::Option> options, const Place& at) {
  for (const ast::Option& o : options) {
    const bool on = o.value != "false" && o.value != "0";
    if (o.name == "superuser") role.superuser = on;
    if (o.name == "bypassrls") role.bypass_rls = on;
    if (o.name == "canlogin") role.login = on;
    if (o.name == "inherit") role.inherit = on;
    if (o.name == "createrole") role.create_role = on;
    if (o.name == "createdb") role.create_db = on;
    if (o.name == "isreplication") role.replication = on;
    if (on && (o.name == "superuser" || o.name == "bypassrls")) role.bypass_place = at;
  }
}

void add_member(Model& model, Role& group, Role& member, bool admin, const Place& at) {
  Role& changed = model.edit(member);
  for (Membership& m : changed.member_of) {
    if (m.role != &group) continue;
    m.admin |= admin;
    return;
  }
  changed.member_of.push_back({&group, admin, at});
}

}  // namespace

void Replayer::create_role(const ast::CreateRole& tree) {
  Role* there = model.find_role(tree.name);
  if (there != nullptr && there->declared) {
    fail("duplicate_object", fmt::format("role \"{}\" already exists", tree.name),
         word_place(tree.name));
  }
  Role& role_record = model.edit(model.role(tree.name));
  role_record.declared = true;
  role_record.dropped = false;
  role_record.stub = stub;
  role_record.login = tree.type == 'u';
  role_record.place = word_place(tree.name);
  apply_options(role_record, tree.options, statement_place());
  for (const ast::RoleSpec& group : tree.in_roles) {
    add_member(model, role(group), role_record, false, statement_place());
  }
  for (const ast::RoleSpec& m : tree.members)
    add_member(model, role_record, role(m), false, statement_place());
  for (const ast::RoleSpec& m : tree.admins)
    add_member(model, role_record, role(m), true, statement_place());
}

void Replayer::alter_role(const ast::AlterRole& tree) {
  Role& target = model.edit(role(tree.role));
  apply_options(target, tree.options, statement_place());
  for (const ast::RoleSpec& m : tree.members) {
    Role& member = role(m);
    if (tree.add) {
      add_member(model, target, member, false, statement_place());
    } else {
      std::erase_if(model.edit(member).member_of,
                    [&](const Membership& x) { return x.role == &target; });
    }
  }
}

void Replayer::alter_role_set(const ast::AlterRoleSet& tree) {
  if (tree.all_roles) return;
  Role& target = model.edit(role(tree.role));
  const ast::SetClause& clause = *tree.set;
  std::erase_if(target.settings, [&](const auto& s) { return s.first == clause.name; });
  std::string value;
  std::vector<std::string> parts;
  for (const ast::Expr* v : clause.values) {
    if (const auto* literal = ast::as<ast::Literal>(v)) parts.emplace_back(literal->text);
  }
  for (const std::string& part : parts) value += (value.empty() ? "" : ", ") + part;
  if (clause.action == ast::SetAction::Value) {
    target.settings.emplace_back(model.intern(clause.name), model.intern(value));
  }
  // It holds for later sessions of the role that runs the migrations.
  if (clause.name == "search_path" && target.name == "postgres" && !parts.empty())
    start_path = parts;
}

bool Replayer::owns_anything(const Role& r) const {
  const auto granted = [&](const std::vector<schema::Grant>& acl) {
    return std::any_of(acl.begin(), acl.end(),
                       [&](const schema::Grant& g) { return g.grantee == &r; });
  };
  for (const Relation& x : model.relations) {
    if (!x.dropped && (x.owner == &r || granted(x.grants))) return true;
  }
  for (const Function& x : model.functions) {
    if (!x.dropped && (x.owner == &r || granted(x.grants))) return true;
  }
  for (const Schema& x : model.schemas) {
    if (!x.dropped && (x.owner == &r || granted(x.grants))) return true;
  }
  for (const DefaultPrivilege& d : model.default_privileges) {
    if (d.grant.grantee == &r || d.creator == &r) return true;
  }
  return std::any_of(model.policies.begin(), model.policies.end(), [&](const Policy& p) {
    return !p.dropped && std::find(p.roles.begin(), p.roles.end(), &r) != p.roles.end();
  });
}

void Replayer::drop_role(const ast::DropRole& tree) {
  for (const ast::RoleSpec& spec : tree.roles) {
    Role* target = model.find_role(spec.name);
    if (target == nullptr || !target->declared) {
      if (tree.missing_ok) continue;
      fail("undefined_object", fmt::format("role \"{}\" does not exist", spec.name),
           word_place(spec.name));
    }
    if (owns_anything(*target)) {
      fail(
          "dependent_objects_still_exist",
          fmt::format("role \"{}\" cannot be dropped because some objects depend on it", spec.name),
          word_place(spec.name));
    }
    for (Role& other : model.roles) {
      std::erase_if(other.member_of, [&](const Membership& m) { return m.role == target; });
    }
    model.remove(*target);
  }
}

void Replayer::grant_role(const ast::GrantRole& tree) {
  for (const std::string_view name : tree.roles) {
    Role& group = model.role(name);
    for (const ast::RoleSpec& spec : tree.grantees) {
      Role& member = role(spec);
      if (tree.is_grant && &member == &group) {
        fail("invalid_grant_operation",
             "role \"" + std::string(name) + "\" is a member of role \"" + std::string(name) + "\"",
             statement_place());
      }
      if (tree.is_grant) {
        add_member(model, group, member, tree.admin_option, statement_place());
      } else if (!tree.admin_option) {
        std::erase_if(model.edit(member).member_of,
                      [&](const Membership& m) { return m.role == &group; });
      }
    }
  }
}

}  // namespace tenantlint::schema
