// The configuration of a run: tenantlint.toml, presets and command line in one plain record.
// Reading it (TOML, positions, suggestions) is the business of config_reader.h.
#pragma once

#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "analyzer/lint/finding.h"

namespace tenantlint {

// Where the configuration said something, for messages and `config show`.
struct ConfigOrigin {
  std::string file;  // empty: a default, a preset or the command line
  std::uint32_t line = 0;
  std::uint32_t column = 0;
};

struct TenancyOptions {
  std::vector<std::string> columns = {"tenant_id"};
  std::vector<std::string> settings = {"app.current_tenant"};
  std::vector<std::string> functions;
  std::vector<std::string> shared;  // globs over "schema.name"
  bool strict = false;
  struct Table {
    std::string name;
    std::string column;
  };
  std::vector<Table> tables;
};

struct SqlOptions {
  std::vector<std::string> migrations = {"migrations/**/*.sql"};
  std::vector<std::string> queries = {"queries/**/*.sql"};
  std::string format = "auto";
  // Values of template placeholders (${name}, {{ name }}) and of psql variables.
  std::vector<std::pair<std::string, std::string>> placeholders;
};

struct CppOptions {
  std::string build_dir = "build";
  std::vector<std::string> tenant_sources;
  struct Sink {
    std::string function;
    int sql = 0;
  };
  std::vector<Sink> sinks;
  std::vector<std::string> cache;
};

struct RoleOptions {
  std::vector<std::string> app;
  std::vector<std::string> owners;
};

struct RuleOptions {
  std::vector<std::string> select = {"default"};
  std::vector<std::string> ignore;
  std::vector<std::pair<std::string, Severity>> severity;
};

struct OverrideOptions {
  std::vector<std::string> paths;  // globs over paths
  std::vector<std::string> select;
  std::vector<std::string> ignore;
  std::vector<std::pair<std::string, Severity>> severity;
};

struct Config {
  std::string file;     // path of the tenantlint.toml that was read; empty: defaults
  std::string root;     // folder that patterns are relative to
  std::string extends;  // preset
  TenancyOptions tenancy;
  SqlOptions sql;
  CppOptions cpp;
  RoleOptions roles;
  RuleOptions rules;
  std::vector<OverrideOptions> overrides;
};

}  // namespace tenantlint
