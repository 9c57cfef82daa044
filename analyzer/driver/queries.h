// The application's statements, judged: query files, and the SQL in functions of the schema.
#pragma once

#include <span>
#include <string>
#include <vector>

#include "analyzer/isolation/bodies.h"
#include "analyzer/isolation/prover.h"
#include "analyzer/lint/config.h"
#include "analyzer/lint/facts.h"
#include "analyzer/schema/model.h"
#include "analyzer/schema/tenancy.h"
#include "analyzer/sql/script.h"
#include "analyzer/text/source_file.h"

namespace tenantlint {

// What statements are judged against; the schema is that after all migrations.
struct QueryContext {
  const SourceSet& sources;
  const schema::Model& model;
  const schema::Tenancy& tenancy;
  const Config& config;
  std::vector<std::string> start_path;  // search_path of a new session, see schema::Replay
  unsigned jobs = 1;
};

// One entry for each statement, in the order of the scripts and of their statements; the same
// whatever the number of jobs. Query files are never replayed: of what they SET, the search_path
// holds for the statements behind it.
std::vector<QueryFacts> judge_queries(const QueryContext& context,
                                      std::span<const sql::Script* const> scripts);

// The statements in bodies of the schema's functions, of those that are made in a file for which
// `reported` holds; in the order in which the functions were made.
std::vector<QueryFacts> judge_functions(const QueryContext& context,
                                        const std::vector<bool>& reported);

// The declarations of tenantlint.toml as the stages take them. `tenancy` must outlive the result.
schema::TenancyConfig tenancy_config(const TenancyOptions& tenancy);
isolation::SourceOptions source_options(const TenancyOptions& tenancy);

}  // namespace tenantlint
