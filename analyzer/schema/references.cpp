// What expressions and queries refer to, noted when they are written: names may mean something else
// by the time a DROP asks. Columns are looked up then, by the names that they had.
#include <algorithm>

#include "analyzer/schema/replayer.h"
#include "analyzer/sql/walk.h"

namespace tenantlint::schema {

namespace {

template <typename T>
void add_once(std::vector<T>& list, const T& item) {
  if (std::find(list.begin(), list.end(), item) == list.end()) list.push_back(item);
}

}  // namespace

void Replayer::note_references(const ast::Node* root, std::vector<Binding>* bindings) {
  // Most defaults and operands are a constant or a column: they refer to nothing else.
  if (root == nullptr || root->kind == ast::Kind::Literal || root->kind == ast::Kind::ColumnRef) {
    return;
  }
  References found;
  std::vector<std::string_view> ctes;
  sql::walk(*root, [&](const ast::Node& node) {
    if (const auto* select = ast::as<ast::Select>(&node);
        select != nullptr && select->with != nullptr) {
      for (const ast::CommonTable& cte : select->with->tables) ctes.push_back(cte.name);
    }
    if (const auto* mention = ast::as<ast::RangeVar>(&node)) {
      const bool cte = mention->name.schema.empty() &&
                       std::find(ctes.begin(), ctes.end(), mention->name.name) != ctes.end();
      Relation* relation = cte ? nullptr : find_relation(mention->name);
      if (relation != nullptr) {
        add_once(found.relations, relation);
        if (bindings != nullptr) bindings->push_back({mention, relation});
      }
    } else if (const auto* call = ast::as<ast::FuncCall>(&node)) {
      for (Function* f : find_functions(call->name)) add_once(found.functions, f);
      // nextval('s') and 's'::regclass hold on to the sequence.
      if (call->args.size() == 1 && call->name.name == "nextval") {
        const ast::Expr* arg = call->args[0];
        if (const auto* cast = ast::as<ast::TypeCast>(arg)) arg = cast->arg;
        if (const auto* literal = ast::as<ast::Literal>(arg)) {
          const std::size_t dot = literal->text.find('.');
          ast::QualifiedName name;
          name.name = literal->text;
          if (dot != std::string_view::npos) {
            name.schema = literal->text.substr(0, dot);
            name.name = literal->text.substr(dot + 1);
          }
          if (name.name.size() > 2 && name.name.front() == '"') {
            name.name = name.name.substr(1, name.name.size() - 2);
          }
          if (Relation* sequence = find_relation(name)) add_once(found.relations, sequence);
        }
      }
    } else if (const auto* cast = ast::as<ast::TypeCast>(&node)) {
      const Type* type = cast->type->percent_type ? nullptr : find_type(cast->type->name);
      if (type != nullptr && type->schema != nullptr) add_once(found.types, type);
    }
    return true;
  });
  if (!found.empty()) model.references.insert_or_assign(root, std::move(found));
}

std::vector<int> Replayer::columns_used(const ast::Node* root, const Relation& table,
                                        Step at) const {
  std::vector<int> out;
  if (root == nullptr) return out;
  // Aliases under which the table is read inside the expression.
  std::vector<std::string_view> names = {table.name};
  bool star = false;
  sql::walk(*root, [&](const ast::Node& node) {
    if (const auto* mention = ast::as<ast::RangeVar>(&node)) {
      if (mention->name.name == table.name && !mention->alias.name.empty()) {
        names.push_back(mention->alias.name);
      }
      return true;
    }
    const auto* ref = ast::as<ast::ColumnRef>(&node);
    if (ref == nullptr) return true;
    const std::size_t parts = ref->fields.size();
    const bool ours =
        parts < 2 || std::find(names.begin(), names.end(),
                               ref->fields[ref->star ? parts - 1 : parts - 2]) != names.end();
    if (ref->star) {
      star |= ours || parts == 0;
    } else if (ours && parts > 0) {
      const int index = table.find_column_at(ref->fields.back(), at);
      if (index >= 0) add_once(out, index);
    }
    return true;
  });
  if (!star) return out;
  for (std::size_t i = 0; i < table.columns.size(); ++i) {
    if (table.columns[i].created <= at) add_once(out, static_cast<int>(i));
  }
  return out;
}

}  // namespace tenantlint::schema
