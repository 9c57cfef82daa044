// The columns of a query's result, names and types, as CREATE TABLE AS and views take them over;
// and the columns of relations that a query or an expression names, as a DROP asks for them.
// Source: PostgreSQL 15, parse_target.c, parse_relation.c, dependency.c.
#include <algorithm>

#include "analyzer/schema/query_scope.h"
#include "analyzer/sql/walk.h"

namespace tenantlint::schema {

namespace {

void rename(Columns& columns, ast::List<std::string_view> names) {
  for (std::size_t i = 0; i < columns.size() && i < names.size(); ++i) columns[i].name = names[i];
}

}  // namespace

Columns Scope::query(const ast::Node& node) {
  if (const auto* s = ast::as<ast::Select>(&node)) return select(*s);
  ast::List<ast::Target> returning;
  const ast::RangeVar* target = nullptr;
  if (const auto* i = ast::as<ast::Insert>(&node)) returning = i->returning, target = i->relation;
  if (const auto* u = ast::as<ast::Update>(&node)) returning = u->returning, target = u->relation;
  if (const auto* d = ast::as<ast::Delete>(&node)) returning = d->returning, target = d->relation;
  if (target == nullptr) return {};
  add_from(target);
  Columns out;
  for (const ast::Target& t : returning) {
    const auto* ref = ast::as<ast::ColumnRef>(t.value);
    if (ref != nullptr && ref->star) {
      expand_star(*ref, out);
      continue;
    }
    note(t.value);
    out.push_back({t.name.empty() ? figure_column_name(t.value) : t.name, type_of(t.value)});
  }
  return out;
}

Columns Scope::select(const ast::Select& s) {
  if (s.with != nullptr) add_ctes(*s.with);
  if (s.op != ast::SetOp::None) return set_operation(s);
  for (const ast::FromItem* item : s.from) add_from(item);
  Columns out = result(s);
  if (uses_ != nullptr) note_clauses(s, out);
  // An untyped literal in a result is text (manual 10.6).
  for (OutputColumn& c : out) {
    if (c.type.type->name == "unknown" && c.type.mod2 == -2) c.type = r_.builtin("text");
  }
  return out;
}

void Scope::add_ctes(const ast::With& with) {
  for (const ast::CommonTable& cte : with.tables) {
    if (cte.query == nullptr) continue;
    // In a recursive one, the first branch says what the columns are.
    const auto* first = ast::as<ast::Select>(cte.query);
    while (with.recursive && first != nullptr && first->op != ast::SetOp::None) {
      first = first->left;
    }
    const bool recursive = first != nullptr && first != cte.query;
    Scope inner(r_, outer_, recursive ? nullptr : uses_);
    inner.ctes_ = ctes_;
    Columns columns = inner.query(recursive ? *first : *cte.query);
    rename(columns, cte.columns);
    ctes_.insert_or_assign(cte.name, std::move(columns));
    if (!recursive || uses_ == nullptr) continue;
    Scope whole(r_, outer_, uses_);
    whole.ctes_ = ctes_;
    whole.query(*cte.query);
  }
}

Columns Scope::set_operation(const ast::Select& s) {
  Scope left(r_, outer_, uses_), right(r_, outer_, uses_);
  left.ctes_ = right.ctes_ = ctes_;
  Columns out = left.select(*s.left);
  const Columns other = right.select(*s.right);
  for (std::size_t i = 0; i < out.size() && i < other.size(); ++i) {
    out[i].type = unify(out[i].type, other[i].type);
  }
  return out;
}

Columns Scope::result(const ast::Select& s) {
  Columns out;
  for (const auto& row : s.values) {
    for (std::size_t i = 0; i < row.size(); ++i) {
      const TypeRef type = type_of(row[i]);
      note(row[i]);
      if (i >= out.size()) {
        out.push_back({r_.model.intern("column" + std::to_string(i + 1)), type});
      } else {
        out[i].type = unify(out[i].type, type);
      }
    }
  }
  for (const ast::Target& t : s.targets) {
    const auto* ref = ast::as<ast::ColumnRef>(t.value);
    if (ref != nullptr && ref->star) {
      expand_star(*ref, out);
      continue;
    }
    note(t.value);
    std::string_view name = t.name.empty() ? figure_column_name(t.value) : t.name;
    if (name.empty()) name = "?column?";
    out.push_back({name, type_of(t.value)});
  }
  return out;
}

void Scope::note_clauses(const ast::Select& s, const Columns& out) {
  note(s.where);
  note(s.having);
  for (const ast::Expr* e : s.group_by) note(e);
  for (const ast::Expr* e : s.distinct_on) note_sort(e, out);
  for (const ast::SortBy& key : s.order_by) note_sort(key.expr, out);
  for (const ast::WindowDef* w : s.windows) note_window(*w);
  note(s.limit);
  note(s.offset);
}

// A bare name in ORDER BY is one of the result first (manual, SELECT).
void Scope::note_sort(const ast::Expr* key, const Columns& out) {
  const auto* ref = ast::as<ast::ColumnRef>(key);
  if (ref != nullptr && ref->fields.size() == 1 && !ref->star) {
    for (const OutputColumn& c : out) {
      if (c.name == ref->fields[0]) return;
    }
  }
  note(key);
}

void Scope::note_window(const ast::WindowDef& window) {
  for (const ast::Expr* e : window.partition_by) note(e);
  for (const ast::SortBy& key : window.order_by) note(key.expr);
}

void Scope::note(const ast::Node* expr) {
  if (expr == nullptr || uses_ == nullptr) return;
  sql::walk(*expr, [&](const ast::Node& node) {
    if (const auto* ref = ast::as<ast::ColumnRef>(&node)) {
      // A whole row (t.*, or t) needs the relation and no column of it.
      const OutputColumn* found = ref->star ? nullptr : find(*ref);
      if (found != nullptr) use(*found);
      return true;
    }
    const auto* link = ast::as<ast::SubLink>(&node);
    if (link == nullptr) return true;
    note(link->test);
    if (link->query != nullptr) Scope(r_, this, uses_).query(*link->query);
    return false;
  });
}

void Scope::use(const OutputColumn& column) {
  if (uses_ == nullptr || column.origin == nullptr) return;
  const UsedColumn used{column.origin, column.index};
  if (std::find(uses_->begin(), uses_->end(), used) == uses_->end()) uses_->push_back(used);
}

void Scope::add_table(Relation& table) {
  Source& source = sources_.emplace_back();
  source.name = table.name;
  for (std::size_t i = 0; i < table.columns.size(); ++i) {
    const Column& c = table.columns[i];
    if (!c.dropped) source.columns.push_back({c.name, c.type, &table, static_cast<int>(i)});
  }
}

Columns Scope::relation_columns(const ast::RangeVar& name) const {
  if (name.name.schema.empty()) {
    for (const Scope* s = this; s != nullptr; s = s->outer_) {
      const auto cte = s->ctes_.find(name.name.name);
      if (cte != s->ctes_.end()) return cte->second;
    }
  }
  Relation* found = r_.find_relation(name.name);
  if (found == nullptr) {
    // System catalogues are not in the model, but they are there.
    const bool system = name.name.schema == "pg_catalog" ||
                        name.name.schema == "information_schema" ||
                        name.name.name.starts_with("pg_");
    if (!system) r_.relation(name);
    return {};
  }
  Columns out;
  for (std::size_t i = 0; i < found->columns.size(); ++i) {
    const Column& c = found->columns[i];
    if (!c.dropped) out.push_back({c.name, c.type, found, static_cast<int>(i)});
  }
  return out;
}

Columns Scope::function_columns(const ast::RangeFunction& item) const {
  Columns out;
  for (const ast::ColumnDef* def : item.columns) {
    out.push_back({def->name, def->type == nullptr ? unknown() : r_.resolve_type(*def->type)});
  }
  const auto* call = item.functions.empty() ? nullptr : ast::as<ast::FuncCall>(item.functions[0]);
  if (!out.empty() || call == nullptr) return out;
  const std::vector<Function*> found = r_.find_functions(call->name);
  if (found.size() == 1) {
    for (const Parameter& p : found[0]->parameters) {
      if (p.mode == ast::ParameterMode::Table || p.mode == ast::ParameterMode::Out ||
          p.mode == ast::ParameterMode::InOut) {
        out.push_back({p.name, p.type});
      }
    }
    const Relation* row = found[0]->returns.type->relation;
    if (out.empty() && row != nullptr && !found[0]->returns.array) {
      for (const Column& c : row->columns) {
        if (!c.dropped) out.push_back({c.name, c.type});
      }
    }
  }
  if (out.empty()) {
    const std::string_view name = item.alias.name.empty() ? call->name.name : item.alias.name;
    const std::string_view f = call->name.name;
    if (f == "jsonb_each" || f == "json_each") {
      out = {{"key", r_.builtin("text")},
             {"value", r_.builtin(f == "jsonb_each" ? "jsonb" : "json")}};
    } else if (f == "jsonb_each_text" || f == "json_each_text") {
      out = {{"key", r_.builtin("text")}, {"value", r_.builtin("text")}};
    } else if (f.ends_with("array_elements")) {
      out = {{item.alias.name.empty() ? std::string_view("value") : name, call_type(*call)}};
    } else {
      out = {{name, call_type(*call)}};
    }
  }
  if (item.ordinality) out.push_back({"ordinality", r_.builtin("int8")});
  return out;
}

void Scope::add_from(const ast::FromItem* item) {
  if (item == nullptr) return;
  if (const auto* name = ast::as<ast::RangeVar>(item)) {
    Columns columns = relation_columns(*name);
    rename(columns, name->alias.columns);
    sources_.push_back(
        {name->alias.name.empty() ? name->name.name : name->alias.name, std::move(columns)});
  } else if (const auto* sub = ast::as<ast::RangeSubselect>(item)) {
    Scope inner(r_, this, uses_);
    Columns columns = sub->query == nullptr ? Columns{} : inner.query(*sub->query);
    rename(columns, sub->alias.columns);
    sources_.push_back({sub->alias.name, std::move(columns)});
  } else if (const auto* function = ast::as<ast::RangeFunction>(item)) {
    for (const ast::Expr* call : function->functions) note(call);
    Columns columns = function_columns(*function);
    rename(columns, function->alias.columns);
    const auto* call =
        function->functions.empty() ? nullptr : ast::as<ast::FuncCall>(function->functions[0]);
    sources_.push_back({!function->alias.name.empty() ? function->alias.name
                        : call != nullptr             ? call->name.name
                                                      : std::string_view(),
                        std::move(columns)});
  } else if (const auto* join = ast::as<ast::JoinExpr>(item)) {
    add_join(*join);
  } else if (const auto* sample = ast::as<ast::RangeTableSample>(item)) {
    add_from(sample->relation);
  } else if (const auto* table = ast::as<ast::RangeTableFunc>(item)) {
    for (const ast::Expr* arg : table->args) note(arg);
    Columns columns;
    for (const std::string_view name : table->columns) columns.push_back({name, unknown()});
    sources_.push_back({table->alias.name, std::move(columns)});
  }
}

void Scope::add_join(const ast::JoinExpr& join) {
  const std::size_t begin = sources_.size();
  add_from(join.left);
  const std::size_t middle = sources_.size();
  add_from(join.right);
  note(join.on);
  std::vector<std::string_view> merged(join.using_columns.begin(), join.using_columns.end());
  if (join.natural) {
    for (std::size_t i = begin; i < middle; ++i) {
      for (const OutputColumn& c : sources_[i].columns) {
        for (std::size_t k = middle; k < sources_.size(); ++k) {
          const auto& right = sources_[k].columns;
          if (std::any_of(right.begin(), right.end(),
                          [&](const auto& o) { return o.name == c.name; })) {
            merged.push_back(c.name);
          }
        }
      }
    }
  }
  if (!merged.empty()) merge(begin, middle, merged);
  if (join.alias.name.empty()) return;
  // (a JOIN b) AS j hides a and b.
  Source all{join.alias.name, {}};
  for (std::size_t i = begin; i < sources_.size(); ++i) {
    const Columns& columns = sources_[i].columns;
    all.columns.insert(all.columns.end(), columns.begin(), columns.end());
  }
  rename(all.columns, join.alias.columns);
  sources_.resize(begin);
  sources_.push_back(std::move(all));
}

// USING and NATURAL: the merged columns come first and once (manual 7.2.1.1). The sides keep
// theirs for qualified names, out of sight of a star.
void Scope::merge(std::size_t begin, std::size_t middle,
                  const std::vector<std::string_view>& names) {
  Source first;
  for (const std::string_view name : names) {
    const std::size_t before = first.columns.size();
    for (std::size_t i = begin; i < sources_.size(); ++i) {
      for (OutputColumn& c : sources_[i].columns) {
        if (c.name != name) continue;
        use(c);
        if (i < middle && first.columns.size() == before) first.columns.push_back(c);
        c.merged = true;
      }
    }
  }
  sources_.insert(sources_.begin() + static_cast<std::ptrdiff_t>(begin), std::move(first));
}

void Scope::expand_star(const ast::ColumnRef& ref, Columns& out) {
  for (const Source& source : sources_) {
    if (!ref.fields.empty() && source.name != ref.fields.back()) continue;
    for (const OutputColumn& c : source.columns) {
      if (c.merged && ref.fields.empty()) continue;
      use(c);
      out.push_back(c);
      out.back().merged = false;
    }
  }
}

const OutputColumn* Scope::find(const ast::ColumnRef& ref) const {
  if (ref.fields.empty()) return nullptr;
  const std::string_view column = ref.fields.back();
  const std::string_view table =
      ref.fields.size() > 1 ? ref.fields[ref.fields.size() - 2] : std::string_view();
  for (const Scope* s = this; s != nullptr; s = s->outer_) {
    for (const Source& source : s->sources_) {
      if (!table.empty() && source.name != table) continue;
      for (const OutputColumn& c : source.columns) {
        if (c.name == column) return &c;
      }
    }
  }
  return nullptr;
}

TypeRef Replayer::builtin(std::string_view name, bool array) const {
  return {model.builtin_type(name), -1, -1, array};
}

std::vector<OutputColumn> Replayer::output_columns(const ast::Node& query) {
  References& refs = model.references[&query];
  return Scope(*this, nullptr, &refs.columns).query(query);
}

void Replayer::note_columns(const ast::Node* expr, Relation& table) {
  if (expr == nullptr) return;
  Scope scope(*this, nullptr, &model.references[expr].columns);
  scope.add_table(table);
  scope.note(expr);
}

}  // namespace tenantlint::schema
