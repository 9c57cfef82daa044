// Our own tree of SQL: what the analyses need of PostgreSQL's grammar, typed, small, read-only.
//
// Built by lower.cpp from libpg_query's raw parse tree. Every offset (`at`, Span) is in bytes of the
// SqlText that was parsed; 0-length spans mean "not known". Names are already folded to lower case
// unless quoted, as PostgreSQL does. Nodes live in an Arena and are never changed after lowering.
// Invariant: nothing is dropped in silence. What has no node of its own is Unsupported, with its kind.
// Source: PostgreSQL 15, src/include/nodes/parsenodes.h and primnodes.h (the raw grammar's output).
#pragma once

#include <cstdint>
#include <span>
#include <string_view>

#include "analyzer/text/span.h"

namespace tenantlint::ast {

template <typename T>
using List = std::span<const T>;

enum class Kind : std::uint8_t {
  // Expressions
  ColumnRef, Param, Literal, TypeCast, FuncCall, Operator, BoolExpr, NullTest, BooleanTest,
  SubLink, Case, Coalesce, MinMax, RowExpr, ArrayExpr, Indirection, Collate, ValueFunction,
  SetToDefault, GroupingFunc, GroupingSet, CurrentOf, NamedArg, XmlOrJson,
  // FROM items
  RangeVar, RangeSubselect, RangeFunction, JoinExpr, RangeTableSample, RangeTableFunc,
  // Queries and data changes
  Select, Insert, Update, Delete, Merge, Copy, Truncate, Lock,
  // Relations
  CreateTable, AlterTable, CreateTableAs, CreateView, CreateIndex, CreateSequence, AlterSequence,
  RefreshMatView,
  // Row security, triggers, rules
  CreatePolicy, AlterPolicy, CreateTrigger, CreateRule, CreateEventTrigger,
  // Functions and code
  CreateFunction, AlterFunction, DoBlock, Call,
  // Types
  CreateEnum, AlterEnum, CreateDomain, AlterDomain, CreateCompositeType, CreateRange, Define,
  // Schemas, extensions, publications, foreign data
  CreateSchema, CreateExtension, AlterExtension, AlterExtensionContents,
  CreatePublication, AlterPublication, CreateForeignServer, ImportForeignSchema,
  // Roles and privileges
  CreateRole, AlterRole, AlterRoleSet, DropRole, Grant, GrantRole, AlterDefaultPrivileges,
  ReassignOwned, DropOwned, CreateDatabase, AlterDatabaseSet,
  // Any object
  Drop, Rename, AlterSchemaOf, AlterOwner, Comment,
  // Session
  Set, Show, Discard, Transaction, Prepare, Execute, Deallocate, Explain, DeclareCursor,
  // Understood to change neither the schema nor tenant rows (ANALYZE, VACUUM, NOTIFY …)
  NoEffect,
  // Not understood: whoever meets it answers unknown
  Unsupported,
};

struct Node {
  Kind kind;
  std::uint32_t at = 0;  // first byte, where the parser knows it; of a statement: its first byte
};
using Expr = Node;       // any of the expression kinds, or Unsupported
using FromItem = Node;   // any of the FROM kinds, or Unsupported
using Statement = Node;

// Checked access: nullptr if the node is null or of another kind.
template <typename T>
const T* as(const Node* node) {
  return node != nullptr && node->kind == T::kKind ? static_cast<const T*>(node) : nullptr;
}

// A name with up to three parts. `name` is empty where there is none.
struct QualifiedName {
  std::string_view catalog;
  std::string_view schema;
  std::string_view name;
  std::uint32_t at = 0;
};

struct Unsupported : Node {
  static constexpr Kind kKind = Kind::Unsupported;
  std::string_view what;  // PostgreSQL's name of the node, "AlterOpFamilyStmt"
};

struct NoEffect : Node {
  static constexpr Kind kKind = Kind::NoEffect;
  std::string_view what;
};

// ---------------------------------------------------------------- types

// `names` as written after the grammar's own mapping (int → pg_catalog.int4); modifiers are constants
// as text ("255"), anything else as "?". `array_dims` counts the brackets.
struct TypeName {
  QualifiedName name;
  List<std::string_view> modifiers;
  std::uint8_t array_dims = 0;
  bool setof = false;
  bool percent_type = false;  // t.c%TYPE: name.schema/name.name hold all but the last part, `column` it
  std::string_view column;
  std::uint32_t interval_fields = 0;  // INTERVAL's mask (first modifier), 0 if none
  std::uint32_t at = 0;
};

// ---------------------------------------------------------------- expressions

// a, t.a, s.t.a, t.*, *
struct ColumnRef : Node {
  static constexpr Kind kKind = Kind::ColumnRef;
  List<std::string_view> fields;  // without the star
  bool star = false;
};

struct Param : Node {
  static constexpr Kind kKind = Kind::Param;
  int number = 0;             // $n; 0: unnumbered
  std::string_view name;      // set by readers of named dialects, else empty
};

enum class LiteralType : std::uint8_t { Null, Boolean, Integer, Float, String, BitString };
struct Literal : Node {
  static constexpr Kind kKind = Kind::Literal;
  LiteralType type = LiteralType::Null;
  std::string_view text;  // unescaped; Boolean: "t" or "f"
};

struct TypeCast : Node {
  static constexpr Kind kKind = Kind::TypeCast;
  const Expr* arg = nullptr;
  const TypeName* type = nullptr;
};

struct SortBy {
  const Expr* expr = nullptr;
  bool descending = false;
  bool nulls_first = false;
  bool nulls_given = false;
};

struct WindowDef {
  std::string_view name;       // of a WINDOW clause entry, or referenced by OVER name
  std::string_view base;       // copied window
  List<const Expr*> partition_by;
  List<SortBy> order_by;
  bool default_frame = true;
};

struct FuncCall : Node {
  static constexpr Kind kKind = Kind::FuncCall;
  QualifiedName name;
  List<const Expr*> args;       // a NamedArg for name => value
  List<SortBy> order_by;
  const Expr* filter = nullptr;
  const WindowDef* over = nullptr;
  bool star = false;            // count(*)
  bool distinct = false;
  bool within_group = false;
  bool variadic = false;
  bool sql_syntax = false;      // written as a keyword form (EXTRACT, OVERLAY, AT TIME ZONE …)
};

// Binary or unary operator, and the special forms that the grammar makes of operators.
enum class OperatorForm : std::uint8_t {
  Plain,           // left op right; unary: left is null
  Any, All,        // left op ANY (array expression right)
  Distinct, NotDistinct,
  NullIf,
  In, NotIn,       // right is a RowExpr of the list
  Like, NotLike, ILike, NotILike, Similar, NotSimilar,
  Between, NotBetween, BetweenSymmetric, NotBetweenSymmetric,  // right is a RowExpr of two
};
struct Operator : Node {
  static constexpr Kind kKind = Kind::Operator;
  OperatorForm form = OperatorForm::Plain;
  QualifiedName op;              // "=", "<>", OPERATOR(pg_catalog.=)
  const Expr* left = nullptr;
  const Expr* right = nullptr;
};

enum class BoolOp : std::uint8_t { And, Or, Not };
struct BoolExpr : Node {
  static constexpr Kind kKind = Kind::BoolExpr;
  BoolOp op = BoolOp::And;
  List<const Expr*> args;
};

struct NullTest : Node {
  static constexpr Kind kKind = Kind::NullTest;
  const Expr* arg = nullptr;
  bool is_not = false;
};

enum class BooleanTestType : std::uint8_t { IsTrue, IsNotTrue, IsFalse, IsNotFalse, IsUnknown, IsNotUnknown };
struct BooleanTest : Node {
  static constexpr Kind kKind = Kind::BooleanTest;
  BooleanTestType test = BooleanTestType::IsTrue;
  const Expr* arg = nullptr;
};

struct Select;
enum class SubLinkType : std::uint8_t { Exists, All, Any, Scalar, MultiExpr, Array };
struct SubLink : Node {
  static constexpr Kind kKind = Kind::SubLink;
  SubLinkType type = SubLinkType::Scalar;
  const Expr* test = nullptr;    // left of ANY/ALL/IN
  QualifiedName op;              // empty name for IN
  const Node* query = nullptr;   // Select
};

struct CaseWhen {
  const Expr* condition = nullptr;
  const Expr* result = nullptr;
};
struct Case : Node {
  static constexpr Kind kKind = Kind::Case;
  const Expr* arg = nullptr;
  List<CaseWhen> whens;
  const Expr* otherwise = nullptr;
};

struct Coalesce : Node {
  static constexpr Kind kKind = Kind::Coalesce;
  List<const Expr*> args;
};

struct MinMax : Node {  // GREATEST, LEAST
  static constexpr Kind kKind = Kind::MinMax;
  bool greatest = false;
  List<const Expr*> args;
};

struct RowExpr : Node {  // ROW(a, b), (a, b), and plain lists
  static constexpr Kind kKind = Kind::RowExpr;
  List<const Expr*> args;
};

struct ArrayExpr : Node {  // ARRAY[…]
  static constexpr Kind kKind = Kind::ArrayExpr;
  List<const Expr*> args;
};

struct Subscript {
  const Expr* lower = nullptr;  // of a slice
  const Expr* upper = nullptr;
  std::string_view field;       // .field; else empty
  bool star = false;            // .*
  bool slice = false;
};
struct Indirection : Node {
  static constexpr Kind kKind = Kind::Indirection;
  const Expr* arg = nullptr;
  List<Subscript> path;
};

struct Collate : Node {
  static constexpr Kind kKind = Kind::Collate;
  const Expr* arg = nullptr;
  QualifiedName collation;
};

// CURRENT_USER, SESSION_USER, CURRENT_DATE …: lower-case name.
struct ValueFunction : Node {
  static constexpr Kind kKind = Kind::ValueFunction;
  std::string_view name;
};

struct SetToDefault : Node {
  static constexpr Kind kKind = Kind::SetToDefault;
};

struct GroupingFunc : Node {
  static constexpr Kind kKind = Kind::GroupingFunc;
  List<const Expr*> args;
};

enum class GroupingSetType : std::uint8_t { Empty, Simple, Rollup, Cube, Sets };
struct GroupingSet : Node {
  static constexpr Kind kKind = Kind::GroupingSet;
  GroupingSetType type = GroupingSetType::Empty;
  List<const Expr*> content;
};

struct CurrentOf : Node {
  static constexpr Kind kKind = Kind::CurrentOf;
  std::string_view cursor;
};

struct NamedArg : Node {
  static constexpr Kind kKind = Kind::NamedArg;
  std::string_view name;
  const Expr* arg = nullptr;
};

// XMLELEMENT and its kin: opaque, but its arguments are walked.
struct XmlOrJson : Node {
  static constexpr Kind kKind = Kind::XmlOrJson;
  std::string_view what;
  List<const Expr*> args;
};

// ---------------------------------------------------------------- FROM

struct Alias {
  std::string_view name;  // empty: none
  List<std::string_view> columns;
};

struct ColumnDef;

struct RangeVar : Node {
  static constexpr Kind kKind = Kind::RangeVar;
  QualifiedName name;
  Alias alias;
  bool only = false;        // ONLY t
  char persistence = 'p';   // p, u(nlogged), t(emporary): as written, for CREATE
};

struct RangeSubselect : Node {
  static constexpr Kind kKind = Kind::RangeSubselect;
  const Node* query = nullptr;
  Alias alias;
  bool lateral = false;
};

struct RangeFunction : Node {
  static constexpr Kind kKind = Kind::RangeFunction;
  List<const Expr*> functions;  // more than one: ROWS FROM
  Alias alias;
  List<const ColumnDef*> columns;  // AS t(a int, …)
  bool lateral = false;
  bool ordinality = false;
};

enum class JoinType : std::uint8_t { Inner, Left, Full, Right };
struct JoinExpr : Node {
  static constexpr Kind kKind = Kind::JoinExpr;
  JoinType type = JoinType::Inner;
  bool natural = false;
  const FromItem* left = nullptr;
  const FromItem* right = nullptr;
  List<std::string_view> using_columns;
  std::string_view using_alias;
  const Expr* on = nullptr;
  Alias alias;
};

struct RangeTableSample : Node {
  static constexpr Kind kKind = Kind::RangeTableSample;
  const FromItem* relation = nullptr;
  QualifiedName method;
  List<const Expr*> args;
};

struct RangeTableFunc : Node {  // XMLTABLE
  static constexpr Kind kKind = Kind::RangeTableFunc;
  List<const Expr*> args;
  List<std::string_view> columns;
  Alias alias;
  bool lateral = false;
};

// ---------------------------------------------------------------- queries

struct Target {  // of a select list, RETURNING, SET or an INSERT column list
  std::string_view name;        // AS name; SET/INSERT: the column
  const Expr* value = nullptr;  // null in an INSERT column list
  List<Subscript> path;         // SET c.f = …, c[1] = …
  std::uint32_t at = 0;
  // SET (a, b) = row: all targets of one such assignment share `value`; which element is theirs.
  std::int16_t multi_index = -1;
};

enum class Materialized : std::uint8_t { Default, Always, Never };
struct CommonTable {
  std::string_view name;
  List<std::string_view> columns;
  const Statement* query = nullptr;  // Select, Insert, Update, Delete
  Materialized materialized = Materialized::Default;
  bool has_search = false;
  bool has_cycle = false;
  std::uint32_t at = 0;
};
struct With {
  bool recursive = false;
  List<CommonTable> tables;
};

enum class SetOp : std::uint8_t { None, Union, Intersect, Except };
enum class LockStrength : std::uint8_t { None, KeyShare, Share, NoKeyUpdate, Update };
struct Locking {
  LockStrength strength = LockStrength::None;
  List<const RangeVar*> of;
};

struct Select : Node {
  static constexpr Kind kKind = Kind::Select;
  const With* with = nullptr;
  bool distinct = false;
  List<const Expr*> distinct_on;
  List<Target> targets;
  const RangeVar* into = nullptr;    // SELECT INTO
  List<const FromItem*> from;
  const Expr* where = nullptr;
  List<const Expr*> group_by;
  bool group_distinct = false;
  const Expr* having = nullptr;
  List<const WindowDef*> windows;
  List<List<const Expr*>> values;    // VALUES (…), (…)
  bool is_values = false;
  SetOp op = SetOp::None;
  bool all = false;
  const Select* left = nullptr;
  const Select* right = nullptr;
  List<SortBy> order_by;
  const Expr* limit = nullptr;
  const Expr* offset = nullptr;
  bool with_ties = false;
  List<Locking> locking;
};

enum class ConflictAction : std::uint8_t { None, Nothing, Update };
struct IndexElement;
struct OnConflict {
  ConflictAction action = ConflictAction::None;
  List<IndexElement> infer;
  const Expr* infer_where = nullptr;
  std::string_view constraint;
  List<Target> set;
  const Expr* where = nullptr;
  std::uint32_t at = 0;
};
enum class Overriding : std::uint8_t { NotSet, User, System };

struct Insert : Node {
  static constexpr Kind kKind = Kind::Insert;
  const With* with = nullptr;
  const RangeVar* relation = nullptr;
  List<Target> columns;
  const Select* source = nullptr;   // null: DEFAULT VALUES
  const OnConflict* on_conflict = nullptr;
  List<Target> returning;
  Overriding overriding = Overriding::NotSet;
};

struct Update : Node {
  static constexpr Kind kKind = Kind::Update;
  const With* with = nullptr;
  const RangeVar* relation = nullptr;
  List<Target> set;
  List<const FromItem*> from;
  const Expr* where = nullptr;
  List<Target> returning;
};

struct Delete : Node {
  static constexpr Kind kKind = Kind::Delete;
  const With* with = nullptr;
  const RangeVar* relation = nullptr;
  List<const FromItem*> using_items;
  const Expr* where = nullptr;
  List<Target> returning;
};

enum class MergeMatch : std::uint8_t { Matched, NotMatched };
enum class MergeAction : std::uint8_t { Nothing, Insert, Update, Delete };
struct MergeWhen {
  MergeMatch match = MergeMatch::Matched;
  MergeAction action = MergeAction::Nothing;
  const Expr* condition = nullptr;
  List<Target> targets;             // SET list, or INSERT columns
  List<const Expr*> values;         // INSERT values
};
struct Merge : Node {
  static constexpr Kind kKind = Kind::Merge;
  const With* with = nullptr;
  const RangeVar* relation = nullptr;
  const FromItem* source = nullptr;
  const Expr* on = nullptr;
  List<MergeWhen> whens;
};

struct Copy : Node {
  static constexpr Kind kKind = Kind::Copy;
  const RangeVar* relation = nullptr;
  const Node* query = nullptr;
  List<std::string_view> columns;
  bool from = false;
  bool program = false;
  std::string_view file;            // empty: STDIN or STDOUT
  const Expr* where = nullptr;
};

struct Truncate : Node {
  static constexpr Kind kKind = Kind::Truncate;
  List<const RangeVar*> relations;
  bool cascade = false;
};

struct Lock : Node {
  static constexpr Kind kKind = Kind::Lock;
  List<const RangeVar*> relations;
};

// ---------------------------------------------------------------- names of objects

enum class ObjectType : std::uint8_t {
  AccessMethod, Aggregate, Cast, Collation, Column, Constraint, Conversion, Database, Domain,
  DomainConstraint, EventTrigger, Extension, ForeignDataWrapper, ForeignServer, ForeignTable, Function,
  Index, Language, LargeObject, MaterializedView, Operator, OperatorClass, OperatorFamily, Parameter,
  Policy, Procedure, Publication, PublicationNamespace, PublicationRelation, Role, Routine, Rule,
  Schema, Sequence, Statistics, Subscription, Table, TableConstraint, Tablespace, Transform, Trigger,
  TextSearch, Type, UserMapping, View, Attribute, Default, Other,
};

// Names one object of the type that stands beside it. Sub-objects (column, constraint, policy,
// trigger, rule) have their relation (or type, for domain constraints) in `name` and themselves in
// `sub`. Functions have argument types unless `args_given` is false.
struct ObjectName {
  QualifiedName name;
  std::string_view sub;
  List<const TypeName*> arg_types;  // input arguments
  bool args_given = false;
  const TypeName* type = nullptr;   // types, domains, casts' source
  std::uint32_t at = 0;             // 0: not known (then look for the word)
};

enum class RoleRef : std::uint8_t { Name, CurrentRole, CurrentUser, SessionUser, Public };
struct RoleSpec {
  RoleRef ref = RoleRef::Name;
  std::string_view name;
  std::uint32_t at = 0;
};

// An option: name = value in WITH (…), SET, ALTER SYSTEM …. `space.name`. A value that is no constant
// or list of names is left empty and `opaque` is set.
struct Option {
  std::string_view space;
  std::string_view name;
  std::string_view value;
  const Expr* expr = nullptr;  // where the grammar has an expression
  bool has_value = false;
  bool opaque = false;
  bool drop = false;           // RESET / DROP in an option list
  std::uint32_t at = 0;
};

// ---------------------------------------------------------------- relations

enum class ConstraintType : std::uint8_t {
  Null, NotNull, Default, Identity, Generated, Check, PrimaryKey, Unique, Exclusion, ForeignKey,
  Deferrable, NotDeferrable, InitiallyDeferred, InitiallyImmediate,  // modify the one before them
};
enum class ReferentialAction : char { NoAction = 'a', Restrict = 'r', Cascade = 'c', SetNull = 'n', SetDefault = 'd' };

struct IndexElement {
  std::string_view column;       // plain column, or
  const Expr* expr = nullptr;    // expression
  QualifiedName collation;
  QualifiedName op_class;
  bool descending = false;
  QualifiedName exclude_op;      // of an EXCLUDE constraint
};

struct Constraint {
  ConstraintType type = ConstraintType::Check;
  std::string_view name;                 // empty: PostgreSQL makes one up
  std::uint32_t at = 0;                  // CONSTRAINT, or the first word of the constraint itself
  const Expr* expr = nullptr;            // CHECK, DEFAULT, GENERATED
  char identity = 0;                     // 'a'lways or by 'd'efault
  List<Option> identity_options;
  List<std::string_view> columns;        // keys; of a foreign key: the referencing ones
  List<std::string_view> including;
  List<IndexElement> exclusions;
  std::string_view access_method;
  const Expr* where = nullptr;
  std::string_view using_index;
  bool nulls_not_distinct = false;
  const RangeVar* ref_table = nullptr;
  List<std::string_view> ref_columns;
  char match = 's';                      // 's'imple, 'f'ull, 'p'artial
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
  const TypeName* type = nullptr;        // null in OF / PARTITION OF column options
  List<Constraint> constraints;
  QualifiedName collation;
  std::string_view compression;
  const Expr* raw_default = nullptr;     // ALTER COLUMN TYPE … USING
  std::uint32_t at = 0;
};

// LIKE options, as the grammar's bits.
enum LikeOption : std::uint32_t {
  kLikeComments = 1, kLikeCompression = 2, kLikeConstraints = 4, kLikeDefaults = 8,
  kLikeGenerated = 16, kLikeIdentity = 32, kLikeIndexes = 64, kLikeStatistics = 128, kLikeStorage = 256,
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
  char on_commit = 0;                     // 'p'reserve, 'd'elete rows, d'r'op
  bool if_not_exists = false;
  std::string_view foreign_server;        // CREATE FOREIGN TABLE
  bool foreign = false;
};

// Sub-commands of ALTER TABLE (also of indexes, views, sequences, types, foreign tables).
enum class AlterAction : std::uint8_t {
  AddColumn, DropColumn, AlterColumnType, ColumnDefault, DropNotNull, SetNotNull, DropExpression,
  AddIdentity, SetIdentity, DropIdentity, SetStatistics, SetOptions, ResetOptions, SetStorage,
  SetCompression, AddConstraint, AlterConstraint, ValidateConstraint, DropConstraint, ChangeOwner,
  ClusterOn, DropCluster, SetLogged, SetUnlogged, DropOids, SetAccessMethod, SetTablespace,
  SetRelOptions, ResetRelOptions, EnableTrigger, EnableAlwaysTrigger, EnableReplicaTrigger,
  DisableTrigger, EnableTriggerAll, DisableTriggerAll, EnableTriggerUser, DisableTriggerUser,
  EnableRule, EnableAlwaysRule, EnableReplicaRule, DisableRule, AddInherit, DropInherit, AddOf, DropOf,
  ReplicaIdentity, EnableRowSecurity, DisableRowSecurity, ForceRowSecurity, NoForceRowSecurity,
  GenericOptions, AttachPartition, DetachPartition, DetachPartitionFinalize, Other,
};
struct AlterTableCommand {
  AlterAction action = AlterAction::Other;
  std::string_view name;                  // column, constraint, trigger, rule, tablespace …
  const ColumnDef* column = nullptr;      // ADD COLUMN, ALTER TYPE (its type, raw_default = USING)
  const Constraint* constraint = nullptr; // ADD CONSTRAINT, ADD IDENTITY, ALTER CONSTRAINT
  const Expr* expr = nullptr;             // SET DEFAULT; null with ColumnDefault: DROP DEFAULT
  const RangeVar* relation = nullptr;     // INHERIT, ATTACH, DETACH
  const PartitionBound* bound = nullptr;
  const TypeName* type = nullptr;         // OF
  RoleSpec owner;
  List<Option> options;                   // SET (…), identity options
  char replica_identity = 0;              // 'n','f','d','i'
  bool cascade = false;
  bool missing_ok = false;                // IF EXISTS / IF NOT EXISTS of the sub-command
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
  const Node* query = nullptr;            // Select or Execute
  bool materialized_view = false;
  bool with_no_data = false;
  bool if_not_exists = false;
  bool select_into = false;               // written as SELECT … INTO
  List<Option> options;
};

struct CreateView : Node {
  static constexpr Kind kKind = Kind::CreateView;
  const RangeVar* relation = nullptr;
  List<std::string_view> columns;
  const Select* query = nullptr;
  bool or_replace = false;
  List<Option> options;
  char check_option = 0;                  // 'l'ocal, 'c'ascaded
};

struct CreateIndex : Node {
  static constexpr Kind kKind = Kind::CreateIndex;
  std::string_view name;                  // empty: PostgreSQL makes one up
  const RangeVar* relation = nullptr;     // relation->only: ON ONLY t
  std::string_view access_method;         // "btree" unless written
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
  List<Option> options;                   // owned_by: value "t.c" or "s.t.c", or "none"
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
  std::string_view command;               // all, select, insert, update, delete
  bool permissive = true;
  List<RoleSpec> roles;                   // PUBLIC if none was written
  const Expr* using_expr = nullptr;
  const Expr* check_expr = nullptr;
};
struct AlterPolicy : Node {
  static constexpr Kind kKind = Kind::AlterPolicy;
  std::string_view name;
  const RangeVar* table = nullptr;
  List<RoleSpec> roles;                   // empty: unchanged
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
  List<std::string_view> columns;         // UPDATE OF
  const Expr* when = nullptr;
  std::string_view old_table;             // REFERENCING
  std::string_view new_table;
};

struct CreateRule : Node {
  static constexpr Kind kKind = Kind::CreateRule;
  std::string_view name;
  const RangeVar* relation = nullptr;
  std::string_view event;                 // select, insert, update, delete
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

// ---------------------------------------------------------------- functions and code

enum class ParameterMode : char { In = 'i', Out = 'o', InOut = 'b', Variadic = 'v', Table = 't', Default = 'd' };
struct FunctionParameter {
  std::string_view name;
  const TypeName* type = nullptr;
  ParameterMode mode = ParameterMode::Default;
  const Expr* default_expr = nullptr;
};

// Code inside a string. `text` is the unescaped text; where the string is dollar-quoted (or has no
// escapes), byte i of `text` stands at `at` + i of the SqlText, and `verbatim` is true.
struct CodeString {
  std::string_view text;
  std::uint32_t at = 0;
  bool verbatim = false;
};

struct CreateFunction : Node {
  static constexpr Kind kKind = Kind::CreateFunction;
  QualifiedName name;                     // name.at is the place of the name
  bool procedure = false;
  bool or_replace = false;
  List<FunctionParameter> parameters;
  const TypeName* returns = nullptr;      // RETURNS TABLE: record, setof; columns are Table parameters
  std::string_view language;              // lower case; "sql" for a BEGIN ATOMIC body without LANGUAGE
  CodeString body;                        // AS '…'; C functions: the object file
  std::string_view link_symbol;           // AS 'obj', 'symbol'
  List<const Statement*> atomic_body;     // RETURN expr (as a Select) or BEGIN ATOMIC … END
  bool has_atomic_body = false;
  bool security_definer = false;
  bool leakproof = false;
  bool strict = false;
  bool window = false;
  char volatility = 'v';                  // 'i', 's', 'v'
  List<Option> set;                       // SET name = value: Option.name, value; opaque: FROM CURRENT
};

struct AlterFunction : Node {
  static constexpr Kind kKind = Kind::AlterFunction;
  ObjectType object = ObjectType::Function;
  ObjectName function;
  List<Option> actions;                   // security ("definer"/"invoker"), volatility, leakproof, strict, set/reset …
};

struct DoBlock : Node {
  static constexpr Kind kKind = Kind::DoBlock;
  std::string_view language;              // "plpgsql" unless written
  CodeString body;
};

struct Call : Node {
  static constexpr Kind kKind = Kind::Call;
  const FuncCall* call = nullptr;
};

// ---------------------------------------------------------------- types

struct CreateEnum : Node {
  static constexpr Kind kKind = Kind::CreateEnum;
  QualifiedName name;
  List<std::string_view> labels;
};
struct AlterEnum : Node {
  static constexpr Kind kKind = Kind::AlterEnum;
  QualifiedName name;
  std::string_view old_label;             // RENAME VALUE
  std::string_view new_label;
  std::string_view neighbour;
  bool after = true;
  bool if_not_exists = false;
};
struct CreateDomain : Node {
  static constexpr Kind kKind = Kind::CreateDomain;
  QualifiedName name;
  const TypeName* type = nullptr;
  List<Constraint> constraints;
};
enum class AlterDomainAction : char { Default = 'T', DropNotNull = 'N', SetNotNull = 'O', AddConstraint = 'C', DropConstraint = 'X', ValidateConstraint = 'V' };
struct AlterDomain : Node {
  static constexpr Kind kKind = Kind::AlterDomain;
  AlterDomainAction action = AlterDomainAction::Default;
  QualifiedName name;
  std::string_view constraint_name;
  const Constraint* constraint = nullptr;
  const Expr* expr = nullptr;
  bool cascade = false;
  bool missing_ok = false;
};
struct CreateCompositeType : Node {
  static constexpr Kind kKind = Kind::CreateCompositeType;
  const RangeVar* relation = nullptr;
  List<const ColumnDef*> columns;
};
struct CreateRange : Node {
  static constexpr Kind kKind = Kind::CreateRange;
  QualifiedName name;
  List<Option> options;
};
// CREATE AGGREGATE, OPERATOR, TYPE (base), TEXT SEARCH …, COLLATION.
struct Define : Node {
  static constexpr Kind kKind = Kind::Define;
  ObjectType object = ObjectType::Other;
  QualifiedName name;
  List<FunctionParameter> parameters;     // of an aggregate
  List<Option> options;
  bool if_not_exists = false;
  bool or_replace = false;
};

// ---------------------------------------------------------------- schemas and the like

struct CreateSchema : Node {
  static constexpr Kind kKind = Kind::CreateSchema;
  std::string_view name;                  // empty: that of the role
  RoleSpec owner;
  bool has_owner = false;
  bool if_not_exists = false;
  List<const Statement*> elements;
};
struct CreateExtension : Node {
  static constexpr Kind kKind = Kind::CreateExtension;
  std::string_view name;
  std::string_view schema;                // WITH SCHEMA; empty: none
  bool if_not_exists = false;
  bool cascade = false;
};
struct AlterExtension : Node {            // UPDATE
  static constexpr Kind kKind = Kind::AlterExtension;
  std::string_view name;
};
struct AlterExtensionContents : Node {    // ADD / DROP member
  static constexpr Kind kKind = Kind::AlterExtensionContents;
  std::string_view name;
  bool add = false;
  ObjectType object = ObjectType::Other;
  ObjectName member;
};

struct PublicationObject {
  const RangeVar* table = nullptr;        // a table, or
  std::string_view schema;                // TABLES IN SCHEMA
  bool current_schema = false;
  List<std::string_view> columns;
  const Expr* where = nullptr;
};
struct CreatePublication : Node {
  static constexpr Kind kKind = Kind::CreatePublication;
  std::string_view name;
  bool all_tables = false;
  List<PublicationObject> objects;
  List<Option> options;
};
enum class PublicationAction : std::uint8_t { Add, Drop, Set, Options };
struct AlterPublication : Node {
  static constexpr Kind kKind = Kind::AlterPublication;
  std::string_view name;
  PublicationAction action = PublicationAction::Options;
  bool all_tables = false;
  List<PublicationObject> objects;
  List<Option> options;
};

struct CreateForeignServer : Node {
  static constexpr Kind kKind = Kind::CreateForeignServer;
  std::string_view name;
  std::string_view wrapper;
};
struct ImportForeignSchema : Node {
  static constexpr Kind kKind = Kind::ImportForeignSchema;
  std::string_view server;
  std::string_view remote_schema;
  std::string_view local_schema;
};

// ---------------------------------------------------------------- roles and privileges

// `options`: superuser, bypassrls, canlogin, createrole, createdb, inherit, isreplication (values "true" / "false").
struct CreateRole : Node {
  static constexpr Kind kKind = Kind::CreateRole;
  std::string_view name;
  char type = 'r';                        // 'r'ole, 'u'ser, 'g'roup
  List<Option> options;
  List<RoleSpec> in_roles;                // IN ROLE: the new role becomes a member of these
  List<RoleSpec> members;                 // ROLE, USER
  List<RoleSpec> admins;                  // ADMIN
};
struct AlterRole : Node {
  static constexpr Kind kKind = Kind::AlterRole;
  RoleSpec role;
  List<Option> options;
  List<RoleSpec> members;                 // ALTER GROUP ADD / DROP USER
  bool add = true;
};
struct SetClause;
struct AlterRoleSet : Node {
  static constexpr Kind kKind = Kind::AlterRoleSet;
  RoleSpec role;
  bool all_roles = false;
  std::string_view database;
  const SetClause* set = nullptr;
};
struct DropRole : Node {
  static constexpr Kind kKind = Kind::DropRole;
  List<RoleSpec> roles;
  bool missing_ok = false;
};

struct Privilege {
  std::string_view name;                  // lower case; empty: ALL
  List<std::string_view> columns;
};
enum class GrantTarget : std::uint8_t { Objects, AllInSchema, Defaults };
struct Grant : Node {
  static constexpr Kind kKind = Kind::Grant;
  bool is_grant = true;
  GrantTarget target = GrantTarget::Objects;
  ObjectType object = ObjectType::Table;
  List<ObjectName> objects;               // AllInSchema: schemas, in name.name
  List<Privilege> privileges;             // empty: ALL PRIVILEGES
  List<RoleSpec> grantees;
  bool grant_option = false;              // WITH GRANT OPTION; of REVOKE: GRANT OPTION FOR
  bool cascade = false;
};
struct GrantRole : Node {
  static constexpr Kind kKind = Kind::GrantRole;
  bool is_grant = true;
  List<std::string_view> roles;
  List<RoleSpec> grantees;
  bool admin_option = false;
};
struct AlterDefaultPrivileges : Node {
  static constexpr Kind kKind = Kind::AlterDefaultPrivileges;
  List<RoleSpec> for_roles;
  List<std::string_view> in_schemas;
  const Grant* action = nullptr;
};
struct ReassignOwned : Node {
  static constexpr Kind kKind = Kind::ReassignOwned;
  List<RoleSpec> from;
  RoleSpec to;
};
struct DropOwned : Node {
  static constexpr Kind kKind = Kind::DropOwned;
  List<RoleSpec> roles;
  bool cascade = false;
};
struct CreateDatabase : Node {
  static constexpr Kind kKind = Kind::CreateDatabase;
  std::string_view name;
};
struct AlterDatabaseSet : Node {
  static constexpr Kind kKind = Kind::AlterDatabaseSet;
  std::string_view name;
  const SetClause* set = nullptr;
};

// ---------------------------------------------------------------- any object

struct Drop : Node {
  static constexpr Kind kKind = Kind::Drop;
  ObjectType object = ObjectType::Other;
  List<ObjectName> objects;
  bool cascade = false;
  bool missing_ok = false;
  bool concurrently = false;
};

// RENAME TO, RENAME COLUMN a TO b, RENAME CONSTRAINT …: `object` says what; sub-objects are in object.sub.
struct Rename : Node {
  static constexpr Kind kKind = Kind::Rename;
  ObjectType object = ObjectType::Table;
  ObjectType relation_type = ObjectType::Table;  // of what the column or constraint belongs to
  ObjectName name;
  std::string_view new_name;
  bool missing_ok = false;
  bool cascade = false;
};
struct AlterSchemaOf : Node {             // SET SCHEMA
  static constexpr Kind kKind = Kind::AlterSchemaOf;
  ObjectType object = ObjectType::Table;
  ObjectName name;
  std::string_view new_schema;
  bool missing_ok = false;
};
struct AlterOwner : Node {                // of what is no relation (those: AlterTable ChangeOwner)
  static constexpr Kind kKind = Kind::AlterOwner;
  ObjectType object = ObjectType::Other;
  ObjectName name;
  RoleSpec owner;
};
struct Comment : Node {
  static constexpr Kind kKind = Kind::Comment;
  ObjectType object = ObjectType::Other;
  ObjectName name;
  std::string_view text;
  bool is_null = false;
};

// ---------------------------------------------------------------- session

enum class SetAction : std::uint8_t { Value, Default, FromCurrent, Reset, ResetAll, Multi };
struct SetClause {
  SetAction action = SetAction::Value;
  std::string_view name;                  // lower case as written; "transaction", "role", "session_authorization" …
  List<const Expr*> values;
  bool local = false;
};
struct Set : Node {
  static constexpr Kind kKind = Kind::Set;
  SetClause clause;
};
struct Show : Node {
  static constexpr Kind kKind = Kind::Show;
  std::string_view name;
};
struct Discard : Node {
  static constexpr Kind kKind = Kind::Discard;
  std::string_view what;                  // all, plans, sequences, temp
};

enum class TransactionAction : std::uint8_t { Begin, Commit, Rollback, Savepoint, Release, RollbackTo, Prepare, CommitPrepared, RollbackPrepared };
struct Transaction : Node {
  static constexpr Kind kKind = Kind::Transaction;
  TransactionAction action = TransactionAction::Begin;
  std::string_view savepoint;
};

struct Prepare : Node {
  static constexpr Kind kKind = Kind::Prepare;
  std::string_view name;
  List<const TypeName*> types;
  const Statement* query = nullptr;
};
struct Execute : Node {
  static constexpr Kind kKind = Kind::Execute;
  std::string_view name;
  List<const Expr*> args;
};
struct Deallocate : Node {
  static constexpr Kind kKind = Kind::Deallocate;
  std::string_view name;                  // empty: ALL
};
struct Explain : Node {
  static constexpr Kind kKind = Kind::Explain;
  const Statement* query = nullptr;
  bool analyze = false;
};
struct DeclareCursor : Node {
  static constexpr Kind kKind = Kind::DeclareCursor;
  std::string_view name;
  const Statement* query = nullptr;
};

}  // namespace tenantlint::ast
