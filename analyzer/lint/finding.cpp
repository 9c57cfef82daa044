// Words for severities.
#include "analyzer/lint/finding.h"

namespace tenantlint {

std::string_view to_string(Severity severity) {
  switch (severity) {
    case Severity::Note: return "note";
    case Severity::Warning: return "warning";
    case Severity::Error: return "error";
  }
  return "warning";
}

std::optional<Severity> parse_severity(std::string_view word) {
  if (word == "note") return Severity::Note;
  if (word == "warning") return Severity::Warning;
  if (word == "error") return Severity::Error;
  return std::nullopt;
}

}  // namespace tenantlint
