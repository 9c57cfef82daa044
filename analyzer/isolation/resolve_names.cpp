// What a column name means, by PostgreSQL's rules: the innermost query first, merged columns once,
// hidden names not at all. A name that several things could have is ambiguous, never a guess.
// Source: PostgreSQL manual 4.2.1, 7.2.1; src/backend/parser/parse_relation.c, colNameToVar.
#include <algorithm>

#include "analyzer/isolation/analysis.h"

namespace tenantlint::isolation {

namespace {

bool is_system_column(std::string_view name) {
  return name == "ctid" || name == "tableoid" || name == "xmin" || name == "xmax" ||
         name == "cmin" || name == "cmax";
}

// The place of the i-th live column in a table's list.
int attribute(const schema::Relation& table, std::size_t position) {
  for (std::size_t i = 0; i < table.columns.size(); ++i) {
    if (table.columns[i].dropped) continue;
    if (position-- == 0) return static_cast<int>(i);
  }
  return -1;
}

bool inside_range(std::uint32_t begin, std::uint32_t end, std::uint32_t from, std::uint32_t to) {
  return from <= begin && end <= to;
}

}  // namespace

int Analysis::column_count(const Source& source) {
  if (source.kind == SourceKind::Table) return static_cast<int>(source.relation->columns.size());
  if (!source.columns.empty()) return static_cast<int>(source.columns.size());
  if (source.relation != nullptr) return static_cast<int>(source.relation->columns.size());
  const Block* block = source.cte != nullptr ? source.cte->block : source.block;
  return block == nullptr ? 0 : static_cast<int>(block->outputs.size());
}

bool Analysis::has_column(const Source& source, int column) {
  if (column < 0 || column >= column_count(source)) return false;
  if (source.kind != SourceKind::Table) return true;
  const schema::Column& c = source.relation->columns[static_cast<std::size_t>(column)];
  const schema::Step step = source.context->names->step;
  // What a view's * stood for are the columns of its time.
  return !c.dropped && (step == 0 || c.created <= step);
}

std::string_view Analysis::column_name(const Source& source, int column) {
  const auto i = static_cast<std::size_t>(column);
  if (source.kind == SourceKind::Table) {
    for (std::size_t r = 0; r < source.renames.size(); ++r) {
      if (attribute(*source.relation, r) == column) return source.renames[r];
    }
    const schema::Column& c = source.relation->columns[i];
    const schema::Step step = source.context->names->step;
    return step == 0 ? c.name : c.name_at(step);
  }
  if (i < source.renames.size()) return source.renames[i];
  if (i < source.columns.size()) return source.columns[i];
  if (source.cte != nullptr && i < source.cte->columns.size()) return source.cte->columns[i];
  if (source.relation != nullptr) {
    const int at = attribute(*source.relation, i);
    return at < 0 ? std::string_view()
                  : source.relation->columns[static_cast<std::size_t>(at)].name;
  }
  const Block* block = source.cte != nullptr ? source.cte->block : source.block;
  return block != nullptr && i < block->outputs.size() ? block->outputs[i].name
                                                       : std::string_view();
}

int Analysis::find_column(const Source& source, std::string_view name) {
  if (source.kind == SourceKind::Table) {
    for (std::size_t r = 0; r < source.renames.size(); ++r) {
      if (source.renames[r] == name) return attribute(*source.relation, r);
    }
    const schema::Step step = source.context->names->step;
    const int found = step == 0 ? source.relation->find_column(name)
                                : source.relation->find_column_at(name, step);
    // A renamed column has lost its own name.
    for (std::size_t r = 0; r < source.renames.size(); ++r) {
      if (attribute(*source.relation, r) == found) return -1;
    }
    return found;
  }
  const int count = column_count(source);
  for (int i = 0; i < count; ++i) {
    if (column_name(source, i) == name) return i;
  }
  return -1;
}

// In one block. False: not there. `open`: something there may have it, of which nothing is known.
bool Analysis::resolve_unqualified(std::string_view name, const Block& block, std::uint32_t begin,
                                   std::uint32_t end, ColumnUse& out, bool& open) const {
  int found = 0;
  for (const Merged* merged : block.merged) {
    if (merged->name != name || !inside_range(merged->begin, merged->end, begin, end)) continue;
    const Merged* hidden = merged->hidden_by;
    if (hidden != nullptr && inside_range(hidden->begin, hidden->end, begin, end)) continue;
    ++found;
    out = {};
    out.status = NameStatus::MergedColumn;
    out.merged = merged;
  }
  const auto last = std::min(end, static_cast<std::uint32_t>(block.sources.size()));
  for (std::uint32_t i = begin; i < last; ++i) {
    Source& source = *block.sources[i];
    if (!source.columns_visible) continue;
    const int column = find_column(source, name);
    if (column < 0) {
      open = open || source.any_column;
      continue;
    }
    const bool hidden = std::any_of(source.merged.begin(), source.merged.end(), [&](const auto& m) {
      return m.first == column && inside_range(m.second->begin, m.second->end, begin, end);
    });
    if (hidden) continue;
    ++found;
    out = {};
    out.status = NameStatus::Column;
    out.source = &source;
    out.column = column;
  }
  for (const JoinAlias& alias : block.aliases) {
    if (!inside_range(alias.begin, alias.end, begin, end)) continue;
    for (const auto& [column, use] : alias.columns) {
      if (column != name) continue;
      ++found;
      out = use;
    }
  }
  if (found > 1) out.status = NameStatus::Ambiguous;
  return found > 0;
}

bool Analysis::resolve_qualified(std::string_view schema, std::string_view table,
                                 std::string_view name, const Block& block, std::uint32_t begin,
                                 std::uint32_t end, ColumnUse& out) const {
  const auto last = std::min(end, static_cast<std::uint32_t>(block.sources.size()));
  for (std::uint32_t i = begin; i < last; ++i) {
    Source& source = *block.sources[i];
    if (!source.visible || source.name != table) continue;
    if (!schema.empty() && source.schema != schema) continue;
    out.source = &source;
    out.column = find_column(source, name);
    out.status = out.column >= 0          ? NameStatus::Column
                 : is_system_column(name) ? NameStatus::System
                 : source.any_column      ? NameStatus::Opaque
                                          : NameStatus::NotFound;
    return true;
  }
  for (const JoinAlias& alias : block.aliases) {
    if (alias.name != table || !inside_range(alias.begin, alias.end, begin, end)) continue;
    int found = 0;
    for (const auto& [column, use] : alias.columns) {
      if (column != name) continue;
      ++found;
      out = use;
    }
    if (found > 1) out.status = NameStatus::Ambiguous;
    if (found == 0) out.status = NameStatus::NotFound;
    return true;
  }
  return false;
}

// Parameters and variables of the function whose body it is, and values of the caller's.
ColumnUse Analysis::resolve_variable(const ast::ColumnRef& ref, const Block& block) const {
  ColumnUse out;
  const std::string_view last = ref.fields.back();
  const std::string_view qualifier =
      ref.fields.size() > 1 ? ref.fields[ref.fields.size() - 2] : std::string_view();
  const Context& context = *block.context;
  for (const Argument& argument : context.arguments) {
    if (argument.name.empty() || argument.name != last) continue;
    if (!qualifier.empty() &&
        (context.function == nullptr || qualifier != context.function->name)) {
      continue;
    }
    out.status = NameStatus::Argument;
    out.argument = &argument;
    return out;
  }
  if (context.names->variables == nullptr) return out;
  for (const Variable& variable : *context.names->variables) {
    const bool plain =
        variable.name == last && (qualifier.empty() || variable.qualifier == qualifier);
    const bool field = !qualifier.empty() && variable.name == qualifier;
    if (variable.name.empty() || (!plain && !field)) continue;
    out.status = NameStatus::Variable;
    out.variable = &variable;
    if (field && !plain) {
      out.column = variable.row == nullptr ? -1 : variable.row->find_column(last);
      // Fields of which nothing is known are not one value.
      if (out.column < 0) out.status = NameStatus::Opaque;
    }
    return out;
  }
  return out;
}

ColumnUse Analysis::resolve(const ast::ColumnRef& ref, const Block& block, std::uint32_t begin,
                            std::uint32_t end) {
  ColumnUse out;
  if (ref.fields.empty()) return out;
  if (block.context->names->variables_first) {
    out = resolve_variable(ref, block);
    if (out.status != NameStatus::NotFound) return out;
  }
  const std::string_view name = ref.fields.back();
  const std::string_view table =
      ref.fields.size() > 1 ? ref.fields[ref.fields.size() - 2] : std::string_view();
  const std::string_view schema =
      ref.fields.size() > 2 ? ref.fields[ref.fields.size() - 3] : std::string_view();
  const Block* at = &block;
  std::uint32_t from = begin;
  std::uint32_t to = end;
  bool open = false;
  while (at != nullptr) {
    const bool found = table.empty() ? resolve_unqualified(name, *at, from, to, out, open)
                                     : resolve_qualified(schema, table, name, *at, from, to, out);
    if (found) return out;
    if (open) {
      out.status = NameStatus::Opaque;
      return out;
    }
    from = at->outer.begin;
    to = at->outer.end;
    at = at->outer.block;
  }
  if (table.empty() && is_system_column(name)) {
    out.status = NameStatus::System;
    return out;
  }
  out = resolve_variable(ref, block);
  if (out.status != NameStatus::NotFound || !table.empty()) return out;
  // The name of a source alone is its whole row.
  from = begin;
  to = end;
  for (at = &block; at != nullptr; at = at->outer.block) {
    const auto last = std::min(to, static_cast<std::uint32_t>(at->sources.size()));
    for (std::uint32_t i = from; i < last; ++i) {
      if (!at->sources[i]->visible || at->sources[i]->name != name) continue;
      out.status = NameStatus::WholeRow;
      out.source = at->sources[i];
      return out;
    }
    from = at->outer.begin;
    to = at->outer.end;
  }
  return out;
}

}  // namespace tenantlint::isolation
