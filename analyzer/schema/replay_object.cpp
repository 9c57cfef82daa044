// Schemas, extensions, publications, owners, comments.
#include <fmt/format.h>

#include <algorithm>

#include "analyzer/schema/replayer.h"

namespace tenantlint::schema {

namespace {

struct ExtensionType {
  std::string_view extension;
  std::string_view type;
};
constexpr ExtensionType kExtensionTypes[] = {
#define EXTENSION_TYPE(extension, type) {extension, type},
#include "analyzer/schema/extension_objects.def"
#undef EXTENSION_TYPE
};

// Extensions that always live in a schema of their own, which they make (their control files say
// so).
std::string_view own_schema(std::string_view extension) {
  if (extension == "pgsodium" || extension == "pgmq") return extension;
  if (extension == "supabase_vault") return "vault";
  return {};
}

}  // namespace

void Replayer::note_other(ast::ObjectType type, std::string_view name) {
  OtherObject& out = model.born(model.others.emplace_back());
  out.type = type;
  out.name = model.intern(name);
  out.stub = stub;
  out.place = word_place(name);
}

void Replayer::create_schema(const ast::CreateSchema& tree) {
  const std::string_view name =
      tree.name.empty() && tree.has_owner ? std::string_view(role(tree.owner).name) : tree.name;
  if (model.find_schema(name) != nullptr) {
    if (tree.if_not_exists) return;
    fail("duplicate_schema", fmt::format("schema \"{}\" already exists", name), word_place(name));
  }
  Schema& out = model.add_schema(name);
  out.stub = stub;
  out.place = word_place(name);
  out.owner = tree.has_owner ? &role(tree.owner) : session.role;
  for (const DefaultPrivilege& d : model.default_privileges) {
    if (d.object == ast::ObjectType::Schema) out.grants.push_back(d.grant);
  }
  if (tree.elements.empty()) return;
  // Its elements are made in it (manual, CREATE SCHEMA).
  std::vector<std::string> before = session.search_path;
  session.search_path.insert(session.search_path.begin(), std::string(name));
  for (const ast::Statement* element : tree.elements) execute(*element);
  session.search_path = std::move(before);
}

void Replayer::create_extension(const ast::CreateExtension& tree) {
  for (const Extension& e : model.extensions) {
    if (e.dropped || e.name != tree.name) continue;
    if (tree.if_not_exists) return;
    fail("duplicate_object", fmt::format("extension \"{}\" already exists", tree.name),
         word_place(tree.name));
  }
  const std::string_view fixed = own_schema(tree.name);
  if (!fixed.empty() && model.find_schema(fixed) == nullptr) model.add_schema(fixed).stub = true;
  Schema& schema =
      creation_schema(!tree.schema.empty() ? tree.schema : fixed, word_place(tree.name));
  Extension& out = model.born(model.extensions.emplace_back());
  out.name = model.intern(tree.name);
  out.schema = &schema;
  out.stub = stub;
  out.place = word_place(tree.name);
  for (const ExtensionType& t : kExtensionTypes) {
    if (t.extension != tree.name || model.find_type(schema, t.type) != nullptr) continue;
    Type& type = model.add_type(schema, t.type, TypeKind::Base);
    type.extension = out.name;
    type.place = out.place;
  }
}

void Replayer::publication_objects(Publication& publication,
                                   ast::List<ast::PublicationObject> objects, bool add) {
  for (const ast::PublicationObject& o : objects) {
    if (o.table != nullptr) {
      Relation& on = table(*o.table);
      const auto erased = std::erase_if(publication.tables,
                                        [&](const PublicationTable& t) { return t.table == &on; });
      if (publication.all_tables || (erased > 0) == add) {
        fail(add ? "duplicate_object" : "undefined_object",
             fmt::format("relation \"{}\" is {} part of the publication", on.name,
                         add ? "already" : "not"),
             name_place(o.table->name));
      }
      if (add) {
        PublicationTable entry{&on, o.where, {}};
        for (const std::string_view name : o.columns) entry.columns.push_back(model.intern(name));
        publication.tables.push_back(std::move(entry));
      }
      continue;
    }
    Schema* schema =
        o.current_schema ? &creation_schema({}, statement_place()) : model.find_schema(o.schema);
    if (schema == nullptr) {
      fail("invalid_schema_name", fmt::format("schema \"{}\" does not exist", o.schema),
           statement_place());
    }
    std::erase(publication.schemas, schema);
    if (add) publication.schemas.push_back(schema);
  }
}

void Replayer::create_publication(const ast::CreatePublication& tree) {
  for (const Publication& p : model.publications) {
    if (p.dropped || p.name != tree.name) continue;
    fail("duplicate_object", fmt::format("publication \"{}\" already exists", tree.name),
         word_place(tree.name));
  }
  Publication made;
  made.name = model.intern(tree.name);
  made.all_tables = tree.all_tables;
  made.stub = stub;
  made.place = word_place(tree.name);
  publication_objects(made, tree.objects, true);
  model.born(model.publications.emplace_back(std::move(made)));
}

void Replayer::alter_publication(const ast::AlterPublication& tree) {
  for (Publication& p : model.publications) {
    if (p.dropped || p.name != tree.name) continue;
    Publication& changed = model.edit(p);
    if (tree.action == ast::PublicationAction::Options) return;
    if (tree.action == ast::PublicationAction::Set) {
      changed.tables.clear();
      changed.schemas.clear();
    }
    publication_objects(changed, tree.objects, tree.action != ast::PublicationAction::Drop);
    return;
  }
  fail("undefined_object", fmt::format("publication \"{}\" does not exist", tree.name),
       word_place(tree.name));
}

void Replayer::alter_owner(const ast::AlterOwner& tree) {
  using O = ast::ObjectType;
  Role& owner = role(tree.owner);
  switch (tree.object) {
    case O::Function:
    case O::Procedure:
    case O::Routine:
    case O::Aggregate: {
      const bool procedure = tree.object == O::Procedure;
      Function* found = own_function(tree.name, procedure ? "procedure" : "function");
      if (found != nullptr) model.edit(*found).owner = &owner;
      return;
    }
    case O::Schema: {
      Schema* schema = model.find_schema(tree.name.name.name);
      if (schema == nullptr) {
        fail("invalid_schema_name",
             fmt::format("schema \"{}\" does not exist", tree.name.name.name),
             word_place(tree.name.name.name));
      }
      model.edit(*schema).owner = &owner;
      return;
    }
    default: return;
  }
}

void Replayer::reassign_owned(const ast::ReassignOwned& tree) {
  Role& to = role(tree.to);
  for (const ast::RoleSpec& spec : tree.from) {
    const Role& from = role(spec);
    for (Relation& r : model.relations) {
      if (!r.dropped && r.owner == &from) model.edit(r).owner = &to;
    }
    for (Function& f : model.functions) {
      if (!f.dropped && f.owner == &from) model.edit(f).owner = &to;
    }
    for (Schema& s : model.schemas) {
      if (!s.dropped && s.owner == &from) model.edit(s).owner = &to;
    }
  }
}

// Objects go, privileges are revoked, and the role leaves the policies that name it.
void Replayer::drop_owned(const ast::DropOwned& tree) {
  for (const ast::RoleSpec& spec : tree.roles) {
    const Role& gone = role(spec);
    std::vector<ObjectRef> owned;
    const auto revoke = [&](std::vector<schema::Grant>& acl) {
      std::erase_if(acl, [&](const schema::Grant& g) { return g.grantee == &gone; });
    };
    for (Relation& r : model.relations) {
      if (r.dropped) continue;
      if (r.owner == &gone) owned.push_back({ObjectClass::Relation, &r});
      revoke(model.edit(r).grants);
    }
    for (Function& f : model.functions) {
      if (f.dropped) continue;
      if (f.owner == &gone) owned.push_back({ObjectClass::Function, &f});
      revoke(model.edit(f).grants);
    }
    for (Schema& s : model.schemas) {
      if (s.dropped) continue;
      if (s.owner == &gone) owned.push_back({ObjectClass::Schema, &s});
      revoke(model.edit(s).grants);
    }
    std::erase_if(model.edit(model.default_privileges), [&](const DefaultPrivilege& d) {
      return d.creator == &gone || d.grant.grantee == &gone;
    });
    for (Policy& p : model.policies) {
      if (p.dropped || std::find(p.roles.begin(), p.roles.end(), &gone) == p.roles.end()) continue;
      if (p.roles.size() == 1) {
        owned.push_back({ObjectClass::Policy, &p});
      } else {
        std::erase(model.edit(p).roles, &gone);
      }
    }
    drop_objects(owned, tree.cascade, statement_place());
  }
}

void Replayer::comment(const ast::Comment& tree) {
  using O = ast::ObjectType;
  const ast::ObjectName& name = tree.name;
  switch (tree.object) {
    case O::Table:
    case O::View:
    case O::MaterializedView:
    case O::Index:
    case O::Sequence:
    case O::ForeignTable:
    case O::Column: {
      Relation* found = find_relation(name.name);
      if (found == nullptr) {
        fail("undefined_table", fmt::format("relation \"{}\" does not exist", name.name.name),
             word_place(name.name.name));
      }
      if (tree.object == O::Column) column(*found, name.sub, word_place(name.sub));
      return;
    }
    case O::Function:
    case O::Procedure: own_function(name, "function"); return;
    case O::Policy:
    case O::Trigger:
    case O::Rule:
    case O::Schema:
    case O::Extension:
    case O::Type:
    case O::Domain: {
      ast::Drop probe{};
      probe.kind = ast::Kind::Drop;
      probe.object = tree.object;
      drop_target(probe, name);
      return;
    }
    case O::TableConstraint: {
      Relation* found = find_relation(name.name);
      if (found != nullptr && find_constraint(*found, name.sub) == nullptr) {
        fail(
            "undefined_object",
            fmt::format("constraint \"{}\" for table \"{}\" does not exist", name.sub, found->name),
            word_place(name.sub));
      }
      return;
    }
    default: return;
  }
}

}  // namespace tenantlint::schema
