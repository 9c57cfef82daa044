// tenantlint check: the analysis, its findings, and an exit code that never lies.
#include <fmt/format.h>

#include <map>

#include "analyzer/sql/lower.h"
#include "rules/registry.h"
#include "sql-linter/common.h"
#include "sql-linter/verbs.h"

namespace tenantlint {

namespace {

int exit_code(const Options& options, const Analysis& analysis, const LintResult& lint) {
  if (!analysis.problems.empty() && !options.allow_incomplete) return kIncomplete;
  for (const Finding& f : lint.findings) {
    if (f.status == FindingStatus::New && f.severity >= options.fail_on) {
      return options.exit_zero ? kClean : kFindings;
    }
  }
  return kClean;
}

void say(const Options& options, const Analysis& analysis, const LintResult& lint) {
  if (options.verbose) {
    for (const std::string& message : analysis.messages) fmt::print(stderr, "{}\n", message);
  }
  if (options.quiet) return;
  if (lint.app_roles_inferred) {
    fmt::print(
        stderr,
        "No application role is configured ([roles] app); taken for it, by their grants: {}\n",
        fmt::join(lint.app_roles, ", "));
  }
}

std::string statistics(const LintResult& lint) {
  std::map<std::uint16_t, std::pair<std::string_view, std::size_t>> count;
  for (const Finding& f : lint.findings) {
    auto& entry = count[f.rule->number];
    entry.first = f.rule->name;
    ++entry.second;
  }
  std::string out;
  for (const auto& [number, entry] : count)
    out += fmt::format("{:6}  TL{}  {}\n", entry.second, number, entry.first);
  return out;
}

}  // namespace

int verb_check(const Options& options) {
  LoadedConfig loaded = load_config(options);
  if (!loaded.ok) return kUsage;
  const Config config = loaded.config;
  // Kept until the process ends, and not taken apart then: that would cost as much as the rules do.
  static const Analysis* const analysis =
      analyse(analysis_options(options, std::move(loaded.config))).release();
  const LintResult lint = run_rules(*analysis, config, rules::all(), today());
  const int code = exit_code(options, *analysis, lint);
  std::vector<FileId> analysed;
  for (FileId id = 0; id < analysis->sources.size(); ++id) analysed.push_back(id);
  const report::Run run{
      analysis->sources,      lint.findings,      analysis->problems,     rules::all(),
      coverage_of(*analysis), TENANTLINT_VERSION, sql::grammar_version(), code,
      std::move(analysed)};
  say(options, *analysis, lint);
  std::vector<Output> outputs = options.outputs;
  if (outputs.empty()) outputs.push_back({"full", ""});
  bool delivered = true;
  for (const Output& output : outputs) {
    const bool colour = output.file.empty() && use_colour(options);
    const std::string text = output.format == "json"      ? report::json(run)
                             : output.format == "jsonl"   ? report::jsonl(run)
                             : output.format == "sarif"   ? report::sarif(run)
                             : output.format == "gitlab"  ? report::gitlab(run)
                             : output.format == "concise" ? report::text(run, {colour, false})
                                                          : report::text(run, {colour, true});
    delivered = deliver(output.file, text) && delivered;
  }
  if (options.statistics) delivered = deliver("", statistics(lint)) && delivered;
  return delivered ? code : kUsage;
}

}  // namespace tenantlint
