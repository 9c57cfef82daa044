// Reads tenantlint.toml. toml++ gives every node its position, which each message carries.
#include "analyzer/lint/config_reader.h"

#include <fmt/format.h>

#include <toml++/toml.h>
#include <algorithm>
#include <array>

#include "analyzer/lint/suggest.h"

namespace tenantlint {

namespace {

class Reader {
 public:
  Reader(ConfigResult& out, const std::string& file,
         const std::function<bool(std::string_view)>& is_rule)
      : out_(out), file_(file), is_rule_(is_rule) {}

  void read(const toml::table& root);

 private:
  void error(const toml::node& node, std::string message) {
    error(node.source(), std::move(message));
  }
  void error(const toml::source_region& at, std::string message) {
    out_.errors.push_back({std::move(message), file_, at.begin.line, at.begin.column});
  }
  template <std::size_t N>
  void keys(const toml::table& table, std::string_view where,
            const std::array<std::string_view, N>& known) {
    for (const auto& [key, value] : table) {
      const std::string_view name = key.str();
      if (std::find(known.begin(), known.end(), name) != known.end()) continue;
      error(key.source(),
            fmt::format("Unknown key '{}'{}{}", name,
                        where.empty() ? "" : fmt::format(" in [{}]", where), suggest(name, known)));
    }
  }
  const toml::table* section(const toml::table& root, std::string_view name) {
    const toml::node* node = root.get(name);
    if (node == nullptr) return nullptr;
    if (node->as_table() == nullptr) error(*node, fmt::format("'{}' must be a table", name));
    return node->as_table();
  }
  void text(const toml::table& t, std::string_view key, std::string& out) {
    const toml::node* node = t.get(key);
    if (node == nullptr) return;
    if (const auto* value = node->as_string()) {
      out = value->get();
    } else {
      error(*node, fmt::format("'{}' must be a string", key));
    }
  }
  void flag(const toml::table& t, std::string_view key, bool& out) {
    const toml::node* node = t.get(key);
    if (node == nullptr) return;
    if (const auto* value = node->as_boolean()) {
      out = value->get();
    } else {
      error(*node, fmt::format("'{}' must be true or false", key));
    }
  }
  void strings(const toml::table& t, std::string_view key, std::vector<std::string>& out) {
    const toml::node* node = t.get(key);
    if (node == nullptr) return;
    const toml::array* list = node->as_array();
    if (list == nullptr) return error(*node, fmt::format("'{}' must be a list of strings", key));
    out.clear();
    for (const toml::node& item : *list) {
      if (const auto* value = item.as_string()) {
        out.push_back(value->get());
      } else {
        error(item, fmt::format("'{}' must be a list of strings", key));
      }
    }
  }
  void rule_names(const toml::table& t, std::string_view key, std::vector<std::string>& out) {
    strings(t, key, out);
    for (const std::string& name : out) {
      if (!is_rule_(name)) error(*t.get(key), fmt::format("Unknown rule '{}'", name));
    }
  }
  void severities(const toml::table& t, std::vector<std::pair<std::string, Severity>>& out) {
    const toml::table* list = section(t, "severity");
    if (list == nullptr) return;
    for (const auto& [key, value] : *list) {
      const auto word = value.value<std::string>();
      const std::optional<Severity> level = parse_severity(word.value_or(""));
      if (!is_rule_(key.str())) error(key.source(), fmt::format("Unknown rule '{}'", key.str()));
      if (!level) error(value, "A severity is \"error\", \"warning\" or \"note\"");
      out.emplace_back(std::string(key.str()), level.value_or(Severity::Warning));
    }
  }
  void tenancy(const toml::table& t);
  void sql(const toml::table& t);
  void cpp(const toml::table& t);
  void overrides(const toml::node& node);

