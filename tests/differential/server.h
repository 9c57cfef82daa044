// The private server: one database and one connection for each variant of the rows.
#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "tests/differential/schema_gen.h"

namespace tenantlint::differential {

// A row of a table, as text.
struct DumpedRow {
  std::string table;
  std::string tenant;  // "*" in a shared table; empty: NULL
  std::string text;
  auto operator<=>(const DumpedRow&) const = default;
};

// What a statement did in one database.
struct Outcome {
  bool failed = false;
  std::string error;
  std::vector<std::string> rows;  // in the order in which they came
  std::string affected;           // how many rows a statement that writes says it wrote
  std::vector<DumpedRow> after;   // all rows of all tables, sorted, if it writes
};

class Server {
 public:
  // Connects as the environment says (PGHOST …); `prefix` keeps the databases of workers apart.
  // Throws std::runtime_error.
  // `roles` are made once for the whole server.
  Server(const std::string& prefix, const std::vector<std::string>& roles);
  ~Server();

  // Makes the schema and its rows, in all databases.
  void load(const SchemaPlan& plan);
  // Runs a statement in these databases at the same time; nothing that it writes stays.
  std::vector<Outcome> run(const std::string& sql, const std::vector<Variant>& variants);
  // The same in one database, with the rows of all tables in another physical order; `salt` says
  // which. A result that differs from run()'s is not determined by the rows.
  Outcome run_reordered(const std::string& sql, Variant variant, int salt);
  // As the role app_user, under policies that are made by `ddl` and taken back: what it sees of
  // `table`, then, for each of `deeds` (which must not fail), the rows of the table afterwards.
  // One list for each variant; its first outcome has the rows, the others have `after`.
  std::vector<std::vector<Outcome>> run_policies(const std::vector<std::string>& ddl,
                                                 const std::string& table,
                                                 const std::vector<std::string>& deeds,
                                                 const std::vector<Variant>& variants);
  // All rows of all tables, as they were loaded.
  const std::vector<DumpedRow>& before(Variant variant) const;
  // Of the schema that is loaded: the statement's text with parameters filled in.
  std::string filled(const std::string& sql, Variant variant) const;

 private:
  struct State;
  std::unique_ptr<State> state_;
};

// Does it write? By its words: generated statements hold none of them otherwise.
bool writes(const std::string& sql);

}  // namespace tenantlint::differential
