// A problem: a place where we could not look. (A finding says that a rule fired; a problem, that
// something was not read, parsed, replayed or understood.) Problems make a run incomplete: exit 3.
#pragma once

#include <string>
#include <string_view>

#include "analyzer/text/span.h"

namespace tenantlint {

// `code` is a stable word of JSON and SARIF:
//   unreadable-file, no-input, encoding, file-too-large, directory-loop   the file could not be
//   read parse-error            PostgreSQL's grammar refuses the statement too-deep nested deeper
//   than we follow psql-command           a psql meta-command whose effect cannot be known
//   psql-variable          a psql variable that is not set
//   placeholder            a template placeholder without a configured value
//   section                malformed up/down section marks
//   replay-error           PostgreSQL would refuse the statement (object missing, already there …)
//   not-interpreted        dynamic DDL or a construct whose effect on the schema is not known
struct Problem {
  std::string_view code;  // one of the constants above; a string literal
  std::string message;    // a sentence without a full stop
  Place place;            // may be unknown, for what is not in a file
};

}  // namespace tenantlint
