// Rows that are one row: a key that is unique over all tenants stands for its row, and so for the
// row's tenant; a foreign key that carries the tenant leads to a row of the same tenant. Exists so
// that UPDATE … WHERE id IN (SELECT id … WHERE tenant_id = $1) is seen for what it is.
#include <algorithm>

#include "analyzer/isolation/analysis.h"

namespace tenantlint::isolation {

// Tenant-owned, and no two rows of it (or of its children) have the same value there.
bool Analysis::is_row_key(const schema::Relation& table, int column) const {
  if (!know_.tenancy.tenant_owned(table) || !table.children.empty()) return false;
  return std::any_of(table.indexes.begin(), table.indexes.end(), [&](const schema::Index* i) {
    return !i->dropped && i->unique && i->valid && i->predicate == nullptr && i->keys.size() == 1 &&
           i->keys[0].column == column && (i->constraint == nullptr || !i->constraint->deferrable);
  });
}

// The tenant column of the row that a column with such a key stands for. Of a query: a column
// behind its own, which rows_of() knows of.
TermId Analysis::tenant_of_row(Source& source, int column) {
  if (source.kind == SourceKind::Table) {
    return column_term(source, know_.tenancy.of(*source.relation).column);
  }
  return column_term(source, kTenantOfRow - column);
}

// One key, one row: its tenant is the same, however often it is named.
void Analysis::identify_rows(const std::vector<Source*>& sources, Facts known_facts,
                             FactList& out) {
  struct Key {
    Source* source;
    int column;
    TermId term;
  };
  std::vector<Key> keys;
  for (Source* source : sources) {
    for (const auto& [column, term] : source->terms) {
      if (column >= 0 && terms_[term].row_of != nullptr) keys.push_back({source, column, term});
    }
  }
  if (keys.empty() || sources.size() < 2) return;
  const Closure known = closure({known_facts});
  for (std::size_t i = 0; i < keys.size(); ++i) {
    for (std::size_t j = i + 1; j < keys.size(); ++j) {
      const Term& a = terms_[keys[i].term];
      const Term& b = terms_[keys[j].term];
      if (a.row_of != b.row_of || a.row_key != b.row_key || keys[i].source == keys[j].source ||
          !known.same(keys[i].term, keys[j].term) || !known.not_null(keys[i].term)) {
        continue;
      }
      const TermId left = tenant_of_row(*keys[i].source, keys[i].column);
      out.push_back({FactKind::Same, left, tenant_of_row(*keys[j].source, keys[j].column), {}});
    }
  }
  for (Source* referring : sources) {
    for (Source* referred : sources) {
      if (referring != referred) follow_foreign_key(*referring, *referred, known, out);
    }
  }
}

// FOREIGN KEY (tenant_id, order_id) REFERENCES orders (tenant_id, id), and id alone is unique: the
// row with that id is the one referred to, of the same tenant.
void Analysis::follow_foreign_key(Source& referring, Source& referred, const Closure& known,
                                  FactList& out) {
  if (referring.kind != SourceKind::Table || referred.kind != SourceKind::Table) return;
  if (referring.new_values || referred.new_values) return;
  const int from = know_.tenancy.of(*referring.relation).column;
  const int to = know_.tenancy.of(*referred.relation).column;
  if (from < 0 || to < 0) return;
  const auto term = [](const Source& source, int column) {
    for (const auto& [c, id] : source.terms) {
      if (c == column) return id;
    }
    return kNoTerm;
  };
  for (const schema::Constraint* key : referring.relation->constraints) {
    const bool usable = !key->dropped && key->type == schema::ConstraintType::ForeignKey &&
                        key->ref_table == referred.relation && key->valid && !key->deferrable &&
                        referring.relation->columns[static_cast<std::size_t>(from)].not_null;
    if (!usable || key->columns.size() != key->ref_columns.size()) continue;
    bool carries = false;
    bool equal = true;
    bool unique = false;
    for (std::size_t i = 0; i < key->columns.size(); ++i) {
      if (key->columns[i] == from && key->ref_columns[i] == to) {
        carries = true;
        continue;
      }
      const TermId a = term(referring, key->columns[i]);
      const TermId b = term(referred, key->ref_columns[i]);
      equal = equal && a != kNoTerm && b != kNoTerm && known.same(a, b) && known.not_null(a);
      unique = unique || is_row_key(*referred.relation, key->ref_columns[i]);
    }
    if (!carries || !equal || !unique) continue;
    out.push_back({FactKind::Same, column_term(referring, from), column_term(referred, to), {}});
  }
}

// WHERE id IN (SELECT id …) of the same table: the same row, if id is a key by itself.
void Analysis::same_row(TermId id, Source& other, int column, FactList& out) {
  const Term mine = terms_[id];
  const Term theirs = terms_[column_term(other, column)];
  if (mine.kind != TermKind::Column || mine.row_of == nullptr || mine.row_of != theirs.row_of ||
      mine.row_key != theirs.row_key || mine.source >= sources_.size()) {
    return;
  }
  const TermId tenant = tenant_of_row(*sources_[mine.source], mine.column);
  out.push_back({FactKind::Same, tenant, tenant_of_row(other, column), {}});
}

// If the column is a row's key, the row's tenant comes along.
void Analysis::tenant_behind(const Closure& known, TermId value, int column, const Block& block,
                             Source& as, FactList& out) {
  const Term term = terms_[value];
  if (term.row_of == nullptr || term.source >= sources_.size()) return;
  const TermId tenant = tenant_of_row(*sources_[term.source], term.column);
  const TermId root = known.find(tenant);
  if (!known.not_null(tenant)) return;
  const TermId outside = column_term(as, kTenantOfRow - column);
  for (TermId id = 0; id < terms_.size(); ++id) {
    if (id == outside || known.find(id) != root || inside(id, block)) continue;
    out.push_back({FactKind::Equal, outside, id, {}});
  }
}

}  // namespace tenantlint::isolation
