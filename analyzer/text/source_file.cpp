// From bytes to lines and columns. Columns are computed from the start of their line when asked
// for: positions are needed for what is shown, not for what is read.
#include "analyzer/text/source_file.h"

#include <algorithm>
#include <cstring>

namespace tenantlint {

namespace {

bool continues_character(char c) {
  return (static_cast<unsigned char>(c) & 0xC0U) == 0x80U;
}

// A four-byte UTF-8 sequence is a surrogate pair in UTF-16.
bool needs_surrogates(char c) {
  return static_cast<unsigned char>(c) >= 0xF0U;
}

}  // namespace

const std::vector<std::uint32_t>& SourceFile::line_starts() const {
  if (!line_starts_.empty()) return line_starts_;
  line_starts_.push_back(0);
  const char* begin = text_.data();
  const char* end = begin + text_.size();
  for (const char* at = begin; at < end;) {
    const void* newline = std::memchr(at, '\n', static_cast<std::size_t>(end - at));
    if (newline == nullptr) break;
    at = static_cast<const char*>(newline) + 1;
    line_starts_.push_back(static_cast<std::uint32_t>(at - begin));
  }
  return line_starts_;
}

Position SourceFile::position(std::uint32_t offset) const {
  const auto& starts = line_starts();
  offset = std::min(offset, static_cast<std::uint32_t>(text_.size()));
  while (offset > 0 && offset < text_.size() && continues_character(text_[offset])) --offset;
  const auto next = std::upper_bound(starts.begin(), starts.end(), offset);
  Position out;
  out.line = static_cast<std::uint32_t>(next - starts.begin());
  out.offset = offset;
  std::uint32_t at = *(next - 1);
  // A byte order mark is no character of the first line.
  if (at == 0 && text_.starts_with("\xEF\xBB\xBF")) at = std::min<std::uint32_t>(3, offset);
  for (; at < offset; ++at) {
    if (continues_character(text_[at])) continue;
    ++out.column;
    out.utf16 += needs_surrogates(text_[at]) ? 2 : 1;
  }
  return out;
}

std::uint32_t SourceFile::line_count() const {
  return static_cast<std::uint32_t>(line_starts().size());
}

Span SourceFile::line(std::uint32_t number) const {
  const auto& starts = line_starts();
  const auto size = static_cast<std::uint32_t>(text_.size());
  if (number == 0 || number > starts.size()) return {size, size};
  const std::uint32_t begin = starts[number - 1];
  std::uint32_t end = number < starts.size() ? starts[number] - 1 : size;
  if (end > begin && text_[end - 1] == '\r') --end;
  return {begin, end};
}

std::string_view SourceFile::slice(Span span) const {
  const auto size = static_cast<std::uint32_t>(text_.size());
  const std::uint32_t begin = std::min(span.begin, size);
  const std::uint32_t end = std::clamp(span.end, begin, size);
  return std::string_view(text_).substr(begin, end - begin);
}

FileId SourceSet::add(std::string path, std::string text) {
  const std::lock_guard lock(mutex_);
  files_.emplace_back(std::move(path), std::move(text));
  return static_cast<FileId>(files_.size() - 1);
}

SourceFile& SourceSet::operator[](FileId id) {
  const std::lock_guard lock(mutex_);
  return files_[id];
}

const SourceFile& SourceSet::operator[](FileId id) const {
  const std::lock_guard lock(mutex_);
  return files_[id];
}

std::uint32_t SourceSet::size() const {
  const std::lock_guard lock(mutex_);
  return static_cast<std::uint32_t>(files_.size());
}

}  // namespace tenantlint
