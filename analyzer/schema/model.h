// What the migrations add up to: PostgreSQL's catalogue, as far as tenant isolation depends on it.
//
// Plain records linked by pointers; a record lives as long as the model, also after DROP
// (`dropped`). Expressions and queries are kept as trees (owned by the scripts, or by the model's
// arena for dynamic SQL) together with the step at which they were written: names in them mean what
// they meant then. Every change of a record goes through Model::edit(), so that a savepoint can be
// rolled back. Invariant: nothing here was guessed. What the replay could not follow is a Problem,
// and `complete` of the object concerned is false.
#pragma once

#include <cstdint>
#include <deque>
#include <memory>
#include <string>
#include <string_view>
#include <unordered_map>
#include <utility>
#include <vector>

#include "analyzer/sql/ast.h"
#include "analyzer/text/arena.h"
#include "analyzer/text/name_map.h"
#include "analyzer/text/span.h"
#include "analyzer/text/sql_text.h"

namespace tenantlint::schema {

// Number of a replayed statement, from 1; later statements have higher numbers.
using Step = std::uint32_t;

// The statement behind a step.
struct StepInfo {
  Place statement;  // its whole range
  const SqlText* text = nullptr;
  // Null for ALTER TABLE, CREATE INDEX and CREATE POLICY of a migration, and without the elements
  // for CREATE TABLE: what they say is in the model.
  const ast::Statement* tree = nullptr;
};

struct Schema;
struct Relation;
struct Index;
struct Function;
struct Role;

// ---------------------------------------------------------------- types

enum class TypeKind : std::uint8_t { Base, Enum, Domain, Composite, Range, Pseudo, Unknown };

struct Type {
  Schema* schema = nullptr;  // null: pg_catalog
  std::string_view name;     // pg_type's name: int4, varchar, my_enum
  std::string_view display;  // how format_type() prints a built-in: "character varying"; else empty
  TypeKind kind = TypeKind::Base;
  std::vector<std::string_view> labels;  // enum
  const Type* base = nullptr;            // domain: of what; range: subtype
  std::int32_t base_mod1 = -1;
  std::int32_t base_mod2 = -1;
  bool base_array = false;
  bool not_null = false;                      // domain
  std::vector<std::string_view> constraints;  // domain: names of its CHECKs
  Relation* relation = nullptr;  // composite: its attributes; of a row type: its table or view
  std::string_view extension;    // of which extension, if any
  std::uint32_t saved_in = 0;    // the savepoint that has its old value; see Model::edit()
  bool dropped = false;
  bool stub = false;
  Place place;
};

// A type with its modifiers. `type` is never null (of kind Unknown if it could not be resolved).
struct TypeRef {
  const Type* type = nullptr;
  std::int32_t mod1 = -1;  // varchar(n): n; numeric(p, s): p; timestamp(p): p; interval: precision
  std::int32_t mod2 = -1;  // numeric: s; interval: the fields mask
  bool array = false;
  bool operator==(const TypeRef&) const = default;
};

// As PostgreSQL's format_type() with an empty search_path: "character varying(255)",
// "public.mood[]".
std::string format_type(const TypeRef& type);

// ---------------------------------------------------------------- privileges

enum PrivilegeBit : std::uint32_t {
  kSelect = 1,
  kInsert = 2,
  kUpdate = 4,
  kDelete = 8,
  kTruncate = 16,
  kReferences = 32,
  kTrigger = 64,
  kUsage = 128,
  kCreate = 256,
  kExecute = 512,
  kConnect = 1024,
  kTemporary = 2048,
  kMaintain = 4096,
  kSetParameter = 8192,
  kAlterSystem = 16384,
};

// One entry of an access control list.
struct Grant {
  Role* grantee = nullptr;       // null: PUBLIC
  std::uint32_t privileges = 0;  // PrivilegeBit
  std::uint32_t grantable = 0;   // WITH GRANT OPTION
  std::string_view column;       // column privilege; empty: the whole object
  Place place;                   // of the GRANT that gave it (the latest)
};

// ---------------------------------------------------------------- relations

// A name that a column had, and the last step at which it was the name.
struct FormerName {
  Step last = 0;
  std::string_view name;
  const FormerName* older = nullptr;
};

// The record that there are most of. What few columns have is behind a pointer, in the arena, and
// replaced as a whole.
struct Column {
  std::string_view name;
  TypeRef type;
  bool not_null = false;
  bool serial = false;  // default is nextval of a serial column's sequence
  bool local = true;    // declared here (not only inherited)
  bool dropped = false;
  char identity = 0;            // 'a', 'd' or 0
  std::uint16_t inherited = 0;  // from how many parents
  Step created = 0;
  Place place;  // of its name, where it was defined (or last renamed)
  const ast::Expr* default_expr = nullptr;
  const SqlText* default_text = nullptr;     // where offsets of default_expr and generated count
  const ast::Expr* generated = nullptr;      // GENERATED … AS (expr) STORED
  Relation* sequence = nullptr;              // which one; copies of the column count on with it
  std::string_view collation;                // "schema.name" or name; empty: default
  const FormerName* former_names = nullptr;  // the latest
  const Place* null_place = nullptr;         // what dropped NOT NULL
  const Place* default_place = nullptr;      // what gave it its default
  const Place* type_place = nullptr;         // what changed its type; null: its definition

