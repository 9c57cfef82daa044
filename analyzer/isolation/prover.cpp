// The way in: one statement or one policy expression to its verdict. Unwraps what only carries a
// query (EXPLAIN, PREPARE, DECLARE, CREATE TABLE AS, COPY), runs the steps of analysis.h, and says
// what kind of statement it was.
#include "analyzer/isolation/prover.h"

#include <algorithm>

#include "analyzer/isolation/analysis.h"
#include "analyzer/sql/walk.h"

namespace tenantlint::isolation {

std::string_view to_string(Verdict verdict) {
  switch (verdict) {
    case Verdict::Proven: return "proven";
    case Verdict::Unknown: return "unknown";
    case Verdict::Missing: return "missing";
  }
  return "unknown";
}

std::string_view to_string(StatementKind kind) {
  switch (kind) {
    case StatementKind::Select: return "select";
    case StatementKind::Insert: return "insert";
    case StatementKind::Update: return "update";
    case StatementKind::Delete: return "delete";
    case StatementKind::Merge: return "merge";
    case StatementKind::Copy: return "copy";
    case StatementKind::Truncate: return "truncate";
    case StatementKind::Lock: return "lock";
    case StatementKind::Call: return "call";
    case StatementKind::Do: return "do";
    case StatementKind::Other: return "other";
  }
  return "other";
}

namespace {

// Words as people write them, compared: "tenantId", "p_tenant_id", "TENANT-ID" → "tenantid".
std::string plain_word(std::string_view name) {
  std::string out;
  for (const char c : name) {
    if (c == '_' || c == '-' || c == '.') continue;
    out += static_cast<char>(c >= 'A' && c <= 'Z' ? c - 'A' + 'a' : c);
  }
  return out;
}

// Prefixes that parameters and variables are given: p_tenant, v_tenant, in_tenant, _tenant.
std::string_view without_prefix(std::string_view name) {
  for (const std::string_view prefix : {"p_", "v_", "in_", "i_", "a_", "arg_", "param_", "_"}) {
    if (name.starts_with(prefix) && name.size() > prefix.size()) {
      return name.substr(prefix.size());
    }
  }
  return name;
}

StatementKind kind_of(const ast::Node& node) {
  switch (node.kind) {
    case ast::Kind::Select: return StatementKind::Select;
    case ast::Kind::Insert: return StatementKind::Insert;
    case ast::Kind::Update: return StatementKind::Update;
    case ast::Kind::Delete: return StatementKind::Delete;
    case ast::Kind::Merge: return StatementKind::Merge;
    case ast::Kind::Copy: return StatementKind::Copy;
    case ast::Kind::Truncate: return StatementKind::Truncate;
    case ast::Kind::Lock: return StatementKind::Lock;
    case ast::Kind::Call: return StatementKind::Call;
    case ast::Kind::DoBlock: return StatementKind::Do;
    default: return StatementKind::Other;
  }
}

// The query inside a statement that only carries one.
const ast::Statement* carried(const ast::Statement* tree) {
  for (;;) {
    const ast::Statement* inner = nullptr;
    if (const auto* s = ast::as<ast::Explain>(tree)) inner = s->query;
    if (const auto* s = ast::as<ast::Prepare>(tree)) inner = s->query;
    if (const auto* s = ast::as<ast::DeclareCursor>(tree)) inner = s->query;
    if (const auto* s = ast::as<ast::CreateTableAs>(tree)) inner = s->query;
    if (const auto* s = ast::as<ast::Copy>(tree)) inner = s->query;
    if (inner == nullptr) return tree;
    tree = inner;
  }
}

}  // namespace

Knowledge::Knowledge(const schema::Model& m, const schema::Tenancy& t, const SourceOptions& o)
    : model(m), tenancy(t), options(o) {
  for (const std::string& column : options.columns) {
    std::string stem = plain_word(column);
    if (stem.size() > 2 && stem.ends_with("id")) stem.resize(stem.size() - 2);
    stems.push_back(stem);
  }
  for (const schema::StepInfo& step : model.steps) {
    const auto* define = ast::as<ast::Define>(step.tree);
    if (define == nullptr || define->object != ast::ObjectType::Collation) continue;
    for (const ast::Option& option : define->options) {
      if (option.name == "deterministic" && (option.value == "false" || option.value == "f" ||
                                             option.value == "0" || option.value == "off")) {
        loose_collations.push_back(define->name.name);
      }
    }
  }
  for (const schema::Relation& relation : model.relations) {
    if (relation.dropped || !relation.is_table()) continue;
    const schema::TableTenancy& owned = tenancy.of(relation);
    for (std::size_t i = 0; i < relation.columns.size(); ++i) {
      const schema::Column& c = relation.columns[i];
      const bool tenant =
          owned.kind == schema::TenancyKind::TenantOwned && static_cast<int>(i) == owned.column;
      if (tenant) {
        tenant_columns.insert_or_assign(c.name, 1);
      } else if (!c.dropped) {
        other_columns.insert_or_assign(c.name, 1);
      }
    }
  }
}

bool Knowledge::is_function(std::string_view schema, std::string_view name) const {
  return std::any_of(options.functions.begin(), options.functions.end(), [&](const auto& f) {
    const std::size_t dot = f.rfind('.');
    if (dot == std::string::npos) return f == name;
    return f.substr(dot + 1) == name && (schema.empty() || f.substr(0, dot) == schema);
  });
}

// By its name: the tenant column, a word with its stem; not the name of another column, and not an
// id of something else. What says nothing (p1, value) may be.
bool Knowledge::may_be_tenant(std::string_view parameter) const {
  const std::string_view bare = without_prefix(parameter);
  const std::string word = plain_word(bare);
  const auto is_tenant = [&](const std::string& w) {
    return std::any_of(stems.begin(), stems.end(), [&](const std::string& stem) {
      constexpr std::size_t kShort = 3;
      std::string_view core = w;
      if (core.ends_with("id") && core.size() > 2) core.remove_suffix(2);
      return w.find(stem) != std::string::npos || (core.size() >= kShort && stem.starts_with(core));
    });
  };
  if (is_tenant(word)) return true;
  // current_tenant, tenant, tid: what people call it whatever the column is called.
  if (word.find("tenant") != std::string::npos || word == "tid" || word == "t") return true;
  if (other_columns.contains(bare) || other_columns.contains(parameter)) return false;
  if (bare.ends_with("_id") || bare.ends_with("Id") || bare == "id" || bare == "ids") return false;
  return true;
}

StatementVerdict Analysis::statement(const ast::Statement& tree, const SqlText& text,
                                     const NameScope& names) {
  StatementVerdict out;
  const ast::Statement* query = carried(&tree);
  out.kind = kind_of(*query);
  Context& context = context_pool_.emplace_back();
  context.text = &text;
  context.names = &names;
  out.is_query = out.kind != StatementKind::Other;
  switch (query->kind) {
    case ast::Kind::Select:
    case ast::Kind::Insert:
    case ast::Kind::Update:
    case ast::Kind::Delete:
    case ast::Kind::Merge:
      if (Block* block = build_query(*query, context, {})) check(*block, {}, nullptr);
      break;
    case ast::Kind::Copy: whole_table(*ast::as<ast::Copy>(query)->relation, context, "COPY"); break;
    case ast::Kind::Truncate:
      for (const auto* r : ast::as<ast::Truncate>(query)->relations) {
        whole_table(*r, context, "TRUNCATE");
      }
      break;
    case ast::Kind::Lock:
      for (const auto* r : ast::as<ast::Lock>(query)->relations) whole_table(*r, context, "LOCK");
      break;
    case ast::Kind::Call: {
      Block* block = new_block(context, {}, query->at);
      const ast::FuncCall* call = ast::as<ast::Call>(query)->call;
      if (call != nullptr) scan(call, *block, Site{});
      finish_block(*block);
      check(*block, {}, nullptr);
      break;
    }
    case ast::Kind::DoBlock:
      unknown(context, query->at, "DO", reason::kNotUnderstood,
              "The statements of the block are judged one by one, not as one query");
      break;
    case ast::Kind::Set:
      // libpg_query's grammar takes it, PostgreSQL's does not.
      for (const ast::Expr* value : ast::as<ast::Set>(query)->clause.values) {
        if (value == nullptr || value->kind != ast::Kind::Param) continue;
        unknown(context, value->at, "SET", reason::kNotUnderstood,
                "SET takes no parameters: PostgreSQL refuses the statement");
      }
      break;
    // EXECUTE among them: the statement that was prepared has a verdict of its own.
    default: break;
  }
  finish(out);
  return out;
}

Prover::ConditionVerdict Analysis::condition(
    const schema::Relation& table, const ast::Expr& expr, const SqlText& text,
    const NameScope& names, const std::function<bool(const schema::Relation&)>& protects,
    bool new_row) {
  Prover::ConditionVerdict out;
  Context& context = context_pool_.emplace_back();
  context.text = &text;
  context.names = &names;
  if (protects) protects_ = &protects;
  Block* block = new_block(context, {}, expr.at);
  Source* row = new_source(*block, names.row.empty() ? table.name : names.row, expr.at);
  row->schema = table.schema == nullptr ? std::string_view() : table.schema->name;
  row->kind = SourceKind::Table;
  row->relation = &table;
  row->new_values = new_row;
  JoinNode* node = leaf(*block, row);
  block->from.push_back(node);
  scan(&expr, *block, Site{});
  finish_block(*block);
  block->gathered = true;
  gather_join(*block, *node);
  FactList facts(node->out.begin(), node->out.end());
  assume_all(&expr, {*block}, facts);
  block->own = freeze(facts);
  const std::vector<Facts> own{block->own};
  check_region(*block, block->from, own);
  check_links(*block, {}, own);
  StatementVerdict all;
  const Place here = place(context, expr.at, Extent::Name);
  finish(all);
  for (Occurrence& o : all.occurrences) {
    const bool is_row = o.relation == &table && o.place.file == here.file &&
                        o.place.begin == here.begin && out.row.relation == nullptr;
    if (is_row) {
      out.row = std::move(o);
    } else {
      out.others.push_back(std::move(o));
    }
  }
  if (out.row.relation == nullptr) {
    out.row.relation = &table;
    out.row.table = schema::qualified_name(table);
    out.row.reason = reason::kTooComplex;
  }
  out.remarks = std::move(all.remarks);
  out.functions = called_;
  out.unknown_functions = unknown_functions_;
  return out;
}

struct Prover::Impl {
  Impl(const schema::Model& model, const schema::Tenancy& tenancy, const SourceOptions& sources,
       FunctionJudge* function_judge)
      : options(sources), knowledge(model, tenancy, options), judge(function_judge) {}

