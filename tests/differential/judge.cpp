// In: a generated schema as DDL, statements as text. Out: the prover's verdicts. The schema goes
// the way that migrations go: read, replayed, tenancy by column name.
#include "tests/differential/judge.h"

#include <fmt/format.h>

#include <stdexcept>

#include "analyzer/isolation/prover.h"
#include "analyzer/schema/replay.h"
#include "analyzer/sql/lower.h"
#include "analyzer/sql/script.h"

namespace tenantlint::differential {

static std::string current;

const char* being_judged() {
  return current.c_str();
}

struct ProverJudge::State {
  SourceSet sources;
  sql::Script script;
  schema::Model model;
  std::unique_ptr<schema::Tenancy> tenancy;
  isolation::SourceOptions options;
  std::unique_ptr<isolation::Prover> prover;
};

ProverJudge::ProverJudge(const SchemaPlan& plan) : state_(std::make_unique<State>()) {
  std::string text;
  for (const std::string& line : plan.ddl) text += line + ";\n";
  const FileId file = state_->sources.add("schema.sql", std::move(text));
  state_->script = sql::read_script(state_->sources, file, {});
  schema::Replay replay(state_->model);
  replay.run(state_->script);
  for (const Problem& p : state_->script.problems) throw std::runtime_error(p.message);
  for (const Problem& p : replay.problems()) throw std::runtime_error(p.message);
  schema::TenancyConfig config;
  config.is_shared = [](std::string_view name) {
    return name == "public.tenants" || name == "public.lookup";
  };
  state_->tenancy = std::make_unique<schema::Tenancy>(state_->model, config);
  state_->prover =
      std::make_unique<isolation::Prover>(state_->model, *state_->tenancy, state_->options);
}

ProverJudge::~ProverJudge() = default;

Judgement ProverJudge::operator()(const std::string& sql) {
  Judgement out;
  current = sql;
  Arena arena;
  std::string buffer = sql;
  const auto parsed = sql::parse(buffer, {0, static_cast<std::uint32_t>(buffer.size())}, arena);
  out.parsed = parsed.ok && parsed.statements.size() == 1;
  if (!out.parsed) return out;
  const SqlText text(buffer, kNoFile);
  const isolation::StatementVerdict verdict =
      state_->prover->prove(*parsed.statements[0].tree, text, {});
  out.verdict = verdict.verdict;
  bool found = false;
  for (const isolation::Occurrence& o : verdict.occurrences) {
    if (o.verdict == verdict.verdict && !found) {
      out.reason = o.reason;
      found = true;
    }
    out.occurrences.push_back(fmt::format("{} {} [{}]: {} ({}) {}", o.table, o.alias,
                                          static_cast<int>(o.access), to_string(o.verdict),
                                          o.reason, o.detail));
  }
  return out;
}

Judgement gullible_judge(const std::string& sql) {
  Judgement out;
  const bool mentions = sql.find("tenant_id") != std::string::npos;
  out.verdict = mentions ? isolation::Verdict::Proven : isolation::Verdict::Missing;
  out.reason = mentions ? isolation::reason::kPinned : isolation::reason::kNoPredicate;
  return out;
}

}  // namespace tenantlint::differential
