// Bytes and places: the vocabulary in which every stage says where something stands.
#pragma once

#include <cstdint>
#include <string_view>

namespace tenantlint {

// Index of a file in its SourceSet.
using FileId = std::uint32_t;
inline constexpr FileId kNoFile = 0xFFFFFFFFU;

// A half-open range of bytes [begin, end).
struct Span {
  std::uint32_t begin = 0;
  std::uint32_t end = 0;

  bool empty() const { return end <= begin; }
  bool contains(std::uint32_t offset) const { return begin <= offset && offset < end; }
  bool operator==(const Span&) const = default;
};

// How far a place reaches from `begin`. The raw parse tree knows where nodes start, not where they
// end; ends are looked up in the text when a place is shown, which for most places is never.
enum class Extent : std::uint8_t {
  Range,  // [begin, end) is exact
  Name,   // the (possibly qualified, possibly quoted) name that starts at begin
  Token,  // the token that starts at begin
  Word,   // the first token in [begin, end) that is the identifier `word`; [begin, end) if none is
};

// Somewhere in a file. The model has several for each of its records: they are kept small.
struct Place {
  FileId file = kNoFile;
  std::uint32_t begin = 0;
  std::uint32_t end = 0;
  Extent extent = Extent::Range;
  // For Extent::Word; lives as long as the schema model.
  std::uint16_t word_size = 0;
  const char* word_begin = nullptr;

  bool known() const { return file != kNoFile; }
  std::string_view word() const { return {word_begin, word_size}; }
};

}  // namespace tenantlint