  // What it was called at `step`.
  std::string_view name_at(Step step) const;
};

enum class ConstraintType : char {
  PrimaryKey = 'p',
  Unique = 'u',
  ForeignKey = 'f',
  Check = 'c',
  Exclusion = 'x',
  Trigger = 't',
};

struct Constraint {
  std::string_view name;
  Relation* table = nullptr;
  // Keys as indexes into table->columns (stable: dropped columns stay in their place).
  std::vector<std::uint16_t> columns;
  Relation* ref_table = nullptr;
  std::vector<std::uint16_t> ref_columns;
  Index* ref_index = nullptr;  // the unique index that a foreign key relies on
  std::vector<std::uint16_t> on_delete_columns;
  Index* index = nullptr;                     // of a key or exclusion constraint
  std::vector<std::string_view> exclude_ops;  // beside columns / the index's keys
  const ast::Expr* check = nullptr;
  const SqlText* text = nullptr;
  Constraint* parent = nullptr;  // of a partition's copy
  ConstraintType type = ConstraintType::Check;
  ast::ReferentialAction on_delete = ast::ReferentialAction::NoAction;
  ast::ReferentialAction on_update = ast::ReferentialAction::NoAction;
  char match = 's';
  bool valid = true;
  bool deferrable = false;
  bool no_inherit = false;
  bool local = true;
  bool dropped = false;
  std::uint16_t inherited = 0;
  std::uint32_t saved_in = 0;  // the savepoint that has its old value; see Model::edit()
  Step created = 0;
  Place place;
};

struct IndexKey {
  int column = -1;  // index into the table's columns; -1: expression
  bool descending = false;
  const ast::Expr* expr = nullptr;
  std::string_view op_class;
  std::string_view collation;
};

// An index shares the name space of relations; see Relation::index.
struct Index {
  Relation* relation = nullptr;  // itself, as an entry of its schema (name, dropped)
  Relation* table = nullptr;
  bool unique = false;
  bool primary = false;
  bool exclusion = false;
  bool nulls_not_distinct = false;
  bool valid = true;
  bool dropped = false;
  std::string_view method;  // btree, gin …
  std::vector<IndexKey> keys;
  std::vector<std::uint16_t> include;
  const ast::Expr* predicate = nullptr;
  const SqlText* text = nullptr;
  Constraint* constraint = nullptr;  // the constraint that it implements
  Index* parent = nullptr;           // of a partition's copy
  std::vector<Index*> children;
  std::uint32_t saved_in = 0;  // the savepoint that has its old value; see Model::edit()
  Step created = 0;
  Place place;       // of its name, or of what implied it
  Place keys_place;  // of its key list, if it has one of its own
};

enum class PolicyCommand : char {
  All = '*',
  Select = 'r',
  Insert = 'a',
  Update = 'w',
  Delete = 'd',
};

struct Policy {
  std::string_view name;
  Relation* table = nullptr;
  PolicyCommand command = PolicyCommand::All;
  bool permissive = true;
  std::vector<Role*> roles;  // empty: PUBLIC
  const ast::Expr* using_expr = nullptr;
  const ast::Expr* check_expr = nullptr;
  const SqlText* using_text = nullptr;
  const SqlText* check_text = nullptr;
  Step using_step = 0;  // when the expression was written
  Step check_step = 0;
  std::vector<std::string_view> search_path;  // in force then
  std::uint32_t saved_in = 0;  // the savepoint that has its old value; see Model::edit()
  bool dropped = false;
  bool stub = false;  // from a baseline schema
  Step created = 0;
  Place place;      // of its name
  Place statement;  // CREATE POLICY, or the last ALTER POLICY
  Place dropped_by;
  bool dropped_by_cascade = false;
};

struct Trigger {
  std::string_view name;
  Relation* table = nullptr;
  Function* function = nullptr;  // null: a built-in one
  std::string_view function_name;
  ast::TriggerTiming timing = ast::TriggerTiming::Before;
  std::uint8_t events = 0;  // ast::TriggerEvent bits
  bool row = false;
  bool constraint = false;
  char enabled = 'O';  // O, D, R, A as in pg_trigger
  const ast::CreateTrigger* tree = nullptr;
  const SqlText* text = nullptr;
  Trigger* parent = nullptr;   // of a partition's copy
  std::uint32_t saved_in = 0;  // the savepoint that has its old value; see Model::edit()
  bool dropped = false;
  Step created = 0;
  Place place;
};

struct Rule {
  std::string_view name;
  Relation* table = nullptr;
  const ast::CreateRule* tree = nullptr;
  const SqlText* text = nullptr;
  std::uint32_t saved_in = 0;  // the savepoint that has its old value; see Model::edit()
  bool dropped = false;
  Step created = 0;
  Place place;
};

enum class RelationKind : std::uint8_t {
  Table,
  Partitioned,
  Foreign,
  View,
  MaterializedView,
  Sequence,
  Index,
  Composite,
};

// How a table came to be: its rows may be a copy of another table's.
enum class TableOrigin : std::uint8_t {
  Create,
  CreateTableAs,
  SelectInto,
  Like,
  PartitionOf,
  Inherits,
};

// A relation that a query or an expression names, resolved when it was written.
struct Binding {
  const ast::RangeVar* mention = nullptr;
  Relation* relation = nullptr;
};

struct Relation {
  Schema* schema = nullptr;
  std::string_view name;
  RelationKind kind = RelationKind::Table;
  char persistence = 'p';  // p, u, t
  bool dropped = false;
  bool stub = false;     // from a baseline schema: never reported
  bool complete = true;  // false: something about it was not understood
  // Tables: row security; where they came from; partitions
  bool rls = false;
  bool force_rls = false;
  TableOrigin origin = TableOrigin::Create;
  bool is_partition = false;
  bool partition_default = false;
  ast::PartitionStrategy partition_strategy = ast::PartitionStrategy::Unknown;
  // pg_partman makes its partitions, and copies the grants of this table to them since
  // `copies_grants`.
  bool managed_partitions = false;

