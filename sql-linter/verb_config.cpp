// tenantlint config show | check | schema.
#include <fmt/format.h>

#include <array>

#include "analyzer/lint/suggest.h"
#include "sql-linter/common.h"
#include "sql-linter/verbs.h"

namespace tenantlint {

int verb_config(const Options& options) {
  constexpr std::array<std::string_view, 3> kWhat = {"show", "check", "schema"};
  const std::string& what = options.paths[0];
  if (what == "schema") return deliver("", config_schema()) ? kClean : kUsage;
  if (what != "show" && what != "check") {
    fmt::print(stderr, "tenantlint: config show, check or schema, not '{}'{}\n", what,
               suggest(what, kWhat));
    return kUsage;
  }
  const LoadedConfig loaded = load_config(options);
  if (!loaded.ok) return kUsage;
  if (what == "show") return deliver("", config_as_toml(loaded.config)) ? kClean : kUsage;
  fmt::print(stderr, "{}: no faults\n",
             loaded.config.file.empty() ? "no tenantlint.toml" : loaded.config.file);
  return kClean;
}

}  // namespace tenantlint
