// The conventions of migration tools, as far as they show in names: what runs, in which order.
// Sources: the documentation of golang-migrate, goose, dbmate, Flyway, Prisma, sqlx, Diesel,
// Liquibase, sqitch, Drizzle, sql-migrate, pop; their corpora in tests/corpus.
#include "analyzer/driver/migrations.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <nlohmann/json.hpp>
#include <optional>
#include <set>

namespace tenantlint {

namespace {

std::string_view base_name(std::string_view path) {
  return path.substr(path.rfind('/') + 1);
}
std::string_view folder_of(std::string_view path) {
  const std::size_t slash = path.rfind('/');
  return slash == std::string_view::npos ? std::string_view() : path.substr(0, slash);
}
bool is_digit(char c) {
  return c >= '0' && c <= '9';
}

// The digits that a name begins with.
std::string_view leading_number(std::string_view name) {
  std::size_t n = 0;
  while (n < name.size() && is_digit(name[n])) ++n;
  return name.substr(0, n);
}

// The version that a name begins with where no tool says what it is: a number, or numbers with dots
// and dashes between (1.10.2, 2024-01-31), or a day and a time (2024_01_31_093000).
std::string_view leading_version(std::string_view name) {
  std::size_t n = leading_number(name).size();
  const bool day = (n == 4 || n == 8) && (name.starts_with("19") || name.starts_with("20"));
  while (n > 0 && n < name.size()) {
    const std::size_t digits = leading_number(name.substr(n + 1)).size();
    const char after = n + 1 + digits < name.size() ? name[n + 1 + digits] : '.';
    const bool time = day && name[n] == '_' && (digits == 2 || digits == 4 || digits == 6);
    // A letter behind the digits makes them part of a word: 001-2fa.sql.
    const bool ends = after == '.' || after == '-' || after == '_' || after == ' ';
    if (digits == 0 || !ends || (name[n] != '.' && name[n] != '-' && !time)) break;
    n += 1 + digits;
  }
  return name.substr(0, n);
}

// Behind the last folder called `name`; npos if the path has none.
std::size_t behind_folder(std::string_view path, std::string_view name) {
  const std::string middle = fmt::format("/{}/", name);
  const std::size_t at = path.rfind(middle);
  if (at != std::string_view::npos) return at + middle.size();
  return path.starts_with(middle.substr(1)) ? middle.size() - 1 : std::string_view::npos;
}

// Compares numbers of any length.
int compare_numbers(std::string_view a, std::string_view b) {
  while (a.size() > 1 && a[0] == '0') a.remove_prefix(1);
  while (b.size() > 1 && b[0] == '0') b.remove_prefix(1);
  if (a.size() != b.size()) return a.size() < b.size() ? -1 : 1;
  return a.compare(b);
}

// Byte order, except that runs of digits count as numbers.
bool natural_less(std::string_view a, std::string_view b) {
  std::size_t i = 0, j = 0;
  while (i < a.size() && j < b.size()) {
    if (is_digit(a[i]) && is_digit(b[j])) {
      const std::string_view x = leading_number(a.substr(i)), y = leading_number(b.substr(j));
      const int c = compare_numbers(x, y);
      if (c != 0) return c < 0;
      i += x.size();
      j += y.size();
    } else if (a[i] != b[j]) {
      return static_cast<unsigned char>(a[i]) < static_cast<unsigned char>(b[j]);
    } else {
      ++i;
      ++j;
    }
  }
  return a.size() - i < b.size() - j;
}

bool is_up(std::string_view name) {
  return name.ends_with(".up.sql") || name.ends_with("_up.sql") || name.ends_with("-up.sql") ||
         name == "up.sql";
}
bool is_down(std::string_view name) {
  return name.ends_with(".down.sql") || name.ends_with("_down.sql") ||
         name.ends_with("-down.sql") || name == "down.sql" || name.ends_with(".undo.sql");
}

// "0007_scale_down.sql" may be a step forward of that name: only the half of a pair goes back.
bool goes_back(const std::string& path, const std::vector<std::string>& sorted) {
  const std::string_view name = base_name(path);
  if (!is_down(name)) return false;
  if (!name.ends_with("_down.sql") && !name.ends_with("-down.sql")) return true;
  std::string up = path;
  up.replace(up.size() - std::string_view("down.sql").size(), 4, "up");
  return std::binary_search(sorted.begin(), sorted.end(), up);
}

class Orderer {
 public:
  Orderer(std::vector<std::string> paths,
          const std::function<std::string(const std::string&)>& read)
      : paths_(std::move(paths)), read_(read) {}

  MigrationOrder run(std::string_view format, bool given_order);

