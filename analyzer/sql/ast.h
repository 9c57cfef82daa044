// Our own tree of SQL: what the analyses need of PostgreSQL's grammar, typed, small, read-only.
//
// Three files: ast_query.h (expressions and statements on rows), ast_table.h (relations and what
// hangs on them), and here all other objects, roles and the session. Include this one.
//
// Built by lower.cpp from libpg_query's raw parse tree. Every offset (`at`, Span) is in bytes of
// the SqlText that was parsed; 0-length spans mean "not known". Names are already folded to lower
// case unless quoted, as PostgreSQL does. Nodes live in an Arena and are never changed after
// lowering.
// Invariant: nothing is dropped in silence. What has no node of its own is Unsupported, with its
// kind.
// Source: PostgreSQL 15, src/include/nodes/parsenodes.h and primnodes.h (the raw grammar's output).
#pragma once

#include <cstdint>
#include <string_view>

#include "analyzer/sql/ast_query.h"
#include "analyzer/sql/ast_table.h"
#include "analyzer/text/span.h"

namespace tenantlint::ast {

// ---------------------------------------------------------------- functions and code

enum class ParameterMode : char {
  In = 'i',
  Out = 'o',
  InOut = 'b',
  Variadic = 'v',
  Table = 't',
  Default = 'd'
};
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
  QualifiedName name;  // name.at is the place of the name
  bool procedure = false;
  bool or_replace = false;
  List<FunctionParameter> parameters;
  const TypeName* returns = nullptr;   // RETURNS TABLE: record, setof; columns are Table parameters
  std::string_view language;           // lower case; "sql" for a BEGIN ATOMIC body without LANGUAGE
  CodeString body;                     // AS '…'; C functions: the object file
  std::string_view link_symbol;        // AS 'obj', 'symbol'
  List<const Statement*> atomic_body;  // RETURN expr (as a Select) or BEGIN ATOMIC … END
  bool has_atomic_body = false;
  bool security_definer = false;
  bool leakproof = false;
  bool strict = false;
  bool window = false;
  char volatility = 'v';  // 'i', 's', 'v'
  List<Option> set;       // SET name = value: Option.name, value; opaque: FROM CURRENT
};

struct AlterFunction : Node {
  static constexpr Kind kKind = Kind::AlterFunction;
  ObjectType object = ObjectType::Function;
  ObjectName function;
  List<Option>
      actions;  // security ("definer"/"invoker"), volatility, leakproof, strict, set/reset …
};

struct DoBlock : Node {
  static constexpr Kind kKind = Kind::DoBlock;
  std::string_view language;  // "plpgsql" unless written
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
  std::string_view old_label;  // RENAME VALUE
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
enum class AlterDomainAction : char {
  Default = 'T',
  DropNotNull = 'N',
  SetNotNull = 'O',
  AddConstraint = 'C',
  DropConstraint = 'X',
  ValidateConstraint = 'V'
};
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
  List<FunctionParameter> parameters;  // of an aggregate
  List<Option> options;
  bool if_not_exists = false;
  bool or_replace = false;
};

// ---------------------------------------------------------------- schemas and the like

struct CreateSchema : Node {
  static constexpr Kind kKind = Kind::CreateSchema;
  std::string_view name;  // empty: that of the role
  RoleSpec owner;
  bool has_owner = false;
  bool if_not_exists = false;
  List<const Statement*> elements;
};
struct CreateExtension : Node {
  static constexpr Kind kKind = Kind::CreateExtension;
  std::string_view name;
  std::string_view schema;  // WITH SCHEMA; empty: none
  bool if_not_exists = false;
  bool cascade = false;
};
struct AlterExtension : Node {  // UPDATE
  static constexpr Kind kKind = Kind::AlterExtension;
  std::string_view name;
};
struct AlterExtensionContents : Node {  // ADD / DROP member
  static constexpr Kind kKind = Kind::AlterExtensionContents;
  std::string_view name;
  bool add = false;
  ObjectType object = ObjectType::Other;
  ObjectName member;
};

struct PublicationObject {
  const RangeVar* table = nullptr;  // a table, or
  std::string_view schema;          // TABLES IN SCHEMA
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

// `options`: superuser, bypassrls, canlogin, createrole, createdb, inherit, isreplication (values
// "true" / "false").
struct CreateRole : Node {
  static constexpr Kind kKind = Kind::CreateRole;
  std::string_view name;
  char type = 'r';  // 'r'ole, 'u'ser, 'g'roup
  List<Option> options;
  List<RoleSpec> in_roles;  // IN ROLE: the new role becomes a member of these
  List<RoleSpec> members;   // ROLE, USER
  List<RoleSpec> admins;    // ADMIN
};
struct AlterRole : Node {
  static constexpr Kind kKind = Kind::AlterRole;
  RoleSpec role;
  List<Option> options;
  List<RoleSpec> members;  // ALTER GROUP ADD / DROP USER
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
  std::string_view name;  // lower case; empty: ALL
  List<std::string_view> columns;
};
enum class GrantTarget : std::uint8_t { Objects, AllInSchema, Defaults };
struct Grant : Node {
  static constexpr Kind kKind = Kind::Grant;
  bool is_grant = true;
  GrantTarget target = GrantTarget::Objects;
  ObjectType object = ObjectType::Table;
  List<ObjectName> objects;    // AllInSchema: schemas, in name.name
  List<Privilege> privileges;  // empty: ALL PRIVILEGES
  List<RoleSpec> grantees;
  bool grant_option = false;  // WITH GRANT OPTION; of REVOKE: GRANT OPTION FOR
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

// RENAME TO, RENAME COLUMN a TO b, RENAME CONSTRAINT …: `object` says what; sub-objects are in
// object.sub.
struct Rename : Node {
  static constexpr Kind kKind = Kind::Rename;
  ObjectType object = ObjectType::Table;
  ObjectType relation_type = ObjectType::Table;  // of what the column or constraint belongs to
  ObjectName name;
  std::string_view new_name;
  bool missing_ok = false;
  bool cascade = false;
};
struct AlterSchemaOf : Node {  // SET SCHEMA
  static constexpr Kind kKind = Kind::AlterSchemaOf;
  ObjectType object = ObjectType::Table;
  ObjectName name;
  std::string_view new_schema;
  bool missing_ok = false;
};
struct AlterOwner : Node {  // of what is no relation (those: AlterTable ChangeOwner)
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
  std::string_view name;  // lower case as written; "transaction", "role", "session_authorization" …
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
  std::string_view what;  // all, plans, sequences, temp
};

enum class TransactionAction : std::uint8_t {
  Begin,
  Commit,
  Rollback,
  Savepoint,
  Release,
  RollbackTo,
  Prepare,
  CommitPrepared,
  RollbackPrepared
};
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
  std::string_view name;  // empty: ALL
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
