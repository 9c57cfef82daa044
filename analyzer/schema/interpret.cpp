// The ways into the interpreter: DO, CALL, SELECT of a function, \gexec. A statement at top level
// in, its effect on the model or a problem out.
#include "analyzer/schema/interpret.h"

#include <algorithm>

#include "analyzer/sql/tokens.h"
#include "analyzer/sql/walk.h"

namespace tenantlint::schema {

Interpreter::Interpreter(Replayer& replayer)
    : r_(replayer),
      memory_([&]() -> InterpreterMemory& {
        if (replayer.interpreted == nullptr) {
          replayer.interpreted = std::make_shared<InterpreterMemory>();
        }
        return *replayer.interpreted;
      }()),
      evaluator_(replayer, *this) {}

void Interpreter::problem(std::string message, Span at) {
  r_.problems.push_back({"not-interpreted", std::move(message), frame_->text->place(at)});
}

const Body& Interpreter::body(const ast::CodeString& code, const SqlText& outer) {
  const auto known = memory_.bodies.find(code.text.data());
  if (known != memory_.bodies.end()) return known->second;
  Body out;
  out.code = plpgsql::parse_body(code.text, r_.model.arena());
  out.text = &r_.model.texts.emplace_back(plpgsql::body_text(out.code, outer, code));
  return memory_.bodies.emplace(code.text.data(), std::move(out)).first->second;
}

const ast::Select* Interpreter::expression(Span expr) {
  const char* key = frame_->code->text.data() + expr.begin;
  const auto known = memory_.expressions.find(key);
  if (known != memory_.expressions.end()) return known->second;
  const ast::Select* out = plpgsql::parse_expression(*frame_->code, expr, r_.model.arena());
  memory_.expressions.emplace(key, out);
  return out;
}

const sql::ParseResult& Interpreter::statements(Span range) {
  const char* key = frame_->code->text.data() + range.begin;
  auto& known = memory_.statements[key];
  if (known == nullptr) {
    known = std::make_shared<sql::ParseResult>(
        plpgsql::parse_sql(*frame_->code, range, r_.model.arena()));
  }
  return *known;
}

Value Interpreter::value(const ast::Select& select) {
  if (select.from.empty() && select.where == nullptr && select.targets.size() == 1) {
    return evaluator_.value(select.targets[0].value);
  }
  const Rows rows = evaluator_.query(select, 2);
  if (!rows.certain()) return Value::unknown_because(rows.why);
  return rows.rows.empty() || rows.rows[0].values.empty() ? Value{} : rows.rows[0].values[0];
}

Value Interpreter::value(Span expr) {
  const ast::Select* select = expression(expr);
  if (select == nullptr) return Value::unknown_because("depends on what is not understood");
  return value(*select);
}

Interpreter::Variable* Interpreter::find(std::string_view name, std::string_view label) {
  for (auto v = frame_->variables.rbegin(); v != frame_->variables.rend(); ++v) {
    if (v->name == name && (label.empty() || v->label == label)) return &*v;
  }
  return nullptr;
}

// Variables that code sets which may or may not have run are unknown afterwards.
void Interpreter::forget(Statements list, const std::string& why) {
  for (const Statement* s : list) forget(*s, why);
}

void Interpreter::forget(const Statement& s, const std::string& why) {
  for (const plpgsql::Variable& v : s.into) set(v, Value::unknown_because(why));
  if (!s.into.empty()) frame_->found = Value::unknown_because(why);
  forget(s.body, why);
  for (const plpgsql::Branch& branch : s.branches) forget(branch.body, why);
  for (const plpgsql::Handler& handler : s.handlers) forget(handler.body, why);
}

void Interpreter::run_block(const ast::CodeString& code) {
  const Body& parsed = body(code, *r_.text);
  Frame frame;
  frame.code = &parsed.code;
  frame.text = parsed.text;
  Frame* outer = frame_;
  frame_ = &frame;
  const std::size_t problems = r_.problems.size();
  try {
    run(*parsed.code.block);
  } catch (...) {
    frame_ = outer;
    throw;
  }
  frame_ = outer;
  if (!parsed.code.complete && r_.problems.size() == problems) {
    r_.not_interpreted("A part of this block is not understood", r_.statement_place());
  }
}

void Interpreter::run_call(const ast::FuncCall& tree) {
  if (r_.find_functions(tree.name).empty()) {
    r_.not_interpreted("What " + std::string(tree.name.name) + "() does to the schema is not known",
                       r_.statement_place());
  }
  evaluator_.value(&tree);
}

namespace {

// Functions of extensions that make or change tables.
bool changes_tables(std::string_view name) {
  static constexpr std::string_view kNames[] = {
      "create_hypertable",      "create_distributed_table",
      "create_reference_table", "create_parent",
      "create_partition",       "addgeometrycolumn",
      "dropgeometrycolumn",     "audit_table",
      "enable_tracking",        "add_data_node",
      "attach_foreign_schema",  "run_maintenance"};
  return std::find(std::begin(kNames), std::end(kNames), name) != std::end(kNames);
}

// Runs code as one statement: all of it or, if it fails, nothing; SET LOCAL in it ends with it
// unless a transaction goes on.
template <typename Code>
void as_statement(Replayer& r, const Code& code) {
  const std::size_t depth = r.model.depth();
  const auto end = [&] {
    --r.nesting;
    if (r.nesting > 0 || r.session.in_transaction || !r.session.path_before_local) return;
    r.session.search_path = *r.session.path_before_local;
    r.session.path_before_local.reset();
  };
  ++r.nesting;
  r.model.savepoint();
  try {
    code();
    r.model.release();
  } catch (const ReplayError&) {
    while (r.model.depth() > depth) r.model.rollback();
    end();
    throw;
  } catch (...) {
    while (r.model.depth() > depth) r.model.release();
    end();
    throw;
  }
  end();
}

}  // namespace

void Replayer::do_block(const ast::DoBlock& tree) {
  if (tree.language != "plpgsql") {
    not_interpreted("What this block does to the schema is not known: it is written in " +
                        std::string(tree.language),
                    statement_place());
  }
  if (nesting > 20) not_interpreted("Nested too deeply to follow", statement_place());
  as_statement(*this, [&] { Interpreter(*this).run_block(tree.body); });
}

void Replayer::call(const ast::Call& tree) {
  if (tree.call == nullptr) return;
  as_statement(*this, [&] { Interpreter(*this).run_call(*tree.call); });
}

// Rows change. That concerns the schema if a trigger that fires, or a function that is called, may
// change it. Long lists of VALUES are taken to call nothing of the kind.
void Replayer::change_rows(const ast::Statement& tree) {
  const ast::RangeVar* target = nullptr;
  const auto* insert = ast::as<ast::Insert>(&tree);
  if (insert != nullptr) target = insert->relation;
  if (const auto* update = ast::as<ast::Update>(&tree)) target = update->relation;
  if (const auto* gone = ast::as<ast::Delete>(&tree)) target = gone->relation;
  const Relation* table = target == nullptr ? nullptr : find_relation(target->name);
  if (table != nullptr && !table->triggers.empty()) {
    Interpreter interpreter(*this);
    for (const Trigger* t : table->triggers) {
      const bool fires = t->enabled == 'O' || t->enabled == 'A';
      if (!fires || t->function == nullptr || !interpreter.may_change(*t->function)) continue;
      not_interpreted(
          "What the trigger \"" + std::string(t->name) + "\" does to the schema here is not known",
          statement_place());
    }
  }
  if (insert != nullptr && (insert->source == nullptr || insert->source->is_values)) return;
  refuse_changing_calls(tree);
}

void Replayer::refuse_changing_calls(const ast::Node& tree) {
  std::optional<Interpreter> interpreter;
  sql::walk(tree, [&](const ast::Node& node) {
    const auto* call = ast::as<ast::FuncCall>(&node);
    if (call == nullptr) return true;
    for (const Function* f : find_functions(call->name)) {
      if (!interpreter) interpreter.emplace(*this);
      if (!interpreter->may_change(*f)) continue;
      not_interpreted("What " + std::string(f->name) + "() does to the schema here is not known",
                      place(call->at));
    }
    return true;
  });
}

// SELECT f(…) matters only if it sets the search_path or calls what may change the schema.
void Replayer::select(const ast::Select& tree) {
  bool runs = false;
  std::optional<Interpreter> interpreter;
  sql::walk(tree, [&](const ast::Node& node) {
    const auto* f = ast::as<ast::FuncCall>(&node);
    if (f == nullptr) return true;
    if (f->name.name == "set_config") runs = true;
    const std::vector<Function*> functions = find_functions(f->name);
    if (functions.empty() && (changes_tables(f->name.name) && !create_parent(*f))) {
      not_interpreted("What " + std::string(f->name.name) + "() does to the schema is not known",
                      place(f->at));
    }
    for (const Function* function : functions) {
      if (!interpreter) interpreter.emplace(*this);
      runs = runs || interpreter->may_change(*function);
    }
    return true;
  });
  if (!runs) return;
  if (!interpreter) interpreter.emplace(*this);
  as_statement(*this, [&] { interpreter->run_query(tree); });
}

// \gexec: each value of the result is a statement.
void Replayer::execute_result(const ast::Statement& tree) {
  Interpreter interpreter(*this);
  const Rows rows = interpreter.run_query(tree);
  if (!rows.certain()) {
    not_interpreted("What \\gexec runs is not known: it " + rows.why, statement_place());
  }
  for (const Rows::Row& row : rows.rows) {
    for (const Value& value : row.values) {
      const Value sql = to_text(value);
      if (sql.unknown()) {
        not_interpreted("What \\gexec runs is not known: it " + sql.text, statement_place());
      }
      if (!sql.null()) interpreter.run_text(sql.text, statement_place());
    }
  }
}

}  // namespace tenantlint::schema
