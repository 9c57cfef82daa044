// Reads the command line with CLI11 and turns its faults into ours.
#include "sql-linter/options.h"

#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <array>
#include <cstdio>

#include "analyzer/lint/suggest.h"

namespace tenantlint {

namespace {

constexpr std::array<std::string_view, 7> kVerbs = {"check",   "queries", "schema", "rules",
                                                    "explain", "config",  "version"};
constexpr std::array<std::string_view, 6> kFormats = {"full",  "concise", "json",
                                                      "jsonl", "sarif",   "gitlab"};

constexpr const char* kFooter =
    R"(Exit codes: 0 clean, 1 findings, 2 usage or internal error, 3 analysis incomplete.

Examples:
  tenantlint check                                  what tenantlint.toml says, or migrations/
  tenantlint check db/migrations --fail-on error    one folder; only errors fail
  tenantlint check --output-format full --output-format sarif=tenantlint.sarif
  tenantlint queries                                what is proven about each query
  tenantlint explain table-without-rls              why a rule exists, what it cannot see
)";

struct Raw {
  std::string fail_on = "warning";
  std::vector<std::string> formats;
};

void add_common(CLI::App& app, Options& o, Raw& raw) {
  app.add_option("PATH", o.paths, "Files or folders; none: what the configuration says");
  app.add_option("--config", o.config, "Use this tenantlint.toml")->type_name("FILE");
  app.add_flag("--isolated", o.isolated, "Ignore all configuration files");
  app.add_option("--output-format", raw.formats, "FORMAT or FORMAT=FILE; may be repeated")
      ->type_name("FMT[=FILE]");
  app.add_option("--baseline-schema", o.baseline_schemas,
                 "Replay FILE first; its objects are never reported")
      ->type_name("FILE");
  app.add_option("--jobs", o.jobs, "Threads; 0: one for each core")->type_name("N");
  app.add_option("--color", o.color, "auto, always or never")
      ->check(CLI::IsMember({"auto", "always", "never"}));
  app.add_flag("-q,--quiet", o.quiet, "Say nothing on standard error but faults");
  // Repeatable options take one value each; what follows is a path.
  for (CLI::Option* option :
       app.get_options([](const CLI::Option* x) { return !x->get_positional(); })) {
    option->allow_extra_args(false);
  }
  app.add_flag("-v,--verbose", o.verbose, "Say what was found, and how it was understood");
  app.add_flag("--allow-incomplete", o.allow_incomplete,
               "Problems do not fail the run (exit code 3)");
}

void add_check(CLI::App& app, Options& o, Raw& raw) {
  add_common(app, o, raw);
  app.add_option("--select", o.select, "Only these rules: names, ids, groups, prefixes")
      ->delimiter(',')
      ->type_name("RULES");
  app.add_option("--ignore", o.ignore, "Not these rules")
      ->delimiter(',')
      ->allow_extra_args(false)
      ->type_name("RULES");
  app.add_option("--severity", o.severity, "Set the severity of a rule; may be repeated")
      ->allow_extra_args(false)
      ->type_name("RULE=LEVEL");
  app.add_option("--fail-on", raw.fail_on, "Lowest severity that fails: error, warning or note")
      ->type_name("LEVEL");
  app.add_option("--stdin-filename", o.stdin_filename,
                 "Take the content of this file from standard input")
      ->type_name("NAME");
  app.add_flag("--statistics", o.statistics, "Count the findings by rule");
  app.add_flag("--exit-zero", o.exit_zero, "Findings do not fail the run (exit code 1)");
}

int fault(const std::string& message) {
  fmt::print(stderr, "tenantlint: {}\nTry 'tenantlint --help'.\n", message);
  return kUsage;
}

// Formats and levels that CLI11 cannot check by itself. An empty string if all is well.
std::string settle(Options& o, const Raw& raw) {
  if (!parse_severity(raw.fail_on)) {
    return fmt::format("--fail-on is error, warning or note, not '{}'", raw.fail_on);
  }
  o.fail_on = parse_severity(raw.fail_on).value_or(Severity::Warning);
  for (const std::string& word : raw.formats) {
    const std::size_t equals = word.find('=');
    Output out{word.substr(0, equals), equals == std::string::npos ? "" : word.substr(equals + 1)};
    const bool shown = o.verb == "queries" || o.verb == "schema" || o.verb == "rules";
    const bool known =
        shown ? out.format == "text" || out.format == "json"
              : std::find(kFormats.begin(), kFormats.end(), out.format) != kFormats.end();
    if (!known) {
      return fmt::format("Unknown output format '{}'{}", out.format, suggest(out.format, kFormats));
    }
    if (equals != std::string::npos && out.file.empty())
      return "--output-format FMT= needs a file name";
    o.outputs.push_back(std::move(out));
  }
  for (const std::string& word : o.severity) {
    const std::size_t equals = word.find('=');
    if (equals == std::string::npos || !parse_severity(word.substr(equals + 1))) {
      return fmt::format("--severity is RULE=error, RULE=warning or RULE=note, not '{}'", word);
    }
  }
  return {};
}

}  // namespace

