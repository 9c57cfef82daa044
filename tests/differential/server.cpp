// In: a schema with its rows, statements. Out: what each statement returned and left behind, by
// variant. The server itself is started by run.sh.
#include "tests/differential/server.h"

#include <fmt/format.h>
#include <libpq-fe.h>

#include <algorithm>
#include <stdexcept>

namespace tenantlint::differential {

namespace {

constexpr const char* kOptions =
    "-c jit=off -c synchronous_commit=off -c statement_timeout=2000 -c client_min_messages=error "
    "-c max_parallel_workers_per_gather=0 -c lock_timeout=2000";

PGconn* connect(const std::string& database) {
  const char* const keys[] = {"dbname", "options", nullptr};
  const char* const values[] = {database.c_str(), kOptions, nullptr};
  PGconn* connection = PQconnectdbParams(keys, values, 0);
  if (PQstatus(connection) == CONNECTION_OK) return connection;
  const std::string message = PQerrorMessage(connection);
  PQfinish(connection);
  throw std::runtime_error(message);
}

void execute(PGconn* connection, const std::string& sql) {
  PGresult* result = PQexec(connection, sql.c_str());
  const ExecStatusType status = PQresultStatus(result);
  const bool fine = status == PGRES_COMMAND_OK || status == PGRES_TUPLES_OK;
  const std::string message = fine ? "" : PQresultErrorMessage(result) + sql;
  PQclear(result);
  if (!fine) throw std::runtime_error(message);
}

std::vector<DumpedRow> dump_of(PGresult* result) {
  std::vector<DumpedRow> out;
  for (int row = 0; row < PQntuples(result); ++row) {
    out.push_back(
        {PQgetvalue(result, row, 0), PQgetvalue(result, row, 1), PQgetvalue(result, row, 2)});
  }
  std::sort(out.begin(), out.end());
  return out;
}

std::vector<std::string> rows_of(PGresult* result) {
  std::vector<std::string> out;
  for (int row = 0; row < PQntuples(result); ++row) {
    std::string text;
    for (int column = 0; column < PQnfields(result); ++column) {
      text += column == 0 ? "" : " | ";
      text += PQgetisnull(result, row, column) != 0 ? "NULL" : PQgetvalue(result, row, column);
    }
    out.push_back(std::move(text));
  }
  return out;
}

bool without_tenant(int variant) {
  return variant == kNull1 || variant == kNull2;
}

int database_of(Variant variant) {
  return variant == kUnbound1 ? kMirror : variant == kUnbound2 ? kMany : variant;
}

}  // namespace

struct Server::State {
  std::vector<PGconn*> connections;
  std::vector<std::vector<DumpedRow>> before;
  std::string dump;
  const SchemaPlan* plan = nullptr;
};

Server::Server(const std::string& prefix, const std::vector<std::string>& roles)
    : state_(std::make_unique<State>()) {
  PGconn* root = connect("postgres");
  for (const std::string& role : roles) execute(root, role);
  for (int variant = 0; variant < kDatabases; ++variant) {
    const std::string name = fmt::format("{}_{}", prefix, variant);
    execute(root, "DROP DATABASE IF EXISTS " + name);
    execute(root, "CREATE DATABASE " + name);
    state_->connections.push_back(connect(name));
  }
  PQfinish(root);
}

Server::~Server() {
  for (PGconn* connection : state_->connections) PQfinish(connection);
}

static std::string dump_query(const SchemaPlan& plan) {
  std::string out;
  for (const RelationPlan& table : plan.tables) {
    out += fmt::format("{}SELECT '{}', tenant_id::text, {}::text FROM public.{}",
                       out.empty() ? "" : " UNION ALL ", table.name, table.name, table.name);
  }
  for (const RelationPlan& table : plan.shared) {
    out += fmt::format(" UNION ALL SELECT '{0}', '*', {0}::text FROM public.{0}", table.name);
  }
  return out;
}

void Server::load(const SchemaPlan& plan) {
  state_->plan = &plan;
  state_->dump = dump_query(plan);
  state_->before.clear();
  for (int variant = 0; variant < kDatabases; ++variant) {
    PGconn* connection = state_->connections[static_cast<std::size_t>(variant)];
    execute(connection, "DROP SCHEMA public CASCADE; CREATE SCHEMA public");
    for (const std::string& line : plan.ddl) execute(connection, line);
    // Foreign keys are seen to by the rows themselves.
    execute(connection, "SET session_replication_role = replica");
    for (const std::string& line : plan.rows[static_cast<std::size_t>(variant)]) {
      execute(connection, line);
    }
    execute(connection, "RESET session_replication_role");
    execute(connection,
            "GRANT ALL ON SCHEMA public TO app_user; GRANT ALL ON ALL TABLES IN SCHEMA "
            "public TO app_user");
    execute(connection, "VACUUM ANALYZE");
    execute(connection, fmt::format("SET app.other_tenant = '{}'", plan.tenant.values[1]));
    if (!without_tenant(variant)) {
      execute(connection, fmt::format("SET app.current_tenant = '{}'", plan.tenant.values[0]));
    }
    PGresult* result = PQexec(connection, state_->dump.c_str());
    state_->before.push_back(dump_of(result));
    PQclear(result);
  }
}

const std::vector<DumpedRow>& Server::before(Variant variant) const {
  return state_->before[static_cast<std::size_t>(database_of(variant))];
}

std::string Server::filled(const std::string& sql, Variant variant) const {
  const SchemaPlan& plan = *state_->plan;
  std::string out;
  for (std::size_t i = 0; i < sql.size(); ++i) {
    if (sql[i] != '$' || i + 1 == sql.size() || sql[i + 1] < '1' || sql[i + 1] > '4') {
      out += sql[i];
      continue;
    }
    ++i;
    const bool none = without_tenant(variant);
    const bool unbound = none || variant == kUnbound1 || variant == kUnbound2;
    if (sql[i] == '1')
      out += unbound ? fmt::format("(NULL::{})", plan.tenant.sql) : plan.literal(0);
    if (sql[i] == '2') out += variant < kDense1 ? "(2)" : variant < kDense3 ? "(1)" : "(3)";
    if (sql[i] == '3') out += none ? "(NULL::text)" : "('sa'::text)";
    if (sql[i] == '4') out += "('b'::text)";
  }
  return out;
}

bool writes(const std::string& sql) {
  for (const char* word : {"INSERT INTO ", "UPDATE ", "DELETE FROM ", "MERGE INTO "}) {
    if (sql.find(word) != std::string::npos) return true;
  }
  return false;
}

// Reads all results of one message. The statement's is number `at`; behind it there may be the dump
// and ROLLBACK.
static Outcome collect(PGconn* connection, int at) {
  Outcome out;
  int number = 0;
  while (PGresult* result = PQgetResult(connection)) {
    const ExecStatusType status = PQresultStatus(result);
    if (status == PGRES_FATAL_ERROR || status == PGRES_BAD_RESPONSE) {
      out.failed = true;
      out.error = PQresultErrorMessage(result);
    } else if (number == at) {
      out.rows = rows_of(result);
      if (at > 0) out.affected = PQcmdTuples(result);
    } else if (number == at + 1) {
      out.after = dump_of(result);
    }
    ++number;
    PQclear(result);
  }
  if (PQtransactionStatus(connection) == PQTRANS_INERROR) execute(connection, "ROLLBACK");
  return out;
}

Outcome Server::run_reordered(const std::string& sql, Variant variant, int salt) {
  std::string message = "BEGIN; SET LOCAL session_replication_role = replica";
  int at = 3;
  for (const RelationPlan& table : state_->plan->tables) {
    message += fmt::format(
        "; CREATE TEMP TABLE reordered ON COMMIT DROP AS SELECT * FROM {0} ORDER "
        "BY md5({2}::text || '{1}'); DELETE FROM {0}; INSERT INTO {0} SELECT * "
        "FROM reordered; DROP TABLE reordered",
        "public." + table.name, salt, table.name);
    at += 4;
  }
  message += fmt::format("; SET LOCAL session_replication_role = origin; {}; {}; ROLLBACK",
                         filled(sql, variant), state_->dump);
  PGconn* connection = state_->connections[static_cast<std::size_t>(database_of(variant))];
  if (PQsendQuery(connection, message.c_str()) == 0) {
    throw std::runtime_error(PQerrorMessage(connection));
  }
  return collect(connection, at);
}

std::vector<Outcome> Server::run(const std::string& sql, const std::vector<Variant>& variants) {
  const bool writing = writes(sql);
  for (const Variant variant : variants) {
    const std::string text = filled(sql, variant);
    const std::string message =
        writing ? fmt::format("BEGIN; {}; {}; ROLLBACK", text, state_->dump) : text;
    PGconn* connection = state_->connections[static_cast<std::size_t>(database_of(variant))];
    if (PQsendQuery(connection, message.c_str()) == 0) {
      throw std::runtime_error(PQerrorMessage(connection));
    }
  }
  std::vector<Outcome> out;
  for (const Variant variant : variants) {
    out.push_back(collect(state_->connections[static_cast<std::size_t>(database_of(variant))],
                          writing ? 1 : 0));
  }
  return out;
}

std::vector<std::vector<Outcome>> Server::run_policies(const std::vector<std::string>& ddl,
                                                       const std::string& table,
                                                       const std::vector<std::string>& deeds,
                                                       const std::vector<Variant>& variants) {
  std::string message = "BEGIN; ";
  for (const std::string& line : ddl) message += line + "; ";
  message += fmt::format("SET LOCAL ROLE app_user; SELECT {0}::text FROM {0}", table);
  for (const std::string& deed : deeds) {
    message += fmt::format(
        "; SAVEPOINT s; {0}; RESET ROLE; SELECT '{1}', tenant_id::text, "
        "{1}::text FROM {1}; ROLLBACK TO s",
        deed, table);
  }
  message += "; ROLLBACK";
  for (const Variant variant : variants) {
    PGconn* connection = state_->connections[static_cast<std::size_t>(database_of(variant))];
    if (PQsendQuery(connection, message.c_str()) == 0) {
      throw std::runtime_error(PQerrorMessage(connection));
    }
  }
  std::vector<std::vector<Outcome>> out;
  for (const Variant variant : variants) {
    PGconn* connection = state_->connections[static_cast<std::size_t>(database_of(variant))];
    std::vector<Outcome>& outcomes = out.emplace_back(1 + deeds.size());
    const std::size_t seen = ddl.size() + 2;
    std::size_t number = 0;
    while (PGresult* result = PQgetResult(connection)) {
      const bool failed = PQresultStatus(result) == PGRES_FATAL_ERROR;
      if (failed) outcomes[0].failed = true;
      if (failed) outcomes[0].error = PQresultErrorMessage(result);
      if (number == seen) outcomes[0].rows = rows_of(result);
      if (number > seen && (number - seen) % 5 == 4) {
        outcomes[1 + (number - seen) / 5].after = dump_of(result);
      }
      ++number;
      PQclear(result);
    }
    if (PQtransactionStatus(connection) == PQTRANS_INERROR) execute(connection, "ROLLBACK");
  }
  return out;
}

}  // namespace tenantlint::differential
