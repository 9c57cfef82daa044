// Which files are migrations, in which order they run, and how we know: names and folders only.
#pragma once

#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "analyzer/sql/script.h"

namespace tenantlint {

struct MigrationFile {
  std::string path;
  sql::Sections sections = sql::Sections::Auto;
};

struct Ambiguity {
  std::string first;
  std::string second;
  std::string reason;  // "same-version", "unpadded-number"
  std::string detail;
};

struct MigrationOrder {
  std::vector<MigrationFile> files;   // in the order in which they run
  std::vector<std::string> left_out;  // backward halves, undo scripts, other dialects
  std::vector<Ambiguity> ambiguities;
  std::string format;  // what was found, "golang-migrate"
  std::string why;     // "the files are pairs NAME.up.sql and NAME.down.sql"
};

// Puts the files of one set in order. `format` is a name of PRODUCT.md or "auto"; with "plain" the
// files keep the order in which they are given if `given_order` holds. `read` gives the text of a
// file beside the migrations (a plan or a journal); empty if there is none.
MigrationOrder order_migrations(std::vector<std::string> paths, std::string_view format,
                                bool given_order,
                                const std::function<std::string(const std::string&)>& read);

}  // namespace tenantlint