  std::uint32_t saved_in = 0;  // the savepoint that has its old value; see Model::edit()
  Step created = 0;
  Role* owner = nullptr;  // null: whoever runs the migrations
  std::vector<Grant> grants;
  std::vector<Column> columns;  // in order; dropped ones stay, marked
  Place place;                  // of its name, where it was created (or last renamed)
  Place statement;

  // Tables
  Place rls_place;  // what switched it on or off last
  Place force_place;
  Relation* origin_table = nullptr;  // LIKE t, or the first table of the query
  std::vector<Relation*> parents;    // INHERITS, in order; of a partition: its one parent
  std::vector<Relation*> children;
  const ast::PartitionBound* bound = nullptr;
  std::vector<IndexKey> partition_keys;
  Place copies_grants;
  std::vector<Index*> indexes;
  std::vector<Constraint*> constraints;
  std::vector<Constraint*> referenced_by;  // foreign keys that point here
  std::vector<Policy*> policies;           // live ones; like the lists above
  std::vector<Trigger*> triggers;
  std::vector<Rule*> rules;
  std::string_view foreign_server;
  const Type* of_type = nullptr;
  std::vector<std::pair<std::string_view, std::string_view>> options;  // security_invoker …

  // Views, materialized views, CREATE TABLE AS: the query as last written
  const ast::Select* query = nullptr;
  const SqlText* query_text = nullptr;
  std::vector<Binding> bindings;  // relations named in the query
  std::vector<Function*> calls;   // functions of the schema named in it
  Step query_step = 0;

