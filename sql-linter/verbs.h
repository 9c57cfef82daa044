// One function per verb; each answers with the exit code of the program.
#pragma once

#include "sql-linter/options.h"

namespace tenantlint {

int verb_check(const Options& options);
int verb_queries(const Options& options);
int verb_schema(const Options& options);
int verb_rules(const Options& options);
int verb_explain(const Options& options);
int verb_config(const Options& options);
int verb_version(const Options& options);

}  // namespace tenantlint