Parsed parse_options(int argc, char** argv) {
  Parsed out;
  Options& o = out.options;
  Raw raw;
  CLI::App app(
      "Proves that a PostgreSQL application with many tenants in one schema cannot mix them up.",
      "tenantlint");
  app.footer(kFooter);
  app.require_subcommand(1);
  app.failure_message(CLI::FailureMessage::simple);
  CLI::App* check = app.add_subcommand("check", "Lint migrations and queries");
  CLI::App* queries =
      app.add_subcommand("queries", "Show the verdict of every query, relation by relation");
  CLI::App* schema = app.add_subcommand("schema", "Show the schema that the migrations add up to");
  CLI::App* rules = app.add_subcommand("rules", "List all rules, one line each");
  CLI::App* explain = app.add_subcommand("explain", "Explain a rule");
  CLI::App* config = app.add_subcommand(
      "config", "show, check or schema: the configuration in force, its faults, its form");
  CLI::App* version = app.add_subcommand("version", "Print the version");
  add_check(*check, o, raw);
  add_common(*queries, o, raw);
  queries->add_flag("--exit-zero", o.exit_zero, "What is missing does not fail the run");
  add_common(*schema, o, raw);
  rules->add_option("--output-format", raw.formats, "text or json")->type_name("FMT");
  explain->add_option("RULE", o.paths, "Name, id or number of a rule")->required();
  config->add_option("WHAT", o.paths, "show, check or schema")->required();
  config->add_option("--config", o.config, "Use this tenantlint.toml")->type_name("FILE");
  config->add_flag("--isolated", o.isolated, "Ignore all configuration files");
  version->add_flag("--json", o.json, "As JSON");
  const std::string first = argc > 1 ? argv[1] : "";
  if (first == "--version" || first == "-V") {
    o.verb = "version";
    return out;
  }
  if (!first.empty() && first[0] != '-' &&
      std::find(kVerbs.begin(), kVerbs.end(), first) == kVerbs.end()) {
    out.exit_code = fault(fmt::format("There is no command '{}'{}", first, suggest(first, kVerbs)));
    return out;
  }
  try {
    app.parse(argc, argv);
  } catch (const CLI::CallForHelp&) {
    const auto chosen = app.get_subcommands();
    fmt::print("{}", chosen.empty() ? app.help() : chosen[0]->help());
    out.exit_code = kClean;
    return out;
  } catch (const CLI::ParseError& e) {
    out.exit_code = argc > 1 ? fault(e.what()) : fault("No command");
    return out;
  }
  for (const CLI::App* verb : app.get_subcommands()) o.verb = verb->get_name();
  const std::string wrong = settle(o, raw);
  if (!wrong.empty()) out.exit_code = fault(wrong);
  return out;
}

}  // namespace tenantlint
