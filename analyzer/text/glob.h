// Patterns over paths and names, as .gitignore has them: ** crosses '/', * and ? do not, […] and
// {a,b}.
#pragma once

#include <string_view>

namespace tenantlint {

bool glob_match(std::string_view pattern, std::string_view text);

// A pattern without any special character names just itself.
bool is_glob(std::string_view pattern);

}  // namespace tenantlint