  // Sequences
  int owned_column = -1;
  Relation* owned_by = nullptr;

  // Indexes
  Index* index = nullptr;

  bool is_table() const {
    return kind == RelationKind::Table || kind == RelationKind::Partitioned ||
           kind == RelationKind::Foreign;
  }
  bool is_view() const {
    return kind == RelationKind::View || kind == RelationKind::MaterializedView;
  }
  // The live column of that name now; -1 if there is none.
  int find_column(std::string_view column) const;
  // The column that had that name at `step` (names in a view's query are those of its time).
  int find_column_at(std::string_view column, Step step) const;
};

// "schema.name", unquoted, as findings and JSON show it.
std::string qualified_name(const Relation& relation);

// ---------------------------------------------------------------- functions

struct Parameter {
  std::string_view name;
  TypeRef type;
  ast::ParameterMode mode = ast::ParameterMode::In;
  const ast::Expr* default_expr = nullptr;
};

enum class FunctionKind : char { Function = 'f', Procedure = 'p', Aggregate = 'a', Window = 'w' };

struct Function {
  Schema* schema = nullptr;
  std::string_view name;
  FunctionKind kind = FunctionKind::Function;
  std::vector<Parameter> parameters;  // all, with OUT and TABLE ones
  TypeRef returns;
  bool returns_set = false;
  std::string_view language;
  bool security_definer = false;
  bool leakproof = false;
  bool strict = false;
  char volatility = 'v';
  std::vector<std::pair<std::string_view, std::string_view>> settings;  // SET clauses
  const ast::CreateFunction* tree = nullptr;  // the last CREATE [OR REPLACE]
  const SqlText* text = nullptr;
  Step body_step = 0;
  std::vector<std::string_view> search_path;  // in force when it was (last) created
  std::vector<Binding> bindings;              // BEGIN ATOMIC and RETURN bodies only
  Role* owner = nullptr;
  std::vector<Grant> grants;  // with PUBLIC's EXECUTE, which every function starts with
  std::string_view extension;
  std::uint32_t saved_in = 0;  // the savepoint that has its old value; see Model::edit()
  bool dropped = false;
  bool stub = false;
  Step created = 0;
  Place place;
  Place statement;
};

// A definition that CREATE TABLE IF NOT EXISTS passed over because the name was taken.
struct PassedOver {
  Relation* table = nullptr;  // the one that was there
  std::vector<std::string_view> columns;
  Place place;
};

// ---------------------------------------------------------------- roles

struct Membership {
  Role* role = nullptr;  // is a member of this one
  bool admin = false;
  Place place;
};

struct Role {
  std::string_view name;
  bool superuser = false;
  bool bypass_rls = false;
  bool login = false;
  bool inherit = true;
  bool create_role = false;
  bool create_db = false;
  bool replication = false;
  std::vector<Membership> member_of;
  std::vector<std::pair<std::string_view, std::string_view>> settings;  // ALTER ROLE … SET
  bool declared = false;       // by CREATE ROLE; false: only mentioned
  bool predefined = false;     // pg_read_all_data …
  std::uint32_t saved_in = 0;  // the savepoint that has its old value; see Model::edit()
  bool dropped = false;
  bool stub = false;
  Place place;
  Place bypass_place;  // what gave it BYPASSRLS or SUPERUSER
};

// ALTER DEFAULT PRIVILEGES: what objects get when they are made.
struct DefaultPrivilege {
  Role* creator = nullptr;   // FOR ROLE; null: whoever runs the migrations
  Schema* schema = nullptr;  // null: everywhere
  ast::ObjectType object = ast::ObjectType::Table;
  Grant grant;
  bool revoked_public = false;  // functions, types: PUBLIC's built-in privilege was taken away
};

// ---------------------------------------------------------------- the rest

struct Schema {
  std::string_view name;
  Role* owner = nullptr;
  std::vector<Grant> grants;
  std::uint32_t saved_in = 0;  // the savepoint that has its old value; see Model::edit()
  bool dropped = false;
  bool stub = false;
  Place place;
  // Live objects by name; changed through Model only.
  NameMap<Relation*> relations;
  NameMap<std::vector<Function*>> functions;
  NameMap<const Type*> types;
  NameMap<int> constraint_names;  // how many constraints have it
};

// A column, by its index in the relation's list (stable).
struct UsedColumn {
  Relation* relation = nullptr;
  int column = -1;
  bool operator==(const UsedColumn&) const = default;
};

// What an expression, a query or a body refers to, resolved when it was written. `columns` is kept
// for queries of views and expressions of policies alone.
struct References {
  std::vector<Relation*> relations;
  std::vector<Function*> functions;
  std::vector<const Type*> types;
  std::vector<UsedColumn> columns;
  bool empty() const { return relations.empty() && functions.empty() && types.empty(); }
};

struct Extension {
  std::string_view name;
  Schema* schema = nullptr;
  std::uint32_t saved_in = 0;  // the savepoint that has its old value; see Model::edit()
  bool dropped = false;
  bool stub = false;
  Place place;
};

struct PublicationTable {
  Relation* table = nullptr;
  const ast::Expr* where = nullptr;
  std::vector<std::string_view> columns;
};

struct Publication {
  std::string_view name;
  bool all_tables = false;
  std::vector<PublicationTable> tables;
  std::vector<Schema*> schemas;
  std::uint32_t saved_in = 0;  // the savepoint that has its old value; see Model::edit()
  bool dropped = false;
  bool stub = false;
  Place place;
};

// Databases, event triggers, servers …: known by name, for rules that count them.
struct OtherObject {
  ast::ObjectType type = ast::ObjectType::Other;
  std::string_view name;
  std::uint32_t saved_in = 0;  // the savepoint that has its old value; see Model::edit()
  bool dropped = false;
  bool stub = false;
  Place place;
};

// A setting changed by SET, set_config or ALTER DATABASE … SET while the migrations ran.
struct SettingChange {
  std::string_view name;
  std::string_view value;
  bool local = false;
  Step step = 0;
  Place place;
};

class Model {
 public:
  Model();
  Model(const Model&) = delete;
  Model& operator=(const Model&) = delete;

