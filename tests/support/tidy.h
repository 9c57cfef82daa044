// The rules of the house, as functions over a source tree held in memory, so that each of them can
// be shown to fail on a bad snippet (tests/tidy_test.cpp).
#pragma once

#include <map>
#include <string>
#include <string_view>
#include <vector>

namespace tenantlint::tidy {

// Path from the root of the repository, with '/', to text.
using Tree = std::map<std::string, std::string, std::less<>>;

// One complaint per fault, "path:line: what", or "path: what" where no line is to blame.
using Complaints = std::vector<std::string>;

// Reads every text file below `root` that belongs to the project: no hidden folders but .ci, no
// build folders, nothing from elsewhere.
Tree read_tree(const std::string& root);

// Lines over 100 columns, tabs and trailing blanks in code; files over 800 lines.
Complaints check_lines(const Tree& tree);
// C++ functions over 70 lines, from the first line of the signature to the closing brace; over
// 140, if they hold a switch.
Complaints check_functions(const Tree& tree);
// A source that does not open with a comment that says what it is for; a header without
// #pragma once.
Complaints check_openings(const Tree& tree);
// Includes that the table of ci/layers.txt does not permit, and folders that it does not know.
Complaints check_layers(const Tree& tree);
// What the core must not include or call; PostgreSQL's headers outside of analyzer/sql/lower*.
Complaints check_banned(const Tree& tree);
// Work left for later without an owner, and paths of one person's machine.
Complaints check_leftovers(const Tree& tree);
// Sources that nothing builds, headers that nothing includes, fixtures that nothing runs, scripts
// that nothing calls.
Complaints check_dead_files(const Tree& tree);
// Rules whose file, symbol, folder and line in rules.def do not agree.
Complaints check_rules(const Tree& tree);
// Folders without a README.
Complaints check_readmes(const Tree& tree);

}  // namespace tenantlint::tidy
