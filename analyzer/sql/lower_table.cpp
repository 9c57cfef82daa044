// Tables, views and indexes: CREATE, ALTER TABLE with all of its sub-commands, CREATE TABLE AS.
#include "analyzer/sql/lower_internal.h"

#include <fmt/format.h>

namespace tenantlint::sql {

namespace {

ast::AlterAction alter_action(::AlterTableType type) {
  using A = ast::AlterAction;
  switch (type) {
    case AT_AddColumn: return A::AddColumn;
    case AT_DropColumn: return A::DropColumn;
    case AT_AlterColumnType: return A::AlterColumnType;
    case AT_ColumnDefault: return A::ColumnDefault;
    case AT_DropNotNull: return A::DropNotNull;
    case AT_SetNotNull: return A::SetNotNull;
    case AT_DropExpression: return A::DropExpression;
    case AT_AddIdentity: return A::AddIdentity;
    case AT_SetIdentity: return A::SetIdentity;
    case AT_DropIdentity: return A::DropIdentity;
    case AT_SetStatistics: return A::SetStatistics;
    case AT_SetOptions: return A::SetOptions;
    case AT_ResetOptions: return A::ResetOptions;
    case AT_SetStorage: return A::SetStorage;
    case AT_SetCompression: return A::SetCompression;
    case AT_AddConstraint: return A::AddConstraint;
    case AT_AlterConstraint: return A::AlterConstraint;
    case AT_ValidateConstraint: return A::ValidateConstraint;
    case AT_DropConstraint: return A::DropConstraint;
    case AT_ChangeOwner: return A::ChangeOwner;
    case AT_ClusterOn: return A::ClusterOn;
    case AT_DropCluster: return A::DropCluster;
    case AT_SetLogged: return A::SetLogged;
    case AT_SetUnLogged: return A::SetUnlogged;
    case AT_DropOids: return A::DropOids;
    case AT_SetAccessMethod: return A::SetAccessMethod;
    case AT_SetTableSpace: return A::SetTablespace;
    case AT_SetRelOptions: return A::SetRelOptions;
    case AT_ResetRelOptions: return A::ResetRelOptions;
    case AT_EnableTrig: return A::EnableTrigger;
    case AT_EnableAlwaysTrig: return A::EnableAlwaysTrigger;
    case AT_EnableReplicaTrig: return A::EnableReplicaTrigger;
    case AT_DisableTrig: return A::DisableTrigger;
    case AT_EnableTrigAll: return A::EnableTriggerAll;
    case AT_DisableTrigAll: return A::DisableTriggerAll;
    case AT_EnableTrigUser: return A::EnableTriggerUser;
    case AT_DisableTrigUser: return A::DisableTriggerUser;
    case AT_EnableRule: return A::EnableRule;
    case AT_EnableAlwaysRule: return A::EnableAlwaysRule;
    case AT_EnableReplicaRule: return A::EnableReplicaRule;
    case AT_DisableRule: return A::DisableRule;
    case AT_AddInherit: return A::AddInherit;
    case AT_DropInherit: return A::DropInherit;
    case AT_AddOf: return A::AddOf;
    case AT_DropOf: return A::DropOf;
    case AT_ReplicaIdentity: return A::ReplicaIdentity;
    case AT_EnableRowSecurity: return A::EnableRowSecurity;
    case AT_DisableRowSecurity: return A::DisableRowSecurity;
    case AT_ForceRowSecurity: return A::ForceRowSecurity;
    case AT_NoForceRowSecurity: return A::NoForceRowSecurity;
    case AT_GenericOptions: return A::GenericOptions;
    case AT_AttachPartition: return A::AttachPartition;
    case AT_DetachPartition: return A::DetachPartition;
    case AT_DetachPartitionFinalize: return A::DetachPartitionFinalize;
    default: return A::Other;
  }
}

ast::ConstraintType constraint_type(::ConstrType type) {
  using C = ast::ConstraintType;
  switch (type) {
    case CONSTR_NULL: return C::Null;
    case CONSTR_NOTNULL: return C::NotNull;
    case CONSTR_DEFAULT: return C::Default;
    case CONSTR_IDENTITY: return C::Identity;
    case CONSTR_GENERATED: return C::Generated;
    case CONSTR_CHECK: return C::Check;
    case CONSTR_PRIMARY: return C::PrimaryKey;
    case CONSTR_UNIQUE: return C::Unique;
    case CONSTR_EXCLUSION: return C::Exclusion;
    case CONSTR_FOREIGN: return C::ForeignKey;
    case CONSTR_ATTR_DEFERRABLE: return C::Deferrable;
    case CONSTR_ATTR_NOT_DEFERRABLE: return C::NotDeferrable;
    case CONSTR_ATTR_DEFERRED: return C::InitiallyDeferred;
    case CONSTR_ATTR_IMMEDIATE: return C::InitiallyImmediate;
  }
  return C::Check;
}

ast::ReferentialAction referential_action(char action) {
  return action == 0 ? ast::ReferentialAction::NoAction
                     : static_cast<ast::ReferentialAction>(action);
}

}  // namespace

const ast::Statement* Lowerer::table_statement(const ::Node* node, std::uint32_t at) {
  switch (nodeTag(node)) {
    case T_CreateStmt: return create_table(to<::CreateStmt>(node), at);
    case T_CreateForeignTableStmt: {
      const auto* in = to<::CreateForeignTableStmt>(node);
      auto* out = const_cast<ast::CreateTable*>(create_table(&in->base, at));
      out->foreign = true;
      out->foreign_server = str(in->servername);
      return out;
    }
    case T_AlterTableStmt: return alter_table(to<::AlterTableStmt>(node), at);
    case T_CreateTableAsStmt: return create_table_as(to<::CreateTableAsStmt>(node), at);
    case T_ViewStmt: return create_view(to<::ViewStmt>(node), at);
    case T_IndexStmt: return create_index(to<::IndexStmt>(node), at);
    case T_CreateSeqStmt: {
      const auto* in = to<::CreateSeqStmt>(node);
      auto* out = make<ast::CreateSequence>(at);
      out->relation = range_var(in->sequence);
      out->options = options(in->options);
      out->if_not_exists = in->if_not_exists;
      return out;
    }
    case T_AlterSeqStmt: {
      const auto* in = to<::AlterSeqStmt>(node);
      auto* out = make<ast::AlterSequence>(at);
      out->relation = range_var(in->sequence);
      out->options = options(in->options);
      out->missing_ok = in->missing_ok;
      return out;
    }
    case T_RefreshMatViewStmt: {
      auto* out = make<ast::RefreshMatView>(at);
      out->relation = range_var(to<::RefreshMatViewStmt>(node)->relation);
      return out;
    }
    default: return nullptr;
  }
}

const ast::CreateTable* Lowerer::create_table(const ::CreateStmt* node, std::uint32_t at) {
  auto* out = make<ast::CreateTable>(at);
  out->relation = range_var(node->relation);
  const auto elements = [&] {
    const Into into(*this, details_);
    return map<ast::TableElement>(node->tableElts, [&](const ::Node* n) {
      ast::TableElement element;
      if (IsA(n, ColumnDef)) {
        element.column = column(to<::ColumnDef>(n));
      } else if (IsA(n, Constraint)) {
        element.constraint = constraint_pointer(n);
      } else if (IsA(n, TableLikeClause)) {
        const auto* in = to<::TableLikeClause>(n);
        auto* like = nodes_->make<ast::LikeClause>();
        like->relation = range_var(in->relation);
        like->options = in->options;
        element.like = like;
      }
      return element;
    });
  };
  out->elements = elements();
  out->inherits = range_vars(node->inhRelations);
  out->bound = bound(node->partbound);
  out->partition_by = partition_spec(node->partspec);
  out->of_type = type(node->ofTypename);
  out->options = options(node->options);
  out->tablespace = str(node->tablespacename);
  out->access_method = str(node->accessMethod);
  out->on_commit = node->oncommit == ONCOMMIT_PRESERVE_ROWS ? 'p'
                   : node->oncommit == ONCOMMIT_DELETE_ROWS ? 'd'
                   : node->oncommit == ONCOMMIT_DROP        ? 'r'
                                                            : '\0';
  out->if_not_exists = node->if_not_exists;
  return out;
}

const ast::ColumnDef* Lowerer::column(const ::ColumnDef* node) {
  if (node == nullptr) return nullptr;
  auto* out = nodes_->make<ast::ColumnDef>();
  out->name = str(node->colname);
  out->type = type(node->typeName);
  out->constraints = map<ast::Constraint>(
      node->constraints, [&](const ::Node* n) { return constraint(to<::Constraint>(n)); });
  if (node->collClause != nullptr) out->collation = name(node->collClause->collname);
  out->compression = str(node->compression);
  out->raw_default = expr(node->raw_default);
  out->at = at(node->location);
  return out;
}

const ast::Constraint* Lowerer::constraint_pointer(const ::Node* node) {
  return nodes_->make<ast::Constraint>(constraint(to<::Constraint>(node)));
}

ast::Constraint Lowerer::constraint(const ::Constraint* node) {
  ast::Constraint out;
  out.type = constraint_type(node->contype);
  out.name = str(node->conname);
  out.at = at(node->location);
  out.expr = expr(node->raw_expr);
  out.identity = out.type == ast::ConstraintType::Identity ? node->generated_when : '\0';
  if (out.type == ast::ConstraintType::Identity) out.identity_options = options(node->options);
  out.columns = strings(node->contype == CONSTR_FOREIGN ? node->fk_attrs : node->keys);
  out.including = strings(node->including);
  // An exclusion is a pair of index element and operator name.
  out.exclusions = map<ast::IndexElement>(node->exclusions, [&](const ::Node* n) {
    const auto* pair = to<::List>(n);
    ast::IndexElement element = index_element(to<::IndexElem>(linitial(pair)));
    element.exclude_op = name(to<::List>(lsecond(pair)));
    return element;
  });
  out.access_method = str(node->access_method);
  out.where = expr(node->where_clause);
  out.using_index = str(node->indexname);
  out.nulls_not_distinct = node->nulls_not_distinct;
  out.ref_table = range_var(node->pktable);
  out.ref_columns = strings(node->pk_attrs);
  out.match = node->fk_matchtype == 0 ? 's' : node->fk_matchtype;
  out.on_delete = referential_action(node->fk_del_action);
  out.on_update = referential_action(node->fk_upd_action);
  out.on_delete_columns = strings(node->fk_del_set_cols);
  out.not_valid = node->skip_validation;
  out.no_inherit = node->is_no_inherit;
  out.deferrable = node->deferrable;
  out.initially_deferred = node->initdeferred;
  return out;
}

ast::IndexElement Lowerer::index_element(const ::IndexElem* node) {
  ast::IndexElement out;
  out.column = str(node->name);
  out.expr = expr(node->expr);
  out.collation = name(node->collation);
  out.op_class = name(node->opclass);
  out.descending = node->ordering == SORTBY_DESC;
  return out;
}

ast::List<ast::IndexElement> Lowerer::index_elements(const ::List* list) {
  return map<ast::IndexElement>(list,
                                [&](const ::Node* n) { return index_element(to<::IndexElem>(n)); });
}

const ast::PartitionBound* Lowerer::bound(const ::PartitionBoundSpec* node) {
  if (node == nullptr) return nullptr;
  const Into into(*this, &arena_);
  auto* out = nodes_->make<ast::PartitionBound>();
  out->is_default = node->is_default;
  out->strategy = node->strategy == PARTITION_STRATEGY_HASH    ? ast::PartitionStrategy::Hash
                  : node->strategy == PARTITION_STRATEGY_LIST  ? ast::PartitionStrategy::List
                  : node->strategy == PARTITION_STRATEGY_RANGE ? ast::PartitionStrategy::Range
                                                               : ast::PartitionStrategy::Unknown;
  out->values = exprs(node->listdatums != nullptr ? node->listdatums : node->lowerdatums);
  out->upper = exprs(node->upperdatums);
  out->modulus = node->modulus;
  out->remainder = node->remainder;
  return out;
}

const ast::PartitionSpec* Lowerer::partition_spec(const ::PartitionSpec* node) {
  if (node == nullptr) return nullptr;
  auto* out = nodes_->make<ast::PartitionSpec>();
  // The grammar keeps the word; an unknown one is refused when the statement runs.
  const std::string_view word = str(node->strategy);
  out->strategy = word == "list"    ? ast::PartitionStrategy::List
                  : word == "range" ? ast::PartitionStrategy::Range
                  : word == "hash"  ? ast::PartitionStrategy::Hash
                                    : ast::PartitionStrategy::Unknown;
  out->keys = map<ast::IndexElement>(node->partParams, [&](const ::Node* n) {
    const auto* in = to<::PartitionElem>(n);
    ast::IndexElement key;
    key.column = str(in->name);
    key.expr = expr(in->expr);
    key.collation = name(in->collation);
    key.op_class = name(in->opclass);
    return key;
  });
  return out;
}

const ast::Statement* Lowerer::alter_table(const ::AlterTableStmt* node, std::uint32_t at) {
  const Into into(*this, details_);
  auto* out = make<ast::AlterTable>(at);
  out->relation = range_var(node->relation);
  out->object = object_type(node->objtype);
  out->missing_ok = node->missing_ok;
  out->commands = map<ast::AlterTableCommand>(
      node->cmds, [&](const ::Node* n) { return alter_command(to<::AlterTableCmd>(n)); });
  return out;
}

ast::AlterTableCommand Lowerer::alter_command(const ::AlterTableCmd* node) {
  ast::AlterTableCommand out;
  out.action = alter_action(node->subtype);
  out.name = str(node->name);
  out.cascade = node->behavior == DROP_CASCADE;
  out.missing_ok = node->missing_ok;
  if (node->newowner != nullptr) out.owner = role(node->newowner);
  const ::Node* def = node->def;
  if (def == nullptr) return out;
  switch (nodeTag(def)) {
    case T_ColumnDef: out.column = column(to<::ColumnDef>(def)); break;
    case T_Constraint: out.constraint = constraint_pointer(def); break;
    case T_RangeVar: out.relation = range_var(to<::RangeVar>(def)); break;
    case T_TypeName: out.type = type(to<::TypeName>(def)); break;
    case T_List: out.options = options(to<::List>(def)); break;
    case T_PartitionCmd: {
      const auto* partition = to<::PartitionCmd>(def);
      out.relation = range_var(partition->name);
      out.bound = bound(partition->bound);
      break;
    }
    case T_ReplicaIdentityStmt: {
      const auto* identity = to<::ReplicaIdentityStmt>(def);
      out.replica_identity = identity->identity_type;
      out.name = str(identity->name);
      break;
    }
    default: out.expr = expr(def); break;
  }
  return out;
}

const ast::Statement* Lowerer::create_table_as(const ::CreateTableAsStmt* node, std::uint32_t at) {
  auto* out = make<ast::CreateTableAs>(at);
  out->relation = range_var(node->into->rel);
  out->columns = strings(node->into->colNames);
  out->options = options(node->into->options);
  out->with_no_data = node->into->skipData;
  out->materialized_view = node->objtype == OBJECT_MATVIEW;
  out->if_not_exists = node->if_not_exists;
  out->select_into = node->is_select_into;
  if (node->query != nullptr && IsA(node->query, ExecuteStmt)) {
    out->query = session_statement(node->query, 0);
  } else {
    out->query = query(node->query);
  }
  return out;
}

const ast::Statement* Lowerer::create_view(const ::ViewStmt* node, std::uint32_t at) {
  auto* out = make<ast::CreateView>(at);
  out->relation = range_var(node->view);
  out->columns = strings(node->aliases);
  out->query = select(to<::SelectStmt>(node->query), 0);
  out->or_replace = node->replace;
  out->options = options(node->options);
  out->check_option = node->withCheckOption == LOCAL_CHECK_OPTION      ? 'l'
                      : node->withCheckOption == CASCADED_CHECK_OPTION ? 'c'
                                                                       : '\0';
  return out;
}

const ast::Statement* Lowerer::create_index(const ::IndexStmt* node, std::uint32_t at) {
  const Into into(*this, details_);
  auto* out = make<ast::CreateIndex>(at);
  out->name = str(node->idxname);
  out->relation = range_var(node->relation);
  out->access_method = str(node->accessMethod);
  out->keys = index_elements(node->indexParams);
  out->including = map<std::string_view>(
      node->indexIncludingParams, [&](const ::Node* n) { return str(to<::IndexElem>(n)->name); });
  out->where = expr(node->whereClause);
  out->unique = node->unique;
  out->nulls_not_distinct = node->nulls_not_distinct;
  out->concurrently = node->concurrent;
  out->if_not_exists = node->if_not_exists;
  return out;
}

}  // namespace tenantlint::sql
