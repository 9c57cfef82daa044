// From files to facts. This is the only place where the stages meet the file system.
#include "analyzer/driver/analysis.h"

#include <fmt/format.h>

#include <algorithm>
#include <mutex>
#include <thread>
#include <unordered_map>
#include <unordered_set>

#include "analyzer/driver/files.h"
#include "analyzer/driver/migrations.h"
#include "analyzer/driver/parallel.h"
#include "analyzer/driver/queries.h"
#include "analyzer/lint/policy_facts.h"
#include "analyzer/lint/waiver.h"
#include "analyzer/schema/replay.h"
#include "analyzer/text/glob.h"

namespace tenantlint {

namespace {

enum class Role : std::uint8_t { Baseline, Migration, Query };

struct Input {
  std::string path;
  Role role = Role::Migration;
  sql::Sections sections = sql::Sections::Auto;
};

class Pipeline {
 public:
  Pipeline(const AnalysisOptions& options, Analysis& out) : options_(options), out_(out) {}

  void run();

 private:
  void discover();
  void add_named(const std::vector<std::string>& named);
  void add_set(const std::vector<std::string>& patterns, Role role);
  void folder_problems(const FoundFiles& files, const std::string& root);
  void add_ordered(std::vector<std::string> paths, bool given_order);
  bool configured(const std::string& path, const std::vector<std::string>& patterns) const;
  std::string from_root(const std::string& path) const;
  void read_and_replay();
  void judge();
  FileId read(const std::string& path);
  void problem(std::string_view code, std::string message, Place place = {}) {
    out_.problems.push_back({code, std::move(message), place});
  }