  // All objects ever made, dropped ones included, in order of creation. References stay good.
  std::deque<Schema> schemas;
  std::deque<Relation> relations;
  std::deque<Index> indexes;
  std::deque<Constraint> constraints;
  std::deque<Policy> policies;
  std::deque<Trigger> triggers;
  std::deque<Rule> rules;
  std::deque<Function> functions;
  std::deque<Type> types;
  std::deque<Role> roles;
  std::deque<Extension> extensions;
  std::deque<Publication> publications;
  std::deque<OtherObject> others;
  // By the tree of the expression or query; trees that refer to nothing of the schema may have no
  // entry.
  std::unordered_map<const ast::Node*, References> references;
  std::vector<PassedOver> passed_over;
  std::vector<DefaultPrivilege> default_privileges;
  std::vector<SettingChange> settings;
  std::deque<StepInfo> steps;  // steps[s - 1]
  std::deque<SqlText> texts;   // of code that was run: bodies, dynamic SQL

  // Live objects by exact name (the parser folds); null if there is none.
  Schema* find_schema(std::string_view name) const;
  Relation* find_relation(const Schema& schema, std::string_view name) const;
  const std::vector<Function*>& find_functions(const Schema& schema, std::string_view name) const;
  const Type* find_type(const Schema& schema, std::string_view name) const;
  Role* find_role(std::string_view name) const;
  // The role of that name; one that no CREATE ROLE declared is made up (declared = false).
  Role& role(std::string_view name);
  const Type* builtin_type(std::string_view pg_name) const;  // null if there is none
  const Type* unknown_type() const { return unknown_type_; }

  // New live records, entered in their name tables. Names must be interned.
  Schema& add_schema(std::string_view name);
  Relation& add_relation(Schema& schema, std::string_view name, RelationKind kind);
  Function& add_function(Schema& schema, std::string_view name);
  Type& add_type(Schema& schema, std::string_view name, TypeKind kind);
  // Taken out of the name tables and marked dropped; what depends on them is the caller's business.
  void remove(Schema& schema);
  void remove(Relation& relation);
  void remove(Function& function);
  void remove(const Type& type);
  void remove(Role& role);
  // Constraints and indexes are entered in the lists of their table.
  Constraint& add_constraint(Relation& table, std::string_view name, ConstraintType type);
  void remove(Constraint& constraint);
  void rename(Constraint& constraint, std::string_view name);
  Index& add_index(Relation& table, std::string_view name);
  void rename(Schema& schema, std::string_view name);
  void rename(Role& role, std::string_view name);
  void move(Relation& relation, Schema& schema, std::string_view name);
  void move(Function& function, Schema& schema, std::string_view name);
  void move(const Type& type, Schema& schema, std::string_view name);

