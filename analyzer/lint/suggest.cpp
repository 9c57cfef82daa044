// Edit distance over short words.
#include "analyzer/lint/suggest.h"

#include <algorithm>
#include <vector>

namespace tenantlint {

namespace {

std::size_t distance(std::string_view a, std::string_view b) {
  std::vector<std::size_t> row(b.size() + 1);
  for (std::size_t j = 0; j <= b.size(); ++j) row[j] = j;
  for (std::size_t i = 1; i <= a.size(); ++i) {
    std::size_t diagonal = row[0]++;
    for (std::size_t j = 1; j <= b.size(); ++j) {
      const std::size_t replace = diagonal + (a[i - 1] == b[j - 1] ? 0 : 1);
      diagonal = row[j];
      row[j] = std::min({row[j] + 1, row[j - 1] + 1, replace});
    }
  }
  return row[b.size()];
}

}  // namespace

std::string suggest(std::string_view word, std::span<const std::string_view> words) {
  std::size_t best = word.size() / 2 + 1;
  std::string_view found;
  for (const std::string_view candidate : words) {
    const std::size_t d = distance(word, candidate);
    if (d >= best) continue;
    best = d;
    found = candidate;
  }
  return found.empty() ? std::string() : "; did you mean '" + std::string(found) + "'?";
}

}  // namespace tenantlint
