// tenantlint.toml to a Config: every key checked, every fault with its line and a suggestion.
#pragma once

#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "analyzer/lint/config.h"

namespace tenantlint {

struct ConfigError {
  std::string message;
  std::string file;
  std::uint32_t line = 0;
  std::uint32_t column = 0;
};

// `is_rule`: is the word a rule, a group or one of "default" and "all"?
struct ConfigResult {
  Config config;
  std::vector<ConfigError> errors;
};
ConfigResult read_config(std::string_view text, const std::string& file,
                         const std::function<bool(std::string_view)>& is_rule);

// The effective configuration as TOML, and its JSON Schema.
std::string config_as_toml(const Config& config);
std::string_view config_schema();

}  // namespace tenantlint
