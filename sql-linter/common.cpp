// Configuration, output and environment for the verbs.
#include "sql-linter/common.h"

#include <fmt/format.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <ctime>

#include "analyzer/driver/files.h"
#include "rules/registry.h"

namespace tenantlint {

namespace {

// Upwards from the working directory to the root of the repository.
std::string find_config() {
  std::string up;
  for (int i = 0; i < 64; ++i) {
    const std::string file = up + "tenantlint.toml";
    if (exists(file) && !is_directory(file)) return file;
    if (exists(up + ".git")) break;
    char here[4096];
    if (::realpath(up.empty() ? "." : up.c_str(), here) == nullptr || std::strcmp(here, "/") == 0)
      break;
    up += "../";
  }
  return {};
}

}  // namespace

LoadedConfig load_config(const Options& options) {
  LoadedConfig out;
  const auto is_rule = [](std::string_view word) { return is_rule_word(word, rules::all()); };
  const std::string file = !options.config.empty() ? options.config
                           : options.isolated      ? std::string()
                                                   : find_config();
  if (!file.empty()) {
    const FileContent content = read_file(file);
    if (!content.error.empty()) {
      fmt::print(stderr, "tenantlint: Cannot read '{}': {}\n", file, content.error);
      out.ok = false;
      return out;
    }
    ConfigResult result = read_config(content.text, display_path(file), is_rule);
    for (const ConfigError& e : result.errors) {
      fmt::print(stderr, "{}:{}:{}: error: {}\n", e.file, e.line, e.column, e.message);
      out.ok = false;
    }
    out.config = std::move(result.config);
    out.config.root = options.config.empty() ? parent_folder(file) : std::string();
  }
  for (const std::vector<std::string>* words : {&options.select, &options.ignore}) {
    for (const std::string& word : *words) {
      if (is_rule(word)) continue;
      fmt::print(stderr, "tenantlint: There is no rule '{}'\n", word);
      out.ok = false;
    }
  }
  if (!options.select.empty()) out.config.rules.select = options.select;
  auto& ignore = out.config.rules.ignore;
  ignore.insert(ignore.end(), options.ignore.begin(), options.ignore.end());
  for (const std::string& word : options.severity) {
    const std::size_t equals = word.find('=');
    const std::string rule = word.substr(0, equals);
    if (!is_rule(rule)) {
      fmt::print(stderr, "tenantlint: There is no rule '{}'\n", rule);
      out.ok = false;
    }
    out.config.rules.severity.emplace_back(
        rule, parse_severity(word.substr(equals + 1)).value_or(Severity::Warning));
  }
  return out;
}

AnalysisOptions analysis_options(const Options& options, Config config) {
  AnalysisOptions out;
  out.config = std::move(config);
  out.paths = options.paths;
  out.baseline_schemas = options.baseline_schemas;
  out.stdin_name = options.stdin_filename;
  out.jobs = options.jobs;
  return out;
}

report::CoverageCounts coverage_of(const Analysis& analysis) {
  const Coverage& c = analysis.coverage;
  return {c.files, c.statements, c.queries, c.proven, c.missing, c.unknown, 0};
}

bool deliver(const std::string& file, std::string_view text) {
  if (!file.empty() && file != "-") {
    const std::string fault = write_whole_file(file, text);
    if (!fault.empty()) fmt::print(stderr, "tenantlint: {}\n", fault);
    return fault.empty();
  }
  const bool written =
      std::fwrite(text.data(), 1, text.size(), stdout) == text.size() && std::fflush(stdout) == 0;
  if (!written)
    fmt::print(stderr, "tenantlint: Cannot write to standard output: {}\n", std::strerror(errno));
  return written;
}

bool use_colour(const Options& options) {
  if (options.color != "auto") return options.color == "always";
  const auto set = [](const char* name) {
    const char* value = std::getenv(name);
    return value != nullptr && *value != '\0';
  };
  if (set("NO_COLOR")) return false;
  if (set("FORCE_COLOR")) return true;
  const char* term = std::getenv("TERM");
  return ::isatty(STDOUT_FILENO) != 0 && term != nullptr && std::strcmp(term, "dumb") != 0;
}

std::string today() {
  const char* epoch = std::getenv("SOURCE_DATE_EPOCH");
  const std::time_t now = epoch != nullptr
                              ? static_cast<std::time_t>(std::strtoll(epoch, nullptr, 10))
                              : std::time(nullptr);
  std::tm utc{};
  ::gmtime_r(&now, &utc);
  return fmt::format("{:04}-{:02}-{:02}", utc.tm_year + 1900, utc.tm_mon + 1, utc.tm_mday);
}

}  // namespace tenantlint
