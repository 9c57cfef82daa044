// Functions that are called while migrations run: which overload, its parameters, its body, its
// result; and what the text of a body may do to the schema. Source: PostgreSQL manual 10.3, 43.3.
#include <algorithm>

#include "analyzer/schema/interpret.h"
#include "analyzer/sql/tokens.h"

namespace tenantlint::schema {

namespace {

constexpr int kDeepest = 24;

bool is_input(const Parameter& p) {
  return p.mode != ast::ParameterMode::Out && p.mode != ast::ParameterMode::Table;
}

bool accepts(const Function& f, std::size_t count) {
  std::size_t inputs = 0;
  std::size_t required = 0;
  for (const Parameter& p : f.parameters) {
    if (!is_input(p)) continue;
    ++inputs;
    required += p.default_expr == nullptr && p.mode != ast::ParameterMode::Variadic ? 1 : 0;
    if (p.mode == ast::ParameterMode::Variadic) inputs += 100;
  }
  return required <= count && count <= inputs;
}

// Could a value be meant for a parameter of that type? Untyped text fits everything.
bool fits(const Value& value, const TypeRef& type) {
  if (type.type == nullptr || type.type->schema != nullptr) return true;
  const std::string_view name = type.type->name;
  const bool number = name.starts_with("int") || name.starts_with("float") || name == "numeric";
  switch (value.kind) {
    case Value::Kind::Int: return number && !type.array;
    case Value::Kind::Bool: return name == "bool" && !type.array;
    case Value::Kind::Array: return type.array || name.starts_with("any");
    case Value::Kind::Date: return name == "date" || name.starts_with("timestamp");
    default: return true;
  }
}

}  // namespace

// SQLSTATE and SQLERRM of the error that is being handled. Our messages are PostgreSQL's only where
// the code itself wrote them.
bool Interpreter::error_variable(std::string_view name, Value& out) const {
  if (name == "sqlstate") {
    const std::string_view state = state_of_condition(frame_->error->condition);
    out = state.empty() ? Value::unknown_because("depends on the code of an error")
                        : Value::string(state);
    return true;
  }
  if (name != "sqlerrm") return false;
  out = frame_->error->condition == "raise_exception"
            ? Value::string(frame_->error->message)
            : Value::unknown_because("depends on the text of an error");
  return true;
}

bool Interpreter::variable(ast::List<std::string_view> path, Value& out) {
  if (frame_ == nullptr || path.empty()) return false;
  if (path.size() == 1 && path[0] == "found" && find("found") == nullptr) {
    out = frame_->found;
    return true;
  }
  if (path.size() == 1 && frame_->error != nullptr && error_variable(path[0], out)) return true;
  const Variable* v = find(path[0]);
  std::size_t field = 1;
  const bool qualified = path.size() > 1;
  if (v == nullptr && qualified) {
    const bool by_function = frame_->function != nullptr && frame_->function->name == path[0];
    v = by_function ? find(path[1]) : find(path[1], path[0]);
    field = 2;
  }
  if (v == nullptr) return false;
  out = v->value;
  for (; field < path.size(); ++field) {
    if (out.unknown() || out.null()) return true;
    const auto name = std::find(out.names.begin(), out.names.end(), path[field]);
    if (name == out.names.end()) {
      out = Value::unknown_because("reads a field that is not known");
      return true;
    }
    const Value item = out.items[static_cast<std::size_t>(name - out.names.begin())];
    out = item;
  }
  return true;
}

Value Interpreter::parameter(int number) {
  if (frame_ == nullptr || number < 1 || number > static_cast<int>(frame_->parameters.size())) {
    return Value::unknown_because("depends on a parameter");
  }
  return frame_->parameters[static_cast<std::size_t>(number - 1)];
}

Function* Interpreter::choose(const ast::FuncCall& tree, const std::vector<Value>& args) {
  std::vector<Function*> candidates = r_.find_functions(tree.name);
  std::erase_if(candidates, [&](const Function* f) { return !accepts(*f, args.size()); });
  if (candidates.size() > 1) {
    std::erase_if(candidates, [&](const Function* f) {
      std::size_t i = 0;
      for (const Parameter& p : f->parameters) {
        if (is_input(p) && i < args.size() && !fits(args[i++], p.type)) return true;
      }
      return false;
    });
  }
  if (candidates.size() > 1) {
    // An exact number of parameters is preferred to one that is filled up by defaults.
    const auto exact = std::find_if(candidates.begin(), candidates.end(), [&](const Function* f) {
      return static_cast<std::size_t>(std::count_if(f->parameters.begin(), f->parameters.end(),
                                                    is_input)) == args.size();
    });
    if (exact != candidates.end()) return *exact;
  }
  return candidates.empty() ? nullptr : candidates[0];
}

Value Interpreter::call(const ast::FuncCall& tree, std::vector<Value> args, bool certain) {
  const std::string name(tree.name.name);
  Function* function = choose(tree, args);
  if (function == nullptr) return Value::unknown_because("calls " + name + "()");
  if (!certain && may_change(*function)) {
    r_.not_interpreted("Whether " + name + "() is called is not known", r_.place(tree.at));
  }
  if (frame_ != nullptr && frame_->doubt != Doubt::None && may_change(*function)) {
    r_.not_interpreted("Whether " + name + "() is called is not known: it " + frame_->why,
                       r_.place(tree.at));
  }
  if (!certain || r_.nesting > kDeepest) {
    if (certain && may_change(*function)) {
      r_.not_interpreted(name + "() calls itself too deeply to follow", r_.place(tree.at));
    }
    return Value::unknown_because("calls " + name + "()");
  }
  return run_function(*function, tree, std::move(args));
}

void Interpreter::bind(Frame& frame, const Function& function, const ast::FuncCall& tree,
                       std::vector<Value> args) {
  std::size_t next = 0;
  for (const Parameter& p : function.parameters) {
    Variable v;
    v.name = p.name;
    v.label = function.name;
    if (is_input(p)) {
      bool given = false;
      for (std::size_t i = 0; i < tree.args.size() && i < args.size(); ++i) {
        const auto* named = ast::as<ast::NamedArg>(tree.args[i]);
        if (named != nullptr && named->name == p.name && !p.name.empty()) {
          v.value = args[i];
          given = true;
        }
      }
      const bool positional = next < args.size() && (next >= tree.args.size() ||
                                                     tree.args[next]->kind != ast::Kind::NamedArg);
      if (!given && positional) {
        v.value = args[next++];
        given = true;
        while (p.mode == ast::ParameterMode::Variadic && !tree.variadic && next <= args.size()) {
          std::vector<Value> rest(args.begin() + static_cast<std::ptrdiff_t>(next) - 1, args.end());
          v.value = Value::array(std::move(rest));
          next = args.size() + 1;
        }
      }
      if (!given && p.default_expr != nullptr) v.value = evaluator_.value(p.default_expr);
      if (p.type.type != nullptr) {
        v.value = evaluator_.cast(v.value, p.type.type->name, p.type.array);
      }
      frame.parameters.push_back(v.value);
    }
    if (!v.name.empty()) frame.variables.push_back(std::move(v));
  }
}

Value Interpreter::result_of(const Frame& frame) const {
  if (frame.function->returns_set) {
    return Value::unknown_because("depends on the rows of a function");
  }
  std::vector<const Parameter*> outputs;
  for (const Parameter& p : frame.function->parameters) {
    if (p.mode == ast::ParameterMode::Out || p.mode == ast::ParameterMode::InOut) {
      outputs.push_back(&p);
    }
  }
  if (outputs.empty()) return frame.result;
  Value record;
  record.kind = Value::Kind::Record;
  for (const Parameter* p : outputs) {
    for (const Variable& v : frame.variables) {
      if (v.name != p->name) continue;
      record.names.emplace_back(v.name);
      record.items.push_back(v.value);
      break;
    }
  }
  if (frame.doubt != Doubt::None) return Value::unknown_because(frame.why);
  return record.items.size() == 1 ? record.items[0] : record;
}

Value Interpreter::run_function(Function& function, const ast::FuncCall& tree,
                                std::vector<Value> args) {
  const std::string name(function.name);
  const bool followed = function.tree != nullptr && function.text != nullptr &&
                        (function.language == "plpgsql" || function.language == "sql");
  if (!followed) return Value::unknown_because("calls " + name + "()");
  Frame frame;
  frame.function = &function;
  bind(frame, function, tree, std::move(args));
  const bool strict_null =
      function.strict && std::any_of(frame.parameters.begin(), frame.parameters.end(),
                                     [](const Value& v) { return v.null(); });
  if (strict_null) return {};
  Frame* outer = frame_;
  const std::vector<std::string> path = r_.session.search_path;
  for (const auto& [setting, value] : function.settings) {
    if (setting != "search_path") continue;
    std::vector<std::string> own;
    std::string part;
    for (const char c : std::string(value) + ",") {
      if (c == ',') {
        if (!part.empty()) own.push_back(part);
        part.clear();
      } else if (c != ' ' && c != '"' && c != '\'') {
        part += c;
      }
    }
    r_.session.search_path = std::move(own);
  }
  const auto leave = [&] {
    frame_ = outer;
    --r_.nesting;
    r_.session.search_path = path;
  };
  ++r_.nesting;
  frame_ = &frame;
  try {
    if (function.language == "plpgsql") {
      const Body& parsed = body(function.tree->body, *function.text);
      frame.code = &parsed.code;
      frame.text = parsed.text;
      run(*parsed.code.block);
    } else {
      run_sql_body(frame, function);
    }
  } catch (...) {
    leave();
    throw;
  }
  leave();
  return result_of(frame);
}

// A body in SQL is a list of statements; the last one's first value is the result.
void Interpreter::run_sql_body(Frame& frame, const Function& function) {
  Statement whole;
  if (function.tree->has_atomic_body) {
    plpgsql::Code code;
    frame.text = function.text;
    for (const ast::Statement* statement : function.tree->atomic_body) {
      if (statement == nullptr || statement->kind != ast::Kind::Select) continue;
      const Rows rows = evaluator_.query(*statement, 2);
      frame.result = !rows.certain()               ? Value::unknown_because(rows.why)
                     : rows.rows.empty()           ? Value{}
                     : rows.rows[0].values.empty() ? Value{}
                                                   : rows.rows[0].values[0];
    }
    return;
  }
  const Body& parsed = body(function.tree->body, *function.text);
  frame.code = &parsed.code;
  frame.text = parsed.text;
  whole.sql = {plpgsql::Code::kPrefix, static_cast<std::uint32_t>(parsed.code.text.size())};
  const sql::ParseResult& list = statements(whole.sql);
  for (const sql::ParsedStatement& statement : list.statements) {
    if (statement.tree == nullptr) continue;
    whole.span = statement.span;
    if (statement.tree->kind != ast::Kind::Select) {
      run_tree(*statement.tree, whole);
      frame.result = Value::unknown_because("depends on the rows of a table");
      continue;
    }
    const Rows rows = evaluator_.query(*statement.tree, 2);
    const bool empty = rows.rows.empty() || rows.rows[0].values.empty();
    frame.result = !rows.certain() ? Value::unknown_because(rows.why)
                   : empty         ? Value{}
                                   : rows.rows[0].values[0];
  }
}

// ---------------------------------------------------------------- what text may do

bool Interpreter::may_change(const Function& function) {
  if (function.tree == nullptr) return false;
  if (function.language != "plpgsql" && function.language != "sql") return false;
  const auto known = memory_.changes.find(function.tree);
  if (known != memory_.changes.end()) return known->second;
  memory_.changes[function.tree] = false;  // for functions that call themselves
  const std::string_view text = function.tree->body.text;
  const bool out = may_change(text, {0, static_cast<std::uint32_t>(text.size())});
  return memory_.changes[function.tree] = out;
}

namespace {

// Is what EXECUTE runs seen to change rows alone? `at`: behind the word EXECUTE.
bool executes_rows_only(std::string_view text, std::uint32_t at) {
  sql::Token t = sql::next_code_token(text, at);
  while (sql::is_word(text, t, "format") || text.substr(t.span.begin, 1) == "(") {
    t = sql::next_code_token(text, t.span.end);
  }
  if (t.kind != sql::TokenKind::String && t.kind != sql::TokenKind::DollarString) return false;
  const std::string content = sql::string_value(text, t);
  const sql::Token first = sql::next_code_token(content, 0);
  static constexpr std::string_view kWords[] = {"insert", "update",  "delete", "truncate",
                                                "lock",   "analyze", "refresh"};
  return std::any_of(std::begin(kWords), std::end(kWords),
                     [&](auto w) { return sql::is_word(content, first, w); });
}

}  // namespace

// By its words: DDL, EXECUTE of what is not seen to be harmless, and calls of functions that may.
bool Interpreter::may_change(std::string_view text, Span range) {
  static constexpr std::string_view kWords[] = {"create", "alter",    "drop",  "grant",
                                                "revoke", "reassign", "import"};
  if (++analysing_ > 50) {
    --analysing_;
    return true;
  }
  bool found = false;
  text = text.substr(0, range.end);
  for (sql::Token t = sql::next_code_token(text, range.begin);
       t.kind != sql::TokenKind::End && !found; t = sql::next_code_token(text, t.span.end)) {
    if (t.kind != sql::TokenKind::Identifier && t.kind != sql::TokenKind::QuotedIdentifier) {
      continue;
    }
    const sql::Token next = sql::next_code_token(text, t.span.end);
    const bool ddl = std::any_of(std::begin(kWords), std::end(kWords),
                                 [&](auto w) { return sql::is_word(text, t, w); });
    // Temporary tables end with the session.
    const bool temporary =
        sql::is_word(text, next, "temp") || sql::is_word(text, next, "temporary");
    found = ddl && !temporary && next.kind == sql::TokenKind::Identifier;
    if (sql::is_word(text, t, "execute")) found = !executes_rows_only(text, t.span.end);
    if (found || text.substr(next.span.begin, 1) != "(") continue;
    const std::string name = sql::identifier_value(text, t);
    for (const Schema& schema : r_.model.schemas) {
      if (schema.dropped) continue;
      for (const Function* f : r_.model.find_functions(schema, name)) {
        found = found || may_change(*f);
      }
    }
  }
  --analysing_;
  return found;
}

bool Interpreter::always_raises(Statements list) {
  return std::any_of(list.begin(), list.end(), [](const Statement* s) {
    return s->kind == plpgsql::Kind::Raise && s->target == "exception";
  });
}

bool Interpreter::jumps(Statements list) {
  return std::any_of(list.begin(), list.end(), [](const Statement* s) {
    using K = plpgsql::Kind;
    if (s->kind == K::Return || s->kind == K::Exit || s->kind == K::Continue) return true;
    if (jumps(s->body)) return true;
    return std::any_of(s->branches.begin(), s->branches.end(),
                       [](const plpgsql::Branch& b) { return jumps(b.body); });
  });
}

}  // namespace tenantlint::schema
