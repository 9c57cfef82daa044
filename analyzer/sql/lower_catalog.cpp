// Schemas, extensions, publications, roles, privileges, and the statements that fit any kind of
// object: DROP, RENAME, SET SCHEMA, OWNER TO, COMMENT.
#include "analyzer/sql/lower_internal.h"

namespace tenantlint::sql {

const ast::Statement* Lowerer::catalog_statement(const ::Node* node, std::uint32_t at) {
  switch (nodeTag(node)) {
    case T_CreateSchemaStmt: {
      const auto* in = to<::CreateSchemaStmt>(node);
      auto* out = make<ast::CreateSchema>(at);
      out->name = str(in->schemaname);
      out->has_owner = in->authrole != nullptr;
      if (out->has_owner) out->owner = role(in->authrole);
      out->if_not_exists = in->if_not_exists;
      out->elements = map<const ast::Statement*>(
          in->schemaElts, [&](const ::Node* n) { return statement(n, at, 0); });
      return out;
    }
    case T_CreateExtensionStmt: {
      const auto* in = to<::CreateExtensionStmt>(node);
      auto* out = make<ast::CreateExtension>(at);
      out->name = str(in->extname);
      out->if_not_exists = in->if_not_exists;
      for (const ast::Option& o : options(in->options)) {
        if (o.name == "schema") out->schema = o.value;
        if (o.name == "cascade") out->cascade = true;
      }
      return out;
    }
    case T_AlterExtensionStmt: {
      auto* out = make<ast::AlterExtension>(at);
      out->name = str(to<::AlterExtensionStmt>(node)->extname);
      return out;
    }
    case T_AlterExtensionContentsStmt: {
      const auto* in = to<::AlterExtensionContentsStmt>(node);
      auto* out = make<ast::AlterExtensionContents>(at);
      out->name = str(in->extname);
      out->add = in->action > 0;
      out->object = object_type(in->objtype);
      out->member = object(out->object, in->object);
      return out;
    }
    default: return publication_statement(node, at);
  }
}

// Publications and foreign servers; then whatever fits neither.
const ast::Statement* Lowerer::publication_statement(const ::Node* node, std::uint32_t at) {
  switch (nodeTag(node)) {
    case T_CreatePublicationStmt: {
      const auto* in = to<::CreatePublicationStmt>(node);
      auto* out = make<ast::CreatePublication>(at);
      out->name = str(in->pubname);
      out->all_tables = in->for_all_tables;
      out->objects = publication_objects(in->pubobjects);
      out->options = options(in->options);
      return out;
    }
    case T_AlterPublicationStmt: {
      const auto* in = to<::AlterPublicationStmt>(node);
      auto* out = make<ast::AlterPublication>(at);
      out->name = str(in->pubname);
      out->all_tables = in->for_all_tables;
      out->objects = publication_objects(in->pubobjects);
      out->options = options(in->options);
      out->action = in->options != nullptr         ? ast::PublicationAction::Options
                    : in->action == AP_AddObjects  ? ast::PublicationAction::Add
                    : in->action == AP_DropObjects ? ast::PublicationAction::Drop
                                                   : ast::PublicationAction::Set;
      return out;
    }
    case T_CreateForeignServerStmt: {
      const auto* in = to<::CreateForeignServerStmt>(node);
      auto* out = make<ast::CreateForeignServer>(at);
      out->name = str(in->servername);
      out->wrapper = str(in->fdwname);
      return out;
    }
    case T_ImportForeignSchemaStmt: {
      const auto* in = to<::ImportForeignSchemaStmt>(node);
      auto* out = make<ast::ImportForeignSchema>(at);
      out->server = str(in->server_name);
      out->remote_schema = str(in->remote_schema);
      out->local_schema = str(in->local_schema);
      return out;
    }
    default: break;
  }
  const ast::Statement* out = role_statement(node, at);
  return out != nullptr ? out : any_object_statement(node, at);
}

ast::List<ast::PublicationObject> Lowerer::publication_objects(const ::List* list) {
  return map<ast::PublicationObject>(list, [&](const ::Node* n) {
    const auto* in = to<::PublicationObjSpec>(n);
    ast::PublicationObject out;
    if (in->pubtable != nullptr) {
      out.table = range_var(in->pubtable->relation);
      out.columns = strings(in->pubtable->columns);
      out.where = expr(in->pubtable->whereClause);
    }
    out.schema = str(in->name);
    out.current_schema = in->pubobjtype == PUBLICATIONOBJ_TABLES_IN_CUR_SCHEMA;
    return out;
  });
}

const ast::Statement* Lowerer::create_role(const ::CreateRoleStmt* node, std::uint32_t at) {
  auto* out = make<ast::CreateRole>(at);
  out->name = str(node->role);
  out->type = node->stmt_type == ROLESTMT_USER    ? 'u'
              : node->stmt_type == ROLESTMT_GROUP ? 'g'
                                                  : 'r';
  std::vector<ast::Option> plain;
  for (int i = 0; i < list_length(node->options); ++i) {
    const auto* element = to<::DefElem>(list_nth(node->options, i));
    const std::string_view key = element->defname;
    if (key == "addroleto") {
      out->in_roles = roles(to<::List>(element->arg));
    } else if (key == "rolemembers") {
      out->members = roles(to<::List>(element->arg));
    } else if (key == "adminmembers") {
      out->admins = roles(to<::List>(element->arg));
    } else {
      plain.push_back(option(element));
    }
  }
  out->options = nodes_->list(plain);
  return out;
}

const ast::Grant* Lowerer::grant(const ::GrantStmt* node, std::uint32_t at) {
  auto* out = make<ast::Grant>(at);
  out->is_grant = node->is_grant;
  out->target = node->targtype == ACL_TARGET_OBJECT          ? ast::GrantTarget::Objects
                : node->targtype == ACL_TARGET_ALL_IN_SCHEMA ? ast::GrantTarget::AllInSchema
                                                             : ast::GrantTarget::Defaults;
  out->object = object_type(node->objtype);
  const ast::ObjectType named =
      out->target == ast::GrantTarget::AllInSchema ? ast::ObjectType::Schema : out->object;
  out->objects =
      map<ast::ObjectName>(node->objects, [&](const ::Node* n) { return object(named, n); });
  out->privileges = map<ast::Privilege>(node->privileges, [&](const ::Node* n) {
    const auto* in = to<::AccessPriv>(n);
    return ast::Privilege{str(in->priv_name), strings(in->cols)};
  });
  out->grantees = roles(node->grantees);
  out->grant_option = node->grant_option;
  out->cascade = node->behavior == DROP_CASCADE;
  return out;
}

const ast::Statement* Lowerer::role_statement(const ::Node* node, std::uint32_t at) {
  switch (nodeTag(node)) {
    case T_CreateRoleStmt: return create_role(to<::CreateRoleStmt>(node), at);
    case T_AlterRoleStmt: {
      const auto* in = to<::AlterRoleStmt>(node);
      auto* out = make<ast::AlterRole>(at);
      out->role = role(in->role);
      out->add = in->action > 0;
      std::vector<ast::Option> plain;
      for (int i = 0; i < list_length(in->options); ++i) {
        const auto* element = to<::DefElem>(list_nth(in->options, i));
        if (std::strcmp(element->defname, "rolemembers") == 0) {
          out->members = roles(to<::List>(element->arg));
        } else {
          plain.push_back(option(element));
        }
      }
      out->options = nodes_->list(plain);
      return out;
    }
    case T_AlterRoleSetStmt: {
      const auto* in = to<::AlterRoleSetStmt>(node);
      auto* out = make<ast::AlterRoleSet>(at);
      out->all_roles = in->role == nullptr;
      if (in->role != nullptr) out->role = role(in->role);
      out->database = str(in->database);
      out->set = nodes_->make<ast::SetClause>(set_clause(in->setstmt));
      return out;
    }
    case T_DropRoleStmt: {
      const auto* in = to<::DropRoleStmt>(node);
      auto* out = make<ast::DropRole>(at);
      out->roles = roles(in->roles);
      out->missing_ok = in->missing_ok;
      return out;
    }
    case T_CreatedbStmt: {
      auto* out = make<ast::CreateDatabase>(at);
      out->name = str(to<::CreatedbStmt>(node)->dbname);
      return out;
    }
    case T_AlterDatabaseSetStmt: {
      const auto* in = to<::AlterDatabaseSetStmt>(node);
      auto* out = make<ast::AlterDatabaseSet>(at);
      out->name = str(in->dbname);
      out->set = nodes_->make<ast::SetClause>(set_clause(in->setstmt));
      return out;
    }
    default: return privilege_statement(node, at);
  }
}

const ast::Statement* Lowerer::privilege_statement(const ::Node* node, std::uint32_t at) {
  switch (nodeTag(node)) {
    case T_GrantStmt: return grant(to<::GrantStmt>(node), at);
    case T_GrantRoleStmt: {
      const auto* in = to<::GrantRoleStmt>(node);
      auto* out = make<ast::GrantRole>(at);
      out->is_grant = in->is_grant;
      out->roles = map<std::string_view>(
          in->granted_roles, [&](const ::Node* n) { return str(to<::AccessPriv>(n)->priv_name); });
      out->grantees = roles(in->grantee_roles);
      out->admin_option = in->admin_opt;
      return out;
    }
    case T_AlterDefaultPrivilegesStmt: {
      const auto* in = to<::AlterDefaultPrivilegesStmt>(node);
      auto* out = make<ast::AlterDefaultPrivileges>(at);
      for (int i = 0; i < list_length(in->options); ++i) {
        const auto* element = to<::DefElem>(list_nth(in->options, i));
        if (std::strcmp(element->defname, "schemas") == 0) {
          out->in_schemas = strings(to<::List>(element->arg));
        } else {
          out->for_roles = roles(to<::List>(element->arg));
        }
      }
      out->action = grant(in->action, at);
      return out;
    }
    case T_ReassignOwnedStmt: {
      const auto* in = to<::ReassignOwnedStmt>(node);
      auto* out = make<ast::ReassignOwned>(at);
      out->from = roles(in->roles);
      out->to = role(in->newrole);
      return out;
    }
    case T_DropOwnedStmt: {
      const auto* in = to<::DropOwnedStmt>(node);
      auto* out = make<ast::DropOwned>(at);
      out->roles = roles(in->roles);
      out->cascade = in->behavior == DROP_CASCADE;
      return out;
    }
    default: return nullptr;
  }
}

const ast::Statement* Lowerer::drop(const ::DropStmt* node, std::uint32_t at) {
  auto* out = make<ast::Drop>(at);
  out->object = object_type(node->removeType);
  out->objects =
      map<ast::ObjectName>(node->objects, [&](const ::Node* n) { return object(out->object, n); });
  out->cascade = node->behavior == DROP_CASCADE;
  out->missing_ok = node->missing_ok;
  out->concurrently = node->concurrent;
  return out;
}

const ast::Statement* Lowerer::rename(const ::RenameStmt* node, std::uint32_t at) {
  auto* out = make<ast::Rename>(at);
  out->object = object_type(node->renameType);
  out->relation_type = object_type(node->relationType);
  if (node->relation != nullptr) {
    const ast::RangeVar* relation = range_var(node->relation);
    out->name.name = relation->name;
    out->name.at = relation->at;
  } else if (node->object != nullptr) {
    out->name = object(out->object, node->object);
  }
  // Roles, schemas and databases are named by `subname` alone; columns, policies … within their
  // table.
  if (node->subname != nullptr) {
    (out->name.name.name.empty() ? out->name.name.name : out->name.sub) = str(node->subname);
  }
  out->new_name = str(node->newname);
  out->missing_ok = node->missing_ok;
  out->cascade = node->behavior == DROP_CASCADE;
  return out;
}

const ast::Statement* Lowerer::any_object_statement(const ::Node* node, std::uint32_t at) {
  switch (nodeTag(node)) {
    case T_DropStmt: return drop(to<::DropStmt>(node), at);
    case T_RenameStmt: return rename(to<::RenameStmt>(node), at);
    case T_AlterObjectSchemaStmt: {
      const auto* in = to<::AlterObjectSchemaStmt>(node);
      auto* out = make<ast::AlterSchemaOf>(at);
      out->object = object_type(in->objectType);
      if (in->relation != nullptr) {
        const ast::RangeVar* relation = range_var(in->relation);
        out->name.name = relation->name;
        out->name.at = relation->at;
      } else {
        out->name = object(out->object, in->object);
      }
      out->new_schema = str(in->newschema);
      out->missing_ok = in->missing_ok;
      return out;
    }
    case T_AlterOwnerStmt: {
      const auto* in = to<::AlterOwnerStmt>(node);
      auto* out = make<ast::AlterOwner>(at);
      out->object = object_type(in->objectType);
      if (in->relation != nullptr) {
        out->name.name = range_var(in->relation)->name;
      } else {
        out->name = object(out->object, in->object);
      }
      out->owner = role(in->newowner);
      return out;
    }
    case T_CommentStmt: {
      const auto* in = to<::CommentStmt>(node);
      auto* out = make<ast::Comment>(at);
      out->object = object_type(in->objtype);
      out->name = object(out->object, in->object);
      out->text = str(in->comment);
      out->is_null = in->comment == nullptr;
      return out;
    }
    default: return nullptr;
  }
}

}  // namespace tenantlint::sql
