// One pass over each expression of a block: subqueries and calls of SQL functions get blocks of
// their own, aggregates are noted, names and functions that are not known are said.
#include <algorithm>

#include "analyzer/isolation/analysis.h"
#include "analyzer/isolation/builtins.h"
#include "analyzer/isolation/function_body.h"
#include "analyzer/sql/walk.h"

namespace tenantlint::isolation {

namespace {

// Forms of the grammar that look like functions of no schema (EXTRACT, OVERLAY, XMLELEMENT …) are
// in pg_catalog under other names, or are nodes of their own.
bool is_catalogue(std::string_view schema) {
  return schema == "pg_catalog";
}

bool names_output(const ast::ColumnRef& ref, const ast::List<ast::Target>& targets) {
  if (ref.fields.size() != 1 || ref.star) return false;
  return std::any_of(targets.begin(), targets.end(),
                     [&](const ast::Target& t) { return t.name == ref.fields[0]; });
}

}  // namespace

void Analysis::scan(const ast::Node* expr, Block& block, const Site& site) {
  if (expr == nullptr || too_complex_) return;
  switch (expr->kind) {
    case ast::Kind::ColumnRef: return check_name(*ast::as<ast::ColumnRef>(expr), block, site);
    case ast::Kind::Literal:
    case ast::Kind::Param: return;
    case ast::Kind::Operator: {
      const auto& op = *ast::as<ast::Operator>(expr);
      scan(op.left, block, site);
      return scan(op.right, block, site);
    }
    case ast::Kind::BoolExpr:
      for (const ast::Expr* arg : ast::as<ast::BoolExpr>(expr)->args) scan(arg, block, site);
      return;
    case ast::Kind::TypeCast: return scan(ast::as<ast::TypeCast>(expr)->arg, block, site);
    case ast::Kind::SubLink: {
      const auto& link = *ast::as<ast::SubLink>(expr);
      scan(link.test, block, site);
      if (link.query == nullptr) return;
      Block* inner = build_query(*link.query, *block.context, {&block, site.begin, site.end});
      if (inner == nullptr) return;
      block.links.push_back({expr, inner, site.join, site.rows, site.before_groups});
      return;
    }
    case ast::Kind::FuncCall: return scan_call(*ast::as<ast::FuncCall>(expr), block, site);
    case ast::Kind::Unsupported:
      return unknown(*block.context, expr->at, "", reason::kNotUnderstood,
                     "This expression is not understood");
    default: sql::for_each_child(*expr, [&](const ast::Node& child) { scan(&child, block, site); });
  }
}

void Analysis::scan_window(const ast::WindowDef& window, Block& block, const Site& site) {
  for (const ast::Expr* e : window.partition_by) scan(e, block, site);
  for (const ast::SortBy& key : window.order_by) scan(key.expr, block, site);
}

void Analysis::scan_call(const ast::FuncCall& call, Block& block, const Site& site) {
  for (const ast::Expr* arg : call.args) scan(arg, block, site);
  for (const ast::SortBy& key : call.order_by) scan(key.expr, block, site);
  scan(call.filter, block, site);
  if (call.over != nullptr) scan_window(*call.over, block, site);
  check_function(call, block, site);
}

void Analysis::check_function(const ast::FuncCall& call, Block& block, const Site& site) {
  const std::string_view name = call.name.name;
  if (know_.is_function(call.name.schema, name)) return;
  const bool builtin_schema = call.name.schema.empty() || is_catalogue(call.name.schema);
  const Builtin kind = builtin_schema ? builtin_function(name) : Builtin::None;
  if (call.over != nullptr) {
    if (site.before_groups) {
      unknown(*block.context, call.at, name, reason::kNotUnderstood,
              "Window functions are not allowed in WHERE");
    }
    block.aggregates.push_back({&call, true});
    if (kind == Builtin::Aggregate || kind == Builtin::Window) return;
  }
  switch (kind) {
    case Builtin::Plain:
    case Builtin::Window: return;
    case Builtin::Aggregate: return check_aggregate(call, block, site);
    case Builtin::Effect: block.effects = true; return;
    case Builtin::Reads:
      unknown_functions_.push_back(name);
      return unknown(*block.context, call.at, name, reason::kRunsSql,
                     "Function '" + std::string(name) +
                         "' reads more than its arguments: what it gives is not followed");
    case Builtin::None: break;
  }
  const auto found = find_functions(call.name, *block.context);
  if (found.empty()) {
    // Casts in the shape of a call: text(x), uuid(x).
    if (call.args.size() == 1 && builtin_schema && know_.model.builtin_type(name) != nullptr)
      return;
    unknown_functions_.push_back(name);
    std::string shown(call.name.schema);
    if (!shown.empty()) shown += '.';
    shown += name;
    return unknown(*block.context, call.at, shown, reason::kUnknownFunction,
                   "Function '" + shown + "' is neither built in nor made by the migrations");
  }
  if (found[0]->kind == schema::FunctionKind::Aggregate) {
    if (call.over == nullptr) check_aggregate(call, block, site);
    return;
  }
  if (std::find(called_.begin(), called_.end(), found[0]) == called_.end()) {
    called_.push_back(found[0]);
  }
  // Which of several of that name is called depends on types; then all are judged, none is opened.
  if (found.size() == 1) {
    Block* inner = open_function(*found[0], call, *block.context, {&block, site.begin, site.end});
    if (inner != nullptr) {
      block.links.push_back({&call, inner, site.join, site.rows, site.before_groups});
      block.effects = block.effects || inner->effects;
      return;
    }
  }
  for (const schema::Function* f : found) {
    if (f->volatility == 'v') block.effects = true;
    judge_call(block, *f, call);
  }
}

// The level at which an aggregate is computed is that of its arguments.
void Analysis::check_aggregate(const ast::FuncCall& call, Block& block, const Site& site) {
  block.aggregates.push_back({&call, false});
  bool own = call.args.empty();
  bool outer = false;
  for (const ast::Expr* arg : call.args) {
    bool any = false;
    sql::walk(*arg, [&](const ast::Node& node) {
      if (node.kind == ast::Kind::SubLink) return false;
      const auto* ref = ast::as<ast::ColumnRef>(&node);
      if (ref == nullptr) return true;
      any = true;
      const ColumnUse use = resolve(*ref, block, site.begin, site.end);
      const Source* source = use.merged != nullptr ? use.merged->left.source : use.source;
      (source == nullptr || source->home == &block ? own : outer) = true;
      return true;
    });
    own = own || !any;
  }
  if (outer && !own) {
    unknown(*block.context, call.at, call.name.name, reason::kNotUnderstood,
            "An aggregate of the query around this one is not followed");
  }
}

// The query behind a function whose body is that query alone, or one value; null otherwise.
const ast::Node* Analysis::body_query(const schema::Function& function, Context& inner) {
  const bool read = function.language == "sql" || function.language == "plpgsql";
  if (!read || function.kind != schema::FunctionKind::Function) {
    return nullptr;
  }
  const FunctionBody& body = know_.bodies.of(function);
  if (!body.parsed || body.statements.size() != 1 || body.statements[0] == nullptr) return nullptr;
  if (ast::as<ast::Select>(body.statements[0]) == nullptr) return nullptr;
  inner.text = body.text;
  return body.statements[0];
}

Block* Analysis::open_function(const schema::Function& function, const ast::FuncCall& call,
                               const Context& context, Outer outer) {
  if (context.depth >= kMaxOpened || call.variadic) return nullptr;
  for (const Context* at = &context; at != nullptr; at = at->outer) {
    if (at->function == &function) return nullptr;
  }
  Context inner;
  const ast::Node* query = body_query(function, inner);
  if (query == nullptr) return nullptr;
  scopes_.emplace_back();
  NameScope& names = scopes_.back();
  // A string body is looked up when it runs, on the path of the function or of whoever calls.
  names.search_path =
      function.search_path.empty() ? context.names->search_path : function.search_path;
  if (function.tree->has_atomic_body) {
    names.bindings = &function.bindings;
    names.step = function.body_step;
  }
  inner.names = &names;
  inner.outer = &context;
  inner.function = &function;
  inner.opened_at = place(context, call.at, Extent::Name);
  inner.depth = context.depth + 1;
  int number = 0;
  std::size_t position = 0;
  for (const schema::Parameter& p : function.parameters) {
    const bool input = p.mode == ast::ParameterMode::In || p.mode == ast::ParameterMode::InOut ||
                       p.mode == ast::ParameterMode::Default;
    if (p.mode == ast::ParameterMode::Variadic) return nullptr;
    if (!input) continue;
    Argument argument{p.name, ++number, kNoTerm};
    const ast::Expr* value = nullptr;
    for (const ast::Expr* arg : call.args) {
      const auto* named = ast::as<ast::NamedArg>(arg);
      if (named != nullptr && named->name == p.name) value = named->arg;
    }
    if (value == nullptr && position < call.args.size() &&
        ast::as<ast::NamedArg>(call.args[position]) == nullptr) {
      value = call.args[position];
    }
    ++position;
    // Values are terms of the block that calls; casts to the parameter's type are PostgreSQL's.
    if (value != nullptr && outer.block != nullptr) {
      const Spot where{*outer.block, outer.begin, outer.end};
      argument.term = apply_cast(term_of(value, where), cast_to(p.type)).term;
    }
    inner.arguments.push_back(argument);
  }
  context_pool_.push_back(std::move(inner));
  // Nothing of the caller is visible inside by name.
  Block* block = build_query(*query, context_pool_.back(), {});
  if (block != nullptr) block->first_row = !function.returns_set;
  return block;
}

// A function that is not opened: its judge says what a call needs.
void Analysis::judge_call(Block& block, const schema::Function& function,
                          const ast::FuncCall& call) {
  FunctionSummary summary;
  if (judge_ != nullptr) summary = judge_->summary(function);
  if (!summary.reads_tenant_data) return;
  std::string shown(function.schema == nullptr ? std::string_view() : function.schema->name);
  if (!shown.empty()) shown += '.';
  shown += function.name;
  if (summary.verdict == Verdict::Proven) {
    bool given = true;
    for (const int number : summary.tenant_parameters) {
      const auto i = static_cast<std::size_t>(number - 1);
      const bool there = i < call.args.size();
      given = given && there && is_source(term_of(call.args[i], {block}).term);
    }
    if (given) return;
    return unknown(*block.context, call.at, shown, reason::kFunction,
                   "Function '" + shown +
                       "' is tied to the tenant that it is given, and it is "
                       "not given one here");
  }
  unknown(*block.context, call.at, shown,
          judge_ == nullptr ? reason::kUnknownFunction : reason::kFunction,
          "Function '" + shown + "' reads rows of tenants, and is not proven to be tied to one");
}

void Analysis::check_name(const ast::ColumnRef& ref, Block& block, const Site& site) {
  if (ref.star) return;
  if (site.targets != nullptr && names_output(ref, *site.targets)) return;
  const ColumnUse use = resolve(ref, block, site.begin, site.end);
  if (use.status != NameStatus::NotFound && use.status != NameStatus::Ambiguous) return;
  std::string shown;
  for (const std::string_view field : ref.fields) {
    if (!shown.empty()) shown += '.';
    shown += field;
  }
  if (use.status == NameStatus::Ambiguous) {
    return unknown(*block.context, ref.at, shown, reason::kAmbiguousColumn,
                   "Column '" + shown + "' could be one of several");
  }
  unknown(*block.context, ref.at, shown, reason::kUnknownColumn,
          "There is no column '" + shown + "' in the schema that the migrations add up to");
}

}  // namespace tenantlint::isolation
