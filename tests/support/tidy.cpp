// In: the project's files. Out: one complaint per breach of the rules of the house that a machine
// can check. Layering, dead files and banned calls are lost one small change at a time, so they are
// looked at in every build.
#include "tests/support/tidy.h"

#include <fmt/format.h>

#include <algorithm>
#include <cctype>
#include <filesystem>
#include <fstream>
#include <set>
#include <sstream>
#include <utility>

#include "tests/support/tidy_text.h"

namespace tenantlint::tidy {
namespace {

constexpr std::size_t kMaxColumns = 100;
constexpr std::size_t kMaxFileLines = 800;
constexpr std::size_t kMaxFunctionLines = 70;
constexpr std::size_t kMaxTableLines = 140;

bool starts_with(std::string_view text, std::string_view prefix) {
  return text.substr(0, prefix.size()) == prefix;
}

bool ends_with(std::string_view text, std::string_view suffix) {
  return text.size() >= suffix.size() && text.substr(text.size() - suffix.size()) == suffix;
}

bool contains(std::string_view text, std::string_view part) {
  return text.find(part) != std::string_view::npos;
}

std::string_view folder_of(std::string_view path) {
  const std::size_t slash = path.rfind('/');
  return slash == std::string_view::npos ? std::string_view() : path.substr(0, slash);
}

std::string_view name_of(std::string_view path) {
  return path.substr(path.rfind('/') + 1);
}

std::string_view stem_of(std::string_view path) {
  const std::string_view name = name_of(path);
  return name.substr(0, name.rfind('.'));
}

// Whether `path` lies in `folder` or below it.
bool within(std::string_view path, std::string_view folder) {
  return starts_with(path, folder) && (path.size() == folder.size() || path[folder.size()] == '/');
}

bool is_cpp(std::string_view path) {
  return ends_with(path, ".cpp") || ends_with(path, ".h");
}

bool is_code(std::string_view path) {
  return is_cpp(path) || ends_with(path, ".def") || ends_with(path, ".py") ||
         ends_with(path, ".sh") || name_of(path) == "CMakeLists.txt";
}

// The core: the analyzer without its driver, and the rules.
bool is_core(std::string_view path) {
  return (within(path, "analyzer") && !within(path, "analyzer/driver")) || within(path, "rules");
}

std::size_t columns_of(std::string_view line) {
  return static_cast<std::size_t>(std::count_if(line.begin(), line.end(), [](char c) {
    return (static_cast<unsigned char>(c) & 0xC0U) != 0x80U;
  }));
}

// Calls `visit(path, line number, line)` for each line of the files that `wanted` accepts.
template <typename Wanted, typename Visit>
void for_each_line(const Tree& tree, Wanted wanted, Visit visit) {
  for (const auto& [path, text] : tree) {
    if (!wanted(path)) continue;
    std::size_t number = 0;
    for (const std::string_view line : lines_of(text)) visit(path, ++number, line);
  }
}

struct Include {
  std::string path;
  std::size_t line;
  std::string target;
  bool quoted;
};

std::vector<Include> includes_of(const Tree& tree) {
  std::vector<Include> includes;
  for_each_line(tree, is_cpp, [&](const std::string& path, std::size_t number, auto line) {
    constexpr std::string_view kInclude = "#include ";
    if (!starts_with(line, kInclude) || line.size() < kInclude.size() + 2) return;
    const char open = line[kInclude.size()];
    const std::string_view rest = line.substr(kInclude.size() + 1);
    const std::size_t close = rest.find(open == '<' ? '>' : '"');
    includes.push_back({path, number, std::string(rest.substr(0, close)), open == '"'});
  });
  return includes;
}

using LayerTable = std::map<std::string, std::vector<std::string>, std::less<>>;

LayerTable layer_table(const Tree& tree) {
  LayerTable table;
  const auto found = tree.find("ci/layers.txt");
  if (found == tree.end()) return table;
  for (const std::string_view line : lines_of(found->second)) {
    const std::size_t colon = line.find(':');
    if (line.empty() || line[0] == '#' || colon == std::string_view::npos) continue;
    std::istringstream words{std::string(line.substr(colon + 1))};
    auto& allowed = table[std::string(line.substr(0, colon))];
    for (std::string word; words >> word;) allowed.push_back(word);
  }
  return table;
}

// The entry of the table that a path belongs to, or the end.
LayerTable::const_iterator layer_of(const LayerTable& table, std::string_view path) {
  return std::find_if(table.begin(), table.end(),
                      [path](const auto& entry) { return within(path, entry.first); });
}

const std::string& text_of(const Tree& tree, std::string_view path) {
  static const std::string kEmpty;
  const auto found = tree.find(path);
  return found == tree.end() ? kEmpty : found->second;
}

// The lines "RULE(number, group, identifier)" of rules.def.
std::vector<std::pair<std::string, std::string>> listed_rules(const Tree& tree) {
  std::vector<std::pair<std::string, std::string>> rules;
  for (const std::string_view line : lines_of(text_of(tree, "rules/rules.def"))) {
    if (!starts_with(line, "RULE(")) continue;
    const std::size_t first = line.find(", ");
    const std::size_t second = line.find(", ", first + 1);
    const std::size_t close = line.find(')', second);
    if (close == std::string_view::npos) continue;
    rules.emplace_back(line.substr(first + 2, second - first - 2),
                       line.substr(second + 2, close - second - 2));
  }
  return rules;
}

}  // namespace

Tree read_tree(const std::string& root) {
  namespace fs = std::filesystem;
  Tree tree;
  for (auto it = fs::recursive_directory_iterator(root); it != fs::end(it); ++it) {
    const std::string name = it->path().filename().string();
    if (it->is_directory()) {
      const bool hidden = name[0] == '.' && name != ".ci";
      if (hidden || starts_with(name, "build") || name == "node_modules" || name == "__pycache__") {
        it.disable_recursion_pending();
      }
      continue;
    }
    std::ifstream in(it->path(), std::ios::binary);
    std::ostringstream text;
    text << in.rdbuf();
    tree[fs::relative(it->path(), root).generic_string()] = text.str();
  }
  return tree;
}

Complaints check_lines(const Tree& tree) {
  Complaints out;
  for_each_line(tree, is_code, [&](const std::string& path, std::size_t number, auto line) {
    if (columns_of(line) > kMaxColumns) {
      out.push_back(fmt::format("{}:{}: {} columns", path, number, columns_of(line)));
    }
    if (contains(line, "\t")) out.push_back(fmt::format("{}:{}: tab", path, number));
    if (!line.empty() && (line.back() == ' ' || line.back() == '\r')) {
      out.push_back(fmt::format("{}:{}: blank at the end of the line", path, number));
    }
  });
  for (const auto& [path, text] : tree) {
    const std::size_t count = lines_of(text).size();
    if (is_code(path) && count > kMaxFileLines) {
      out.push_back(fmt::format("{}: {} lines", path, count));
    }
  }
  return out;
}

// The lines from first to last, counted from 1.
static std::string lines_of(std::string_view text, std::size_t first, std::size_t last) {
  std::string out;
  std::size_t line = 1;
  for (const char c : text) {
    if (line >= first && line <= last) out += c;
    line += c == '\n';
  }
  return out;
}

Complaints check_functions(const Tree& tree) {
  Complaints out;
  for (const auto& [path, text] : tree) {
    if (!is_cpp(path)) continue;
    for (const FunctionSpan& f : functions_of(text)) {
      const std::size_t length = f.last_line - f.first_line + 1;
      // A switch over many kinds is read entry by entry, like a table.
      const std::string body = lines_of(text, f.first_line, f.last_line);
      const bool table = contains(body, "switch (") && length <= kMaxTableLines;
      if (length <= kMaxFunctionLines || table) continue;
      out.push_back(fmt::format("{}:{}: function of {} lines", path, f.first_line, length));
    }
  }
  return out;
}

Complaints check_openings(const Tree& tree) {
  Complaints out;
  for (const auto& [path, text] : tree) {
    if (!is_cpp(path) || within(path, "fixtures")) continue;
    if (!starts_with(text, "// ")) out.push_back(path + ": does not open with what it is for");
    if (ends_with(path, ".h") && !contains(text, "\n#pragma once\n")) {
      out.push_back(path + ": no #pragma once");
    }
  }
  return out;
}

Complaints check_layers(const Tree& tree) {
  Complaints out;
  const LayerTable table = layer_table(tree);
  if (table.empty()) out.push_back("ci/layers.txt: no table");
  for (const auto& [path, text] : tree) {
    if (!is_cpp(path) || within(path, "fixtures")) continue;
    if (layer_of(table, path) == table.end()) out.push_back(path + ": no line in ci/layers.txt");
  }
  for (const Include& include : includes_of(tree)) {
    const auto layer = layer_of(table, include.path);
    if (layer == table.end() || !include.quoted) continue;
    const auto& allowed = layer->second;
    const bool fine = std::any_of(allowed.begin(), allowed.end(), [&](const std::string& folder) {
      return within(include.target, folder);
    });
    if (!fine) {
      out.push_back(fmt::format("{}:{}: {} may not include {}", include.path, include.line,
                                layer->first, include.target));
    }
  }
  return out;
}

Complaints check_banned(const Tree& tree) {
  Complaints out;
  static const std::set<std::string, std::less<>> kImpureHeaders = {
      "iostream", "fstream", "filesystem", "thread", "cstdio", "unistd.h", "ctime", "chrono"};
  for (const Include& include : includes_of(tree)) {
    const bool own_tests = within(include.path, "tests") || within(include.path, "bench");
    if (include.target == "regex" && !include.quoted) {
      out.push_back(fmt::format("{}:{}: <regex>", include.path, include.line));
    }
    if (is_core(include.path) && !include.quoted && kImpureHeaders.count(include.target) != 0) {
      out.push_back(
          fmt::format("{}:{}: <{}> in the core", include.path, include.line, include.target));
    }
    const bool postgres = contains(include.target, "pg_query") || include.target == "postgres.h" ||
                          starts_with(include.target, "nodes/");
    const bool lower = starts_with(include.path, "analyzer/sql/lower");
    if (postgres && !lower && !own_tests) {
      out.push_back(fmt::format("{}:{}: PostgreSQL's headers belong to analyzer/sql/lower*",
                                include.path, include.line));
    }
  }
  for (const auto& [path, text] : tree) {
    if (!is_core(path) || !is_cpp(path)) continue;
    const std::string code = code_only(text);
    std::size_t number = 0;
    for (const std::string_view line : lines_of(code)) {
      ++number;
      for (const std::string_view call :
           {"getenv(", "setenv(", "system(", "popen(", "fork(", "time(", "fopen(", "printf(",
            "std::cout", "std::cerr", "rand(", "abort(", "exit("}) {
        if (!has_word(line, call)) continue;
        out.push_back(fmt::format("{}:{}: {} in the core", path, number, call));
      }
    }
  }
  return out;
}

Complaints check_leftovers(const Tree& tree) {
  Complaints out;
  // Written in two pieces, so that this file does not find itself.
  const std::string todo = std::string("TO") + "DO";
  const std::string fixme = std::string("FIX") + "ME";
  const auto is_text = [](std::string_view path) {
    return is_code(path) || within(path, "ci") || within(path, ".ci") || ends_with(path, ".md");
  };
  for_each_line(tree, is_text, [&](const std::string& path, std::size_t number, auto line) {
    const std::size_t at = line.find(todo);
    const std::string_view behind = at == std::string_view::npos ? "" : line.substr(at + 4);
    const bool owned = behind.size() > 2 && behind[0] == '(' && behind[1] != ')';
    if (at != std::string_view::npos && !owned) {
      out.push_back(fmt::format("{}:{}: {} without an owner", path, number, todo));
    }
    if (has_word(line, fixme)) out.push_back(fmt::format("{}:{}: {}", path, number, fixme));
    for (const std::string_view start : {"/wo"
                                         "rk/",
                                         "/ho"
                                         "me/",
                                         "/ro"
                                         "ot/",
                                         "/Us"
                                         "ers/"}) {
      const std::size_t found = line.find(start);
      const bool absolute =
          found != std::string_view::npos &&
          (found == 0 || (std::isalnum(static_cast<unsigned char>(line[found - 1])) == 0 &&
                          !contains("}.)_-*", line.substr(found - 1, 1))));
      if (absolute) out.push_back(fmt::format("{}:{}: path of one machine", path, number));
    }
  });
  return out;
}

Complaints check_rules(const Tree& tree) {
  Complaints out;
  std::set<std::string> listed;
  for (const auto& [group, identifier] : listed_rules(tree)) {
    const std::string path = fmt::format("rules/{}/{}.cpp", group, identifier);
    if (!listed.insert(path).second) out.push_back(path + ": listed twice in rules.def");
    const auto file = tree.find(path);
    if (file == tree.end()) {
      out.push_back(path + ": listed in rules.def, but missing");
    } else if (!contains(file->second, "DEFINE_RULE(" + identifier + ")")) {
      out.push_back(path + ": does not define the rule of its name");
    }
  }
  for (const auto& [path, text] : tree) {
    if (!within(path, "rules") || !contains(text, "DEFINE_RULE(") || !ends_with(path, ".cpp")) {
      continue;
    }
    if (listed.count(path) == 0) out.push_back(path + ": rule that rules.def does not list");
  }
  return out;
}

Complaints check_readmes(const Tree& tree) {
  Complaints out;
  std::set<std::string> folders;
  for (const auto& [path, text] : tree) {
    const bool hidden = path[0] == '.';
    const std::size_t first = path.find('/');
    if (hidden || first == std::string::npos) continue;
    folders.insert(path.substr(0, first));
    const std::size_t second = path.find('/', first + 1);
    if (within(path, "analyzer") && second != std::string::npos) {
      folders.insert(path.substr(0, second));
    }
  }
  for (const std::string& folder : folders) {
    if (tree.count(folder + "/README.md") == 0) out.push_back(folder + ": no README.md");
  }
  return out;
}

namespace {

// Headers and .def files that no file includes; sources that no CMakeLists.txt reaches.
void dead_sources(const Tree& tree, Complaints& out) {
  std::set<std::string, std::less<>> included;
  for (const Include& include : includes_of(tree)) included.insert(include.target);
  std::string cmake;
  for (const auto& [path, text] : tree) {
    if (name_of(path) == "CMakeLists.txt") cmake += text;
  }
  std::set<std::string> rules;
  for (const auto& [group, identifier] : listed_rules(tree)) {
    rules.insert(fmt::format("rules/{}/{}.cpp", group, identifier));
  }
  for (const auto& [path, text] : tree) {
    if (within(path, "fixtures")) continue;
    const std::string folder(folder_of(path));
    if ((ends_with(path, ".h") || ends_with(path, ".def")) && included.count(path) == 0) {
      out.push_back(path + ": nothing includes it");
    }
    if (!ends_with(path, ".cpp")) continue;
    const bool globbed = contains(cmake, "DIRECTORY " + folder + ")") ||
                         contains(cmake, "DIRECTORY " + folder + " ") ||
                         contains(cmake, "{CMAKE_SOURCE_DIR}/" + folder + "/*.cpp");
    const bool test = folder == "tests" && ends_with(path, "_test.cpp");
    const bool named = contains(cmake, std::string(name_of(path)));
    if (!globbed && !test && !named && rules.count(path) == 0) {
      out.push_back(path + ": nothing builds it");
    }
  }
}

// Fixtures run because a test globs their folder, or names their project.
void dead_fixtures(const Tree& tree, Complaints& out) {
  std::string tests;
  for (const auto& [path, text] : tree) {
    if (within(path, "tests")) tests += text;
  }
  std::set<std::string, std::less<>> rules;
  for (const auto& [group, identifier] : listed_rules(tree)) {
    std::string name = identifier;
    std::replace(name.begin(), name.end(), '_', '-');
    rules.insert(name);
    rules.insert(identifier);
  }
  for (const auto& [path, text] : tree) {
    if (!within(path, "fixtures") || name_of(path) == "README.md") continue;
    const std::string_view inner =
        std::string_view(path).substr(std::string_view("fixtures/").size());
    const std::string_view kind = inner.substr(0, inner.find('/'));
    const std::string_view below = inner.substr(std::min(inner.size(), kind.size() + 1));
    const std::string_view name = below.substr(0, below.find('/'));
    const bool run = contains(tests, fmt::format("fixtures/{}", kind)) ||
                     contains(tests, fmt::format("fixtures/{}/{}", kind, name)) ||
                     contains(tests, fmt::format("\"{}\"", kind));
    if (!run) out.push_back(path + ": no test runs it");
    if (kind == "rules" && rules.count(name) == 0 && rules.count(stem_of(name)) == 0) {
      out.push_back(path + ": fixture of no rule");
    }
  }
}

// Scripts that no other file names. tests/*/*.sh are found by tests/CMakeLists.txt.
void dead_scripts(const Tree& tree, Complaints& out) {
  for (const auto& [path, text] : tree) {
    if (!ends_with(path, ".sh") && !ends_with(path, ".py")) continue;
    const std::string_view folder = folder_of(path);
    if (ends_with(path, ".sh") && starts_with(folder, "tests/") &&
        contains(text_of(tree, "tests/CMakeLists.txt"), "/*.sh")) {
      continue;
    }
    const std::string name(name_of(path));
    const bool named = std::any_of(tree.begin(), tree.end(), [&](const auto& other) {
      return other.first != path && contains(other.second, name);
    });
    if (!named) out.push_back(path + ": nothing calls it");
  }
}

}  // namespace

Complaints check_dead_files(const Tree& tree) {
  Complaints out;
  dead_sources(tree, out);
  dead_fixtures(tree, out);
  dead_scripts(tree, out);
  return out;
}

}  // namespace tenantlint::tidy
