// Replays statements on a model, as PostgreSQL would execute them.
#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "analyzer/schema/model.h"
#include "analyzer/sql/script.h"
#include "analyzer/text/problem.h"

namespace tenantlint::schema {

// One file is one session (search_path, role, transaction), as migration tools run them. What
// baseline files SET stays in force at the start of every later session.
// Scripts must outlive the model: it points into their trees (their details are not looked at
// after run()).
class Replay {
 public:
  explicit Replay(Model& model);
  ~Replay();

  // A schema that is there before the migrations: its objects are marked as stubs.
  void run_baseline(const sql::Script& script);
  void run(const sql::Script& script);

  // The search_path with which a new session starts: ALTER DATABASE … SET, or the baseline's SET.
  const std::vector<std::string>& start_path() const;

  // What PostgreSQL would have refused (replay-error) and what we could not follow
  // (not-interpreted).
  std::vector<Problem>& problems();

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace tenantlint::schema
