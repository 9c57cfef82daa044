// Maps ranges of SQL text back to the files they were written in.
#include "analyzer/text/sql_text.h"

#include <algorithm>
#include <utility>

namespace tenantlint {

SqlText::SqlText(std::string_view text, FileId file) : text_(text) {
  const auto size = static_cast<std::uint32_t>(text.size());
  pieces_.push_back({{0, size}, file, 0, size, true});
}

SqlText::SqlText(std::string_view text, std::vector<Piece> pieces)
    : text_(text), pieces_(std::move(pieces)) {}

std::string_view SqlText::slice(Span span) const {
  const auto size = static_cast<std::uint32_t>(text_.size());
  const std::uint32_t begin = std::min(span.begin, size);
  return text_.substr(begin, std::clamp(span.end, begin, size) - begin);
}

// The last piece that begins at or before the offset; pieces cover the text, so it holds the offset
// or the offset is the end of the text.
const SqlText::Piece& SqlText::piece_at(std::uint32_t offset) const {
  static const Piece nowhere;
  if (pieces_.empty()) return nowhere;
  auto next = std::upper_bound(pieces_.begin(), pieces_.end(), offset,
                               [](std::uint32_t o, const Piece& p) { return o < p.text.begin; });
  return next == pieces_.begin() ? pieces_.front() : *(next - 1);
}

Place SqlText::place(Span span) const {
  const Piece& first = piece_at(span.begin);
  const Piece& last = span.end > span.begin ? piece_at(span.end - 1) : first;
  Place out;
  out.file = first.file;
  out.begin = first.verbatim ? first.origin + (span.begin - first.text.begin) : first.origin;
  out.end = last.verbatim ? last.origin + (span.end - last.text.begin) : last.origin_end;
  // Text that runs from one file into another is shown where it begins.
  if (last.file != first.file || out.end < out.begin) out.end = first.origin_end;
  return out;
}

Place SqlText::place(std::uint32_t offset, Extent extent) const {
  const Piece& piece = piece_at(offset);
  if (!piece.verbatim) return {piece.file, piece.origin, piece.origin_end, Extent::Range};
  const std::uint32_t at = piece.origin + (offset - piece.text.begin);
  return {piece.file, at, at, extent};
}

Place SqlText::place(Span within, std::string_view word) const {
  Place out = place(within);
  // PostgreSQL's identifiers have at most 63 bytes; a longer word is none.
  if (piece_at(within.begin).verbatim && word.size() <= UINT16_MAX) {
    out.extent = Extent::Word;
    out.word_size = static_cast<std::uint16_t>(word.size());
    out.word_begin = word.data();
  }
  return out;
}

}  // namespace tenantlint