  // A copy of the string that lives as long as the model; equal strings share one copy.
  std::string_view intern(std::string_view text);
  Arena& arena() { return arena_; }

  // Says that a record is about to be changed, and gives it. While a savepoint is open, its old
  // value is kept, once. T: any record type above. A record made by the same statement needs no
  // edit().
  template <typename T>
  T& edit(T& record) {
    if (!unsaved(record)) return record;
    Undo& undo = undo_.emplace_back();
    undo.target = &record;
    undo.old = {new T(record), [](void* old) { delete static_cast<T*>(old); }};
    undo.run = [](Undo& u) {
      *static_cast<T*>(u.target) = std::move(*static_cast<T*>(u.old.get()));
    };
    if constexpr (requires { record.saved_in; }) record.saved_in = savepoints_.back().number;
    return record;
  }
  // edit() for one more entry of a list, without a copy of the whole record.
  template <typename T, typename List, typename Item>
  void append(T& record, List T::*list, Item* item) {
    (record.*list).push_back(item);
    if (!unsaved(record)) return;
    Undo& undo = undo_.emplace_back();
    undo.target = &(record.*list);
    undo.item = item;
    undo.run = [](Undo& u) {
      std::erase(*static_cast<List*>(u.target), static_cast<Item*>(u.item));
    };
  }
  // Says that a record was added to one of the lists above; a rollback marks it dropped.
  template <typename T>
  T& born(T& record) {
    if (savepoints_.empty()) return record;
    record.saved_in = savepoints_.back().number;
    Undo& undo = undo_.emplace_back();
    undo.target = &record;
    undo.run = [](Undo& u) { static_cast<T*>(u.target)->dropped = true; };
    return record;
  }
  // Savepoints nest. rollback() undoes all changes since the matching savepoint() and closes it;
  // release() closes it and keeps them. Records made in between stay in their deque, marked
  // dropped.
  void savepoint();
  void rollback();
  void release();
  // Changes whenever a schema is made, dropped or renamed, or such a change undone.
  std::size_t schema_version() const { return schema_version_; }
  // How many savepoints are open.
  std::size_t depth() const { return savepoints_.size(); }

 private:
  // Changes of name tables, undone by rollback().
  template <typename Map, typename Value>
  void set(Map& map, std::string_view name, Value value);
  template <typename Map>
  void unset(Map& map, std::string_view name);

  // How to take one change back: of a record (`old`: its value before), a list or a name table.
  struct Undo {
    void (*run)(Undo&) = nullptr;
    void* target = nullptr;
    void* item = nullptr;
    std::string_view name;
    std::unique_ptr<void, void (*)(void*)> old{nullptr, [](void*) {}};
  };
  struct Savepoint {
    std::size_t undo;      // how much of undo_ is older
    std::uint32_t number;  // later ones have higher numbers
  };
  // A record that carries the number of this savepoint, or of a later one that was released, has
  // its old value kept already, or did not exist before.
  // Lists (of default privileges) carry none: they are kept each time.
  template <typename T>
  bool unsaved(const T& record) const {
    if (savepoints_.empty()) return false;
    if constexpr (requires { record.saved_in; }) {
      return record.saved_in < savepoints_.back().number;
    } else {
      return true;
    }
  }
  // `old`: what the name meant before; null: nothing.
  template <typename Map, typename Value>
  void undo_name(Map& map, std::string_view name, const Value* old);

  Arena arena_;
  NameMap<Schema*> schema_names_;
  NameMap<Role*> role_names_;
  NameMap<const Type*> builtin_types_;
  NameMap<std::uint8_t> interned_;  // the values say nothing
  const Type* unknown_type_ = nullptr;
  std::size_t schema_version_ = 1;
  std::vector<Savepoint> savepoints_;
  std::uint32_t last_savepoint_ = 0;
  std::vector<Undo> undo_;
};

}  // namespace tenantlint::schema
