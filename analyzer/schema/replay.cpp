// The replay's main loop: one script is one session, each statement runs or is refused as
// PostgreSQL would, and what cannot be followed is said. The statements themselves are in the other
// replay_*.cpp.
#include "analyzer/schema/replay.h"

#include <fmt/format.h>

#include <algorithm>

#include "analyzer/schema/replayer.h"

namespace tenantlint::schema {

struct Replay::State {
  explicit State(Model& model) : replayer(model) {}
  Replayer replayer;
};

Replay::Replay(Model& model) : state_(std::make_unique<State>(model)) {}
Replay::~Replay() = default;

void Replay::run_baseline(const sql::Script& script) {
  Replayer& r = state_->replayer;
  const std::vector<std::string> before = r.start_path;
  r.stub = true;
  r.run_script(script);
  r.stub = false;
  // SET in a baseline stays; else what ALTER DATABASE or ALTER ROLE … SET said holds.
  if (r.session.search_path != before) r.start_path = r.session.search_path;
}

void Replay::run(const sql::Script& script) {
  std::deque<StepInfo>& steps = state_->replayer.model.steps;
  const std::size_t before = steps.size();
  state_->replayer.run_script(script);
  for (std::size_t i = before; i < steps.size(); ++i) {
    const ast::Kind kind = steps[i].tree->kind;
    if (kind == ast::Kind::CreateTable) {
      static_cast<ast::CreateTable*>(const_cast<ast::Statement*>(steps[i].tree))->elements = {};
    } else if (kind == ast::Kind::AlterTable || kind == ast::Kind::CreateIndex ||
               kind == ast::Kind::CreatePolicy) {
      steps[i].tree = nullptr;
    }
  }
}

const std::vector<std::string>& Replay::start_path() const {
  return state_->replayer.start_path;
}

std::vector<Problem>& Replay::problems() {
  return state_->replayer.problems;
}

void Replayer::begin_session() {
  session = Session{};
  session.search_path = start_path;
}

// Temporary tables go with their session; a transaction left open is rolled back.
void Replayer::end_session() {
  while (!session.savepoints.empty()) {
    model.rollback();
    session.savepoints.pop_back();
  }
  if (session.in_transaction) model.rollback();
  if (session.temporary == nullptr) return;
  std::vector<Relation*> temporary;
  for (const auto& [name, relation] : session.temporary->relations) temporary.push_back(relation);
  for (Relation* relation : temporary) model.remove(*relation);
}

void Replayer::run_script(const sql::Script& script) {
  begin_session();
  for (const sql::ScriptStatement& statement : script.statements) {
    if (statement.tree != nullptr) run_statement(statement);
  }
  end_session();
}

namespace {

// Statements that change several records before they can fail need a savepoint of their own.
bool needs_savepoint(const ast::Statement& tree) {
  const auto* alter = ast::as<ast::AlterTable>(&tree);
  if (alter != nullptr) {
    using A = ast::AlterAction;
    if (alter->commands.size() != 1) return true;
    const A action = alter->commands[0].action;
    return action == A::AddColumn || action == A::AddConstraint || action == A::AddInherit ||
           action == A::AttachPartition;
  }
  constexpr ast::Kind kSeveral[] = {
      ast::Kind::CreateTable,    ast::Kind::CreateTableAs, ast::Kind::CreateSchema,
      ast::Kind::CreateSequence, ast::Kind::AlterSequence, ast::Kind::CreateCompositeType,
      ast::Kind::CreateDomain,   ast::Kind::CreateRange,   ast::Kind::CreateExtension,
      ast::Kind::CreateRole,     ast::Kind::GrantRole,     ast::Kind::Grant};
  return std::find(std::begin(kSeveral), std::end(kSeveral), tree.kind) != std::end(kSeveral);
}

}  // namespace

void Replayer::run_statement(const sql::ScriptStatement& statement) {
  text = statement.text;
  span = statement.span;
  model.steps.push_back({statement_place(), text, statement.tree});
  step = static_cast<Step>(model.steps.size());
  const auto* control = ast::as<ast::Transaction>(statement.tree);
  // A failed transaction ignores everything until it ends (manual, "Transactions").
  if (session.failed && control == nullptr) {
    problems.push_back({"replay-error",
                        "current transaction is aborted, commands ignored until end of "
                        "transaction block",
                        statement_place()});
    return;
  }
  const std::size_t savepoint_depth = model.depth();
  try {
    if (statement.uncertain) {
      not_interpreted("Whether this statement runs depends on a psql condition that is not known",
                      statement_place());
    }
    if (statement.executes_result) return execute_result(*statement.tree);
    if (control != nullptr) return transaction(*control);
    const bool guard = needs_savepoint(*statement.tree);
    if (guard) model.savepoint();
    execute(*statement.tree);
    if (guard) model.release();
  } catch (const ReplayError& error) {
    while (model.depth() > savepoint_depth) model.rollback();
    problems.push_back({"replay-error", error.message, error.place});
    session.failed = session.in_transaction;
  } catch (const NotInterpreted& unknown) {
    while (model.depth() > savepoint_depth) model.release();
    problems.push_back({"not-interpreted", unknown.message, unknown.place});
  }
}

void Replayer::execute(const ast::Statement& tree) {
  using K = ast::Kind;
  const auto as = [&]<typename T>(const T*) -> const T& { return static_cast<const T&>(tree); };
#define RUN(kind, function) \
  case K::kind: return function(as(static_cast<const ast::kind*>(nullptr)))
  switch (tree.kind) {
    RUN(CreateTable, create_table);
    RUN(AlterTable, alter_table);
    RUN(CreateTableAs, create_table_as);
    RUN(CreateView, create_view);
    RUN(CreateIndex, create_index);
    RUN(CreateSequence, create_sequence);
    RUN(AlterSequence, alter_sequence);
    RUN(CreatePolicy, create_policy);
    RUN(AlterPolicy, alter_policy);
    RUN(CreateTrigger, create_trigger);
    RUN(CreateRule, create_rule);
    RUN(CreateFunction, create_function);
    RUN(AlterFunction, alter_function);
    RUN(DoBlock, do_block);
    RUN(Call, call);
    RUN(Select, select);
    RUN(CreateEnum, create_enum);
    RUN(AlterEnum, alter_enum);
    RUN(CreateDomain, create_domain);
    RUN(AlterDomain, alter_domain);
    RUN(CreateCompositeType, create_composite);
    RUN(CreateRange, create_range);
    RUN(Define, define);
    RUN(CreateSchema, create_schema);
    RUN(CreateExtension, create_extension);
    RUN(CreatePublication, create_publication);
    RUN(AlterPublication, alter_publication);
    RUN(CreateRole, create_role);
    RUN(AlterRole, alter_role);
    RUN(AlterRoleSet, alter_role_set);
    RUN(DropRole, drop_role);
    RUN(Grant, grant);
    RUN(GrantRole, grant_role);
    RUN(AlterDefaultPrivileges, default_privileges);
    RUN(ReassignOwned, reassign_owned);
    RUN(DropOwned, drop_owned);
    RUN(Drop, drop);
    RUN(Rename, rename);
    RUN(AlterSchemaOf, set_schema);
    RUN(AlterOwner, alter_owner);
    RUN(Comment, comment);
    RUN(Transaction, transaction);
    RUN(Update, configure_partitions);
    case K::Set: return set(static_cast<const ast::Set&>(tree).clause);
    case K::CreateDatabase:
      return note_other(ast::ObjectType::Database,
                        static_cast<const ast::CreateDatabase&>(tree).name);
    case K::CreateEventTrigger:
      return note_other(ast::ObjectType::EventTrigger,
                        static_cast<const ast::CreateEventTrigger&>(tree).name);
    case K::CreateForeignServer:
      return note_other(ast::ObjectType::ForeignServer,
                        static_cast<const ast::CreateForeignServer&>(tree).name);
      RUN(AlterDatabaseSet, alter_database_set);
    case K::ImportForeignSchema:
      not_interpreted("The tables that IMPORT FOREIGN SCHEMA makes are not known",
                      statement_place());
    case K::AlterExtensionContents:
      not_interpreted("ALTER EXTENSION ADD and DROP are not followed", statement_place());
    case K::Explain: {
      const auto& explain = static_cast<const ast::Explain&>(tree);
      if (explain.analyze && explain.query != nullptr) execute(*explain.query);
      return;
    }
    case K::Execute: not_interpreted("What EXECUTE runs was prepared elsewhere", statement_place());
    case K::Unsupported:
      not_interpreted(fmt::format("This kind of statement is not understood ({})",
                                  static_cast<const ast::Unsupported&>(tree).what),
                      statement_place());
    case K::Insert:
    case K::Delete:
    case K::Merge: return change_rows(tree);
    // They change rows, at most, and no schema.
    case K::Copy:
    case K::Truncate:
    case K::Lock:
    case K::RefreshMatView:
    case K::Show:
    case K::Discard:
    case K::Prepare:
    case K::Deallocate:
    case K::DeclareCursor:
    case K::NoEffect:
    case K::AlterExtension: return;
    // Parts of statements, never statements.
    case K::ColumnRef:
    case K::Param:
    case K::Literal:
    case K::TypeCast:
    case K::FuncCall:
    case K::Operator:
    case K::BoolExpr:
    case K::NullTest:
    case K::BooleanTest:
    case K::SubLink:
    case K::Case:
    case K::Coalesce:
    case K::MinMax:
    case K::RowExpr:
    case K::ArrayExpr:
    case K::Indirection:
    case K::Collate:
    case K::ValueFunction:
    case K::SetToDefault:
    case K::GroupingFunc:
    case K::GroupingSet:
    case K::CurrentOf:
    case K::NamedArg:
    case K::XmlOrJson:
    case K::RangeVar:
    case K::RangeSubselect:
    case K::RangeFunction:
    case K::JoinExpr:
    case K::RangeTableSample:
    case K::RangeTableFunc: return;
  }
#undef RUN
}

}  // namespace tenantlint::schema
