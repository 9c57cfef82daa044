// The registry: rules.def turned into a constant table. A rule's name is written once, as the
// identifier of its file; everything else is derived from it when this file is compiled.
#include "rules/registry.h"

#include <array>
#include <cstddef>

namespace tenantlint::rules {

#define RULE(number, group, identifier) extern const RuleDefinition identifier;
#include "rules/rules.def"
#undef RULE

namespace {

// "table_without_rls" → "table-without-rls", at compile time.
template <std::size_t N>
struct KebabCase {
  std::array<char, N> text{};
  constexpr explicit KebabCase(const char (&identifier)[N]) {
    for (std::size_t i = 0; i < N; ++i) text[i] = identifier[i] == '_' ? '-' : identifier[i];
  }
  constexpr std::string_view view() const { return {text.data(), N - 1}; }
};

#define RULE(number, group, identifier) constexpr KebabCase k_##identifier(#identifier);
#include "rules/rules.def"
#undef RULE

constexpr RuleEntry kRules[] = {
#define RULE(number, group, identifier) \
  {number, #group, k_##identifier.view(), "TL" #number, &identifier},
#include "rules/rules.def"
#undef RULE
};

}  // namespace

std::span<const RuleEntry> all() {
  return kRules;
}

const RuleEntry* find(std::string_view word) {
  for (const RuleEntry& rule : kRules) {
    if (rule.name == word || rule.id == word || rule.id.substr(2) == word) return &rule;
  }
  return nullptr;
}

}  // namespace tenantlint::rules
