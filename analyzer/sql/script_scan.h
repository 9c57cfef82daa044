// What psql does with a script before the server sees it: statements, meta-commands, variables,
// data.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "analyzer/text/arena.h"
#include "analyzer/text/span.h"
#include "analyzer/text/sql_text.h"

namespace tenantlint::sql {

enum class ScanKind : std::uint8_t { Statement, Problem, Include, Data, End };

// A variable or placeholder and what stands for it.
struct Filled {
  Span span;
  std::string value;
};

struct ScanItem {
  ScanKind kind = ScanKind::End;
  Span span;                   // Statement: without the semicolon; Problem, Include: what to show
  std::vector<Filled> filled;  // Statement: in order
  bool uncertain = false;
  bool executes_result = false;
  bool joins_next = false;  // ended by a semicolon, nothing but SQL up to the next statement
  std::string_view code;    // Problem
  std::string message;
  std::string name;  // Include
  bool relative = false;
};

// A branch of \if: is it taken?
enum class Branch : std::uint8_t { Taken, NotTaken, Unknown };

// What psql remembers from one statement to the next.
struct ScanState {
  std::map<std::string, std::string, std::less<>> variables;
  std::set<std::string, std::less<>> unknown;  // may have been set, to a value that we do not know
  bool any_unknown = false;                    // \gset of SELECT *: any variable may have been set
  struct Condition {
    Branch now = Branch::Taken;
    bool any_taken = false;  // an earlier branch was certainly taken
    bool any_unknown = false;
  };
  std::vector<Condition> conditions;
  bool quit = false;  // \q, or a failing \if
};

// Reads text[range] item by item; statements of branches that are certainly not taken are left out.
class ScriptScanner {
 public:
  ScriptScanner(std::string_view text, Span range, ScanState& state);
  ~ScriptScanner();
  ScanItem next();

 private:
  class Impl;
  std::unique_ptr<Impl> impl_;
};

// The statement with its variables filled in; its text lives in the arena.
SqlText fill_in(const SqlText& text, const ScanItem& item, Arena& arena);

// Is the fault at `offset` an unset psql variable or placeholder? Then its code, message and span.
struct ScanFault {
  std::string_view code;
  std::string message;
  Span span;
};
ScanFault explain_fault(std::string_view text, Span statement, std::uint32_t offset);

}  // namespace tenantlint::sql
