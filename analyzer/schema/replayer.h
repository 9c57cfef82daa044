// The replay's working state and all of its steps; shared by the replay_*.cpp files alone.
//
// Errors that PostgreSQL would raise are thrown as ReplayError inside this layer and caught where
// PostgreSQL catches them: at the statement, at a savepoint, at an EXCEPTION handler. They never
// leave the layer. (Error values in every signature were tried: they hid the rules they stood
// between.)
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <utility>
#include <vector>

#include "analyzer/schema/identifiers.h"
#include "analyzer/schema/model.h"
#include "analyzer/sql/script.h"
#include "analyzer/text/problem.h"

namespace tenantlint::schema {

// `condition`: PL/pgSQL's name of the SQLSTATE ("undefined_table"); manual, appendix A.
struct ReplayError {
  std::string_view condition;
  std::string message;
  Place place;
};
// Something whose effect on the schema cannot be known: a problem "not-interpreted".
struct NotInterpreted {
  std::string message;
  Place place;
};

// What the interpreter of DO blocks remembers; see interpret.h.
struct InterpreterMemory;

struct Session {
  std::vector<std::string> search_path = {"$user", "public"};
  Role* role = nullptr;  // SET ROLE; null: whoever runs the migrations
  Schema* temporary = nullptr;
  bool in_transaction = false;  // an explicit one
  bool failed = false;          // it had an error: all is ignored until it ends
  std::vector<std::string> savepoints;
  // search_path before SET LOCAL, restored when the transaction ends.
  std::optional<std::vector<std::string>> path_before_local;
  std::optional<std::vector<std::string>> path_before_transaction;
};

// An object for DROP and its dependencies. `column`: of Column and Default.
enum class ObjectClass : std::uint8_t {
  Relation,
  Column,
  Default,
  Constraint,
  Policy,
  Trigger,
  Rule,
  Function,
  Type,
  Schema,
  Extension,
};
struct ObjectRef {
  ObjectClass kind;
  void* object;
  int column = -1;
  bool operator==(const ObjectRef&) const = default;
};

// A column of a query's result.
struct OutputColumn {
  std::string_view name;
  TypeRef type;
  Relation* origin = nullptr;  // the relation whose column this is, if it is one as it stands
  int index = -1;              // there
  bool merged = false;         // by USING: another one stands for it in a star
};

class Replayer {
 public:
  explicit Replayer(Model& m) : model(m) {}

  Model& model;
  Session session;
  std::vector<std::string> start_path = {"$user", "public"};
  std::vector<Problem> problems;
  const SqlText* text = nullptr;  // where offsets of the running statement count
  Span span;                      // of the running statement
  Step step = 0;
  bool stub = false;
  bool only = false;  // the running ALTER TABLE says ONLY
  int nesting = 0;    // depth of functions and blocks being interpreted
  std::shared_ptr<InterpreterMemory> interpreted;

  // ---- replay.cpp
  void run_script(const sql::Script& script);
  void run_statement(const sql::ScriptStatement& statement);
  // Carries out one statement; throws ReplayError and NotInterpreted.
  void execute(const ast::Statement& tree);
  void begin_session();
  void end_session();

  // ---- replay_session.cpp
  void set(const ast::SetClause& clause);
  void set_search_path(std::vector<std::string> path, bool local);
  void alter_database_set(const ast::AlterDatabaseSet& tree);
  void transaction(const ast::Transaction& tree);

  // ---- places
  Place place(std::uint32_t at) const {
    return at == 0 ? text->place(span) : text->place(at, Extent::Token);
  }
  Place name_place(const ast::QualifiedName& name) const {
    return name.at == 0 && name.name.empty() ? text->place(span)
           : name.at == 0                    ? word_place(name.name)
                                             : text->place(name.at, Extent::Name);
  }
  // The first token of the statement that is this identifier.
  Place word_place(std::string_view word) const {
    return text->place(span, const_cast<Model&>(model).intern(word));
  }
  Place statement_place() const { return text->place(span); }
  [[noreturn]] void fail(std::string_view condition, std::string message, const Place& at) const {
    throw ReplayError{condition, std::move(message), at};
  }
  [[noreturn]] void not_interpreted(std::string message, const Place& at) const {
    throw NotInterpreted{std::move(message), at};
  }

