// SQL text and where each byte of it comes from.
//
// A .sql file is one piece that maps to itself. Text in which something was filled in (a psql
// variable, a placeholder, dynamic SQL of a DO block) has several pieces; bytes that stand in no
// file map to the whole range that produced them. Later stages never know which of these they read.
#pragma once

#include <cstdint>
#include <string_view>
#include <vector>

#include "analyzer/text/span.h"

namespace tenantlint {

class SqlText {
 public:
  struct Piece {
    Span text;                 // bytes of this text
    FileId file = kNoFile;     // where they come from
    std::uint32_t origin = 0;  // first byte there
    std::uint32_t origin_end =
        0;                 // verbatim pieces: origin + length; others: end of what produced them
    bool verbatim = true;  // byte i of the piece is byte origin + i of the file
  };

  SqlText() = default;
  // The whole of a file.
  SqlText(std::string_view text, FileId file);
  // `pieces` cover `text` without gaps, in order.
  SqlText(std::string_view text, std::vector<Piece> pieces);

  // Followed by a NUL byte. Owned by whoever made it (a SourceFile or an arena).
  std::string_view view() const { return text_; }
  std::string_view slice(Span span) const;
  const std::vector<Piece>& pieces() const { return pieces_; }

  // The place of a byte range; of a single offset, with an extent found when it is shown. An offset
  // in filled-in text gives the range that produced it.
  Place place(Span span) const;
  Place place(std::uint32_t offset, Extent extent) const;
  // The first identifier `word` in `within`; see Extent::Word. `word` must outlive the place.
  Place place(Span within, std::string_view word) const;

 private:
  const Piece& piece_at(std::uint32_t offset) const;

  std::string_view text_;
  std::vector<Piece> pieces_;
};

}  // namespace tenantlint