 private:
  std::string detect();
  void drop_down() {
    std::vector<std::string> sorted = paths_;
    std::sort(sorted.begin(), sorted.end());
    drop([&](const std::string& p) { return goes_back(p, sorted); });
  }
  bool any(bool (*test)(std::string_view)) const {
    return std::any_of(paths_.begin(), paths_.end(),
                       [&](const std::string& p) { return test(base_name(p)); });
  }
  void drop(const std::function<bool(const std::string&)>& unwanted) {
    std::erase_if(paths_, [&](const std::string& p) {
      if (!unwanted(p)) return false;
      out_.left_out.push_back(p);
      return true;
    });
  }
  void by_number();
  void flyway();
  void pop();
  bool drizzle();
  bool sqitch();
  void backward_folders();
  void find_ambiguities();
  std::string_view version(std::string_view path) const {
    return by_tool_ ? leading_number(base_name(path)) : leading_version(base_name(path));
  }

  std::vector<std::string> paths_;
  const std::function<std::string(const std::string&)>& read_;
  MigrationOrder out_;
  bool by_tool_ = false;  // a tool takes the leading number alone as the version
};

std::string Orderer::detect() {
  const auto say = [&](std::string format, std::string why) {
    out_.why = std::move(why);
    return format;
  };
  if (paths_.empty()) return say("plain", "there are no files");
  const auto count = [&](auto test) { return std::count_if(paths_.begin(), paths_.end(), test); };
  const auto total = static_cast<std::ptrdiff_t>(paths_.size());
  const auto named = [&](std::string_view name) {
    return count([&](const std::string& p) { return base_name(p) == name; });
  };
  if (named("migration.sql") * 2 > total)
    return say("prisma", "the files are called migration.sql, a folder each");
  if (named("up.sql") * 3 > total) return say("diesel", "folders hold up.sql and down.sql");
  const std::string folder(folder_of(paths_[0]));
  if (!read_(folder.empty() ? "meta/_journal.json" : folder + "/meta/_journal.json").empty()) {
    return say("drizzle", "there is a meta/_journal.json");
  }
  const auto below = [&](std::string_view name) {
    return count([&](const std::string& p) { return behind_folder(p, name) != std::string::npos; });
  };
  if (below("deploy") > 0 && below("revert") > 0) {
    return say("sqitch", "there are deploy/ and revert/ folders");
  }
  const auto versioned = count([](const std::string& p) {
    const std::string_view n = base_name(p);
    return (n[0] == 'V' || n[0] == 'R' || n[0] == 'U' || n[0] == 'B') &&
           n.find("__") != std::string_view::npos;
  });
  if (versioned * 2 > total) return say("flyway", "the files are called V1__name.sql");
  const auto dialects = count([](const std::string& p) {
    const std::string_view n = base_name(p);
    return n.ends_with(".postgres.up.sql") || n.ends_with(".cockroach.up.sql") ||
           n.ends_with(".sqlite3.up.sql") || n.ends_with(".mysql.up.sql");
  });
  if (dialects > 0) return say("pop", "file names carry SQL dialects");
  if (any(is_up) && any(is_down))
    return say("golang-migrate", "the files are pairs NAME.up.sql and NAME.down.sql");
  if (any(is_up)) return say("golang-migrate", "the files are called NAME.up.sql");
  return say("plain", "the names follow no tool's convention");
}

void Orderer::by_number() {
  std::stable_sort(paths_.begin(), paths_.end(), [&](const std::string& a, const std::string& b) {
    const std::string_view x = version(a), y = version(b);
    if (x.empty() != y.empty()) return y.empty();
    if (natural_less(x, y) || natural_less(y, x)) return natural_less(x, y);
    return base_name(a) < base_name(b);
  });
}

// Versioned by their version, then repeatable by name, then callbacks. A baseline replaces what is
// older.
void Orderer::flyway() {
  const auto kind = [](const std::string& p) { return base_name(p)[0]; };
  const auto version = [](const std::string& p) {
    const std::string_view n = base_name(p);
    std::string v(n.substr(1, n.find("__") - 1));
    std::replace(v.begin(), v.end(), '_', '.');
    return v;
  };
  drop([&](const std::string& p) {
    return kind(p) == 'U' && base_name(p).find("__") != std::string_view::npos;
  });
  std::string baseline;
  for (const std::string& p : paths_) {
    if (kind(p) == 'B' && natural_less(baseline, version(p))) baseline = version(p);
  }
  drop([&](const std::string& p) {
    if (baseline.empty()) return false;
    return (kind(p) == 'V' && !natural_less(baseline, version(p))) ||
           (kind(p) == 'B' && version(p) != baseline);
  });
  const auto rank = [&](const std::string& p) {
    const bool marked = base_name(p).find("__") != std::string_view::npos;
    if (marked && kind(p) == 'B') return 0;
    if (marked && kind(p) == 'V') return 1;
    if (marked && kind(p) == 'R') return 2;
    return base_name(p).starts_with("afterMigrate") ? 3 : 4;
  };
  drop([&](const std::string& p) { return rank(p) == 4; });
  std::stable_sort(paths_.begin(), paths_.end(), [&](const std::string& a, const std::string& b) {
    if (rank(a) != rank(b)) return rank(a) < rank(b);
    return rank(a) == 1 ? natural_less(version(a), version(b)) : base_name(a) < base_name(b);
  });
}

// VERSION_name[.dialect][.autocommit].up.sql: the PostgreSQL file of a version wins over the
// general one.
void Orderer::pop() {
  drop([](const std::string& p) { return !is_up(base_name(p)); });
  const auto dialect = [](const std::string& p) {
    std::string_view n = base_name(p);
    n = n.substr(0, n.size() - std::string_view(".up.sql").size());
    if (n.ends_with(".autocommit")) n.remove_suffix(11);
    const std::string_view last = n.substr(n.rfind('.') + 1);
    // A dot alone makes no dialect: 20200101_release_1.2.up.sql.
    for (const std::string_view known : {"postgres", "postgresql", "cockroach", "mysql", "mariadb",
                                         "sqlite3", "sqlite", "mssql"}) {
      if (last == known && last.size() < n.size()) return known;
    }
    return std::string_view();
  };
  drop([&](const std::string& p) {
    return !dialect(p).empty() && !dialect(p).starts_with("postgres");
  });
  std::map<std::string, std::string> best;
  for (const std::string& p : paths_) {
    std::string& slot = best[std::string(leading_number(base_name(p)))];
    if (slot.empty() || !dialect(p).empty()) slot = p;
  }
  drop([&](const std::string& p) { return best[std::string(leading_number(base_name(p)))] != p; });
  by_number();
}

bool Orderer::drizzle() {
  const std::string folder(folder_of(paths_.empty() ? std::string_view() : paths_[0]));
  const std::string prefix = folder.empty() ? "" : folder + "/";
  const auto journal = nlohmann::json::parse(read_(prefix + "meta/_journal.json"), nullptr, false);
  if (!journal.is_object() || !journal.contains("entries") || !journal["entries"].is_array())
    return false;
  std::vector<std::pair<std::int64_t, std::string>> entries;
  for (const auto& e : journal["entries"]) {
    const bool entry = e.is_object() && e.contains("idx") && e["idx"].is_number_integer() &&
                       e.contains("tag") && e["tag"].is_string();
    if (entry) {
      entries.emplace_back(e["idx"].get<std::int64_t>(),
                           prefix + e["tag"].get<std::string>() + ".sql");
    }
  }
  std::sort(entries.begin(), entries.end());
  std::vector<std::string> ordered;
  for (const auto& [index, path] : entries) {
    if (std::find(paths_.begin(), paths_.end(), path) != paths_.end()) ordered.push_back(path);
  }
  drop([&](const std::string& p) {
    return std::find(ordered.begin(), ordered.end(), p) == ordered.end();
  });
  paths_ = std::move(ordered);
  return true;
}

// sqitch.plan: one change a line, "name [dependencies] date …"; a name that comes again was
// reworked, and all but the last of its scripts carry the tag behind it: name@tag.sql.
bool Orderer::sqitch() {
  drop([](const std::string& p) { return behind_folder(p, "deploy") == std::string::npos; });
  if (paths_.empty()) return false;
  const std::string root =
      paths_[0].substr(0, behind_folder(paths_[0], "deploy") - std::string_view("deploy/").size());
  const std::string plan = read_(root + "sqitch.plan");
  if (plan.empty()) return false;
  struct Change {
    std::string name;
    std::vector<std::string> tags;  // behind it, up to where it was reworked
  };
  std::vector<Change> changes;
  for (std::size_t at = 0; at < plan.size();) {
    const std::size_t end = std::min(plan.find('\n', at), plan.size());
    std::string line = plan.substr(at, end - at);
    if (line.ends_with('\r')) line.pop_back();
    at = end + 1;
    if (line.empty() || line[0] == '%' || line[0] == '#') continue;
    const std::string word = line.substr(0, line.find(' '));
    if (word[0] == '@') {
      for (Change& c : changes) c.tags.push_back(word);
    } else {
      changes.push_back({word, {}});
    }
  }
  std::vector<std::string> ordered;
  for (std::size_t i = 0; i < changes.size(); ++i) {
    const bool again =
        std::any_of(changes.begin() + static_cast<std::ptrdiff_t>(i) + 1, changes.end(),
                    [&](const Change& c) { return c.name == changes[i].name; });
    if (!again) changes[i].tags.assign(1, "");
    for (const std::string& tag : changes[i].tags) {
      const std::string path = root + "deploy/" + changes[i].name + tag + ".sql";
      if (std::find(paths_.begin(), paths_.end(), path) == paths_.end()) continue;
      ordered.push_back(path);
      break;
    }
  }
  drop([&](const std::string& p) {
    return std::find(ordered.begin(), ordered.end(), p) == ordered.end();
  });
  paths_ = std::move(ordered);
  return true;
}

// Two files with the same number, or numbers whose order as text is another than as numbers.
void Orderer::find_ambiguities() {
  for (std::size_t i = 0; i + 1 < paths_.size(); ++i) {
    const std::string_view a = base_name(paths_[i]), b = base_name(paths_[i + 1]);
    const std::string_view x = version(a), y = version(b);
    if (x.empty() || y.empty() || folder_of(paths_[i]) != folder_of(paths_[i + 1])) continue;
    if (natural_less(y, x)) {
      out_.ambiguities.push_back(
          {paths_[i], paths_[i + 1], "unpadded-number",
           fmt::format("by name '{}' comes first, by number '{}' does; the names were followed", a,
                       b)});
    } else if (!natural_less(x, y)) {
      out_.ambiguities.push_back(
          {paths_[i], paths_[i + 1], "same-version",
           fmt::format("both have version {}; '{}' was taken first, by name", x, a)});
    } else if (b < a) {
      out_.ambiguities.push_back(
          {paths_[i], paths_[i + 1], "unpadded-number",
           fmt::format("by number '{}' comes first, by name '{}' does; the numbers were followed",
                       a, b)});
    }
  }
}

// X/down beside X/up holds what takes X/up back.
void Orderer::backward_folders() {
  std::set<std::string, std::less<>> folders;
  for (const std::string& p : paths_) folders.emplace(folder_of(p));
  drop([&](const std::string& p) {
    const std::string folder(folder_of(p));
    if (base_name(folder) != "down") return false;
    return folders.contains(folder.substr(0, folder.size() - 4) + "up");
  });
}

MigrationOrder Orderer::run(std::string_view format, bool given_order) {
  std::string used(format);
  if (format == "auto") {
    used = detect();
  } else {
    out_.why = "the configuration says so";
  }
  const auto sort_by_name = [&] {
    std::stable_sort(paths_.begin(), paths_.end(), [](const std::string& a, const std::string& b) {
      return base_name(a) != base_name(b) ? base_name(a) < base_name(b) : a < b;
    });
  };
  by_tool_ = used != "plain" && used != "pg_dump";
  if (!given_order) backward_folders();
  if (!by_tool_) {
    if (!given_order) by_number();
  } else if (used == "flyway") {
    flyway();
  } else if (used == "pop") {
    pop();
  } else if (used == "prisma") {
    drop([](const std::string& p) { return base_name(p) != "migration.sql"; });
    std::sort(paths_.begin(), paths_.end());
  } else if (used == "diesel") {
    drop([](const std::string& p) { return base_name(p) != "up.sql"; });
    std::sort(paths_.begin(), paths_.end());
  } else if (used == "drizzle") {
    if (!drizzle()) by_number();
  } else if (used == "sqitch") {
    if (!sqitch()) sort_by_name();
  } else if (used == "golang-migrate" || used == "sqlx") {
    drop_down();
    by_number();
  } else if (used == "goose") {
    by_number();
  } else {
    sort_by_name();
  }
  if (!given_order && used != "prisma" && used != "diesel" && used != "flyway" &&
      used != "drizzle" && used != "sqitch") {
    find_ambiguities();
  }
  const std::map<std::string, sql::Sections, std::less<>> kSections = {
      {"plain", sql::Sections::None},          {"goose", sql::Sections::Goose},
      {"dbmate", sql::Sections::Dbmate},       {"sql-migrate", sql::Sections::SqlMigrate},
      {"liquibase", sql::Sections::Liquibase}, {"pg_dump", sql::Sections::None}};
  const auto sections = kSections.find(format);
  for (std::string& path : paths_) {
    out_.files.push_back(
        {std::move(path), sections == kSections.end() ? sql::Sections::Auto : sections->second});
  }
  out_.format = std::move(used);
  return std::move(out_);
}

}  // namespace

MigrationOrder order_migrations(std::vector<std::string> paths, std::string_view format,
                                bool given_order,
                                const std::function<std::string(const std::string&)>& read) {
  return Orderer(std::move(paths), read).run(format, given_order);
}

}  // namespace tenantlint