  ConfigResult& out_;
  const std::string& file_;
  const std::function<bool(std::string_view)>& is_rule_;
};

void Reader::tenancy(const toml::table& t) {
  TenancyOptions& o = out_.config.tenancy;
  keys(t, "tenancy",
       std::array<std::string_view, 6>{"columns", "settings", "functions", "shared", "strict",
                                       "table"});
  strings(t, "columns", o.columns);
  strings(t, "settings", o.settings);
  strings(t, "functions", o.functions);
  strings(t, "shared", o.shared);
  flag(t, "strict", o.strict);
  const toml::node* tables = t.get("table");
  if (tables == nullptr) return;
  const toml::array* list = tables->as_array();
  if (list == nullptr) return error(*tables, "'tenancy.table' is written [[tenancy.table]]");
  for (const toml::node& item : *list) {
    const toml::table* entry = item.as_table();
    if (entry == nullptr) continue;
    keys(*entry, "tenancy.table", std::array<std::string_view, 2>{"name", "column"});
    TenancyOptions::Table table;
    text(*entry, "name", table.name);
    text(*entry, "column", table.column);
    if (table.name.empty() || table.column.empty()) {
      error(item, "[[tenancy.table]] needs 'name' and 'column'");
    } else {
      o.tables.push_back(std::move(table));
    }
  }
}

void Reader::sql(const toml::table& t) {
  SqlOptions& o = out_.config.sql;
  keys(t, "sql",
       std::array<std::string_view, 4>{"migrations", "queries", "format", "placeholders"});
  strings(t, "migrations", o.migrations);
  strings(t, "queries", o.queries);
  text(t, "format", o.format);
  constexpr std::array<std::string_view, 14> kFormats = {
      "auto", "plain",  "golang-migrate", "goose",  "dbmate",  "flyway",      "prisma",
      "sqlx", "diesel", "liquibase",      "sqitch", "pg_dump", "sql-migrate", "drizzle"};
  if (std::find(kFormats.begin(), kFormats.end(), o.format) == kFormats.end()) {
    error(*t.get("format"),
          fmt::format("Unknown format '{}'{}", o.format, suggest(o.format, kFormats)));
  }
  const toml::table* placeholders = section(t, "placeholders");
  if (placeholders == nullptr) return;
  for (const auto& [key, value] : *placeholders) {
    if (const auto word = value.value<std::string>()) {
      o.placeholders.emplace_back(std::string(key.str()), *word);
    } else {
      error(value, "The value of a placeholder is a string");
    }
  }
}

void Reader::cpp(const toml::table& t) {
  CppOptions& o = out_.config.cpp;
  keys(t, "cpp", std::array<std::string_view, 4>{"build_dir", "tenant_sources", "sinks", "cache"});
  text(t, "build_dir", o.build_dir);
  strings(t, "tenant_sources", o.tenant_sources);
  strings(t, "cache", o.cache);
  const toml::node* sinks = t.get("sinks");
  const toml::array* list = sinks == nullptr ? nullptr : sinks->as_array();
  if (sinks != nullptr && list == nullptr) return error(*sinks, "'sinks' must be a list of tables");
  if (list == nullptr) return;
  for (const toml::node& item : *list) {
    const toml::table* entry = item.as_table();
    if (entry == nullptr) {
      error(item, "A sink is written {function = \"db::run\", sql = 0}");
      continue;
    }
    keys(*entry, "cpp.sinks", std::array<std::string_view, 2>{"function", "sql"});
    CppOptions::Sink sink;
    text(*entry, "function", sink.function);
    sink.sql = static_cast<int>((*entry)["sql"].value_or(std::int64_t{0}));
    o.sinks.push_back(std::move(sink));
  }
}

void Reader::overrides(const toml::node& node) {
  const toml::array* list = node.as_array();
  if (list == nullptr) return error(node, "'overrides' is written [[overrides]]");
  for (const toml::node& item : *list) {
    const toml::table* entry = item.as_table();
    if (entry == nullptr) continue;
    keys(*entry, "overrides",
         std::array<std::string_view, 4>{"paths", "select", "ignore", "severity"});
    OverrideOptions o;
    strings(*entry, "paths", o.paths);
    rule_names(*entry, "select", o.select);
    rule_names(*entry, "ignore", o.ignore);
    severities(*entry, o.severity);
    if (o.paths.empty()) error(item, "[[overrides]] needs 'paths'");
    out_.config.overrides.push_back(std::move(o));
  }
}

void Reader::read(const toml::table& root) {
  keys(root, "",
       std::array<std::string_view, 7>{"extends", "tenancy", "sql", "cpp", "roles", "rules",
                                       "overrides"});
  if (const toml::node* extends = root.get("extends")) {
    error(*extends, "Presets are not part of this version");
  }
  if (const toml::table* t = section(root, "tenancy")) tenancy(*t);
  if (const toml::table* t = section(root, "sql")) sql(*t);
  if (const toml::table* t = section(root, "cpp")) cpp(*t);
  if (const toml::table* t = section(root, "roles")) {
    keys(*t, "roles", std::array<std::string_view, 2>{"app", "owners"});
    strings(*t, "app", out_.config.roles.app);
    strings(*t, "owners", out_.config.roles.owners);
  }
  if (const toml::table* t = section(root, "rules")) {
    keys(*t, "rules", std::array<std::string_view, 3>{"select", "ignore", "severity"});
    rule_names(*t, "select", out_.config.rules.select);
    rule_names(*t, "ignore", out_.config.rules.ignore);
    severities(*t, out_.config.rules.severity);
  }
  if (const toml::node* node = root.get("overrides")) overrides(*node);
}

std::string list(const std::vector<std::string>& items) {
  std::string out = "[";
  for (const std::string& item : items) {
    if (out.size() > 1) out += ", ";
    out += '"';
    for (const char c : item) {
      if (c == '"' || c == '\\') out += '\\';
      out += c;
    }
    out += '"';
  }
  return out + "]";
}

}  // namespace

ConfigResult read_config(std::string_view text, const std::string& file,
                         const std::function<bool(std::string_view)>& is_rule) {
  ConfigResult out;
  out.config.file = file;
  try {
    const toml::table root = toml::parse(text, file);
    Reader(out, file, is_rule).read(root);
  } catch (const toml::parse_error& e) {
    out.errors.push_back(
        {std::string(e.description()), file, e.source().begin.line, e.source().begin.column});
  }
  return out;
}

std::string config_as_toml(const Config& c) {
  std::string out =
      fmt::format("# {}\n", c.file.empty() ? "defaults; no tenantlint.toml was found" : c.file);
  out += fmt::format(
      "[tenancy]\ncolumns = {}\nsettings = {}\nfunctions = {}\nshared = {}\nstrict = {}\n",
      list(c.tenancy.columns), list(c.tenancy.settings), list(c.tenancy.functions),
      list(c.tenancy.shared), c.tenancy.strict);
  for (const auto& t : c.tenancy.tables) {
    out += fmt::format("[[tenancy.table]]\nname = \"{}\"\ncolumn = \"{}\"\n", t.name, t.column);
  }
  out += fmt::format("[sql]\nmigrations = {}\nqueries = {}\nformat = \"{}\"\n",
                     list(c.sql.migrations), list(c.sql.queries), c.sql.format);
  if (!c.sql.placeholders.empty()) out += "[sql.placeholders]\n";
  for (const auto& [name, value] : c.sql.placeholders)
    out += fmt::format("\"{}\" = {}\n", name, list({value}).substr(1, list({value}).size() - 2));
  out += fmt::format("[roles]\napp = {}\nowners = {}\n", list(c.roles.app), list(c.roles.owners));
  out += fmt::format("[rules]\nselect = {}\nignore = {}\n", list(c.rules.select),
                     list(c.rules.ignore));
  if (!c.rules.severity.empty()) out += "[rules.severity]\n";
  for (const auto& [rule, level] : c.rules.severity)
    out += fmt::format("\"{}\" = \"{}\"\n", rule, to_string(level));
  for (const auto& o : c.overrides) {
    out += fmt::format("[[overrides]]\npaths = {}\nselect = {}\nignore = {}\n", list(o.paths),
                       list(o.select), list(o.ignore));
  }
  return out;
}

std::string_view config_schema() {
  return R"json({
  "$schema": "https://json-schema.org/draft/2020-12/schema",
  "title": "tenantlint.toml",
  "type": "object",
  "additionalProperties": false,
  "$defs": {
    "strings": {"type": "array", "items": {"type": "string"}},
    "level": {"enum": ["error", "warning", "note"]},
    "levels": {"type": "object", "additionalProperties": {"$ref": "#/$defs/level"}}
  },
  "properties": {
    "tenancy": {"type": "object", "additionalProperties": false, "properties": {
      "columns": {"$ref": "#/$defs/strings"}, "settings": {"$ref": "#/$defs/strings"},
      "functions": {"$ref": "#/$defs/strings"}, "shared": {"$ref": "#/$defs/strings"},
      "strict": {"type": "boolean"},
      "table": {"type": "array", "items": {"type": "object", "additionalProperties": false,
        "required": ["name", "column"],
        "properties": {"name": {"type": "string"}, "column": {"type": "string"}}}}}},
    "sql": {"type": "object", "additionalProperties": false, "properties": {
      "migrations": {"$ref": "#/$defs/strings"}, "queries": {"$ref": "#/$defs/strings"},
      "format": {"enum": ["auto", "plain", "golang-migrate", "goose", "dbmate", "flyway", "prisma",
        "sqlx", "diesel", "liquibase", "sqitch", "pg_dump", "sql-migrate", "drizzle"]},
      "placeholders": {"type": "object", "additionalProperties": {"type": "string"}}}},
    "cpp": {"type": "object", "additionalProperties": false, "properties": {
      "build_dir": {"type": "string"}, "tenant_sources": {"$ref": "#/$defs/strings"},
      "sinks": {"type": "array", "items": {"type": "object", "additionalProperties": false,
        "properties": {"function": {"type": "string"}, "sql": {"type": "integer"}}}},
      "cache": {"$ref": "#/$defs/strings"}}},
    "roles": {"type": "object", "additionalProperties": false, "properties": {
      "app": {"$ref": "#/$defs/strings"}, "owners": {"$ref": "#/$defs/strings"}}},
    "rules": {"type": "object", "additionalProperties": false, "properties": {
      "select": {"$ref": "#/$defs/strings"}, "ignore": {"$ref": "#/$defs/strings"},
      "severity": {"$ref": "#/$defs/levels"}}},
    "overrides": {"type": "array", "items": {"type": "object", "additionalProperties": false,
      "required": ["paths"], "properties": {
        "paths": {"$ref": "#/$defs/strings"}, "select": {"$ref": "#/$defs/strings"},
        "ignore": {"$ref": "#/$defs/strings"}, "severity": {"$ref": "#/$defs/levels"}}}}
  }
}
)json";
}

}  // namespace tenantlint
