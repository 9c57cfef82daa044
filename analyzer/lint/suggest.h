// "Did you mean": the nearest of a few words.
#pragma once

#include <span>
#include <string>
#include <string_view>

namespace tenantlint {

// "; did you mean 'x'?" if one of the words is close to `word`, else an empty string.
std::string suggest(std::string_view word, std::span<const std::string_view> words);

}  // namespace tenantlint
