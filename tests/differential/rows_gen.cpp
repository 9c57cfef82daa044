// In: the tables of a schema. Out: INSERTs by variant. Others' rows are made to meet A's: the same
// keys, references into A's rows, values just beside A's, NULLs, and A's identity in columns that
// are not the tenant column.
#include "tests/differential/rows_gen.h"

#include <fmt/format.h>

namespace tenantlint::differential {
namespace {

struct Row {
  int tenant = 0;  // -1: NULL
  int id = 0;
  std::string ref, val, name, flag;
  int org = 0;  // -1: NULL
};

std::string number_or_null(Random& random, int low, int high) {
  return random.chance(15) ? "NULL" : std::to_string(random.between(low, high));
}

Row random_row(Random& random, int tenant, int id, int low, int high) {
  Row row;
  row.tenant = tenant;
  row.id = id;
  row.ref = number_or_null(random, 1, 8);
  row.val = number_or_null(random, low, high);
  row.name = random.pick({"'a'", "'A'", "'b'", "''", "'ab'", "NULL"});
  row.flag = random.pick({"true", "true", "false", "false", "NULL"});
  // Others' rows say quite often that they are A's, in the column that does not decide.
  row.org = random.pick({0, 0, tenant, 1, -1});
  return row;
}

// Few values, so that joins and conditions are met by many rows.
std::vector<Row> dense_rows(Random& random, int tenant) {
  std::vector<Row> rows;
  for (int id = 1; id <= 5; ++id) {
    Row row = random_row(random, tenant, id, 0, 3);
    if (row.ref != "NULL") row.ref = std::to_string(random.between(1, 4));
    row.name = random.pick({"'a'", "'a'", "'b'", "'ab'", "NULL"});
    row.flag = random.pick({"true", "true", "true", "false", "NULL"});
    if (random.chance(85)) rows.push_back(row);
  }
  return rows;
}

std::vector<Row> rows_of_a(Random& random, int tenant) {
  std::vector<Row> rows;
  for (int id = 1; id <= 8; ++id) {
    if (random.chance(60)) rows.push_back(random_row(random, tenant, id, 0, 4));
  }
  return rows;
}

void add_mirror(std::vector<Row>& out, const std::vector<Row>& a, Random& random, int tenant) {
  for (const Row& row : a) {
    Row copy = random_row(random, tenant, row.id, 0, 4);
    if (random.chance(60)) copy.ref = row.ref;
    if (random.chance(50)) copy.val = row.val;
    if (random.chance(50)) copy.name = row.name;
    out.push_back(copy);
  }
}

void add_random(std::vector<Row>& out, Random& random, int tenant, int count) {
  for (int i = 0; i < count; ++i) {
    out.push_back(random_row(random, tenant, random.between(1, 14), 0, 4));
  }
}

void add_extreme(std::vector<Row>& out, Random& random, int tenant) {
  for (const int id : {-3, 0, 3, 9, 50, 51, 52}) {
    Row row = random_row(random, tenant, id, -9, -6);
    if (random.chance(50)) row.val = random.pick({"77", "78", "NULL", "0"});
    if (random.chance(40)) row.name = random.pick({"'zz'", "' '", "NULL", "'%'"});
    out.push_back(row);
  }
}

std::vector<Row> rows_of(Random& random, const std::vector<Row>& a, bool nullable, int variant) {
  std::vector<Row> out = a;
  switch (variant) {
    case kMirror:
    case kShuffled:
      add_mirror(out, a, random, 1);
      add_mirror(out, a, random, 2);
      add_random(out, random, 1, 3);
      break;
    case kMany:
    case kNull1:
      add_random(out, random, 1, 6);
      add_random(out, random, 2, 5);
      if (nullable) add_random(out, random, -1, 3);
      break;
    case kNone: break;
    case kExtreme:
      add_extreme(out, random, 1);
      add_random(out, random, 2, 2);
      break;
    case kOrphans:
      add_mirror(out, a, random, nullable ? -1 : 2);
      add_random(out, random, 1, 8);
      break;
    case kDense1:
    case kDense3: {
      const std::vector<Row> others = dense_rows(random, 1);
      out.insert(out.end(), others.begin(), others.end());
      add_mirror(out, a, random, 2);
      break;
    }
    case kDense2:
    case kDense4: add_random(out, random, 1, 7); break;
    default: add_mirror(out, a, random, 1); break;
  }
  return out;
}

std::string insert(const SchemaPlan& plan, const RelationPlan& table,
                   const std::vector<Row>& rows) {
  std::string values;
  const auto tenant = [&](int number) {
    return number < 0 ? std::string("NULL") : plan.literal(number);
  };
  for (const Row& row : rows) {
    values += fmt::format("{}({}, {}, {}, {}, {}, {}", values.empty() ? "" : ", ",
                          tenant(row.tenant), row.id, row.ref, row.val, row.name, row.flag);
    values += table.has("org") ? fmt::format(", {})", tenant(row.org)) : ")";
  }
  if (values.empty()) return "";
  return fmt::format(
      "INSERT INTO {} (tenant_id, id, ref, val, name, flag{}) VALUES {} ON CONFLICT "
      "DO NOTHING",
      table.name, table.has("org") ? ", org" : "", values);
}

// The same rows in another physical order: what depends on it is not determined by the rows of A.
std::vector<std::string> shuffle(const RelationPlan& table) {
  return {
      fmt::format("CREATE TEMP TABLE s AS SELECT * FROM {0} ORDER BY md5({0}::text)", table.name),
      "DELETE FROM " + table.name, fmt::format("INSERT INTO {} SELECT * FROM s", table.name),
      "DROP TABLE s"};
}

}  // namespace

void generate_rows(SchemaPlan& plan, Random& random) {
  plan.rows.assign(kDatabases, {});
  for (auto& rows : plan.rows) {
    rows.push_back(
        fmt::format("INSERT INTO tenants VALUES ({}, 'sa', 'a'), ({}, 'sb', 'b'), ({}, "
                    "'sc', NULL) ON CONFLICT DO NOTHING",
                    plan.literal(0), plan.literal(1), plan.literal(2)));
    rows.push_back(
        "INSERT INTO lookup VALUES (1, 2, 'a'), (2, 0, 'b'), (3, NULL, ''), (4, 4, "
        "NULL)");
  }
  for (const RelationPlan& table : plan.tables) {
    const std::uint64_t seed = random.next();
    Random of_a(seed);
    const std::vector<Row> a = rows_of_a(of_a, 0);
    for (int variant = 0; variant < kDatabases; ++variant) {
      // The shuffled variant has the rows of the mirrored one.
      const int like = variant == kShuffled ? kMirror : variant;
      Random own(derived_seed(seed, static_cast<std::uint64_t>(like) + 1));
      Random pair(derived_seed(seed, variant < kDense3 ? 101 : 102));
      const std::vector<Row> first = variant == kNull2    ? rows_of_a(own, 0)
                                     : variant >= kDense1 ? dense_rows(pair, 0)
                                                          : a;
      const std::string text = insert(plan, table, rows_of(own, first, table.nullable, variant));
      auto& rows = plan.rows[static_cast<std::size_t>(variant)];
      if (!text.empty()) rows.push_back(text);
      if (!table.refers_to.empty()) {
        rows.push_back(fmt::format(
            "UPDATE {0} SET ref = NULL WHERE NOT EXISTS (SELECT FROM {1} WHERE {1}.id = {0}.ref "
            "AND "
            "{1}.tenant_id::text COLLATE \"C\" = {0}.tenant_id::text) AND tenant_id IS NOT NULL",
            table.name, table.refers_to));
      }
      if (variant != kShuffled) continue;
      for (std::string& line : shuffle(table)) rows.push_back(std::move(line));
    }
  }
}

}  // namespace tenantlint::differential
