// Our own tree of SQL, first part: nodes, types, expressions, FROM, and the statements on rows.
// What holds for all of the tree stands in ast.h.
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
  ColumnRef,
  Param,
  Literal,
  TypeCast,
  FuncCall,
  Operator,
  BoolExpr,
  NullTest,
  BooleanTest,
  SubLink,
  Case,
  Coalesce,
  MinMax,
  RowExpr,
  ArrayExpr,
  Indirection,
  Collate,
  ValueFunction,
  SetToDefault,
  GroupingFunc,
  GroupingSet,
  CurrentOf,
  NamedArg,
  XmlOrJson,
  // FROM items
  RangeVar,
  RangeSubselect,
  RangeFunction,
  JoinExpr,
  RangeTableSample,
  RangeTableFunc,
  // Queries and data changes
  Select,
  Insert,
  Update,
  Delete,
  Merge,
  Copy,
  Truncate,
  Lock,
  // Relations
  CreateTable,
  AlterTable,
  CreateTableAs,
  CreateView,
  CreateIndex,
  CreateSequence,
  AlterSequence,
  RefreshMatView,
  // Row security, triggers, rules
  CreatePolicy,
  AlterPolicy,
  CreateTrigger,
  CreateRule,
  CreateEventTrigger,
  // Functions and code
  CreateFunction,
  AlterFunction,
  DoBlock,
  Call,
  // Types
  CreateEnum,
  AlterEnum,
  CreateDomain,
  AlterDomain,
  CreateCompositeType,
  CreateRange,
  Define,
  // Schemas, extensions, publications, foreign data
  CreateSchema,
  CreateExtension,
  AlterExtension,
  AlterExtensionContents,
  CreatePublication,
  AlterPublication,
  CreateForeignServer,
  ImportForeignSchema,
  // Roles and privileges
  CreateRole,
  AlterRole,
  AlterRoleSet,
  DropRole,
  Grant,
  GrantRole,
  AlterDefaultPrivileges,
  ReassignOwned,
  DropOwned,
  CreateDatabase,
  AlterDatabaseSet,
  // Any object
  Drop,
  Rename,
  AlterSchemaOf,
  AlterOwner,
  Comment,
  // Session
  Set,
  Show,
  Discard,
  Transaction,
  Prepare,
  Execute,
  Deallocate,
  Explain,
  DeclareCursor,
  // Understood to change neither the schema nor tenant rows (ANALYZE, VACUUM, NOTIFY …)
  NoEffect,
  // Not understood: whoever meets it answers unknown
  Unsupported,
};

struct Node {
  Kind kind;
  std::uint32_t at = 0;  // first byte, where the parser knows it; of a statement: its first byte
};
using Expr = Node;      // any of the expression kinds, or Unsupported
using FromItem = Node;  // any of the FROM kinds, or Unsupported
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

// `names` as written after the grammar's own mapping (int → pg_catalog.int4); modifiers are
// constants and single words as text ("255", "point"), anything else as "?". `array_dims` counts
// the brackets.
struct TypeName {
  QualifiedName name;
  List<std::string_view> modifiers;
  std::uint8_t array_dims = 0;
  bool setof = false;
  bool percent_type =
      false;  // t.c%TYPE: name.schema/name.name hold all but the last part, `column` it
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
  int number = 0;         // $n; 0: unnumbered
  std::string_view name;  // set by readers of named dialects, else empty
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
  std::string_view name;  // of a WINDOW clause entry, or referenced by OVER name
  std::string_view base;  // copied window
  List<const Expr*> partition_by;
  List<SortBy> order_by;
  bool default_frame = true;
};

struct FuncCall : Node {
  static constexpr Kind kKind = Kind::FuncCall;
  QualifiedName name;
  List<const Expr*> args;  // a NamedArg for name => value
  List<SortBy> order_by;
  const Expr* filter = nullptr;
  const WindowDef* over = nullptr;
  bool star = false;  // count(*)
  bool distinct = false;
  bool within_group = false;
  bool variadic = false;
  bool sql_syntax = false;  // written as a keyword form (EXTRACT, OVERLAY, AT TIME ZONE …)
};

// Binary or unary operator, and the special forms that the grammar makes of operators.
enum class OperatorForm : std::uint8_t {
  Plain,  // left op right; unary: left is null
  Any,
  All,  // left op ANY (array expression right)
  Distinct,
  NotDistinct,
  NullIf,
  In,
  NotIn,  // right is a RowExpr of the list
  Like,
  NotLike,
  ILike,
  NotILike,
  Similar,
  NotSimilar,
  Between,
  NotBetween,
  BetweenSymmetric,
  NotBetweenSymmetric,  // right is a RowExpr of two
};
struct Operator : Node {
  static constexpr Kind kKind = Kind::Operator;
  OperatorForm form = OperatorForm::Plain;
  QualifiedName op;  // "=", "<>", OPERATOR(pg_catalog.=)
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

enum class BooleanTestType : std::uint8_t {
  IsTrue,
  IsNotTrue,
  IsFalse,
  IsNotFalse,
  IsUnknown,
  IsNotUnknown
};
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
  const Expr* test = nullptr;   // left of ANY/ALL/IN
  QualifiedName op;             // empty name for IN
  const Node* query = nullptr;  // Select
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
  std::string_view field;  // .field; else empty
  bool star = false;       // .*
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
  bool only = false;       // ONLY t
  char persistence = 'p';  // p, u(nlogged), t(emporary): as written, for CREATE
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

struct Target {                 // of a select list, RETURNING, SET or an INSERT column list
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
  const RangeVar* into = nullptr;  // SELECT INTO
  List<const FromItem*> from;
  const Expr* where = nullptr;
  List<const Expr*> group_by;
  bool group_distinct = false;
  const Expr* having = nullptr;
  List<const WindowDef*> windows;
  List<List<const Expr*>> values;  // VALUES (…), (…)
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
  const Select* source = nullptr;  // null: DEFAULT VALUES
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
  List<Target> targets;      // SET list, or INSERT columns
  List<const Expr*> values;  // INSERT values
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
  std::string_view file;  // empty: STDIN or STDOUT
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

}  // namespace tenantlint::ast
