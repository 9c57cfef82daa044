// One SQL script: its statements with exact byte ranges, whatever dialect of script it is.
//
// Understands psql (meta-commands, variables, COPY … FROM stdin data), the section marks of the
// migration tools, and template placeholders. Text that is filled in keeps the way back to the
// file.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "analyzer/sql/ast.h"
#include "analyzer/text/arena.h"
#include "analyzer/text/problem.h"
#include "analyzer/text/source_file.h"
#include "analyzer/text/span.h"
#include "analyzer/text/sql_text.h"

namespace tenantlint::sql {

// Which section marks a script has; file names are the driver's business.
enum class Sections : std::uint8_t {
  Auto,        // by the marks that the text has
  None,        // every statement counts
  Goose,       // -- +goose Up / Down, StatementBegin / StatementEnd, NO TRANSACTION, ENVSUB
  Dbmate,      // -- migrate:up / migrate:down [transaction:false]
  SqlMigrate,  // -- +migrate Up / Down [notransaction], StatementBegin / StatementEnd
  Liquibase,   // --liquibase formatted sql; --changeset author:id; --rollback …
};
// By the marks in the text; None if there are none. Reads comments only, by the scanner.
Sections detect_sections(std::string_view text);

struct ScriptOptions {
  Sections sections = Sections::Auto;
  // Values of psql variables (\set adds to them) and of placeholders (${x}, {{ x }}, :NAME …).
  std::map<std::string, std::string, std::less<>> variables;
  std::map<std::string, std::string, std::less<>> placeholders;
  // Reads a file named by \i or \ir (relative to `including`); nothing: the command is a problem.
  std::function<std::optional<FileId>(std::string_view name, FileId including, bool relative)>
      include;
};

// One statement of a script. `tree` is null if it did not parse (then there is a problem).
struct ScriptStatement {
  Span span;  // of `text`; first token to last token, without the semicolon
  const ast::Statement* tree = nullptr;
  const SqlText* text = nullptr;  // where offsets of the tree count
  bool uncertain = false;         // in a psql \if branch whose condition cannot be known
  bool executes_result = false;   // psql's \gexec: what the query returns is run as SQL
};

struct Script {
  FileId file = kNoFile;
  std::vector<ScriptStatement> statements;  // forward direction only, in execution order
  std::vector<Problem> problems;
  std::size_t skipped_backward = 0;  // statements of down / rollback sections
  Arena arena;                       // owns trees and filled-in text
  Arena details;                     // owns the details (ast_table.h) of the statements
  std::vector<std::unique_ptr<SqlText>> texts;
  std::vector<Span> data;       // COPY data: bytes of the file that are no SQL
  bool has_waivers = false;     // the text has "tenantlint:" somewhere
  bool no_transaction = false;  // the format says that it runs outside a transaction
};

// Reads the whole script. Never throws; what cannot be read is a problem and the rest is still
// there. The file's buffer is written to during the call (see lower.h) and is as before afterwards.
Script read_script(SourceSet& sources, FileId file, const ScriptOptions& options);

// A comment that holds "tenantlint:", by the scanner: `span` from -- or /* to its end. `data` is
// passed over.
struct CommentMark {
  Span span;
  bool own_line = false;  // nothing but white space before it on its line
};
std::vector<CommentMark> waiver_comments(std::string_view text, const std::vector<Span>& data);

}  // namespace tenantlint::sql
