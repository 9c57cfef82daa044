// A backtracking matcher: patterns are short and written by the user of the run.
#include "analyzer/text/glob.h"

#include <string>

namespace tenantlint {

namespace {

// The end of the class that begins at `at` ('['), or npos.
std::size_t class_end(std::string_view pattern, std::size_t at) {
  std::size_t i = at + 1;
  if (i < pattern.size() && (pattern[i] == '!' || pattern[i] == '^')) ++i;
  if (i < pattern.size() && pattern[i] == ']') ++i;
  return pattern.find(']', i);
}

bool in_class(std::string_view body, char c) {
  const bool negated = !body.empty() && (body[0] == '!' || body[0] == '^');
  if (negated) body.remove_prefix(1);
  bool found = false;
  for (std::size_t i = 0; i < body.size(); ++i) {
    if (i + 2 < body.size() && body[i + 1] == '-') {
      found = found || (body[i] <= c && c <= body[i + 2]);
      i += 2;
    } else {
      found = found || body[i] == c;
    }
  }
  return found != negated;
}

bool match(std::string_view p, std::string_view t) {
  while (!p.empty()) {
    if (p.starts_with("**/")) {
      for (std::size_t i = 0; i <= t.size(); ++i) {
        if ((i == 0 || t[i - 1] == '/') && match(p.substr(3), t.substr(i))) return true;
      }
      return false;
    }
    if (p.starts_with("**")) {
      for (std::size_t i = 0; i <= t.size(); ++i) {
        if (match(p.substr(2), t.substr(i))) return true;
      }
      return false;
    }
    if (p[0] == '*') {
      for (std::size_t i = 0; i <= t.size(); ++i) {
        if (match(p.substr(1), t.substr(i))) return true;
        if (i < t.size() && t[i] == '/') return false;
      }
      return false;
    }
    if (p[0] == '{' && p.find('}') != std::string_view::npos) {
      const std::size_t close = p.find('}');
      std::string_view options = p.substr(1, close - 1);
      for (;;) {
        const std::size_t comma = options.find(',');
        if (match(std::string(options.substr(0, comma)).append(p.substr(close + 1)), t))
          return true;
        if (comma == std::string_view::npos) return false;
        options.remove_prefix(comma + 1);
      }
    }
    if (t.empty()) return false;
    if (p[0] == '[' && class_end(p, 0) != std::string_view::npos) {
      const std::size_t close = class_end(p, 0);
      if (t[0] == '/' || !in_class(p.substr(1, close - 1), t[0])) return false;
      p.remove_prefix(close + 1);
    } else {
      if (p[0] == '\\' && p.size() > 1) p.remove_prefix(1);
      if (p[0] != '?' ? p[0] != t[0] : t[0] == '/') return false;
      p.remove_prefix(1);
    }
    t.remove_prefix(1);
  }
  return t.empty();
}

}  // namespace

bool glob_match(std::string_view pattern, std::string_view text) {
  return match(pattern, text);
}

bool is_glob(std::string_view pattern) {
  return pattern.find_first_of("*?[{") != std::string_view::npos;
}

}  // namespace tenantlint
