// Knows the children of every kind of node, once, so that no analysis has to.
#include "analyzer/sql/walk.h"

#include <algorithm>
#include <vector>

namespace tenantlint::sql {

namespace {

using Visit = std::function<void(const ast::Node&)>;

class Children {
 public:
  explicit Children(const Visit& visit) : visit_(visit) {}

  void one(const ast::Node* node) const {
    if (node != nullptr) visit_(*node);
  }
  template <typename T>
  void all(ast::List<const T*> nodes) const {
    for (const T* node : nodes) one(node);
  }
  void targets(ast::List<ast::Target> list) const {
    for (const ast::Target& t : list) {
      // All targets of SET (a, b) = row share one value: it is visited with the first.
      if (t.multi_index <= 0) one(t.value);
      subscripts(t.path);
    }
  }
  void subscripts(ast::List<ast::Subscript> path) const {
    for (const ast::Subscript& s : path) {
      one(s.lower);
      one(s.upper);
    }
  }
  void sorts(ast::List<ast::SortBy> list) const {
    for (const ast::SortBy& s : list) one(s.expr);
  }
  void window(const ast::WindowDef* w) const {
    if (w == nullptr) return;
    all(w->partition_by);
    sorts(w->order_by);
  }
  void with(const ast::With* w) const {
    if (w == nullptr) return;
    for (const ast::CommonTable& t : w->tables) one(t.query);
  }
  void elements(ast::List<ast::IndexElement> list) const {
    for (const ast::IndexElement& e : list) one(e.expr);
  }
  void constraint(const ast::Constraint& c) const {
    one(c.expr);
    elements(c.exclusions);
    one(c.where);
    one(c.ref_table);
  }
  void column(const ast::ColumnDef* c) const {
    if (c == nullptr) return;
    for (const ast::Constraint& k : c->constraints) constraint(k);
    one(c->raw_default);
  }
  void bound(const ast::PartitionBound* b) const {
    if (b == nullptr) return;
    all(b->values);
    all(b->upper);
  }
  void publication(ast::List<ast::PublicationObject> objects) const {
    for (const ast::PublicationObject& o : objects) {
      one(o.table);
      one(o.where);
    }
  }

  bool expression(const ast::Node& node) const;
  bool from_item(const ast::Node& node) const;
  bool query(const ast::Node& node) const;
  bool definition(const ast::Node& node) const;
  void select(const ast::Select& s) const;
  void insert(const ast::Insert& i) const;
  void create_table(const ast::CreateTable& t) const;
  void alter_table(const ast::AlterTable& t) const;

