// tenantlint schema: the schema that the migrations add up to.
#include <fmt/format.h>

#include "analyzer/report/report.h"
#include "analyzer/schema/dump.h"
#include "rules/registry.h"
#include "sql-linter/common.h"
#include "sql-linter/verbs.h"

namespace tenantlint {

int verb_schema(const Options& options) {
  LoadedConfig loaded = load_config(options);
  if (!loaded.ok) return kUsage;
  const std::unique_ptr<Analysis> analysis =
      analyse(analysis_options(options, std::move(loaded.config)));
  std::vector<Output> outputs = options.outputs;
  if (outputs.empty()) outputs.push_back({"text", ""});
  bool delivered = true;
  for (const Output& output : outputs) {
    const std::string text = output.format == "json" ? schema::dump_json(analysis->model)
                                                     : schema::dump_text(analysis->model);
    delivered = deliver(output.file, text) && delivered;
  }
  if (!delivered) return kUsage;
  const std::vector<Finding> none;
  const report::Run run{
      analysis->sources, none, analysis->problems, rules::all(), {}, TENANTLINT_VERSION, "", 0, {}};
  if (!options.quiet) fmt::print(stderr, "{}", report::text(run, {false, false}));
  return analysis->problems.empty() || options.allow_incomplete ? kClean : kIncomplete;
}

}  // namespace tenantlint
