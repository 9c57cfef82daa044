// What several verbs need: the configuration in force, the analysis, writing results.
#pragma once

#include <string>
#include <string_view>

#include "analyzer/driver/analysis.h"
#include "analyzer/lint/config_reader.h"
#include "analyzer/report/report.h"
#include "sql-linter/options.h"

namespace tenantlint {

// The configuration of --config, or the nearest tenantlint.toml upwards, or defaults; with the
// options of the command line laid over it. Faults are said on standard error, and `ok` is false.
struct LoadedConfig {
  Config config;
  bool ok = true;
};
LoadedConfig load_config(const Options& options);

AnalysisOptions analysis_options(const Options& options, Config config);

// The numbers of a run, as reports show them.
report::CoverageCounts coverage_of(const Analysis& analysis);

// To a file (whole or not at all) or to standard output. False, with a message, if that failed.
bool deliver(const std::string& file, std::string_view text);

// Is standard output a terminal that wants colour?
bool use_colour(const Options& options);

// Today, or the day of SOURCE_DATE_EPOCH, as YYYY-MM-DD in UTC.
std::string today();

}  // namespace tenantlint
