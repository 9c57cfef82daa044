// A finding: a rule fired, here, for these reasons, and this is what to do about it.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "analyzer/text/span.h"

namespace tenantlint {

enum class Severity : std::uint8_t { Note, Warning, Error };
std::string_view to_string(Severity severity);  // "note", "warning", "error"
std::optional<Severity> parse_severity(std::string_view word);

// A step on the way to the finding: the statement that caused it, the column it is about.
struct Note {
  std::string message;
  Place place;
};

// Safe: the meaning for a correct application does not change; `tenantlint fix` applies it.
// Suggested: a person has to look; only shown.
enum class Trust : std::uint8_t { Safe, Suggested };

// Replaces an exact range of one file; an empty range inserts.
struct TextEdit {
  Place place;
  std::string text;
};

struct Fix {
  std::string title;
  Trust trust = Trust::Suggested;
  std::vector<TextEdit> edits;
};

// What the finding is about: {"table", "public.invoices"}, {"index", "public.invoices_total_idx"} …
struct ObjectName {
  std::string_view kind;
  std::string name;
};

enum class FindingStatus : std::uint8_t { New, Baseline, Waived };

struct RuleEntry;
struct Waiver;

struct Finding {
  const RuleEntry* rule = nullptr;
  Severity severity = Severity::Warning;
  std::string message;      // what is wrong, names in single quotes, no full stop
  std::string_view reason;  // stable word for the shape of the fault: "rls-off"
  std::string help;         // one line that says what to do; may be empty
  Place place;
  ObjectName object;
  Place statement;  // whose tokens tell this finding from others of the object; may be unknown
  std::vector<Note> notes;
  std::optional<Fix> fix;
  // Filled in by the run, not by rules:
  Span range;               // resolved bytes of `place`
  std::string fingerprint;  // rule + object + reason + normalised statement; never a line number
  FindingStatus status = FindingStatus::New;
  const Waiver* waiver = nullptr;
};

}  // namespace tenantlint
