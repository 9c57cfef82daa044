// In: the text of a C++ file. Out: its code without comments and literals, and where its functions
// begin and end. A scanner of a hundred lines is enough because clang-format keeps the text
// regular.
#include "tests/support/tidy_text.h"

#include <algorithm>
#include <cctype>

namespace tenantlint::tidy {
namespace {

bool is_identifier(char c) {
  return std::isalnum(static_cast<unsigned char>(c)) != 0 || c == '_';
}

// Where the literal, comment or preprocessor line that starts at `i` ends; `i` if none starts
// there.
class Skipper {
 public:
  explicit Skipper(std::string_view text) : text_(text) {}

  std::size_t skip(std::size_t i) const {
    if (starts(i, "//")) return line_end(i);
    if (starts(i, "/*")) return after("*/", i + 2);
    if (text_[i] == '#' && first_on_line(i)) return line_end(i);
    if (starts(i, "R\"") && (i == 0 || !is_identifier(text_[i - 1]))) return raw_string(i);
    if (text_[i] == '"') return quoted(i, '"');
    // A quote behind a digit separates thousands.
    const bool separator = i > 0 && std::isalnum(static_cast<unsigned char>(text_[i - 1])) != 0;
    if (text_[i] == '\'' && !separator) return quoted(i, '\'');
    return i;
  }

 private:
  bool starts(std::size_t i, std::string_view what) const {
    return text_.substr(i, what.size()) == what;
  }
  std::size_t after(std::string_view what, std::size_t from) const {
    const std::size_t at = text_.find(what, from);
    return at == std::string_view::npos ? text_.size() : at + what.size();
  }
  bool first_on_line(std::size_t i) const {
    while (i > 0 && (text_[i - 1] == ' ' || text_[i - 1] == '\t')) --i;
    return i == 0 || text_[i - 1] == '\n';
  }
  // The end of the line, a backslash before the line break carrying over to the next one.
  std::size_t line_end(std::size_t i) const {
    std::size_t at = text_.find('\n', i);
    while (at != std::string_view::npos && text_[at - 1] == '\\') at = text_.find('\n', at + 1);
    return std::min(at, text_.size());
  }
  std::size_t quoted(std::size_t i, char quote) const {
    for (++i; i < text_.size() && text_[i] != quote && text_[i] != '\n'; ++i) {
      if (text_[i] == '\\') ++i;
    }
    return std::min(i + 1, text_.size());
  }
  std::size_t raw_string(std::size_t i) const {
    const std::size_t open = text_.find('(', i);
    if (open == std::string_view::npos) return text_.size();
    return after(")" + std::string(text_.substr(i + 2, open - i - 2)) + "\"", open);
  }

  std::string_view text_;
};

// What a brace opens, by the code between it and the previous end of a declaration.
enum class Scope { kOuter, kFunction, kOther };

Scope scope_of(std::string_view head) {
  for (const std::string_view word : {"namespace", "extern", "class", "struct", "union", "enum"}) {
    if (has_word(head, word) && head.find('(') == std::string_view::npos) return Scope::kOuter;
  }
  if (head.find('(') == std::string_view::npos) return Scope::kOther;
  const std::size_t assign = head.find(" = ");
  const bool ends_open = !head.empty() && head.back() == '=';
  const bool initializer = assign != std::string_view::npos && assign < head.find('(');
  return initializer || ends_open ? Scope::kOther : Scope::kFunction;
}

std::string_view trimmed(std::string_view text) {
  while (!text.empty() && std::isspace(static_cast<unsigned char>(text.back())) != 0) {
    text.remove_suffix(1);
  }
  while (!text.empty() && std::isspace(static_cast<unsigned char>(text.front())) != 0) {
    text.remove_prefix(1);
  }
  return text;
}

}  // namespace

std::vector<std::string_view> lines_of(std::string_view text) {
  std::vector<std::string_view> lines;
  while (!text.empty()) {
    const std::size_t end = text.find('\n');
    lines.push_back(text.substr(0, end));
    if (end == std::string_view::npos) break;
    text.remove_prefix(end + 1);
  }
  return lines;
}

std::string code_only(std::string_view text) {
  const Skipper skipper(text);
  std::string code(text);
  for (std::size_t i = 0; i < text.size();) {
    const std::size_t end = skipper.skip(i);
    for (std::size_t k = i; k < end; ++k) {
      if (code[k] != '\n') code[k] = ' ';
    }
    i = end == i ? i + 1 : end;
  }
  return code;
}

std::vector<FunctionSpan> functions_of(std::string_view text) {
  const std::string code = code_only(text);
  std::vector<FunctionSpan> functions;
  std::vector<Scope> scopes;
  std::size_t head_begin = 0;
  std::size_t signature = 0;
  const auto line_at = [&code](std::size_t offset) {
    const auto end = code.begin() + static_cast<std::ptrdiff_t>(offset);
    return static_cast<std::size_t>(std::count(code.begin(), end, '\n')) + 1;
  };
  const auto outer = [&scopes] {
    return std::all_of(scopes.begin(), scopes.end(), [](Scope s) { return s == Scope::kOuter; });
  };
  for (std::size_t i = 0; i < code.size(); ++i) {
    const char c = code[i];
    if (c == '{') {
      const std::string_view head = std::string_view(code).substr(head_begin, i - head_begin);
      const Scope scope = outer() ? scope_of(trimmed(head)) : Scope::kOther;
      if (scope == Scope::kFunction) {
        signature = code.find_first_not_of(" \n\t", head_begin);
      }
      scopes.push_back(scope);
    } else if (c == '}' && !scopes.empty()) {
      const Scope closed = scopes.back();
      scopes.pop_back();
      if (closed == Scope::kFunction) functions.push_back({line_at(signature), line_at(i)});
    }
    const bool access = c == ':' && outer() && i > 0 && code[i - 1] != ':' &&
                        code.substr(i, 2) == ":\n" && code.find('(', head_begin) > i;
    if (c == '{' || c == '}' || c == ';' || access) head_begin = i + 1;
  }
  return functions;
}

bool has_word(std::string_view code, std::string_view word) {
  for (std::size_t at = code.find(word); at != std::string_view::npos;
       at = code.find(word, at + 1)) {
    if (at == 0 || !is_identifier(code[at - 1])) return true;
  }
  return false;
}

}  // namespace tenantlint::tidy
