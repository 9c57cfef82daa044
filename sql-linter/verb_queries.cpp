// tenantlint queries: what is proven about each statement of the application, relation by relation.
// Exit code 1 if a relation is not tied to the tenant; unknown alone is no failure, it is shown.
#include <fmt/format.h>

#include "analyzer/report/report.h"
#include "analyzer/sql/lower.h"
#include "rules/registry.h"
#include "sql-linter/common.h"
#include "sql-linter/verbs.h"

namespace tenantlint {

namespace {

int exit_code(const Options& options, const Analysis& analysis) {
  if (!analysis.problems.empty() && !options.allow_incomplete) return kIncomplete;
  return analysis.coverage.missing > 0 && !options.exit_zero ? kFindings : kClean;
}

}  // namespace

int verb_queries(const Options& options) {
  LoadedConfig loaded = load_config(options);
  if (!loaded.ok) return kUsage;
  const std::vector<std::string> patterns = loaded.config.sql.queries;
  // Kept until the process ends, as in verb_check.
  AnalysisOptions wanted = analysis_options(options, std::move(loaded.config));
  wanted.others_are_queries = true;
  static Analysis* const analysis = analyse(wanted).release();
  if (analysis->queries.empty() && analysis->problems.empty()) {
    analysis->problems.push_back(
        {"no-input",
         options.paths.empty()
             ? fmt::format("No queries found: nothing matches {}", fmt::join(patterns, ", "))
             : fmt::format("No queries among the paths that were given; queries are {}",
                           fmt::join(patterns, ", ")),
         {}});
  }
  const int code = exit_code(options, *analysis);
  const std::vector<Finding> none;
  const report::Run run{analysis->sources,
                        none,
                        analysis->problems,
                        rules::all(),
                        coverage_of(*analysis),
                        TENANTLINT_VERSION,
                        sql::grammar_version(),
                        code,
                        {}};
  std::vector<Output> outputs = options.outputs;
  if (outputs.empty()) outputs.push_back({"text", ""});
  bool delivered = true;
  for (const Output& output : outputs) {
    const bool colour = output.file.empty() && use_colour(options);
    const std::string text = output.format == "json"
                                 ? report::queries_json(run, analysis->queries)
                                 : report::queries_text(run, analysis->queries, colour);
    delivered = deliver(output.file, text) && delivered;
  }
  if (!options.quiet) fmt::print(stderr, "{}", report::text(run, {false, false}));
  return delivered ? code : kUsage;
}

}  // namespace tenantlint