  const SourceOptions options;  // knowledge refers to it
  Knowledge knowledge;
  FunctionJudge* judge;
};

Prover::Prover(const schema::Model& model, const schema::Tenancy& tenancy,
               const SourceOptions& sources, FunctionJudge* judge)
    : impl_(new Impl(model, tenancy, sources, judge)) {}
Prover::~Prover() {
  delete impl_;
}

StatementVerdict Prover::prove(const ast::Statement& tree, const SqlText& text,
                               const NameScope& scope) {
  Analysis analysis(impl_->knowledge, impl_->judge);
  return analysis.statement(tree, text, scope);
}

Prover::ConditionVerdict Prover::prove_condition(
    const schema::Relation& table, const ast::Expr& condition, const SqlText& text,
    const NameScope& scope, const std::function<bool(const schema::Relation&)>& protects,
    bool new_row) {
  Analysis analysis(impl_->knowledge, impl_->judge);
  return analysis.condition(table, condition, text, scope, protects, new_row);
}

std::vector<Prover::OutputValue> Prover::outputs(const ast::Select& query, const SqlText& text,
                                                 const NameScope& scope) {
  Analysis analysis(impl_->knowledge, impl_->judge);
  return analysis.outputs(query, text, scope);
}

}  // namespace tenantlint::isolation
