// CREATE TABLE: columns, LIKE, INHERITS, PARTITION OF, and the sequences behind serial and identity
// columns. Constraints are made in replay_constraint.cpp, in PostgreSQL's order, for their names
// depend on it. Source: PostgreSQL 15, src/backend/parser/parse_utilcmd.c (transformCreateStmt),
// tablecmds.c.
#include <fmt/format.h>

#include <algorithm>

#include "analyzer/schema/replayer.h"

namespace tenantlint::schema {

namespace {

std::string_view serial_type(std::string_view name) {
  if (name == "serial" || name == "serial4") return "int4";
  if (name == "bigserial" || name == "serial8") return "int8";
  if (name == "smallserial" || name == "serial2") return "int2";
  return {};
}

}  // namespace

Relation& Replayer::make_sequence(Schema& schema, std::string_view name) {
  Relation& out = model.add_relation(schema, name, RelationKind::Sequence);
  out.created = step;
  out.stub = stub;
  out.place = out.statement = statement_place();
  out.owner = session.role;
  return out;
}

void Replayer::own_sequence(Relation& table, int column_index, Relation& sequence) {
  sequence.owned_by = &table;
  sequence.owned_column = column_index;
}

void Replayer::make_serial(Relation& table, Column& column, int column_index,
                           ast::List<ast::Option> options) {
  std::string name;
  Schema* schema = table.schema;
  // pg_dump says SEQUENCE NAME.
  for (const ast::Option& o : options) {
    if (o.name != "sequence_name") continue;
    const std::size_t dot = o.value.rfind('.');
    name = o.value.substr(dot + 1);
    if (dot != std::string_view::npos) {
      schema = &creation_schema(o.value.substr(0, dot), statement_place());
    }
  }
  if (name.empty()) {
    name = choose_relation_name(*table.schema, table.name, column.name, "seq", false);
  } else if (model.find_relation(*schema, name) != nullptr) {
    fail("duplicate_table", fmt::format("relation \"{}\" already exists", name), statement_place());
  }
  Relation& sequence = make_sequence(*schema, name);
  own_sequence(table, column_index, sequence);
  if (column.serial) column.sequence = &sequence;
}

Column Replayer::make_column(Relation& table, const ast::ColumnDef& def) {
  Column out;
  out.name = model.intern(def.name);
  out.created = step;
  out.place = def.at == 0 ? word_place(def.name) : text->place(def.at, Extent::Token);
  if (!def.collation.name.empty()) out.collation = model.intern(def.collation.name);
  if (def.type == nullptr) return out;
  const std::string_view serial =
      def.type->name.schema.empty() ? serial_type(def.type->name.name) : std::string_view();
  if (!serial.empty()) {
    out.type = builtin(serial);
    out.not_null = out.serial = true;
    // The place of its default is the word that asks for it.
    out.default_place = model.arena().make<Place>(place(def.type->at));
  } else {
    out.type = resolve_type(*def.type);
  }
  (void)table;
  return out;
}

void Replayer::add_row_type(Relation& relation) {
  Type& type = model.add_type(*relation.schema, relation.name, TypeKind::Composite);
  type.relation = &relation;
  type.stub = stub;
  type.place = relation.place;
}

// Columns, defaults and CHECK constraints of the parents (tablecmds.c, MergeAttributes).
void Replayer::add_parents(Relation& table, const ast::CreateTable& tree) {
  for (const ast::RangeVar* name : tree.inherits) {
    Relation& parent = relation(*name);
    if (tree.bound != nullptr && parent.kind != RelationKind::Partitioned) {
      fail("wrong_object_type", fmt::format("\"{}\" is not partitioned", parent.name),
           name_place(name->name));
    }
    table.parents.push_back(&parent);
    model.append(parent, &Relation::children, &table);
    for (const Column& theirs : parent.columns) {
      if (theirs.dropped) continue;
      const int own = table.find_column(theirs.name);
      if (own >= 0) {
        Column& merged = table.columns[static_cast<std::size_t>(own)];
        if (merged.type != theirs.type) {
          fail("datatype_mismatch",
               fmt::format("inherited column \"{}\" has a type conflict", theirs.name),
               name_place(name->name));
        }
        ++merged.inherited;
        merged.not_null |= theirs.not_null;
        continue;
      }
      Column copy = theirs;
      copy.local = false;
      copy.inherited = 1;
      copy.identity = 0;
      copy.created = step;
      copy.former_names = nullptr;
      table.columns.push_back(std::move(copy));
    }
  }
  table.is_partition = tree.bound != nullptr;
  if (!table.parents.empty()) {
    table.origin = table.is_partition ? TableOrigin::PartitionOf : TableOrigin::Inherits;
  }
}

// The columns now; constraints and indexes when the table's own are there (expandTableLikeClause).
void Replayer::like(Relation& table, const ast::LikeClause& clause,
                    std::vector<std::pair<Relation*, std::uint32_t>>& later) {
  Relation& source = relation(*clause.relation);
  if (table.origin == TableOrigin::Create) {
    table.origin = TableOrigin::Like;
    table.origin_table = &source;
  }
  for (const Column& theirs : source.columns) {
    if (theirs.dropped) continue;
    Column copy = theirs;
    copy.created = step;
    copy.former_names = nullptr;
    copy.local = true;
    copy.inherited = 0;
    // The copy of a serial column's default counts on with the original's sequence.
    copy.serial = theirs.serial && (clause.options & ast::kLikeDefaults) != 0;
    const bool generated = theirs.generated != nullptr;
    if ((clause.options & ast::kLikeGenerated) == 0) copy.generated = nullptr;
    if ((clause.options & ast::kLikeDefaults) == 0 || generated) copy.default_expr = nullptr;
    if ((clause.options & ast::kLikeIdentity) == 0) copy.identity = 0;
    if ((clause.options & ast::kLikeDefaults) == 0) copy.default_place = nullptr;
    copy.place = name_place(clause.relation->name);
    table.columns.push_back(std::move(copy));
    const auto index = static_cast<int>(table.columns.size()) - 1;
    if (table.columns.back().identity != 0) make_serial(table, table.columns.back(), index);
  }
  later.emplace_back(&source, clause.options);
}

void Replayer::new_table_privileges(Relation& relation, ast::ObjectType type) {
  for (const DefaultPrivilege& d : model.default_privileges) {
    if (d.object != type || (d.schema != nullptr && d.schema != relation.schema)) continue;
    if (d.creator != nullptr && d.creator != &model.role("postgres") &&
        d.creator != relation.owner) {
      continue;
    }
    relation.grants.push_back(d.grant);
  }
}

// What CREATE TABLE IF NOT EXISTS would have made, had the name been free.
void Replayer::pass_over(Relation& there, const ast::CreateTable& tree) {
  PassedOver& passed = model.passed_over.emplace_back();
  passed.table = &there;
  passed.place = name_place(tree.relation->name);
  for (const ast::TableElement& e : tree.elements) {
    if (e.column != nullptr) passed.columns.push_back(model.intern(e.column->name));
  }
}

void Replayer::create_table(const ast::CreateTable& tree) {
  const ast::RangeVar& name = *tree.relation;
  const bool temporary = name.persistence == 't';
  Schema& schema = creation_schema(name.name.schema, name_place(name.name), temporary);
  if (Relation* there = model.find_relation(schema, name.name.name)) {
    if (tree.if_not_exists) return pass_over(*there, tree);
    fail("duplicate_table", fmt::format("relation \"{}\" already exists", name.name.name),
         name_place(name.name));
  }
  if (const Type* type = model.find_type(schema, name.name.name)) {
    if (type->relation == nullptr) {
      fail("duplicate_object", fmt::format("type \"{}\" already exists", name.name.name),
           name_place(name.name));
    }
  }
  Relation& table = model.add_relation(schema, name.name.name, RelationKind::Table);
  table.kind = tree.foreign                   ? RelationKind::Foreign
               : tree.partition_by != nullptr ? RelationKind::Partitioned
                                              : RelationKind::Table;
  table.persistence = &schema == session.temporary ? 't' : name.persistence;
  table.created = step;
  table.stub = stub;
  table.owner = session.role;
  table.place = name_place(name.name);
  table.statement = statement_place();
  table.foreign_server = model.intern(tree.foreign_server);
  for (const ast::Option& o : tree.options) {
    table.options.emplace_back(model.intern(o.name), model.intern(o.value));
  }
  PendingConstraints pending;
  std::vector<std::pair<Relation*, std::uint32_t>> likes;
  fill_columns(table, tree, pending, likes);
  if (tree.partition_by != nullptr) {
    table.partition_strategy = tree.partition_by->strategy;
    std::vector<std::string> names;
    table.partition_keys = index_keys(table, tree.partition_by->keys, names);
  }
  if (tree.bound != nullptr) {
    table.bound = tree.bound;
    table.partition_default = tree.bound->is_default;
  }
  add_row_type(table);
  for (Relation* parent : table.parents) {
    for (Constraint* check : std::vector<Constraint*>(parent->constraints)) {
      if (check->type == ConstraintType::Check && !check->no_inherit) clone_check(*check, table);
    }
  }
  add_pending(table, pending);
  for (const auto& [source, options] : likes) like_indexes(table, *source, options);
  if (table.is_partition) set_up_partition(table, *table.parents[0]);
  new_table_privileges(table, ast::ObjectType::Table);
}

// The columns in order, of the type, the parents, LIKE and the table's own list; their constraints
// are left for later.
void Replayer::fill_columns(Relation& table, const ast::CreateTable& tree,
                            PendingConstraints& pending,
                            std::vector<std::pair<Relation*, std::uint32_t>>& likes) {
  if (tree.of_type != nullptr) {
    const Type* type = find_type(tree.of_type->name);
    if (type == nullptr || type->relation == nullptr) {
      fail("undefined_object", fmt::format("type \"{}\" does not exist", tree.of_type->name.name),
           place(tree.of_type->at));
    }
    table.of_type = type;
    for (const Column& c : type->relation->columns) {
      if (!c.dropped) table.columns.push_back(c);
    }
  }
  // Parents' columns come first; a column declared here keeps their place and adds its constraints.
  table.columns.reserve(tree.elements.size());
  add_parents(table, tree);
  for (const ast::TableElement& element : tree.elements) {
    if (element.like != nullptr) like(table, *element.like, likes);
    if (element.constraint != nullptr) table_constraint(*element.constraint, pending);
    if (element.column == nullptr) continue;
    const ast::ColumnDef& def = *element.column;
    int index = table.find_column(def.name);
    if (index >= 0 && table.parents.empty() && tree.of_type == nullptr) {
      fail("duplicate_column", fmt::format("column \"{}\" specified more than once", def.name),
           place(def.at));
    }
    if (index < 0) {
      if (def.type == nullptr) column(table, def.name, place(def.at));
      table.columns.push_back(make_column(table, def));
      index = static_cast<int>(table.columns.size()) - 1;
      if (table.columns.back().serial) make_serial(table, table.columns.back(), index);
    } else {
      Column& merged = table.columns[static_cast<std::size_t>(index)];
      merged.local = true;
      if (def.type != nullptr && !(make_column(table, def).type == merged.type)) {
        fail("datatype_mismatch", fmt::format("column \"{}\" has a type conflict", def.name),
             place(def.at));
      }
    }
    column_constraints(table, index, def, pending);
  }
}

// CHECK constraints keep their names, keys and indexes get new ones (parse_utilcmd.c,
// generateClonedIndexStmt: constraint names are kept only for CHECK).
void Replayer::like_indexes(Relation& table, const Relation& source, std::uint32_t options) {
  const auto target = [&](std::uint16_t theirs) {
    return static_cast<std::uint16_t>(table.find_column(source.columns[theirs].name));
  };
  if ((options & ast::kLikeConstraints) != 0) {
    for (const Constraint* check : source.constraints) {
      if (check->type != ConstraintType::Check) continue;
      Constraint& copy = model.add_constraint(table, check->name, ConstraintType::Check);
      copy.check = check->check;
      copy.text = check->text;
      copy.no_inherit = check->no_inherit;
      copy.created = step;
      copy.place = statement_place();
      for (const std::uint16_t c : check->columns) copy.columns.push_back(target(c));
    }
  }
  if ((options & ast::kLikeIndexes) == 0) return;
  for (const Index* theirs : std::vector<Index*>(source.indexes)) {
    const bool second = theirs->primary && std::any_of(table.indexes.begin(), table.indexes.end(),
                                                       [](const Index* i) { return i->primary; });
    if (second) {
      fail("invalid_table_definition",
           fmt::format("multiple primary keys for table \"{}\" are not allowed", table.name),
           table.place);
    }
    std::vector<std::string> names;
    for (const IndexKey& key : theirs->keys) {
      const std::string_view figured =
          key.column >= 0 ? source.columns[static_cast<std::size_t>(key.column)].name
                          : figure_column_name(key.expr);
      names.emplace_back(figured.empty() ? "expr" : figured);
    }
    std::vector<std::string> all = names;
    for (const std::uint16_t c : theirs->include) all.emplace_back(source.columns[c].name);
    const std::string_view label = theirs->primary                 ? "pkey"
                                   : theirs->exclusion             ? "excl"
                                   : theirs->constraint != nullptr ? "key"
                                                                   : "idx";
    const std::string name = choose_relation_name(
        *table.schema, table.name,
        theirs->primary ? std::string() : join_column_names(unique_column_names(all)), label,
        theirs->constraint != nullptr);
    Index& copy = model.add_index(table, name);
    const auto relation = copy.relation;
    copy.unique = theirs->unique;
    copy.primary = theirs->primary;
    copy.exclusion = theirs->exclusion;
    copy.nulls_not_distinct = theirs->nulls_not_distinct;
    copy.method = theirs->method;
    copy.predicate = theirs->predicate;
    copy.text = theirs->text;
    copy.created = relation->created = step;
    copy.place = relation->place = relation->statement = statement_place();
    for (IndexKey key : theirs->keys) {
      if (key.column >= 0) key.column = target(static_cast<std::uint16_t>(key.column));
      copy.keys.push_back(key);
    }
    for (const std::uint16_t c : theirs->include) copy.include.push_back(target(c));
    if (theirs->constraint == nullptr) continue;
    Constraint& constraint = model.add_constraint(table, name, theirs->constraint->type);
    constraint.index = &copy;
    copy.constraint = &constraint;
    constraint.created = step;
    constraint.place = statement_place();
    for (const IndexKey& key : copy.keys) {
      constraint.columns.push_back(static_cast<std::uint16_t>(key.column));
      if (copy.primary) table.columns[static_cast<std::size_t>(key.column)].not_null = true;
    }
  }
}

void Replayer::create_table_as(const ast::CreateTableAs& tree) {
  const ast::RangeVar& name = *tree.relation;
  Schema& schema =
      creation_schema(name.name.schema, name_place(name.name), name.persistence == 't');
  if (model.find_relation(schema, name.name.name) != nullptr) {
    if (tree.if_not_exists) return;
    fail("duplicate_table", fmt::format("relation \"{}\" already exists", name.name.name),
         name_place(name.name));
  }
  if (ast::as<ast::Select>(tree.query) == nullptr) {
    not_interpreted("The columns of this table come from a prepared statement", statement_place());
  }
  Relation& out = model.add_relation(
      schema, name.name.name,
      tree.materialized_view ? RelationKind::MaterializedView : RelationKind::Table);
  out.persistence = &schema == session.temporary ? 't' : name.persistence;
  out.created = step;
  out.stub = stub;
  out.owner = session.role;
  out.place = name_place(name.name);
  out.statement = statement_place();
  out.origin = tree.select_into ? TableOrigin::SelectInto : TableOrigin::CreateTableAs;
  set_query(out, *tree.query, tree.columns, true);
  if (!out.bindings.empty()) out.origin_table = out.bindings[0].relation;
  // A copy does not depend on what it was copied from.
  if (!tree.materialized_view) {
    out.bindings.clear();
    out.calls.clear();
    model.references.erase(out.query);
  }
  add_row_type(out);
  new_table_privileges(out, ast::ObjectType::Table);
}

}  // namespace tenantlint::schema
