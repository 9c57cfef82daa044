// Verdicts as plain text, for fixtures and for reading along.
#pragma once

#include <string>
#include <string_view>

#include "analyzer/isolation/verdict.h"

namespace tenantlint::isolation {

// A line for the statement, with `where` in front; below it one for each occurrence and remark:
//   q.sql:3 select missing, tenant $1
//     public.invoices i: read, missing or-branch, because 3:47
// `line_of` gives "line:column" of a place; unknown places are left out.
template <typename LineOf>
std::string dump_text(const StatementVerdict& verdict, std::string_view where, LineOf line_of);

// One occurrence, without its places: "public.invoices i: read, missing or-branch".
std::string dump_text(const Occurrence& occurrence);
std::string_view to_string(Access access);  // "read", "insert", "whole-table" …

template <typename LineOf>
std::string dump_text(const StatementVerdict& verdict, std::string_view where, LineOf line_of) {
  std::string out(where);
  out.append(" ").append(to_string(verdict.kind)).append(" ").append(to_string(verdict.verdict));
  if (!verdict.tenant_source.empty()) out += ", tenant " + verdict.tenant_source;
  if (!verdict.is_query) out += ", no query";
  out += '\n';
  for (const Occurrence& o : verdict.occurrences) {
    out += "  " + dump_text(o);
    if (o.because.known()) out.append(", because ").append(line_of(o.because));
    out += '\n';
  }
  for (const Remark& r : verdict.remarks)
    out.append("  remark ").append(r.kind).append(": ").append(r.message).append("\n");
  return out;
}

}  // namespace tenantlint::isolation
