// The shape of a rule: constant data plus functions over facts. No class, no state, no
// registration; rules/rules.def is the only list. See design: ARCHITECTURE, "The shape of one
// rule".
#pragma once

#include <cstdint>
#include <initializer_list>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "analyzer/lint/facts.h"
#include "analyzer/lint/finding.h"

namespace tenantlint {

// An example is documentation and test: a bad one gives exactly the marked findings, a good one
// none. `sql` is in the fixture notation (fixtures/README.md); "-- file: NAME" starts a further
// file.
struct Example {
  bool is_bad;
  std::string_view title;
  std::string_view sql;
};
constexpr Example bad(std::string_view title, std::string_view sql) {
  return {true, title, sql};
}
constexpr Example good(std::string_view title, std::string_view sql) {
  return {false, title, sql};
}

// Controls that a rule supports, as auditors write them.
inline constexpr std::string_view kSoc2Cc61 = "SOC2:CC6.1";
inline constexpr std::string_view kGdpr32 = "GDPR:32";
inline constexpr std::string_view kIso27001A9 = "ISO27001:A.9";
inline constexpr std::string_view kIso27001_5_15 = "ISO27001:5.15";
inline constexpr std::string_view kIso27001_8_3 = "ISO27001:8.3";

template <typename T, std::size_t N>
struct FixedList {
  T items[N] = {};
  std::size_t count = 0;
  constexpr FixedList() = default;
  constexpr FixedList(std::initializer_list<T> list) {
    for (const T& item : list) items[count++] = item;
  }
  constexpr std::span<const T> view() const { return {items, count}; }
};

class Report;

// What a rule's file defines. Number, group and name stand in rules.def alone.
struct RuleDefinition {
  Severity severity = Severity::Warning;
  bool on_by_default = true;
  std::string_view summary{};  // one line, no full stop
  std::string_view why{};      // Markdown: what goes wrong in production
  std::string_view limits{};   // Markdown: what the rule cannot see
  FixedList<std::string_view, 6> controls{};
  FixedList<std::uint16_t, 4> cwe{};
  std::span<const Example> examples{};
  void (*check_schema)(const SchemaFacts&, Report&) = nullptr;
  void (*check_queries)(const SchemaFacts&, std::span<const QueryFacts>, Report&) = nullptr;
  void (*check_migrations)(const MigrationFacts&, Report&) = nullptr;
  void (*check_waivers)(const WaiverFacts&, Report&) = nullptr;
};

// A rule with its names: 1001, "table", "table-without-rls", "TL1001".
struct RuleEntry {
  std::uint16_t number;
  std::string_view group;
  std::string_view name;
  std::string_view id;
  const RuleDefinition* definition;
};

#define DEFINE_RULE(identifier)           \
  extern const RuleDefinition identifier; \
  const RuleDefinition identifier

// Takes the findings of one rule. Severity is the rule's unless the rule says otherwise; overrides
// of the configuration are applied afterwards, by the run.
class Report {
 public:
  Report(const RuleEntry& rule, std::vector<Finding>& out) : rule_(rule), out_(out) {}

  // Collects a finding piece by piece: report.add("…", place).object(…).reason(…).note(…);
  class Builder {
   public:
    explicit Builder(Finding& finding) : finding_(finding) {}
    Builder& object(std::string_view kind, std::string name) {
      finding_.object = {kind, std::move(name)};
      return *this;
    }
    Builder& reason(std::string_view word) {
      finding_.reason = word;
      return *this;
    }
    Builder& severity(Severity severity) {
      finding_.severity = severity;
      return *this;
    }
    Builder& help(std::string line) {
      finding_.help = std::move(line);
      return *this;
    }
    // The finding is one with this statement: when it changes, the finding is another one.
    Builder& statement(const Place& place) {
      finding_.statement = place;
      return *this;
    }
    // Notes at unknown places are dropped: they could not be shown.
    Builder& note(std::string message, const Place& place) {
      if (place.known()) finding_.notes.push_back({std::move(message), place});
      return *this;
    }
    Builder& fix(std::optional<Fix> fix) {
      finding_.fix = std::move(fix);
      return *this;
    }

   private:
    Finding& finding_;
  };

  // The builder is good until the next add().
  Builder add(std::string message, const Place& place) {
    Finding& finding = out_.emplace_back();
    finding.rule = &rule_;
    finding.severity = rule_.definition->severity;
    finding.message = std::move(message);
    finding.place = place;
    return Builder(finding);
  }

 private:
  const RuleEntry& rule_;
  std::vector<Finding>& out_;
};

}  // namespace tenantlint
