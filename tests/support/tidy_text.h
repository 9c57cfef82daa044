// Just enough of C++'s lexical rules for the checks of the house to tell code from text.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace tenantlint::tidy {

// The lines of a text, without line breaks.
std::vector<std::string_view> lines_of(std::string_view text);

// The text with everything inside comments, string and character literals and preprocessor lines
// turned into blanks; line breaks stay, so that lines and columns are those of the text.
std::string code_only(std::string_view text);

// A function body: lines of its signature's beginning and of its closing brace, from 1.
struct FunctionSpan {
  std::size_t first_line;
  std::size_t last_line;
};
// Functions at namespace or class level; lambdas and local classes count as part of theirs.
std::vector<FunctionSpan> functions_of(std::string_view text);

// Whether `word` stands in `code` with no identifier character before it.
bool has_word(std::string_view code, std::string_view word);

}  // namespace tenantlint::tidy
