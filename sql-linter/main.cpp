// tenantlint: a table of contents. What each verb does is in the file of its name.
#include <fmt/format.h>

#include <csignal>
#include <cstdio>
#include <exception>
#include <new>

#include "sql-linter/memory.h"
#include "sql-linter/options.h"
#include "sql-linter/verbs.h"

namespace {

int run(const tenantlint::Options& options) {
  using namespace tenantlint;
  if (options.verb == "check") return verb_check(options);
  if (options.verb == "queries") return verb_queries(options);
  if (options.verb == "schema") return verb_schema(options);
  if (options.verb == "rules") return verb_rules(options);
  if (options.verb == "explain") return verb_explain(options);
  if (options.verb == "config") return verb_config(options);
  return verb_version(options);
}

}  // namespace

int main(int argc, char** argv) {
  tenantlint::prepare_memory();
  // A reader that has seen enough closes the pipe: end without a word.
  std::signal(SIGPIPE, SIG_DFL);
  try {
    const tenantlint::Parsed parsed = tenantlint::parse_options(argc, argv);
    return parsed.exit_code >= 0 ? parsed.exit_code : run(parsed.options);
  } catch (const std::bad_alloc&) {
    fmt::print(stderr, "tenantlint: out of memory\n");
  } catch (const std::exception& e) {
    fmt::print(stderr, "tenantlint: internal error: {}\n", e.what());
  }
  return tenantlint::kUsage;
}
