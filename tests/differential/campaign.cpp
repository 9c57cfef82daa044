// In: a seed and a number of cases. Out: figures, and each unsound verdict as the smallest
// statement that still shows it. Every case has a seed of its own, so it comes again without its
// predecessors.
#include "tests/differential/campaign.h"

#include <fmt/format.h>

#include <chrono>
#include <cstdio>
#include <fstream>

#include "tests/differential/near_miss.h"
#include "tests/differential/shrink.h"
#include "tests/differential/statement_gen.h"

namespace tenantlint::differential {

using isolation::Verdict;

namespace {

std::size_t index_of(Verdict v) {
  return static_cast<std::size_t>(v);
}

double now() {
  return std::chrono::duration<double>(std::chrono::steady_clock::now().time_since_epoch()).count();
}

std::string schema_text(const SchemaPlan& plan, const std::string& sql) {
  std::string out;
  for (const std::string& line : plan.ddl) {
    // Views and functions that the statement does not name tell nothing.
    const bool table = line.starts_with("CREATE TABLE");
    const std::size_t name = line.starts_with("CREATE VIEW ")       ? 12
                             : line.starts_with("CREATE FUNCTION ") ? 16
                             : table                                ? 13
                                                                    : 0;
    const std::string word = line.substr(name, line.find_first_of(" (", name) - name);
    bool used = name == 0 || sql.find(word) != std::string::npos;
    if (table && !used) {
      for (const std::string& other : plan.ddl) {
        const bool through =
            other.find(" " + word + " ") != std::string::npos && !other.starts_with("CREATE TABLE");
        used = used || through;
      }
    }
    if (used) out += "  " + line + ";\n";
  }
  return out;
}

struct Run {
  Server& server;
  const CampaignOptions& options;
  const SchemaPlan& plan;
  const Judge& judge;
  Figures& figures;
};

bool unsound(Run& run, const NodePtr& tree, Answer like) {
  const std::string sql = print(tree);
  if (run.judge(sql).verdict != Verdict::Proven) return false;
  return compare(run.server, run.plan, sql, true).answer == like;
}

void report(Run& run, const NodePtr& tree, Answer like, const std::string& id,
            const std::string& what) {
  const std::uint64_t failures =
      run.figures.unsound + run.figures.unsound_without + run.figures.weakened_unsound;
  if (failures > static_cast<std::uint64_t>(run.options.max_failures)) return;
  const NodePtr small =
      shrink(tree, [&](const NodePtr& smaller) { return unsound(run, smaller, like); });
  const std::string sql = print(small);
  const Judgement judgement = run.judge(sql);
  const Comparison comparison = compare(run.server, run.plan, sql, true);
  std::string verdicts;
  for (const std::string& line : judgement.occurrences) verdicts += "  " + line + "\n";
  fmt::print("== {}: {}{}\n{}  {};\n{}{}\n", what, id,
             like == Answer::LeaksWithout ? " (only where the tenant is NULL)" : "",
             schema_text(run.plan, sql), sql, verdicts, comparison.evidence);
  std::fflush(stdout);
}

// One weakened statement of one that was proven.
void check_weakened(Run& run, const NodePtr& tree, Random& random, const std::string& id) {
  std::vector<Weakened> all = weakened(tree);
  for (int i = 0; i < run.options.mutants && !all.empty(); ++i) {
    const std::size_t at = static_cast<std::size_t>(random.below(static_cast<int>(all.size())));
    const Weakened one = all[at];
    all.erase(all.begin() + static_cast<std::ptrdiff_t>(at));
    const std::string sql = print(one.tree);
    const Judgement judgement = run.judge(sql);
    if (!judgement.parsed) continue;
    if (judgement.verdict != Verdict::Proven) {
      ++run.figures.weakened;
      continue;
    }
    const Comparison comparison = compare(run.server, run.plan, sql, true);
    if (comparison.answer == Answer::Invalid) continue;
    ++run.figures.weakened;
    if (comparison.answer == Answer::Leaks || comparison.answer == Answer::LeaksWithout) {
      ++run.figures.weakened_unsound;
      report(run, one.tree, comparison.answer, id, "proven although " + one.how);
    } else {
      ++run.figures.weakened_proven;
      if (run.options.verbose) fmt::print("-- proven although {}: {}\n  {};\n", one.how, id, sql);
    }
  }
}

void count(Run& run, const Judgement& judgement, const Comparison& comparison,
           const std::string& sql, const std::string& id, bool plain) {
  Figures& f = run.figures;
  const std::size_t verdict = index_of(judgement.verdict);
  ++f.statements;
  ++f.by_verdict[verdict];
  if (comparison.answer == Answer::NotComparable) {
    ++f.not_comparable;
    return;
  }
  const bool leaks = comparison.answer != Answer::Same;
  if (leaks) {
    ++f.leaked[verdict];
    if (judgement.verdict == Verdict::Unknown) ++f.leaked_unknown[judgement.reason];
    return;
  }
  if (judgement.verdict == Verdict::Missing) ++f.never_missing[judgement.reason];
  if (judgement.verdict == Verdict::Unknown) ++f.never_unknown[judgement.reason];
  if (plain) {
    ++f.plain;
    if (judgement.verdict == Verdict::Missing) ++f.plain_missing[judgement.reason];
    if (judgement.verdict == Verdict::Unknown) ++f.plain_unknown[judgement.reason];
  }
  if (judgement.verdict != Verdict::Proven && run.options.verbose) {
    std::string verdicts;
    for (const std::string& line : judgement.occurrences) verdicts += "    " + line + "\n";
    fmt::print("-- never leaked{}, {} {}: {}\n  {};\n{}", plain ? " and plain" : "",
               to_string(judgement.verdict), judgement.reason, id, sql, verdicts);
  }
}

void one_case(Run& run, std::uint64_t seed, const std::string& id) {
  Random random(seed);
  StatementGenerator generator(run.plan, random);
  NodePtr tree = generator.statement();
  const int changes = random.weighted({50, 40, 10});
  for (int i = 0; i < changes; ++i) near_miss(tree, run.plan, random);
  const std::string sql = print(tree);
  const Judgement judgement = run.judge(sql);
  if (!judgement.parsed) {
    ++run.figures.invalid;
    return;
  }
  const Comparison comparison =
      compare(run.server, run.plan, sql, judgement.verdict == Verdict::Proven);
  if (comparison.answer == Answer::Invalid) {
    ++run.figures.invalid;
    if (run.options.verbose) fmt::print("-- invalid {}: {}\n  {}\n", id, sql, comparison.evidence);
    return;
  }
  count(run, judgement, comparison, sql, id, changes == 0 && generator.plain());
  if (judgement.verdict != Verdict::Proven) return;
  if (comparison.answer == Answer::Leaks || comparison.answer == Answer::LeaksWithout) {
    ++(comparison.answer == Answer::Leaks ? run.figures.unsound : run.figures.unsound_without);
    report(run, tree, comparison.answer, id, "proven, and leaks");
    return;
  }
  check_weakened(run, tree, random, id);
}

double percent(std::uint64_t part, std::uint64_t whole) {
  return whole == 0 ? 0 : 100.0 * static_cast<double>(part) / static_cast<double>(whole);
}

std::uint64_t sum(const std::map<std::string, std::uint64_t>& counts) {
  std::uint64_t out = 0;
  for (const auto& [key, value] : counts) out += value;
  return out;
}

std::string table(const std::map<std::string, std::uint64_t>& counts, std::uint64_t whole) {
  std::string out;
  for (const auto& [key, value] : counts) {
    out += fmt::format("    {:<26} {:>9}  {:.2f} %\n", key, value, percent(value, whole));
  }
  return out;
}

}  // namespace

std::string to_string(const Figures& f) {
  const std::uint64_t comparable = f.statements - f.not_comparable;
  const std::uint64_t leaked = f.leaked[0] + f.leaked[1] + f.leaked[2];
  const std::uint64_t never = comparable - leaked;
  std::string out = fmt::format(
      "statements                   {}   (and {} that PostgreSQL refuses)\n"
      "  not comparable             {}\n"
      "  leaked / never leaked      {} / {}\n",
      f.statements, f.invalid, f.not_comparable, leaked, never);
  for (const Verdict v : {Verdict::Proven, Verdict::Unknown, Verdict::Missing}) {
    out += fmt::format("  {:<26} {:>9}  of which leaked {}\n", to_string(v),
                       f.by_verdict[index_of(v)], f.leaked[index_of(v)]);
  }
  out += fmt::format("  never leaked, yet missing  {:.2f} %\n{}",
                     percent(sum(f.never_missing), never), table(f.never_missing, never));
  out += fmt::format("  never leaked, yet unknown  {:.2f} %\n{}",
                     percent(sum(f.never_unknown), never), table(f.never_unknown, never));
  out += fmt::format(
      "  unbroken, never leaked     {}\n    of these missing         {:.2f} %\n{}"
      "    of these unknown         {:.2f} %\n{}",
      f.plain, percent(sum(f.plain_missing), f.plain), table(f.plain_missing, f.plain),
      percent(sum(f.plain_unknown), f.plain), table(f.plain_unknown, f.plain));
  out += fmt::format("  leaked, and unknown\n{}", table(f.leaked_unknown, leaked));
  const std::uint64_t good = f.weakened - f.weakened_proven - f.weakened_unsound;
  out += fmt::format(
      "weakened statements          {}\n"
      "  no longer proven           {}  {:.2f} %\n"
      "  proven by the rest         {}\n"
      "  proven, and leak           {}\n",
      f.weakened, good, percent(good, f.weakened), f.weakened_proven, f.weakened_unsound);
  out += fmt::format("UNSOUND                      {} (without a tenant: {})\n", f.unsound,
                     f.unsound_without);
  return out;
}

Figures run_statements(Server& server, const CampaignOptions& options,
                       const std::function<Judge(const SchemaPlan&)>& judge_of) {
  Figures figures;
  const auto schemas = static_cast<std::uint64_t>(options.schemas);
  for (int i = 0; i < options.schemas && options.cases > 0; ++i) {
    const int number = options.first_schema + i;
    const SchemaPlan plan = generate_schema(options.seed, number);
    server.load(plan);
    const Judge judge = judge_of(plan);
    Run run{server, options, plan, judge, figures};
    const std::uint64_t base =
        derived_seed(options.seed, 1000 + static_cast<std::uint64_t>(number));
    for (std::uint64_t n = 0; n < (options.cases + schemas - 1) / schemas; ++n) {
      if (options.deadline > 0 && now() > options.deadline) return figures;
      one_case(run, derived_seed(base, n), fmt::format("schema {}, case {}", number, n));
    }
  }
  return figures;
}

void run_file(Server& server, const CampaignOptions& options, const std::string& path) {
  const SchemaPlan plan = generate_schema(options.seed, options.first_schema);
  server.load(plan);
  ProverJudge judge(plan);
  std::ifstream in(path);
  for (std::string line; std::getline(in, line);) {
    if (line.empty() || line.starts_with("--")) continue;
    while (!line.empty() && line.back() == ';') line.pop_back();
    const Judgement judgement = judge(line);
    const Comparison comparison = compare(server, plan, line, true);
    static constexpr const char* kAnswers[] = {"same", "leaks", "leaks without a tenant", "invalid",
                                               "not comparable"};
    fmt::print("{}\n  {} | {}\n", line, to_string(judgement.verdict),
               kAnswers[static_cast<int>(comparison.answer)]);
    for (const std::string& o : judgement.occurrences) fmt::print("  {}\n", o);
    fmt::print("{}", comparison.evidence);
  }
}

}  // namespace tenantlint::differential
