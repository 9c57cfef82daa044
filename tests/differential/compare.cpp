// In: what a statement did in databases that agree in A's rows. Out: whether it did the same in all
// of them. The most telling variants come first, so that most leaks cost three executions.
#include "tests/differential/compare.h"

#include <fmt/format.h>

#include <algorithm>

namespace tenantlint::differential {
namespace {

const char* name_of(Variant variant) {
  static constexpr const char* kNames[] = {
      "mirror",      "many",    "none",    "extreme", "orphans", "shuffled",  "no tenant 1",
      "no tenant 2", "dense 1", "dense 2", "dense 3", "dense 4", "$1 null 1", "$1 null 2"};
  return kNames[variant];
}

std::string shown(const Outcome& o) {
  std::string out;
  for (const std::string& row : o.rows) out += "    " + row + "\n";
  if (!o.affected.empty()) out += fmt::format("    {} rows affected\n", o.affected);
  return out.empty() ? "    (no rows)\n" : out;
}

std::vector<std::string> sorted(std::vector<std::string> rows) {
  std::sort(rows.begin(), rows.end());
  return rows;
}

std::vector<DumpedRow> kept(const std::vector<DumpedRow>& rows, const std::string& tenant,
                            bool his) {
  std::vector<DumpedRow> out;
  for (const DumpedRow& row : rows) {
    const bool own = row.tenant == tenant || row.tenant == "*";
    if (own == his) out.push_back(row);
  }
  return out;
}

// The rows that only the first has.
std::string listed(const std::vector<DumpedRow>& rows, const std::vector<DumpedRow>& without) {
  std::vector<DumpedRow> only;
  std::set_difference(rows.begin(), rows.end(), without.begin(), without.end(),
                      std::back_inserter(only));
  std::string out;
  for (const DumpedRow& row : only) out += fmt::format("    {} {}\n", row.table, row.text);
  return out.empty() ? "    (no rows)\n" : out;
}

// Evidence that is none.
constexpr const char* kUndetermined = "depends on the order of rows";

}  // namespace

std::string difference(const Seen& a, const Seen& b, const std::string& tenant) {
  const std::string between = fmt::format("{} / {}", name_of(a.variant), name_of(b.variant));
  if (sorted(a.outcome->rows) != sorted(b.outcome->rows) ||
      a.outcome->affected != b.outcome->affected) {
    return fmt::format("  results differ: {}\n{}  against\n{}", between, shown(*a.outcome),
                       shown(*b.outcome));
  }
  const auto rows_a = kept(a.outcome->after, tenant, true);
  const auto rows_b = kept(b.outcome->after, tenant, true);
  if (rows_a == rows_b) return "";
  return fmt::format("  the tenant's rows differ afterwards: {}\n{}  against\n{}", between,
                     listed(rows_a, rows_b), listed(rows_b, rows_a));
}

std::string trespass(const std::vector<DumpedRow>& all_before, const Seen& p,
                     const std::string& tenant) {
  if (p.outcome->after.empty()) return "";
  auto before = kept(all_before, tenant, false);
  auto after = kept(p.outcome->after, tenant, false);
  if (tenant.empty()) {
    before = kept(all_before, "\n", false);
    after.clear();
    for (const DumpedRow& row : p.outcome->after) {
      if (row.tenant != "*") after.push_back(row);
    }
    std::erase_if(before, [](const DumpedRow& row) { return row.tenant == "*"; });
    std::vector<DumpedRow> gone;
    std::set_difference(before.begin(), before.end(), after.begin(), after.end(),
                        std::back_inserter(gone));
    std::erase_if(after, [](const DumpedRow& row) { return row.tenant.empty(); });
    std::erase_if(before, [](const DumpedRow& row) { return row.tenant.empty(); });
    if (gone.empty() && before == after) return "";
  } else if (before == after) {
    return "";
  }
  return fmt::format("  rows of others were written: {}\n{}  became\n{}", name_of(p.variant),
                     listed(before, after), listed(after, before));
}

namespace {

// Is what it does in one database independent of the physical order of the rows there?
bool determined(Server& server, const std::string& sql, Variant variant, const Outcome& outcome) {
  for (int salt = 0; salt < 3; ++salt) {
    Outcome other = server.run_reordered(sql, variant, salt);
    if (other.failed) return false;
    if (sorted(other.rows) != sorted(outcome.rows)) return false;
    if (!outcome.after.empty() && other.after != outcome.after) return false;
  }
  return true;
}

struct Stage {
  std::vector<Variant> variants;
  std::vector<Outcome> outcomes;
  int failures = 0;
  void run(Server& server, const std::string& sql) {
    outcomes = server.run(sql, variants);
    failures = 0;
    for (const Outcome& o : outcomes) failures += o.failed ? 1 : 0;
  }
};

// The first difference that the order of rows does not explain.
std::string first_difference(Server& server, const std::string& sql, const Stage& stage,
                             const Seen& base, const std::string& tenant, bool sure) {
  for (std::size_t i = 0; i < stage.variants.size(); ++i) {
    const Seen other{stage.variants[i], &stage.outcomes[i]};
    std::string found = trespass(server.before(other.variant), other, tenant);
    // Without a tenant nobody's rows are the caller's; those of shared tables are compared.
    if (found.empty()) found = difference(base, other, tenant.empty() ? "*" : tenant);
    if (found.empty()) continue;
    const bool believed = !sure || (determined(server, sql, other.variant, *other.outcome) &&
                                    determined(server, sql, base.variant, *base.outcome));
    return believed ? found : kUndetermined;
  }
  return "";
}

}  // namespace

// A pair that agrees in A's rows, but not with the other variants. Failures say nothing.
static std::string compare_pair(Server& server, const std::string& sql, const std::string& tenant,
                                Variant a, Variant b, bool sure) {
  Stage stage{{a, b}, {}, 0};
  stage.run(server, sql);
  if (stage.failures > 0) return "";
  return first_difference(server, sql, stage, {a, &stage.outcomes[0]}, tenant, sure);
}

Comparison compare(Server& server, const SchemaPlan& plan, const std::string& sql, bool sure) {
  const std::string& tenant = plan.tenant.values[0];
  Stage first{{kMirror, kMany, kShuffled}, {}, 0};
  first.run(server, sql);
  if (first.failures == 3) return {Answer::Invalid, first.outcomes[0].error};
  if (first.failures > 0) return {Answer::NotComparable, "fails in one variant only"};
  const Seen base{kMirror, &first.outcomes[0]};
  if (!difference(base, {kShuffled, &first.outcomes[2]}, tenant).empty()) {
    return {Answer::NotComparable, "depends on the order of rows"};
  }
  std::string found = first_difference(server, sql, first, base, tenant, sure);
  if (found == kUndetermined) return {Answer::NotComparable, found};
  if (!found.empty()) return {Answer::Leaks, found};
  Stage second{{kNone, kExtreme, kOrphans}, {}, 0};
  second.run(server, sql);
  if (second.failures > 0) return {Answer::NotComparable, "fails in one variant only"};
  found = first_difference(server, sql, second, base, tenant, sure);
  if (found.empty()) found = compare_pair(server, sql, tenant, kDense1, kDense2, sure);
  if (found.empty()) found = compare_pair(server, sql, tenant, kDense3, kDense4, sure);
  if (found == kUndetermined) return {Answer::NotComparable, found};
  if (!found.empty()) return {Answer::Leaks, found};
  found = compare_pair(server, sql, "", kNull1, kNull2, sure);
  const bool two_sources = sql.find("$1") != std::string::npos &&
                           sql.find("current_") != std::string::npos && !writes(sql);
  if (found.empty() && two_sources)
    found = compare_pair(server, sql, tenant, kUnbound1, kUnbound2, sure);
  if (found == kUndetermined) return {Answer::NotComparable, found};
  if (!found.empty()) return {Answer::LeaksWithout, found};
  return {};
}

}  // namespace tenantlint::differential