  const AnalysisOptions& options_;
  Analysis& out_;
  std::vector<Input> inputs_;
  std::vector<std::string> asked_;  // paths whose findings are wanted; empty: all
  std::vector<Ambiguity> ambiguities_;
  std::vector<std::string> start_path_;
  unsigned jobs_ = 1;
};

// The path as patterns see it: relative to the folder of the configuration.
std::string Pipeline::from_root(const std::string& path) const {
  const std::string& root = options_.config.root;
  if (!root.empty() && root != "." && path.starts_with(root + "/"))
    return path.substr(root.size() + 1);
  return path;
}

bool Pipeline::configured(const std::string& path, const std::vector<std::string>& patterns) const {
  return std::any_of(patterns.begin(), patterns.end(),
                     [&](const std::string& p) { return glob_match(p, from_root(path)); });
}

void Pipeline::add_ordered(std::vector<std::string> paths, bool given_order) {
  MigrationOrder order =
      order_migrations(std::move(paths), options_.config.sql.format, given_order,
                       [](const std::string& path) { return read_file(path).text; });
  if (order.files.empty() && order.left_out.empty()) return;
  out_.messages.push_back(
      fmt::format("{} migrations, format {}: {}", order.files.size(), order.format, order.why));
  for (const std::string& path : order.left_out)
    out_.messages.push_back(fmt::format("not run forward: {}", path));
  for (MigrationFile& file : order.files)
    inputs_.push_back({std::move(file.path), Role::Migration, file.sections});
  ambiguities_.insert(ambiguities_.end(), order.ambiguities.begin(), order.ambiguities.end());
}

void Pipeline::add_set(const std::vector<std::string>& patterns, Role role) {
  const std::string& root = options_.config.root;
  std::vector<std::string> found;
  std::unordered_set<std::string> seen;
  for (const std::string& pattern : patterns) {
    FoundFiles files = find_files(root, pattern);
    for (const std::string& path : files.paths) {
      const std::string full = display_path(join_path(root, path));
      if (seen.insert(full).second) found.push_back(full);
    }
    folder_problems(files, root);
  }
  if (role == Role::Migration) return add_ordered(std::move(found), false);
  for (std::string& path : found) inputs_.push_back({std::move(path), role, sql::Sections::None});
}

void Pipeline::folder_problems(const FoundFiles& files, const std::string& root) {
  for (const std::string& loop : files.loops) {
    problem("directory-loop",
            fmt::format("The folder '{}' links back into itself; it was read once", loop));
  }
  for (const auto& [folder, why] : files.unreadable) {
    const std::string shown = display_path(join_path(root, folder));
    problem("unreadable-file", fmt::format("Cannot read the folder '{}': {}", shown, why));
  }
}

// Files and folders of the command line. A file that belongs to the configured migrations brings
// all of them in, and is what is reported on; other files are migrations in the order in which they
// are given.
void Pipeline::add_named(const std::vector<std::string>& named) {
  std::vector<std::string> others;
  bool whole_set = false;
  bool queries = false;
  for (const std::string& path : named) {
    if (is_directory(path)) {
      FoundFiles files = find_files(path == "/" ? path : display_path(path), "**/*.sql");
      bool any = false;
      for (const std::string& name : files.paths) {
        const std::string full = display_path(join_path(path, name));
        any = true;
        if (configured(full, options_.config.sql.queries)) {
          queries = true;
        } else if (configured(full, options_.config.sql.migrations)) {
          whole_set = true;
        } else {
          others.push_back(full);
        }
      }
      folder_problems(files, path);
      if (!any) problem("no-input", fmt::format("There is no .sql file in '{}'", path));
      asked_.push_back(display_path(path) + "/");
      continue;
    }
    const std::string shown = display_path(path);
    asked_.push_back(shown);
    const bool plain = options_.config.sql.format == "plain" && !options_.others_are_queries;
    if (plain && !configured(shown, options_.config.sql.queries)) {
      others.push_back(shown);
    } else if (configured(shown, options_.config.sql.queries)) {
      queries = true;
    } else if (configured(shown, options_.config.sql.migrations)) {
      whole_set = true;
    } else {
      others.push_back(shown);
    }
  }
  const bool judged = options_.others_are_queries && !others.empty();
  if (whole_set || queries || judged) add_set(options_.config.sql.migrations, Role::Migration);
  if (queries) add_set(options_.config.sql.queries, Role::Query);
  if (judged) {
    for (std::string& path : others)
      inputs_.push_back({std::move(path), Role::Query, sql::Sections::None});
    return;
  }
  const bool folder =
      std::any_of(named.begin(), named.end(), [](const std::string& p) { return is_directory(p); });
  if (!others.empty()) add_ordered(std::move(others), !folder);
}

void Pipeline::discover() {
  for (const std::string& path : options_.baseline_schemas)
    inputs_.push_back({path, Role::Baseline, sql::Sections::Auto});
  const std::size_t before = inputs_.size();
  std::vector<std::string> named = options_.paths;
  if (!options_.stdin_name.empty()) named.push_back(options_.stdin_name);
  const bool everything = named.empty() || (named.size() == 1 && display_path(named[0]) == ".");
  if (everything) {
    add_set(options_.config.sql.migrations, Role::Migration);
    add_set(options_.config.sql.queries, Role::Query);
  } else {
    add_named(named);
  }
  // A new file of the editor's, that is not on the disk yet, comes last.
  if (!options_.stdin_name.empty()) {
    const std::string shown = display_path(options_.stdin_name);
    const bool there = std::any_of(inputs_.begin(), inputs_.end(),
                                   [&](const Input& i) { return i.path == shown; });
    const bool query = configured(shown, options_.config.sql.queries);
    if (!there && query) inputs_.push_back({shown, Role::Query, sql::Sections::None});
    if (!there && !query) inputs_.push_back({shown, Role::Migration, sql::Sections::Auto});
  }
  if (inputs_.size() > before) return;
  out_.no_input = true;
  problem("no-input", everything ? fmt::format("No migrations found: nothing matches {}",
                                               fmt::join(options_.config.sql.migrations, ", "))
                                 : std::string("No SQL file among the paths that were given"));
}

FileId Pipeline::read(const std::string& path) {
  const bool from_stdin = !options_.stdin_name.empty() && path == display_path(options_.stdin_name);
  FileContent content = from_stdin ? read_stdin() : read_file(path);
  const FileId id = out_.sources.add(display_path(path), std::move(content.text));
  if (!content.error.empty()) {
    problem("unreadable-file", fmt::format("Cannot read '{}': {}", path, content.error),
            {id, 0, 0, Extent::Range});
  }
  return id;
}

void Pipeline::read_and_replay() {
  std::vector<FileId> files;
  for (const Input& input : inputs_) files.push_back(read(input.path));
  out_.scripts.resize(inputs_.size());
  sql::ScriptOptions common;
  for (const auto& [name, value] : options_.config.sql.placeholders)
    common.placeholders.emplace(name, value);
  std::mutex include_mutex;
  common.include = [&](std::string_view name, FileId from, bool relative) -> std::optional<FileId> {
    const std::lock_guard lock(include_mutex);
    const std::string folder = relative ? parent_folder(out_.sources[from].path()) : std::string();
    const std::string path = join_path(folder, std::string(name));
    FileContent content = read_file(path);
    if (!content.error.empty()) return std::nullopt;
    return out_.sources.add(display_path(path), std::move(content.text));
  };
  schema::Replay replay(out_.model);
  const auto parse = [&](std::size_t i) {
    sql::ScriptOptions options = common;
    options.sections = inputs_[i].sections;
    out_.scripts[i] =
        std::make_unique<sql::Script>(sql::read_script(out_.sources, files[i], options));
  };
  const auto consume = [&](std::size_t i) {
    sql::Script& script = *out_.scripts[i];
    for (Problem& p : script.problems) out_.problems.push_back(std::move(p));
    script.problems.clear();
    switch (inputs_[i].role) {
      case Role::Baseline: replay.run_baseline(script); return;
      case Role::Migration:
        replay.run(script);
        ++out_.coverage.files;
        out_.coverage.statements += script.statements.size();
        // The trees that the model needs stay; which statement stands where is asked by waivers.
        script.details = Arena();
        for (sql::ScriptStatement& s : script.statements) s.tree = nullptr;
        if (!script.has_waivers) std::vector<sql::ScriptStatement>().swap(script.statements);
        return;
      case Role::Query:
        ++out_.coverage.files;
        out_.coverage.statements += script.statements.size();
        return;
    }
  };
  const unsigned cores = std::max(1U, std::thread::hardware_concurrency());
  jobs_ = options_.jobs == 0 ? cores : options_.jobs;
  parse_in_order(inputs_.size(), jobs_, parse, consume);
  start_path_ = replay.start_path();
  for (Problem& p : replay.problems()) out_.problems.push_back(std::move(p));
}

// The application's statements, against the schema that is now complete.
void Pipeline::judge() {
  std::vector<const sql::Script*> scripts;
  for (std::size_t i = 0; i < inputs_.size(); ++i) {
    const sql::Script& script = *out_.scripts[i];
    if (inputs_[i].role == Role::Query && out_.reported[script.file]) scripts.push_back(&script);
  }
  const QueryContext context{out_.sources,    out_.model,  *out_.tenancy,
                             options_.config, start_path_, jobs_};
  out_.queries = judge_queries(context, scripts);
  std::vector<QueryFacts> bodies = judge_functions(context, out_.reported);
  std::move(bodies.begin(), bodies.end(), std::back_inserter(out_.queries));
  Coverage& coverage = out_.coverage;
  for (const QueryFacts& query : out_.queries) {
    if (query.parsed && !query.judged.is_query) continue;
    ++coverage.queries;
    switch (query.judged.verdict) {
      case isolation::Verdict::Proven: ++coverage.proven; break;
      case isolation::Verdict::Missing: ++coverage.missing; break;
      case isolation::Verdict::Unknown: ++coverage.unknown; break;
    }
  }
}

void Pipeline::run() {
  discover();
  read_and_replay();
  out_.reported.assign(out_.sources.size(), asked_.empty());
  for (FileId id = 0; id < out_.sources.size(); ++id) {
    const std::string& path = out_.sources[id].path();
    for (const std::string& asked : asked_) {
      if (path == asked || (asked.ends_with('/') && path.starts_with(asked)))
        out_.reported[id] = true;
    }
  }
  // What a baseline schema holds is somebody else's.
  for (std::size_t i = 0; i < inputs_.size(); ++i) {
    if (inputs_[i].role == Role::Baseline) out_.reported[i] = false;
  }
  std::unordered_map<std::string, FileId> by_path;
  for (FileId id = 0; id < out_.sources.size(); ++id) by_path.emplace(out_.sources[id].path(), id);
  for (const Ambiguity& a : ambiguities_) {
    const Place first{by_path[a.first], 0, 0, Extent::Token};
    const Place second{by_path[a.second], 0, 0, Extent::Token};
    out_.migrations.ambiguities.push_back({a.first, a.second, a.reason, a.detail, first, second});
  }
  const auto key = [&](const Problem& p) {
    return std::pair(p.place.known() ? out_.sources[p.place.file].path() : std::string(),
                     p.place.begin);
  };
  std::stable_sort(out_.problems.begin(), out_.problems.end(),
                   [&](const Problem& a, const Problem& b) { return key(a) < key(b); });
  out_.tenancy =
      std::make_unique<schema::Tenancy>(out_.model, tenancy_config(options_.config.tenancy));
  judge();
}

}  // namespace

std::unique_ptr<Analysis> analyse(const AnalysisOptions& options) {
  auto out = std::make_unique<Analysis>();
  Pipeline(options, *out).run();
  return out;
}

LintResult run_rules(const Analysis& analysis, const Config& config,
                     std::span<const RuleEntry> rules, std::string_view today) {
  LintInput input;
  input.rules = rules;
  input.config = &config;
  input.sources = &analysis.sources;
  input.model = &analysis.model;
  input.tenancy = analysis.tenancy.get();
  input.migrations = analysis.migrations;
  input.queries = analysis.queries;
  // Trees may be deep: the prover too wants the parser's stack.
  const SchemaFacts schema = make_facts(analysis.model, *analysis.tenancy, config);
  const isolation::SourceOptions sources = source_options(config.tenancy);
  std::unique_ptr<PolicyJudgement> policies;
  if (!analysis.model.policies.empty()) {
    parse_in_order(
        1, 1, [&](std::size_t) { policies = judge_policies(schema, sources); }, [](std::size_t) {});
  }
  if (policies != nullptr) input.policies = &policies->facts();
  // A waiver names its rules one by one: a group or "all" would waive what nobody has seen yet.
  const auto is_rule = [&](std::string_view word) { return names_rule(word, rules); };
  for (const auto& script : analysis.scripts) {
    if (script == nullptr || !script->has_waivers) continue;
    for (Waiver& w :
         read_waivers(analysis.sources[script->file], script->file, *script, is_rule, today)) {
      input.waivers.push_back(std::move(w));
    }
  }
  input.reported = [&](FileId id) {
    return id < analysis.reported.size() && analysis.reported[id];
  };
  return lint(std::move(input));
}

}  // namespace tenantlint
