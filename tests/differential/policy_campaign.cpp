// In: a seed and a number of sets. Out: figures, and each set that is called proven and lets a role
// see or write another tenant's rows, with as few policies as still show it.
#include "tests/differential/policy_campaign.h"

#include <fmt/format.h>

#include <array>
#include <chrono>
#include <cstdio>

namespace tenantlint::differential {

using isolation::Verdict;

namespace {

double now() {
  return std::chrono::duration<double>(std::chrono::steady_clock::now().time_since_epoch()).count();
}

// Statements one after the other, each of which may fail.
std::string attempts(const std::vector<std::string>& statements) {
  std::string out = "DO $$ BEGIN ";
  for (const std::string& s : statements) {
    out += fmt::format("BEGIN {}; EXCEPTION WHEN OTHERS THEN NULL; END; ", s);
  }
  return out + "END $$";
}

// What an attacker, or a mistake, would try on the table; see Deed for the order.
std::vector<std::string> deeds_on(const SchemaPlan& plan, const RelationPlan& table) {
  std::vector<std::string> others = {plan.literal(1), plan.literal(2)};
  if (table.nullable) others.push_back("NULL");
  std::vector<std::string> inserts, moves;
  for (const std::string& tenant : others) {
    for (const char* row : {"3, 2, true, 'a'", "203, 1, false, 'b'", "4, 3, NULL, NULL"}) {
      inserts.push_back(
          fmt::format("INSERT INTO {} (id, val, flag, name, tenant_id{}) VALUES ({}, "
                      "{}{})",
                      table.name, table.has("org") ? ", org" : "", row, tenant,
                      table.has("org") ? ", " + plan.literal(0) : ""));
    }
    moves.push_back(fmt::format("UPDATE {} SET tenant_id = {}", table.name, tenant));
    for (const int id : {1, 2, 3}) {
      moves.push_back(
          fmt::format("UPDATE {} SET tenant_id = {} WHERE id = {}", table.name, tenant, id));
    }
  }
  std::vector<std::string> changes = {fmt::format("UPDATE {} SET name = 'a'", table.name)};
  for (const char* set : {"val = 2", "flag = true, val = 3"}) {
    changes.push_back(fmt::format("UPDATE {} SET {}", table.name, set));
  }
  return {attempts(inserts), attempts(changes), attempts(moves),
          attempts({"DELETE FROM " + table.name})};
}

struct PolicyOutcome {
  bool comparable = true;
  std::array<std::string, kDeeds> evidence;  // empty: nothing leaks
  // UPDATE wrote others' rows: not only that it failed in one variant, for the sake of a new row.
  bool trespassed = false;
};

std::vector<DumpedRow> rows_of_table(const std::vector<DumpedRow>& all, const std::string& table) {
  std::vector<DumpedRow> out;
  for (const DumpedRow& row : all) {
    if (row.table == table) out.push_back(row);
  }
  return out;
}

void compare_stage(Server& server, const std::string& table, const std::string& tenant,
                   const std::vector<Variant>& variants,
                   const std::vector<std::vector<Outcome>>& outcomes, PolicyOutcome& out) {
  for (std::size_t v = 0; v < variants.size(); ++v) {
    const std::vector<DumpedRow> before = rows_of_table(server.before(variants[v]), table);
    for (std::size_t deed = 0; deed < kDeeds; ++deed) {
      const Seen base{variants[0], &outcomes[0][deed]};
      const Seen other{variants[v], &outcomes[v][deed]};
      std::string found = deed == kSee ? "" : trespass(before, other, tenant);
      if (deed == kChange && !found.empty()) out.trespassed = true;
      if (found.empty()) found = difference(base, other, tenant.empty() ? "*" : tenant);
      if (out.evidence[deed].empty()) out.evidence[deed] = found;
    }
  }
}

PolicyOutcome outcome_of(Server& server, const SchemaPlan& plan, const PolicySet& set,
                         bool thorough) {
  PolicyOutcome out;
  const RelationPlan* table = nullptr;
  for (const RelationPlan& t : plan.tables) {
    if (t.name == set.table) table = &t;
  }
  const std::vector<std::string> deeds = deeds_on(plan, *table);
  const std::string& tenant = plan.tenant.values[0];
  std::vector<std::vector<Variant>> stages = {{kMirror, kMany}, {kNull1, kNull2}};
  if (thorough) stages = {{kMirror, kMany, kOrphans}, {kDense1, kDense2}, {kNull1, kNull2}};
  for (const std::vector<Variant>& stage : stages) {
    const auto outcomes = server.run_policies(set.ddl, set.table, deeds, stage);
    for (const auto& of_variant : outcomes) {
      if (of_variant[0].failed) {
        out.comparable = stage[0] == kNull1;
        return out;
      }
    }
    compare_stage(server, set.table, stage[0] == kNull1 ? "" : tenant, stage, outcomes, out);
  }
  return out;
}

// An UPDATE has two sides, and one statement shows both: each is only held against its own verdict.
// Rows that are moved are others' rows as well, where others' rows can be changed; and a new row
// that is refused or not, as others' rows will have it, takes the whole statement with it.
bool attributable(const PolicyJudgement& judgement, const PolicyOutcome& outcome,
                  std::size_t deed) {
  if (deed == kChangeTo) return judgement.verdicts[kChange] == Verdict::Proven;
  if (deed != kChange || outcome.trespassed) return true;
  return judgement.verdicts[kChangeTo] == Verdict::Proven;
}

void report(Server& server, const SchemaPlan& plan, const PolicyJudge& judge, PolicySet set,
            std::size_t deed, const std::string& id) {
  const auto fails = [&](const PolicySet& s) {
    const PolicyJudgement judgement = judge(s);
    if (judgement.verdicts[deed] != Verdict::Proven) return false;
    const PolicyOutcome outcome = outcome_of(server, plan, s, true);
    return outcome.comparable && !outcome.evidence[deed].empty() &&
           attributable(judgement, outcome, deed);
  };
  for (std::size_t i = 1; i < set.ddl.size();) {
    PolicySet smaller = set;
    smaller.ddl.erase(smaller.ddl.begin() + static_cast<std::ptrdiff_t>(i));
    if (fails(smaller)) {
      set = smaller;
    } else {
      ++i;
    }
  }
  fmt::print("== {} is proven, and leaks: {}\n", name_of(static_cast<Deed>(deed)), id);
  for (const std::string& line : plan.ddl) {
    if (line.starts_with("CREATE TABLE " + set.table + " ")) fmt::print("  {};\n", line);
  }
  for (const std::string& line : set.ddl) fmt::print("  {};\n", line);
  fmt::print("{}\n", outcome_of(server, plan, set, true).evidence[deed]);
  std::fflush(stdout);
}

void one_set(Server& server, const CampaignOptions& options, const SchemaPlan& plan,
             const PolicyJudge& judge, std::uint64_t seed, const std::string& id,
             PolicyFigures& figures) {
  Random random(seed);
  const PolicySet set = generate_policies(plan, random);
  const PolicyJudgement judgement = judge(set);
  const PolicyOutcome outcome = outcome_of(server, plan, set, random.chance(25));
  ++figures.sets;
  if (!outcome.comparable) {
    ++figures.not_comparable;
    return;
  }
  for (std::size_t deed = 0; deed < kDeeds; ++deed) {
    if (!attributable(judgement, outcome, deed)) continue;
    const auto verdict = static_cast<std::size_t>(judgement.verdicts[deed]);
    const bool leaks = !outcome.evidence[deed].empty();
    ++figures.verdicts[verdict];
    if (leaks) ++figures.leaked[verdict];
    if (leaks && judgement.verdicts[deed] == Verdict::Proven) {
      ++figures.unsound;
      if (figures.unsound <= static_cast<std::uint64_t>(options.max_failures)) {
        report(server, plan, judge, set, deed, id);
      }
    }
    if (leaks || set.broken || plan.tenant.merges) continue;
    ++figures.plain;
    if (judgement.verdicts[deed] == Verdict::Proven) continue;
    ++figures.plain_missing[judgement.reasons[deed]];
    if (!options.verbose) continue;
    fmt::print("-- never leaked, {} {} {}: {}\n", name_of(static_cast<Deed>(deed)),
               to_string(judgement.verdicts[deed]), judgement.reasons[deed], id);
    for (const std::string& line : set.ddl) fmt::print("  {};\n", line);
  }
}

}  // namespace

std::string to_string(const PolicyFigures& f) {
  std::string out =
      fmt::format("policy sets                  {}\n  not comparable             {}\n", f.sets,
                  f.not_comparable);
  for (const Verdict v : {Verdict::Proven, Verdict::Unknown, Verdict::Missing}) {
    const auto i = static_cast<std::size_t>(v);
    out += fmt::format("  {:<26} {:>9}  of which leaked {}   (commands)\n", to_string(v),
                       f.verdicts[i], f.leaked[i]);
  }
  out += fmt::format("  unbroken, never leaked     {}, of these not proven:\n", f.plain);
  for (const auto& [reason, count] : f.plain_missing) {
    out += fmt::format("    {:<26} {:>9}  {:.2f} %\n", reason, count,
                       100.0 * static_cast<double>(count) / static_cast<double>(f.plain));
  }
  return out + fmt::format("UNSOUND                      {}\n", f.unsound);
}

PolicyFigures run_policies(Server& server, const CampaignOptions& options, std::uint64_t sets,
                           const std::function<PolicyJudge(const SchemaPlan&)>& judge_of) {
  PolicyFigures figures;
  const auto schemas = static_cast<std::uint64_t>(options.schemas);
  for (int i = 0; i < options.schemas && sets > 0; ++i) {
    const int number = options.first_schema + i;
    const SchemaPlan plan = generate_schema(options.seed, number);
    server.load(plan);
    const PolicyJudge judge = judge_of(plan);
    const std::uint64_t base =
        derived_seed(options.seed, 500000 + static_cast<std::uint64_t>(number));
    for (std::uint64_t n = 0; n < (sets + schemas - 1) / schemas; ++n) {
      if (options.deadline > 0 && now() > options.deadline) return figures;
      one_set(server, options, plan, judge, derived_seed(base, n),
              fmt::format("schema {}, set {}", number, n), figures);
    }
  }
  return figures;
}

}  // namespace tenantlint::differential
