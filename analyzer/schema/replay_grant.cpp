// GRANT and REVOKE on objects, on all objects of a schema (those that are there), and by default
// for those that will come. Source: PostgreSQL manual, GRANT, REVOKE, ALTER DEFAULT
// PRIVILEGES, 5.7.
#include <fmt/format.h>

#include <algorithm>

#include "analyzer/schema/replayer.h"

namespace tenantlint::schema {

namespace {

std::uint32_t privilege_bit(std::string_view name) {
  constexpr std::pair<std::string_view, std::uint32_t> kNames[] = {
      {"select", kSelect},           {"insert", kInsert},     {"update", kUpdate},
      {"delete", kDelete},           {"truncate", kTruncate}, {"references", kReferences},
      {"trigger", kTrigger},         {"usage", kUsage},       {"create", kCreate},
      {"execute", kExecute},         {"connect", kConnect},   {"temporary", kTemporary},
      {"temp", kTemporary},          {"maintain", kMaintain}, {"set", kSetParameter},
      {"alter system", kAlterSystem}};
  for (const auto& [word, bit] : kNames) {
    if (word == name) return bit;
  }
  return 0;
}

std::uint32_t all_privileges(ast::ObjectType object) {
  using O = ast::ObjectType;
  switch (object) {
    case O::Sequence: return kUsage | kSelect | kUpdate;
    case O::Schema: return kUsage | kCreate;
    case O::Function:
    case O::Procedure:
    case O::Routine: return kExecute;
    case O::Type:
    case O::Domain:
    case O::Language: return kUsage;
    case O::Database: return kCreate | kConnect | kTemporary;
    default:
      return kSelect | kInsert | kUpdate | kDelete | kTruncate | kReferences | kTrigger | kMaintain;
  }
}

void change(std::vector<Grant>& acl, const Grant& wanted, bool give, bool only_option) {
  const auto same = std::find_if(acl.begin(), acl.end(), [&](const Grant& g) {
    return g.grantee == wanted.grantee && g.column == wanted.column;
  });
  if (give) {
    if (same == acl.end()) {
      acl.push_back(wanted);
    } else {
      same->privileges |= wanted.privileges;
      same->grantable |= wanted.grantable;
      same->place = wanted.place;
    }
    return;
  }
  if (same == acl.end()) return;
  same->grantable &= ~wanted.privileges;
  if (!only_option) same->privileges &= ~wanted.privileges;
  if (same->privileges == 0) acl.erase(same);
}

}  // namespace

void Replayer::grant_on(std::vector<schema::Grant>& acl, const ast::Grant& tree,
                        std::uint32_t all) {
  for (const ast::RoleSpec& spec : tree.grantees) {
    schema::Grant entry;
    entry.grantee = spec.ref == ast::RoleRef::Public ? nullptr : &role(spec);
    entry.place = statement_place();
    const auto apply = [&](std::uint32_t bits, std::string_view column_name) {
      entry.privileges = bits;
      entry.grantable = tree.is_grant && tree.grant_option ? bits : 0;
      entry.column = column_name.empty() ? std::string_view() : model.intern(column_name);
      change(acl, entry, tree.is_grant, !tree.is_grant && tree.grant_option);
    };
    if (tree.privileges.empty()) apply(all, {});
    for (const ast::Privilege& p : tree.privileges) {
      const std::uint32_t bits = p.name.empty() ? all : privilege_bit(p.name);
      if (p.columns.empty()) apply(bits, {});
      for (const std::string_view column_name : p.columns) apply(bits, column_name);
    }
    // REVOKE on the table takes column privileges along (manual, REVOKE).
    if (!tree.is_grant && tree.privileges.empty()) {
      std::erase_if(acl, [&](const schema::Grant& g) { return g.grantee == entry.grantee; });
    }
  }
}

void Replayer::grant(const ast::Grant& tree) {
  using O = ast::ObjectType;
  const std::uint32_t all = all_privileges(tree.object);
  const bool functions =
      tree.object == O::Function || tree.object == O::Procedure || tree.object == O::Routine;
  for (const ast::ObjectName& name : tree.objects) {
    if (tree.target == ast::GrantTarget::AllInSchema) {
      Schema* schema = model.find_schema(name.name.name);
      if (schema == nullptr) {
        fail("invalid_schema_name", fmt::format("schema \"{}\" does not exist", name.name.name),
             word_place(name.name.name));
      }
      for (const auto& [key, relation] : schema->relations) {
        const bool sequence = relation->kind == RelationKind::Sequence;
        const bool fits =
            tree.object == O::Sequence ? sequence : relation->is_table() || relation->is_view();
        if (!functions && fits) grant_on(model.edit(*relation).grants, tree, all);
      }
      for (const auto& [key, overloads] : schema->functions) {
        for (Function* f : overloads) {
          if (functions) grant_on(model.edit(*f).grants, tree, all);
        }
      }
      continue;
    }
    if (functions) {
      Function* found = own_function(name, "function");
      if (found != nullptr) grant_on(model.edit(*found).grants, tree, all);
    } else if (tree.object == O::Schema) {
      Schema* schema = model.find_schema(name.name.name);
      if (schema == nullptr) {
        fail("invalid_schema_name", fmt::format("schema \"{}\" does not exist", name.name.name),
             word_place(name.name.name));
      }
      grant_on(model.edit(*schema).grants, tree, all);
    } else if (tree.object == O::Table || tree.object == O::Sequence) {
      Relation* found = find_relation(name.name);
      if (found == nullptr) {
        fail("undefined_table", fmt::format("relation \"{}\" does not exist", name.name.name),
             name_place(name.name));
      }
      grant_on(model.edit(*found).grants, tree, all);
    }
  }
}

void Replayer::default_privileges(const ast::AlterDefaultPrivileges& tree) {
  std::vector<Role*> creators;
  for (const ast::RoleSpec& spec : tree.for_roles) creators.push_back(&role(spec));
  if (creators.empty()) creators.push_back(session.role);
  std::vector<Schema*> schemas;
  for (const std::string_view name : tree.in_schemas) {
    Schema* schema = model.find_schema(name);
    if (schema == nullptr) {
      fail("invalid_schema_name", fmt::format("schema \"{}\" does not exist", name),
           word_place(name));
    }
    schemas.push_back(schema);
  }
  if (schemas.empty()) schemas.push_back(nullptr);
  const bool functions = tree.action->object == ast::ObjectType::Function ||
                         tree.action->object == ast::ObjectType::Routine;
  const ast::ObjectType object = functions ? ast::ObjectType::Function : tree.action->object;
  for (Role* creator : creators) {
    for (Schema* schema : schemas) {
      std::vector<schema::Grant> acl;
      std::erase_if(model.edit(model.default_privileges), [&](const DefaultPrivilege& d) {
        if (d.creator != creator || d.schema != schema || d.object != object || d.revoked_public)
          return false;
        acl.push_back(d.grant);
        return true;
      });
      grant_on(acl, *tree.action, all_privileges(tree.action->object));
      for (const schema::Grant& g : acl) {
        model.default_privileges.push_back({creator, schema, object, g, false});
      }
      // PUBLIC has EXECUTE by nature: taking it away is remembered on its own.
      const bool from_public =
          std::any_of(tree.action->grantees.begin(), tree.action->grantees.end(),
                      [](const ast::RoleSpec& s) { return s.ref == ast::RoleRef::Public; });
      if (!functions || !from_public) continue;
      std::erase_if(model.edit(model.default_privileges), [&](const DefaultPrivilege& d) {
        return d.revoked_public && d.creator == creator && d.schema == schema;
      });
      if (tree.action->is_grant) continue;
      DefaultPrivilege revoked{creator, schema, object, {}, true};
      revoked.grant.place = statement_place();
      model.default_privileges.push_back(revoked);
    }
  }
}

}  // namespace tenantlint::schema
