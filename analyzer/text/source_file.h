// A file that was read, and the way from its bytes to lines and columns.
#pragma once

#include <cstdint>
#include <deque>
#include <mutex>
#include <string>
#include <string_view>
#include <vector>

#include "analyzer/text/span.h"

namespace tenantlint {

// Line and column count from 1. `column` counts Unicode code points, `utf16` UTF-16 code units.
struct Position {
  std::uint32_t line = 1;
  std::uint32_t column = 1;
  std::uint32_t utf16 = 1;
  std::uint32_t offset = 0;
};

// Text is kept as it stands in the file (a UTF-8 byte order mark included, so that offsets are
// those of the file). The lines are indexed when the first position is asked for. Not thread-safe.
class SourceFile {
 public:
  SourceFile(std::string path, std::string text) : path_(std::move(path)), text_(std::move(text)) {}

  // Relative to the working directory, with '/'.
  const std::string& path() const { return path_; }
  std::string_view text() const { return text_; }
  // The buffer is followed by a NUL byte, as the parser needs it.
  char* buffer() { return text_.data(); }

  // An offset behind the end is taken for the end; one inside a character for its first byte.
  Position position(std::uint32_t offset) const;
  std::uint32_t line_count() const;
  // Bytes of a line (counted from 1) without its line break; empty behind the last line.
  Span line(std::uint32_t number) const;
  std::string_view slice(Span span) const;

 private:
  const std::vector<std::uint32_t>& line_starts() const;

  std::string path_;
  std::string text_;
  mutable std::vector<std::uint32_t> line_starts_;
};

// All files of a run. Files stay where they are, so references to them are good for the whole run.
class SourceSet {
 public:
  FileId add(std::string path, std::string text);
  SourceFile& operator[](FileId id);
  const SourceFile& operator[](FileId id) const;
  std::uint32_t size() const;

 private:
  // A script that is being parsed may include another file while others are read.
  mutable std::mutex mutex_;
  std::deque<SourceFile> files_;
};

}  // namespace tenantlint