 private:
  const Visit& visit_;
};

template <typename T>
const T& is(const ast::Node& node) {
  return static_cast<const T&>(node);
}

bool Children::expression(const ast::Node& node) const {
  switch (node.kind) {
    case ast::Kind::TypeCast: one(is<ast::TypeCast>(node).arg); return true;
    case ast::Kind::FuncCall: {
      const auto& call = is<ast::FuncCall>(node);
      all(call.args);
      sorts(call.order_by);
      one(call.filter);
      window(call.over);
      return true;
    }
    case ast::Kind::Operator:
      one(is<ast::Operator>(node).left);
      one(is<ast::Operator>(node).right);
      return true;
    case ast::Kind::BoolExpr: all(is<ast::BoolExpr>(node).args); return true;
    case ast::Kind::NullTest: one(is<ast::NullTest>(node).arg); return true;
    case ast::Kind::BooleanTest: one(is<ast::BooleanTest>(node).arg); return true;
    case ast::Kind::SubLink:
      one(is<ast::SubLink>(node).test);
      one(is<ast::SubLink>(node).query);
      return true;
    case ast::Kind::Case: {
      const auto& c = is<ast::Case>(node);
      one(c.arg);
      for (const ast::CaseWhen& when : c.whens) {
        one(when.condition);
        one(when.result);
      }
      one(c.otherwise);
      return true;
    }
    case ast::Kind::Coalesce: all(is<ast::Coalesce>(node).args); return true;
    case ast::Kind::MinMax: all(is<ast::MinMax>(node).args); return true;
    case ast::Kind::RowExpr: all(is<ast::RowExpr>(node).args); return true;
    case ast::Kind::ArrayExpr: all(is<ast::ArrayExpr>(node).args); return true;
    case ast::Kind::Indirection:
      one(is<ast::Indirection>(node).arg);
      subscripts(is<ast::Indirection>(node).path);
      return true;
    case ast::Kind::Collate: one(is<ast::Collate>(node).arg); return true;
    case ast::Kind::GroupingFunc: all(is<ast::GroupingFunc>(node).args); return true;
    case ast::Kind::GroupingSet: all(is<ast::GroupingSet>(node).content); return true;
    case ast::Kind::NamedArg: one(is<ast::NamedArg>(node).arg); return true;
    case ast::Kind::XmlOrJson: all(is<ast::XmlOrJson>(node).args); return true;
    default: return false;
  }
}

bool Children::from_item(const ast::Node& node) const {
  switch (node.kind) {
    case ast::Kind::RangeSubselect: one(is<ast::RangeSubselect>(node).query); return true;
    case ast::Kind::RangeFunction: {
      const auto& f = is<ast::RangeFunction>(node);
      all(f.functions);
      for (const ast::ColumnDef* c : f.columns) column(c);
      return true;
    }
    case ast::Kind::JoinExpr:
      one(is<ast::JoinExpr>(node).left);
      one(is<ast::JoinExpr>(node).right);
      one(is<ast::JoinExpr>(node).on);
      return true;
    case ast::Kind::RangeTableSample:
      one(is<ast::RangeTableSample>(node).relation);
      all(is<ast::RangeTableSample>(node).args);
      return true;
    case ast::Kind::RangeTableFunc: all(is<ast::RangeTableFunc>(node).args); return true;
    default: return false;
  }
}

void Children::select(const ast::Select& s) const {
  with(s.with);
  one(s.left);
  one(s.right);
  all(s.distinct_on);
  targets(s.targets);
  one(s.into);
  all(s.from);
  one(s.where);
  all(s.group_by);
  one(s.having);
  for (const ast::WindowDef* w : s.windows) window(w);
  for (const auto& row : s.values) all(row);
  sorts(s.order_by);
  one(s.limit);
  one(s.offset);
}

void Children::insert(const ast::Insert& i) const {
  with(i.with);
  one(i.relation);
  targets(i.columns);
  one(i.source);
  if (i.on_conflict != nullptr) {
    elements(i.on_conflict->infer);
    one(i.on_conflict->infer_where);
    targets(i.on_conflict->set);
    one(i.on_conflict->where);
  }
  targets(i.returning);
}

bool Children::query(const ast::Node& node) const {
  switch (node.kind) {
    case ast::Kind::Select: select(is<ast::Select>(node)); return true;
    case ast::Kind::Insert: insert(is<ast::Insert>(node)); return true;
    case ast::Kind::Update: {
      const auto& u = is<ast::Update>(node);
      with(u.with);
      one(u.relation);
      targets(u.set);
      all(u.from);
      one(u.where);
      targets(u.returning);
      return true;
    }
    case ast::Kind::Delete: {
      const auto& d = is<ast::Delete>(node);
      with(d.with);
      one(d.relation);
      all(d.using_items);
      one(d.where);
      targets(d.returning);
      return true;
    }
    case ast::Kind::Merge: {
      const auto& m = is<ast::Merge>(node);
      with(m.with);
      one(m.relation);
      one(m.source);
      one(m.on);
      for (const ast::MergeWhen& when : m.whens) {
        one(when.condition);
        targets(when.targets);
        all(when.values);
      }
      return true;
    }
    case ast::Kind::Copy:
      one(is<ast::Copy>(node).relation);
      one(is<ast::Copy>(node).query);
      one(is<ast::Copy>(node).where);
      return true;
    case ast::Kind::Truncate: all(is<ast::Truncate>(node).relations); return true;
    case ast::Kind::Lock: all(is<ast::Lock>(node).relations); return true;
    case ast::Kind::Prepare: one(is<ast::Prepare>(node).query); return true;
    case ast::Kind::Execute: all(is<ast::Execute>(node).args); return true;
    case ast::Kind::Explain: one(is<ast::Explain>(node).query); return true;
    case ast::Kind::DeclareCursor: one(is<ast::DeclareCursor>(node).query); return true;
    case ast::Kind::Call: one(is<ast::Call>(node).call); return true;
    default: return false;
  }
}

void Children::create_table(const ast::CreateTable& t) const {
  one(t.relation);
  for (const ast::TableElement& e : t.elements) {
    column(e.column);
    if (e.constraint != nullptr) constraint(*e.constraint);
    if (e.like != nullptr) one(e.like->relation);
  }
  all(t.inherits);
  bound(t.bound);
  if (t.partition_by != nullptr) elements(t.partition_by->keys);
}

void Children::alter_table(const ast::AlterTable& t) const {
  one(t.relation);
  for (const ast::AlterTableCommand& c : t.commands) {
    column(c.column);
    if (c.constraint != nullptr) constraint(*c.constraint);
    one(c.expr);
    one(c.relation);
    bound(c.bound);
  }
}

bool Children::definition(const ast::Node& node) const {
  switch (node.kind) {
    case ast::Kind::CreateTable: create_table(is<ast::CreateTable>(node)); return true;
    case ast::Kind::AlterTable: alter_table(is<ast::AlterTable>(node)); return true;
    case ast::Kind::CreateTableAs:
      one(is<ast::CreateTableAs>(node).relation);
      one(is<ast::CreateTableAs>(node).query);
      return true;
    case ast::Kind::CreateView:
      one(is<ast::CreateView>(node).relation);
      one(is<ast::CreateView>(node).query);
      return true;
    case ast::Kind::CreateIndex: {
      const auto& i = is<ast::CreateIndex>(node);
      one(i.relation);
      elements(i.keys);
      one(i.where);
      return true;
    }
    case ast::Kind::CreateSequence: one(is<ast::CreateSequence>(node).relation); return true;
    case ast::Kind::AlterSequence: one(is<ast::AlterSequence>(node).relation); return true;
    case ast::Kind::RefreshMatView: one(is<ast::RefreshMatView>(node).relation); return true;
    case ast::Kind::CreatePolicy:
      one(is<ast::CreatePolicy>(node).table);
      one(is<ast::CreatePolicy>(node).using_expr);
      one(is<ast::CreatePolicy>(node).check_expr);
      return true;
    case ast::Kind::AlterPolicy:
      one(is<ast::AlterPolicy>(node).table);
      one(is<ast::AlterPolicy>(node).using_expr);
      one(is<ast::AlterPolicy>(node).check_expr);
      return true;
    case ast::Kind::CreateTrigger:
      one(is<ast::CreateTrigger>(node).relation);
      one(is<ast::CreateTrigger>(node).when);
      return true;
    case ast::Kind::CreateRule:
      one(is<ast::CreateRule>(node).relation);
      one(is<ast::CreateRule>(node).where);
      all(is<ast::CreateRule>(node).actions);
      return true;
    case ast::Kind::CreateFunction: {
      const auto& f = is<ast::CreateFunction>(node);
      for (const ast::FunctionParameter& p : f.parameters) one(p.default_expr);
      all(f.atomic_body);
      return true;
    }
    case ast::Kind::CreateDomain:
      for (const ast::Constraint& c : is<ast::CreateDomain>(node).constraints) constraint(c);
      return true;
    case ast::Kind::AlterDomain:
      if (is<ast::AlterDomain>(node).constraint != nullptr) {
        constraint(*is<ast::AlterDomain>(node).constraint);
      }
      one(is<ast::AlterDomain>(node).expr);
      return true;
    case ast::Kind::CreateSchema: all(is<ast::CreateSchema>(node).elements); return true;
    case ast::Kind::CreatePublication:
      publication(is<ast::CreatePublication>(node).objects);
      return true;
    case ast::Kind::AlterPublication:
      publication(is<ast::AlterPublication>(node).objects);
      return true;
    // The rest name objects and hold values, no nodes.
    default: return false;
  }
}

}  // namespace

void for_each_child(const ast::Node& node, const Visit& visit) {
  const Children children(visit);
  if (children.expression(node) || children.from_item(node) || children.query(node)) return;
  children.definition(node);
}

void walk(const ast::Node& root, const std::function<bool(const ast::Node&)>& visit) {
  std::vector<const ast::Node*> stack = {&root};
  while (!stack.empty()) {
    const ast::Node* node = stack.back();
    stack.pop_back();
    if (!visit(*node)) continue;
    const auto below = static_cast<std::ptrdiff_t>(stack.size());
    for_each_child(*node, [&](const ast::Node& child) { stack.push_back(&child); });
    std::reverse(stack.begin() + below, stack.end());
  }
}

}  // namespace tenantlint::sql
