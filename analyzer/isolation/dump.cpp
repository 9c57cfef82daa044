// In: a verdict. Out: its line of text. Exists so that fixtures show what the prover says of each
// occurrence, proven ones too, and a change of it shows as a difference of lines.
#include "analyzer/isolation/dump.h"

namespace tenantlint::isolation {

std::string_view to_string(Access access) {
  switch (access) {
    case Access::Read: return "read";
    case Access::Insert: return "insert";
    case Access::Update: return "update";
    case Access::Delete: return "delete";
    case Access::Merge: return "merge";
    case Access::WholeTable: return "whole-table";
  }
  return "read";
}

std::string dump_text(const Occurrence& occurrence) {
  std::string out = occurrence.table;
  const std::size_t dot = out.rfind('.');
  if (!occurrence.alias.empty() && out.substr(dot + 1) != occurrence.alias)
    out += " " + occurrence.alias;
  out.append(": ").append(to_string(occurrence.access)).append(", ");
  out.append(to_string(occurrence.verdict)).append(" ").append(occurrence.reason);
  return out;
}

}  // namespace tenantlint::isolation
