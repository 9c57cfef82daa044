// Our own tree of SQL, second part: names of objects, relations, row security, triggers and rules.
// What holds for all of the tree stands in ast.h.
//
// Details: CreateTable::elements, and all nodes of AlterTable, CreateIndex and CreatePolicy, save
// expressions and partition bounds. They may live in an arena of their own (Script::details), for
// the schema model takes over what they say: two thirds of the memory that trees need.
#pragma once

#include <cstdint>
#include <string_view>

#include "analyzer/sql/ast_query.h"
#include "analyzer/text/span.h"

namespace tenantlint::ast {

// ---------------------------------------------------------------- names of objects

enum class ObjectType : std::uint8_t {
  AccessMethod,
  Aggregate,
  Cast,
  Collation,
  Column,
  Constraint,
  Conversion,
  Database,
  Domain,
  DomainConstraint,
  EventTrigger,
  Extension,
  ForeignDataWrapper,
  ForeignServer,
  ForeignTable,
  Function,
  Index,
  Language,
  LargeObject,
  MaterializedView,
  Operator,
  OperatorClass,
  OperatorFamily,
  Parameter,
  Policy,
  Procedure,
  Publication,
  PublicationNamespace,
  PublicationRelation,
  Role,
  Routine,
  Rule,
  Schema,
  Sequence,
  Statistics,
  Subscription,
  Table,
  TableConstraint,
  Tablespace,
  Transform,
  Trigger,
  TextSearch,
  Type,
  UserMapping,
  View,
  Attribute,
  Default,
  Other,
};

// Names one object of the type that stands beside it. Sub-objects (column, constraint, policy,
// trigger, rule) have their relation (or type, for domain constraints) in `name` and themselves in
// `sub`. Functions have argument types unless `args_given` is false.
struct ObjectName {
  QualifiedName name;
  std::string_view sub;
  List<const TypeName*> arg_types;  // input arguments
  bool args_given = false;
  const TypeName* type = nullptr;  // types, domains, casts' source
  std::uint32_t at = 0;            // 0: not known (then look for the word)
};

enum class RoleRef : std::uint8_t { Name, CurrentRole, CurrentUser, SessionUser, Public };
struct RoleSpec {
  RoleRef ref = RoleRef::Name;
  std::string_view name;
  std::uint32_t at = 0;
};

// An option: name = value in WITH (…), SET, ALTER SYSTEM …. `space.name`. A value that is no
// constant or list of names is left empty and `opaque` is set.
struct Option {
  std::string_view space;
  std::string_view name;
  std::string_view value;
  const Expr* expr = nullptr;  // where the grammar has an expression
  bool has_value = false;
  bool opaque = false;
  bool drop = false;  // RESET / DROP in an option list
  std::uint32_t at = 0;
};

// ---------------------------------------------------------------- relations

enum class ConstraintType : std::uint8_t {
  Null,
  NotNull,
  Default,
  Identity,
  Generated,
  Check,
  PrimaryKey,
  Unique,
  Exclusion,
  ForeignKey,
  Deferrable,
  NotDeferrable,
  InitiallyDeferred,
  InitiallyImmediate,  // modify the one before them
};
enum class ReferentialAction : char {
  NoAction = 'a',
  Restrict = 'r',
  Cascade = 'c',
  SetNull = 'n',
  SetDefault = 'd'
};

struct IndexElement {
  std::string_view column;     // plain column, or
  const Expr* expr = nullptr;  // expression
  QualifiedName collation;
  QualifiedName op_class;
  bool descending = false;
  QualifiedName exclude_op;  // of an EXCLUDE constraint
};

struct Constraint {
  ConstraintType type = ConstraintType::Check;
  std::string_view name;       // empty: PostgreSQL makes one up
  std::uint32_t at = 0;        // CONSTRAINT, or the first word of the constraint itself
  const Expr* expr = nullptr;  // CHECK, DEFAULT, GENERATED
  char identity = 0;           // 'a'lways or by 'd'efault
  List<Option> identity_options;
  List<std::string_view> columns;  // keys; of a foreign key: the referencing ones
  List<std::string_view> including;
  List<IndexElement> exclusions;
  std::string_view access_method;
  const Expr* where = nullptr;
  std::string_view using_index;
  bool nulls_not_distinct = false;
  const RangeVar* ref_table = nullptr;
  List<std::string_view> ref_columns;
  char match = 's';  // 's'imple, 'f'ull, 'p'artial
  ReferentialAction on_delete = ReferentialAction::NoAction;
  ReferentialAction on_update = ReferentialAction::NoAction;
  List<std::string_view> on_delete_columns;  // SET NULL (a, b)
  bool not_valid = false;
  bool no_inherit = false;
  bool deferrable = false;
  bool initially_deferred = false;
};

struct ColumnDef {
  std::string_view name;
  const TypeName* type = nullptr;  // null in OF / PARTITION OF column options
  List<Constraint> constraints;
  QualifiedName collation;
  std::string_view compression;
  const Expr* raw_default = nullptr;  // ALTER COLUMN TYPE … USING
  std::uint32_t at = 0;
};

// LIKE options, as the grammar's bits.
enum LikeOption : std::uint32_t {
  kLikeComments = 1,
  kLikeCompression = 2,
  kLikeConstraints = 4,
  kLikeDefaults = 8,
  kLikeGenerated = 16,
  kLikeIdentity = 32,
  kLikeIndexes = 64,
  kLikeStatistics = 128,
  kLikeStorage = 256,
};
struct LikeClause {
  const RangeVar* relation = nullptr;
  std::uint32_t options = 0;
};

// One entry of a table's parenthesised list, in order: exactly one of the three.
struct TableElement {
  const ColumnDef* column = nullptr;
  const Constraint* constraint = nullptr;
  const LikeClause* like = nullptr;
};

enum class PartitionStrategy : std::uint8_t { Unknown, List, Range, Hash };
struct PartitionSpec {
  PartitionStrategy strategy = PartitionStrategy::Unknown;
  List<IndexElement> keys;
};
struct PartitionBound {
  bool is_default = false;
  PartitionStrategy strategy = PartitionStrategy::Unknown;
  List<const Expr*> values;  // list: the values; range: lower
  List<const Expr*> upper;   // MINVALUE and MAXVALUE come as ColumnRefs of that name
  int modulus = 0;
  int remainder = 0;
};

struct CreateTable : Node {
  static constexpr Kind kKind = Kind::CreateTable;
  const RangeVar* relation = nullptr;
  List<TableElement> elements;
  List<const RangeVar*> inherits;         // of PARTITION OF: the parent
  const PartitionBound* bound = nullptr;  // PARTITION OF
  const PartitionSpec* partition_by = nullptr;
  const TypeName* of_type = nullptr;
  List<Option> options;
  std::string_view tablespace;
  std::string_view access_method;
  char on_commit = 0;  // 'p'reserve, 'd'elete rows, d'r'op
  bool if_not_exists = false;
  std::string_view foreign_server;  // CREATE FOREIGN TABLE
  bool foreign = false;
};

// Sub-commands of ALTER TABLE (also of indexes, views, sequences, types, foreign tables).
enum class AlterAction : std::uint8_t {
  AddColumn,
  DropColumn,
  AlterColumnType,
  ColumnDefault,
  DropNotNull,
  SetNotNull,
  DropExpression,
  AddIdentity,
  SetIdentity,
  DropIdentity,
  SetStatistics,
  SetOptions,
  ResetOptions,
  SetStorage,
  SetCompression,
  AddConstraint,
  AlterConstraint,
  ValidateConstraint,
  DropConstraint,
  ChangeOwner,
  ClusterOn,
  DropCluster,
  SetLogged,
  SetUnlogged,
  DropOids,
  SetAccessMethod,
  SetTablespace,
  SetRelOptions,
  ResetRelOptions,
  EnableTrigger,
  EnableAlwaysTrigger,
  EnableReplicaTrigger,
  DisableTrigger,
  EnableTriggerAll,
  DisableTriggerAll,
  EnableTriggerUser,
  DisableTriggerUser,
  EnableRule,
  EnableAlwaysRule,
  EnableReplicaRule,
  DisableRule,
  AddInherit,
  DropInherit,
  AddOf,
  DropOf,
  ReplicaIdentity,
  EnableRowSecurity,
  DisableRowSecurity,
  ForceRowSecurity,
  NoForceRowSecurity,
  GenericOptions,
  AttachPartition,
  DetachPartition,
  DetachPartitionFinalize,
  Other,
};
struct AlterTableCommand {
  AlterAction action = AlterAction::Other;
  std::string_view name;                   // column, constraint, trigger, rule, tablespace …
  const ColumnDef* column = nullptr;       // ADD COLUMN, ALTER TYPE (its type, raw_default = USING)
  const Constraint* constraint = nullptr;  // ADD CONSTRAINT, ADD IDENTITY, ALTER CONSTRAINT
  const Expr* expr = nullptr;              // SET DEFAULT; null with ColumnDefault: DROP DEFAULT
  const RangeVar* relation = nullptr;      // INHERIT, ATTACH, DETACH
  const PartitionBound* bound = nullptr;
  const TypeName* type = nullptr;  // OF
  RoleSpec owner;
  List<Option> options;       // SET (…), identity options
  char replica_identity = 0;  // 'n','f','d','i'
  bool cascade = false;
  bool missing_ok = false;  // IF EXISTS / IF NOT EXISTS of the sub-command
};
struct AlterTable : Node {
  static constexpr Kind kKind = Kind::AlterTable;
  const RangeVar* relation = nullptr;
  ObjectType object = ObjectType::Table;  // what was written: TABLE, INDEX, VIEW, TYPE …
  List<AlterTableCommand> commands;
  bool missing_ok = false;
};

struct CreateTableAs : Node {
  static constexpr Kind kKind = Kind::CreateTableAs;
  const RangeVar* relation = nullptr;
  List<std::string_view> columns;
  const Node* query = nullptr;  // Select or Execute
  bool materialized_view = false;
  bool with_no_data = false;
  bool if_not_exists = false;
  bool select_into = false;  // written as SELECT … INTO
  List<Option> options;
};

struct CreateView : Node {
  static constexpr Kind kKind = Kind::CreateView;
  const RangeVar* relation = nullptr;
  List<std::string_view> columns;
  const Select* query = nullptr;
  bool or_replace = false;
  List<Option> options;
  char check_option = 0;  // 'l'ocal, 'c'ascaded
};

struct CreateIndex : Node {
  static constexpr Kind kKind = Kind::CreateIndex;
  std::string_view name;               // empty: PostgreSQL makes one up
  const RangeVar* relation = nullptr;  // relation->only: ON ONLY t
  std::string_view access_method;      // "btree" unless written
  List<IndexElement> keys;
  List<std::string_view> including;
  const Expr* where = nullptr;
  bool unique = false;
  bool nulls_not_distinct = false;
  bool concurrently = false;
  bool if_not_exists = false;
};

struct CreateSequence : Node {
  static constexpr Kind kKind = Kind::CreateSequence;
  const RangeVar* relation = nullptr;
  List<Option> options;  // owned_by: value "t.c" or "s.t.c", or "none"
  bool if_not_exists = false;
};
struct AlterSequence : Node {
  static constexpr Kind kKind = Kind::AlterSequence;
  const RangeVar* relation = nullptr;
  List<Option> options;
  bool missing_ok = false;
};

struct RefreshMatView : Node {
  static constexpr Kind kKind = Kind::RefreshMatView;
  const RangeVar* relation = nullptr;
};

// ---------------------------------------------------------------- row security, triggers, rules

struct CreatePolicy : Node {
  static constexpr Kind kKind = Kind::CreatePolicy;
  std::string_view name;
  const RangeVar* table = nullptr;
  std::string_view command;  // all, select, insert, update, delete
  bool permissive = true;
  List<RoleSpec> roles;  // PUBLIC if none was written
  const Expr* using_expr = nullptr;
  const Expr* check_expr = nullptr;
};
struct AlterPolicy : Node {
  static constexpr Kind kKind = Kind::AlterPolicy;
  std::string_view name;
  const RangeVar* table = nullptr;
  List<RoleSpec> roles;  // empty: unchanged
  const Expr* using_expr = nullptr;
  const Expr* check_expr = nullptr;
};

enum class TriggerTiming : std::uint8_t { Before, After, InsteadOf };
enum TriggerEvent : std::uint8_t { kOnInsert = 1, kOnDelete = 2, kOnUpdate = 4, kOnTruncate = 8 };
struct CreateTrigger : Node {
  static constexpr Kind kKind = Kind::CreateTrigger;
  std::string_view name;
  const RangeVar* relation = nullptr;
  QualifiedName function;
  List<std::string_view> args;
  TriggerTiming timing = TriggerTiming::Before;
  std::uint8_t events = 0;
  bool row = false;
  bool or_replace = false;
  bool constraint = false;
  List<std::string_view> columns;  // UPDATE OF
  const Expr* when = nullptr;
  std::string_view old_table;  // REFERENCING
  std::string_view new_table;
};

struct CreateRule : Node {
  static constexpr Kind kKind = Kind::CreateRule;
  std::string_view name;
  const RangeVar* relation = nullptr;
  std::string_view event;  // select, insert, update, delete
  bool instead = false;
  bool or_replace = false;
  const Expr* where = nullptr;
  List<const Statement*> actions;
};

struct CreateEventTrigger : Node {
  static constexpr Kind kKind = Kind::CreateEventTrigger;
  std::string_view name;
  std::string_view event;
  QualifiedName function;
};

}  // namespace tenantlint::ast