  // ---- lookup.cpp: names as PostgreSQL resolves them
  // Existing schemas, pg_catalog and temporary first; good until the path changes.
  const std::vector<Schema*>& path() const;
  Schema& creation_schema(std::string_view given, const Place& at, bool temporary = false);
  Relation* find_relation(const ast::QualifiedName& name) const;
  Relation& relation(const ast::RangeVar& name) const;  // or undefined_table
  Relation& table(const ast::RangeVar& name) const;
  const Type* find_type(const ast::QualifiedName& name) const;
  TypeRef resolve_type(const ast::TypeName& name) const;
  std::vector<Function*> find_functions(const ast::QualifiedName& name) const;
  Function* find_function(const ast::ObjectName& name, bool procedure_too = true) const;
  Function& function(const ast::ObjectName& name, std::string_view what) const;
  // Null if it may well be one of an extension, whose functions are not all in the model.
  Function* own_function(const ast::ObjectName& name, std::string_view what) const;
  Role& role(const ast::RoleSpec& spec, bool must_exist = true) const;
  int column(const Relation& table, std::string_view name, const Place& at) const;
  std::vector<std::string_view> interned_path() const;

  // ---- references.cpp
  void note_references(const ast::Node* root, std::vector<Binding>* bindings = nullptr);
  // Columns of `table` that the expression names; those of sub-queries that resolve to the table
  // too.
  std::vector<int> columns_used(const ast::Node* root, const Relation& table, Step at) const;

  // ---- query_columns.cpp
  // Also notes the columns that the query names (References::columns).
  std::vector<OutputColumn> output_columns(const ast::Node& query);
  // Notes the columns that an expression over the table's rows names, sub-queries included.
  void note_columns(const ast::Node* expr, Relation& table);
  TypeRef builtin(std::string_view name, bool array = false) const;

  // ---- replay_table.cpp, replay_column.cpp
  void create_table(const ast::CreateTable& tree);
  void create_table_as(const ast::CreateTableAs& tree);
  Column make_column(Relation& table, const ast::ColumnDef& def);
  void pass_over(Relation& there, const ast::CreateTable& tree);
  void add_parents(Relation& table, const ast::CreateTable& tree);
  void like(Relation& table, const ast::LikeClause& clause,
            std::vector<std::pair<Relation*, std::uint32_t>>& later);
  void like_indexes(Relation& table, const Relation& source, std::uint32_t options);
  Relation& make_sequence(Schema& schema, std::string_view name);
  void own_sequence(Relation& table, int column_index, Relation& sequence);
  void make_serial(Relation& table, Column& column, int column_index,
                   ast::List<ast::Option> options = {});
  void new_table_privileges(Relation& relation, ast::ObjectType type);

  // ---- replay_constraint.cpp
  struct PendingConstraints {
    std::vector<const ast::Constraint*> keys;  // PRIMARY KEY, UNIQUE, EXCLUDE in order
    std::vector<const ast::Constraint*> foreign;
    std::vector<const ast::Constraint*> checks;
    // Column constraints name no column: this one is theirs.
    std::unordered_map<const ast::Constraint*, int> column_of;
    // DEFERRABLE and INITIALLY DEFERRED behind a constraint.
    std::unordered_map<const ast::Constraint*, bool> deferrable;
  };
  void column_constraints(Relation& table, int column_index, const ast::ColumnDef& def,
                          PendingConstraints& pending);
  void table_constraint(const ast::Constraint& c, PendingConstraints& pending);
  void fill_columns(Relation& table, const ast::CreateTable& tree, PendingConstraints& pending,
                    std::vector<std::pair<Relation*, std::uint32_t>>& likes);
  void add_pending(Relation& table, const PendingConstraints& pending);
  Constraint* add_check(Relation& table, const ast::Constraint& c, int own_column,
                        std::vector<std::string_view>& names);
  std::vector<std::uint16_t> key_columns(const Relation& table, const ast::Constraint& c,
                                         int own_column) const;
  std::vector<std::uint16_t> foreign_key_columns(const Relation& table,
                                                 ast::List<std::string_view> names,
                                                 const ast::Constraint& c) const;
  Constraint* add_key(Relation& table, const ast::Constraint& c, int own_column);
  Constraint* add_exclusion(Relation& table, const ast::Constraint& c);
  Constraint* add_foreign_key(Relation& table, const ast::Constraint& c, int own_column);
  void refer_to_partition(Constraint& parent, Relation& part);
  void clone_foreign_key(const Constraint& parent, Relation& child);
  void clone_check(Constraint& parent, Relation& child);
  void check_constraint_name(const Relation& table, std::string_view name, const Place& at) const;
  Constraint* find_constraint(const Relation& table, std::string_view name) const;

