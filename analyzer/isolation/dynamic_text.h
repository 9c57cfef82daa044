// Text that code puts together: what is known of it, and where each byte of it comes from.
//
// A value that is quoted on its way into the text (%L, quote_literal, a number) is a hole in which
// a parameter stands; so is a single identifier (%I). Anything else that is not known ends what is
// known of the text.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "analyzer/isolation/prover.h"
#include "analyzer/text/arena.h"
#include "analyzer/text/span.h"
#include "analyzer/text/sql_text.h"

namespace tenantlint::isolation {

struct TextHole {
  Span at;                  // the parameter that stands there, in the text
  bool identifier = false;  // one name, quoted; else one value
  Variable value;           // number: that of the parameter
  std::string what;         // as a person knows it: "parameter 'p_table'"
};

// One text. Invariant: `pieces` cover `text`.
struct DynamicText {
  std::string text;
  std::vector<SqlText::Piece> pieces;
  std::vector<TextHole> holes;
  bool known = true;  // false: what follows `text` is not known
  std::string why;    // … because it depends on this: "parameter 'p_sql'"
  bool null = false;  // NULL: there is no text

  void append(const DynamicText& other);
};

// The texts that a variable may hold at a point of the code. Empty: nothing is known.
using DynamicTexts = std::vector<DynamicText>;
struct TextState {
  bool tracked = false;  // false: what its declaration says is all there is
  DynamicTexts texts;
};

// Bytes of `from` as they stand there.
DynamicText verbatim_text(const SqlText& from, Span range);
// The content of the string literal at `at` in `from`; `value`: what it means.
DynamicText literal_text(const SqlText& from, std::uint32_t at, std::string_view value);
// Text that `range` of `from` computes.
DynamicText computed_text(const SqlText& from, Span range, std::string_view text);
DynamicText unknown_text(std::string why);
DynamicText hole_text(const SqlText& from, Span range, const TextHole& hole);

// All combinations; more than a few are one that is not known.
DynamicTexts concatenate(const DynamicTexts& left, const DynamicTexts& right);
void add_texts(DynamicTexts& to, const DynamicTexts& more);
// Adds where both are possible.
void merge(TextState& to, const TextState& other);

// Quotes around a value that needs none ('…' || p_id || '…') are taken away, and the text is kept.
SqlText finish_text(DynamicText& text, Arena& arena);

// May text that begins like this read or write rows of tables?
bool may_touch_rows(std::string_view beginning);

}  // namespace tenantlint::isolation
