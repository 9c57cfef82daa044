// Control flow of PL/pgSQL: which statements run, as far as conditions are known. Where one is not,
// the branches are looked at: if they may change the schema that is a problem, else the variables
// that they set are unknown from there on. Source: PostgreSQL manual 43.6.
#include <algorithm>

#include "analyzer/schema/interpret.h"

namespace tenantlint::schema {

namespace {

using plpgsql::Kind;

constexpr long kMostSteps = 200000;

}  // namespace

void Interpreter::spend(Span at) {
  if (++steps_ < kMostSteps) return;
  throw NotInterpreted{"This code runs longer than it is followed", frame_->text->place(at)};
}

Interpreter::Flow Interpreter::run(Statements list) {
  for (const Statement* s : list) {
    const Flow flow = run(*s);
    if (flow != Flow::Next) return flow;
  }
  return Flow::Next;
}

Interpreter::Flow Interpreter::run(const Statement& s) {
  spend(s.span);
  // Errors are reported at the statement that runs.
  const SqlText* text = r_.text;
  const Span span = r_.span;
  r_.text = frame_->text;
  r_.span = s.span;
  const auto restore = [&] {
    r_.text = text;
    r_.span = span;
  };
  try {
    const Flow flow = dispatch(s);
    restore();
    return flow;
  } catch (const NotInterpreted& unknown) {
    restore();
    if (steps_ >= kMostSteps || s.kind == Kind::Block) throw;
    r_.problems.push_back({"not-interpreted", unknown.message, unknown.place});
    forget(s, "depends on what was not understood");
    return Flow::Next;
  } catch (...) {
    restore();
    throw;
  }
}

Interpreter::Flow Interpreter::dispatch(const Statement& s) {
  switch (s.kind) {
    case Kind::Block: return block(s);
    case Kind::If: return if_statement(s);
    case Kind::Case: return case_statement(s);
    case Kind::Loop:
    case Kind::While: return loop(s);
    case Kind::ForInteger: return for_integer(s);
    case Kind::ForQuery:
    case Kind::ForExecute:
    case Kind::ForCursor: return for_rows(s);
    case Kind::ForEach: return for_each(s);
    case Kind::Exit:
    case Kind::Continue: return jump(s);
    case Kind::Return:
      frame_->result = s.expr.empty() ? Value{} : value(s.expr);
      if (frame_->doubt != Doubt::None) frame_->result = Value::unknown_because(frame_->why);
      return Flow::Return;
    case Kind::ReturnNext:
      frame_->result = Value::unknown_because("depends on the rows of a function");
      return Flow::Next;
    case Kind::ReturnQuery:
    case Kind::Perform:
    case Kind::Sql:
    case Kind::Call: run_sql(s); break;
    case Kind::ReturnExecute:
    case Kind::Execute: execute(s); break;
    case Kind::Raise: raise(s); break;
    case Kind::Assert: check(s); break;
    case Kind::Assign: assign(s); break;
    case Kind::GetDiagnostics:
    case Kind::Fetch:
      for (const plpgsql::Variable& v : s.into) {
        set(v, Value::unknown_because("depends on rows that are not known"));
      }
      frame_->found = Value::unknown_because("depends on rows that are not known");
      break;
    case Kind::Open:
    case Kind::Move:
    case Kind::Close:
    case Kind::Null:
    case Kind::Commit:
    case Kind::Rollback: break;
    case Kind::Unknown: problem("This part of the code is not understood", s.span); break;
  }
  return Flow::Next;
}

void Interpreter::doubt(Doubt how_far, const std::string& why) {
  if (frame_->doubt >= how_far) return;
  frame_->doubt = how_far;
  frame_->why = why;
}

void Interpreter::declare(const Statement& s) {
  for (const plpgsql::Declaration& d : s.declarations) {
    Variable v;
    v.name = d.name;
    v.label = s.label;
    v.type = frame_->text->slice(d.type);
    v.cursor_query = d.cursor_query;
    if (!d.alias.empty()) {
      if (d.alias.starts_with('$')) {
        v.value = parameter(std::atoi(std::string(d.alias.substr(1)).c_str()));
      } else if (const Variable* other = find(d.alias)) {
        v.value = other->value;
      }
    }
    if (!d.default_expr.empty()) v.value = evaluator_.coerce(value(d.default_expr), v.type);
    frame_->variables.push_back(std::move(v));
  }
}

Interpreter::Flow Interpreter::block(const Statement& s) {
  const std::size_t outer = frame_->variables.size();
  declare(s);
  Flow flow = s.has_handlers ? guarded_body(s) : run(s.body);
  frame_->variables.resize(outer);
  if (flow == Flow::Exit && !s.label.empty() && frame_->target == s.label) flow = Flow::Next;
  return flow;
}

// BEGIN … EXCEPTION: the body is a savepoint; an error undoes what it did to the database, but not
// to variables (manual 43.6.8).
Interpreter::Flow Interpreter::guarded_body(const Statement& s) {
  const std::size_t depth = r_.model.depth();
  const Session session = r_.session;
  r_.model.savepoint();
  try {
    const Flow flow = run(s.body);
    r_.model.release();
    return flow;
  } catch (const ReplayError& error) {
    while (r_.model.depth() > depth) r_.model.rollback();
    r_.session = session;
    for (const plpgsql::Handler& handler : s.handlers) {
      if (!handles(handler, error)) continue;
      const ReplayError* outer = frame_->error;
      frame_->error = &error;
      const Flow flow = run(handler.body);
      frame_->error = outer;
      return flow;
    }
    throw;
  } catch (...) {
    while (r_.model.depth() > depth) r_.model.release();
    throw;
  }
}

namespace {

// SQLSTATEs that migrations catch by code; manual, appendix A.
struct ErrorState {
  std::string_view state, condition;
};
constexpr ErrorState kStates[] = {
    {"42P07", "duplicate_table"},          {"42710", "duplicate_object"},
    {"42701", "duplicate_column"},         {"42723", "duplicate_function"},
    {"42P06", "duplicate_schema"},         {"42P01", "undefined_table"},
    {"42703", "undefined_column"},         {"42704", "undefined_object"},
    {"42883", "undefined_function"},       {"3F000", "invalid_schema_name"},
    {"42P16", "invalid_table_definition"}, {"2BP01", "dependent_objects_still_exist"},
    {"P0001", "raise_exception"},          {"42501", "insufficient_privilege"},
    {"23505", "unique_violation"},         {"42601", "syntax_error"},
    {"42809", "wrong_object_type"},        {"22023", "invalid_parameter_value"}};

std::string_view condition_of_state(std::string_view state) {
  for (const ErrorState& entry : kStates) {
    if (entry.state == state) return entry.condition;
  }
  return state;
}

}  // namespace

std::string_view Interpreter::state_of_condition(std::string_view condition) {
  for (const ErrorState& entry : kStates) {
    if (entry.condition == condition || entry.state == condition) return entry.state;
  }
  return {};
}

bool Interpreter::handles(const plpgsql::Handler& handler, const ReplayError& error) const {
  return std::any_of(handler.conditions.begin(), handler.conditions.end(),
                     [&](std::string_view condition) {
                       if (condition == "others") return error.condition != "assert_failure";
                       if (condition == "syntax_error_or_access_rule_violation") {
                         return error.condition.starts_with("duplicate_") ||
                                error.condition.starts_with("undefined_");
                       }
                       return condition_of_state(condition) == condition_of_state(error.condition);
                     });
}

// ---------------------------------------------------------------- what cannot be known

// Passes over bodies that may or may not run.
Interpreter::Flow Interpreter::skip(const Statement& s, const std::vector<Statements>& bodies,
                                    const std::string& why) {
  bool changes = false;
  bool jump = false;
  for (const Statements& body : bodies) {
    // A branch that always raises: migrations that went through did not take it.
    if (body.empty() || always_raises(body)) continue;
    const Span range{body.front()->span.begin, body.back()->span.end};
    changes = changes || may_change(frame_->code->text, range);
    jump = jump || jumps(body);
    forget(body, why);
  }
  if (changes) problem("Whether this changes the schema is not known: it " + why, s.span);
  if (jump) doubt(Doubt::Function, why);
  return Flow::Next;
}

void Interpreter::skip_loop(const Statement& s, const std::string& why) {
  if (s.body.empty()) return;
  const Span range{s.body.front()->span.begin, s.body.back()->span.end};
  if (may_change(frame_->code->text, range)) {
    problem("What this loop does to the schema is not known: it " + why, s.span);
  }
  forget(s, why);
  frame_->found = Value::unknown_because(why);
}

// ---------------------------------------------------------------- branches

Interpreter::Flow Interpreter::if_statement(const Statement& s) {
  for (std::size_t i = 0; i < s.branches.size(); ++i) {
    const Value condition = evaluator_.cast(value(s.branches[i].condition), "bool", false);
    if (condition.unknown()) {
      std::vector<Statements> rest;
      for (std::size_t k = i; k < s.branches.size(); ++k) rest.push_back(s.branches[k].body);
      rest.push_back(s.body);
      return skip(s, rest, condition.text);
    }
    if (condition.is_true()) return run(s.branches[i].body);
  }
  return run(s.body);
}

Interpreter::Flow Interpreter::case_statement(const Statement& s) {
  const Value subject = s.expr.empty() ? Value{} : value(s.expr);
  for (std::size_t i = 0; i < s.branches.size(); ++i) {
    const ast::Select* list = expression(s.branches[i].condition);
    Value taken = Value::boolean(false);
    if (list == nullptr) taken = Value::unknown_because("depends on what is not understood");
    for (std::size_t k = 0; list != nullptr && k < list->targets.size(); ++k) {
      Value one = evaluator_.value(list->targets[k].value);
      if (!s.expr.empty()) one = equal(subject, one);
      if (one.unknown() || one.is_true()) taken = one;
      if (one.is_true()) break;
    }
    if (taken.unknown()) {
      std::vector<Statements> rest;
      for (std::size_t k = i; k < s.branches.size(); ++k) rest.push_back(s.branches[k].body);
      rest.push_back(s.body);
      return skip(s, rest, taken.text);
    }
    if (taken.is_true()) return run(s.branches[i].body);
  }
  if (!s.has_else) {
    throw ReplayError{"case_not_found", "case not found", frame_->text->place(s.span)};
  }
  return run(s.body);
}

// ---------------------------------------------------------------- loops

// One round of a loop; false: the loop is over, with `flow` for what comes behind it.
bool Interpreter::iterate(const Statement& s, Flow& flow) {
  spend(s.span);
  flow = run(s.body);
  if (frame_->doubt == Doubt::Iteration) frame_->doubt = Doubt::None;
  if (flow == Flow::Next) return true;
  if (flow == Flow::Return) return false;
  const bool ours = frame_->target.empty() || frame_->target == s.label;
  if (flow == Flow::Continue && ours) {
    flow = Flow::Next;
    return true;
  }
  if (flow == Flow::Exit && ours) flow = Flow::Next;
  return false;
}

// A doubt about the loop ends with it; what the loop may have set is unknown.
Interpreter::Flow Interpreter::end_loop(const Statement& s, Flow flow) {
  if (frame_->doubt != Doubt::Loop) return flow;
  const std::string why = frame_->why;
  frame_->doubt = Doubt::None;
  skip_loop(s, why);
  return flow;
}

Interpreter::Flow Interpreter::jump(const Statement& s) {
  const Flow flow = s.kind == Kind::Exit ? Flow::Exit : Flow::Continue;
  frame_->target = s.target;
  if (s.expr.empty()) return flow;
  const Value condition = evaluator_.cast(value(s.expr), "bool", false);
  if (!condition.unknown()) return condition.is_true() ? flow : Flow::Next;
  if (flow == Flow::Continue) {
    doubt(Doubt::Iteration, condition.text);
    return Flow::Next;
  }
  doubt(Doubt::Loop, condition.text);
  return Flow::Exit;
}

Interpreter::Flow Interpreter::loop(const Statement& s) {
  Flow flow = Flow::Next;
  while (true) {
    if (s.kind == Kind::While) {
      const Value condition = evaluator_.cast(value(s.expr), "bool", false);
      if (condition.unknown()) {
        skip_loop(s, condition.text);
        return Flow::Next;
      }
      if (!condition.is_true()) return end_loop(s, Flow::Next);
    }
    if (!iterate(s, flow)) return end_loop(s, flow);
  }
}

Interpreter::Flow Interpreter::for_integer(const Statement& s) {
  const Value from = evaluator_.cast(value(s.expr), "int8", false);
  const Value to = evaluator_.cast(value(s.expr2), "int8", false);
  const Value by =
      s.expr3.empty() ? Value::number(1) : evaluator_.cast(value(s.expr3), "int8", false);
  const std::size_t outer = frame_->variables.size();
  Variable counter;
  counter.name = s.into[0].parts.empty() ? std::string_view{} : s.into[0].parts[0];
  counter.label = s.label;
  frame_->variables.push_back(counter);
  Flow flow = Flow::Next;
  const bool known = from.kind == Value::Kind::Int && to.kind == Value::Kind::Int &&
                     by.kind == Value::Kind::Int && by.integer > 0;
  if (!known) {
    const Value& reason = from.unknown() ? from : to.unknown() ? to : by;
    skip_loop(s, reason.unknown() ? reason.text : "depends on bounds that are not known");
  }
  const std::int64_t step = s.reverse ? -by.integer : by.integer;
  for (std::int64_t i = from.integer; known && (s.reverse ? i >= to.integer : i <= to.integer);
       i += step) {
    frame_->variables[outer].value = Value::number(i);
    if (!iterate(s, flow)) break;
  }
  flow = end_loop(s, flow);
  frame_->variables.resize(outer);
  return flow;
}

Interpreter::Flow Interpreter::for_rows(const Statement& s) {
  Rows rows;
  if (s.kind == Kind::ForExecute) {
    rows = dynamic_rows(s);
  } else {
    Span query = s.sql;
    if (s.kind == Kind::ForCursor) {
      const Variable* cursor = find(s.target);
      query = cursor == nullptr ? Span{} : cursor->cursor_query;
    }
    const sql::ParseResult& parsed = statements(query);
    if (parsed.statements.size() == 1) {
      rows = evaluator_.query(*parsed.statements[0].tree);
    } else {
      rows.more = true;
      rows.why = "depends on a query that is not understood";
    }
  }
  if (!rows.certain()) {
    skip_loop(s, rows.why);
    return Flow::Next;
  }
  Flow flow = Flow::Next;
  for (std::size_t i = 0; i < rows.rows.size(); ++i) {
    Rows one;
    one.names = rows.names;
    one.rows.push_back(rows.rows[i]);
    store(one, s);
    if (!iterate(s, flow)) break;
  }
  frame_->found = Value::boolean(!rows.rows.empty());
  return end_loop(s, flow);
}

Interpreter::Flow Interpreter::for_each(const Statement& s) {
  Value list = value(s.expr);
  if (list.kind == Value::Kind::Text) list = parse_array(list.text);
  if (list.null()) {
    throw ReplayError{"null_value_not_allowed", "FOREACH expression must not be null",
                      frame_->text->place(s.span)};
  }
  if (list.kind != Value::Kind::Array) {
    skip_loop(s, list.unknown() ? list.text : "depends on an array that is not known");
    return Flow::Next;
  }
  // Without SLICE the elements of all dimensions come one by one.
  std::vector<Value> items;
  for (const Value& item : list.items) {
    if (s.number == 0 && item.kind == Value::Kind::Array) {
      items.insert(items.end(), item.items.begin(), item.items.end());
    } else {
      items.push_back(item);
    }
  }
  Flow flow = Flow::Next;
  for (const Value& item : items) {
    set(s.into[0], item);
    if (!iterate(s, flow)) break;
  }
  frame_->found = Value::boolean(!items.empty());
  return end_loop(s, flow);
}

}  // namespace tenantlint::schema