  // ---- replay_index.cpp
  void create_index(const ast::CreateIndex& tree);
  std::vector<IndexKey> index_keys(const Relation& table, ast::List<ast::IndexElement> elements,
                                   std::vector<std::string>& names);
  void clone_key(const Index& parent, Index& index);
  void refuse_missing_partition_keys(const Index& parent, const Relation& partition) const;
  void clone_index_to(Index& parent, Relation& partition);
  bool same_shape(const Index& a, const Index& b) const;
  void attach_index(const ast::AlterTable& tree, const ast::AlterTableCommand& command);

  // ---- replay_partition.cpp
  void set_up_partition(Relation& child, Relation& parent);
  void attach_partition(Relation& parent, const ast::AlterTableCommand& command);
  void forget_references(Relation& part, const Relation& parent);
  void detach_partition(Relation& parent, const ast::AlterTableCommand& command);
  void inherit(Relation& child, Relation& parent, const Place& at);
  void no_inherit(Relation& child, Relation& parent);
  std::vector<Relation*> descendants(Relation& table) const;
  // Live partitions by their bounds, the default one last, as PostgreSQL walks them.
  std::vector<Relation*> partitions_in_order(const Relation& table) const;

  // ---- replay_alter.cpp, replay_alter_column.cpp
  void alter_table(const ast::AlterTable& tree);
  void alter_command(Relation& table, const ast::AlterTableCommand& command,
                     const ast::AlterTable& tree);
  bool alter_column_command(Relation& table, const ast::AlterTableCommand& command);
  void add_column(Relation& table, const ast::AlterTableCommand& command, bool recursing);
  void drop_column(Relation& table, const ast::AlterTableCommand& command);
  void refuse_inherited_type_change(Relation& table, int index, const Place& at) const;
  void alter_type(Relation& table, const ast::AlterTableCommand& command);
  // The table and, without ONLY, all that inherit from it.
  std::vector<Relation*> and_descendants(Relation& table) const;
  void set_not_null(Relation& table, int column_index, bool value);
  void add_constraint(Relation& table, const ast::Constraint& c);
  void drop_constraint(Relation& table, const ast::AlterTableCommand& command);
  void alter_trigger_state(Relation& table, const ast::AlterTableCommand& command);
  void alter_composite(Relation& type, const ast::AlterTableCommand& command);

  // ---- replay_type.cpp
  void create_enum(const ast::CreateEnum& tree);
  void alter_enum(const ast::AlterEnum& tree);
  void create_domain(const ast::CreateDomain& tree);
  void alter_domain(const ast::AlterDomain& tree);
  void create_composite(const ast::CreateCompositeType& tree);
  void create_range(const ast::CreateRange& tree);
  void define(const ast::Define& tree);
  void create_sequence(const ast::CreateSequence& tree);
  void alter_sequence(const ast::AlterSequence& tree);
  void sequence_owner(Relation& sequence, std::string_view owned_by);
  void add_row_type(Relation& relation);

  // ---- replay_view.cpp, replay_function.cpp
  void create_view(const ast::CreateView& tree);
  void set_query(Relation& relation, const ast::Node& query, ast::List<std::string_view> names,
                 bool column_places);
  void create_function(const ast::CreateFunction& tree);
  void alter_function(const ast::AlterFunction& tree);
  std::vector<Parameter> make_parameters(ast::List<ast::FunctionParameter> list) const;
  void new_function_privileges(Function& function);

  // ---- replay_policy.cpp: policies, triggers, rules
  void create_policy(const ast::CreatePolicy& tree);
  void alter_policy(const ast::AlterPolicy& tree);
  void create_trigger(const ast::CreateTrigger& tree);
  void clone_trigger(Trigger& parent, Relation& partition);
  void create_rule(const ast::CreateRule& tree);

  // ---- replay_role.cpp, replay_grant.cpp
  void create_role(const ast::CreateRole& tree);
  void alter_role(const ast::AlterRole& tree);
  void alter_role_set(const ast::AlterRoleSet& tree);
  void drop_role(const ast::DropRole& tree);
  void grant(const ast::Grant& tree);
  void grant_role(const ast::GrantRole& tree);
  void default_privileges(const ast::AlterDefaultPrivileges& tree);
  void grant_on(std::vector<Grant>& acl, const ast::Grant& tree, std::uint32_t all);
  bool owns_anything(const Role& role) const;

  // ---- replay_object.cpp: schemas, extensions, publications, owners
  void create_schema(const ast::CreateSchema& tree);
  void create_extension(const ast::CreateExtension& tree);
  void create_publication(const ast::CreatePublication& tree);
  void alter_publication(const ast::AlterPublication& tree);
  void publication_objects(Publication& publication, ast::List<ast::PublicationObject> objects,
                           bool add);
  void alter_owner(const ast::AlterOwner& tree);
  void reassign_owned(const ast::ReassignOwned& tree);
  void drop_owned(const ast::DropOwned& tree);
  void comment(const ast::Comment& tree);
  void note_other(ast::ObjectType type, std::string_view name);

  // ---- replay_rename.cpp
  void rename(const ast::Rename& tree);
  void rename_relation(const ast::Rename& tree);
  void rename_column(const ast::Rename& tree);
  void rename_constraint(const ast::Rename& tree);
  void rename_part(const ast::Rename& tree);
  void set_schema(const ast::AlterSchemaOf& tree);
  void move_relation(Relation& relation, Schema& to);

  // ---- replay_drop.cpp, dependencies.cpp
  void drop(const ast::Drop& tree);
  std::optional<ObjectRef> drop_target(const ast::Drop& tree, const ast::ObjectName& name);
  std::optional<ObjectRef> relation_to_drop(const ast::Drop& tree,
                                            const ast::ObjectName& name) const;
  std::optional<ObjectRef> part_to_drop(const ast::Drop& tree, const ast::ObjectName& name) const;
  // Nothing with IF EXISTS, else the error.
  std::optional<ObjectRef> drop_missing(const ast::Drop& tree, const ast::ObjectName& name,
                                        std::string_view condition, std::string message) const;
  void remove_relation(Relation& relation);
  void drop_unlinked(const ast::Drop& tree, std::string_view name);
  void refuse_identity_sequence(const Relation& relation, const Place& at) const;
  // Drops the objects and what depends on them; without `cascade`, that is an error.
  void drop_objects(const std::vector<ObjectRef>& roots, bool cascade, const Place& at);
  struct Dependent {
    ObjectRef object;
    bool automatic;  // goes along without CASCADE
  };
  std::vector<Dependent> dependents(const ObjectRef& object) const;
  void dependents_of_schema(const Schema& schema, std::vector<Dependent>& out) const;
  void dependents_of_sequence(Relation& sequence, std::vector<Dependent>& out) const;
  void dependents_of_relation(Relation& relation, std::vector<Dependent>& out) const;
  void dependents_of_column(Relation& relation, int column_index,
                            std::vector<Dependent>& out) const;
  void dependents_of_function(Function& function, std::vector<Dependent>& out) const;
  void dependents_of_type(const Type& type, std::vector<Dependent>& out) const;
  void users_of(const std::function<bool(const References&)>& uses,
                std::vector<Dependent>& out) const;
  void remove_object(const ObjectRef& object, bool by_cascade);
  std::string describe(const ObjectRef& object) const;

  // ---- partition_manager.cpp: pg_partman
  bool create_parent(const ast::FuncCall& call);
  void configure_partitions(const ast::Update& tree);

  // ---- interpret.cpp: code that runs in the replay
  void do_block(const ast::DoBlock& tree);
  void call(const ast::Call& tree);
  void select(const ast::Select& tree);
  void execute_result(const ast::Statement& tree);
  void change_rows(const ast::Statement& tree);
  void refuse_changing_calls(const ast::Node& tree);

 private:
  struct PathKey {
    std::vector<std::string> search_path;
    const Role* role = nullptr;
    const Schema* temporary = nullptr;
    std::size_t version = 0;
  };
  mutable PathKey path_key_;
  mutable std::vector<Schema*> path_;
};

}  // namespace tenantlint::schema
