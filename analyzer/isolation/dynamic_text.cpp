// Pieces of dynamic SQL, put one behind the other as the code does it. The replay's interpreter
// computes such text too, but to values; here a value that is not known must keep its place in the
// text, and every byte its place in the file.
#include "analyzer/isolation/dynamic_text.h"

#include <algorithm>

#include "analyzer/sql/tokens.h"

namespace tenantlint::isolation {

namespace {

constexpr std::size_t kMostTexts = 12;
constexpr std::size_t kLongest = 256 * 1024;

void add_piece(DynamicText& out, const SqlText& from, Span range, std::size_t size, bool verbatim) {
  const auto begin = static_cast<std::uint32_t>(out.text.size());
  const Place place = from.place(range);
  SqlText::Piece piece;
  piece.text = {begin, begin + static_cast<std::uint32_t>(size)};
  piece.file = place.file;
  piece.origin = place.begin;
  piece.origin_end = place.end;
  piece.verbatim = verbatim && place.end - place.begin == size;
  out.pieces.push_back(piece);
}

}  // namespace

void DynamicText::append(const DynamicText& other) {
  if (!known) return;
  const auto shift = static_cast<std::uint32_t>(text.size());
  text += other.text;
  for (SqlText::Piece piece : other.pieces) {
    piece.text = {piece.text.begin + shift, piece.text.end + shift};
    pieces.push_back(piece);
  }
  for (TextHole hole : other.holes) {
    hole.at = {hole.at.begin + shift, hole.at.end + shift};
    holes.push_back(std::move(hole));
  }
  null = null || other.null;
  known = other.known && text.size() < kLongest;
  if (!known) why = other.known ? "more text than is followed" : other.why;
}

DynamicText verbatim_text(const SqlText& from, Span range) {
  DynamicText out;
  if (range.empty()) return out;
  add_piece(out, from, range, range.end - range.begin, true);
  out.text = from.slice(range);
  return out;
}

DynamicText computed_text(const SqlText& from, Span range, std::string_view text) {
  DynamicText out;
  if (text.empty()) return out;
  add_piece(out, from, range, text.size(), false);
  out.text = text;
  return out;
}

// Doubled quotes are the only escape of '…': what lies between them stands in the file as it is.
DynamicText literal_text(const SqlText& from, std::uint32_t at, std::string_view value) {
  const sql::Token token = sql::next_code_token(from.view(), at);
  const bool string =
      token.kind == sql::TokenKind::String || token.kind == sql::TokenKind::DollarString;
  if (!string) return computed_text(from, token.span, value);
  const Span content = sql::string_content(from.view(), token);
  const std::string_view raw = from.slice(content);
  if (raw == value) return verbatim_text(from, content);
  DynamicText out;
  std::uint32_t begin = content.begin;
  for (std::uint32_t i = content.begin; i + 1 < content.end; ++i) {
    if (from.view()[i] != '\'' || from.view()[i + 1] != '\'') continue;
    out.append(verbatim_text(from, {begin, i + 1}));
    begin = i + 2;
    ++i;
  }
  out.append(verbatim_text(from, {begin, content.end}));
  return out.text == value ? out : computed_text(from, token.span, value);
}

DynamicText unknown_text(std::string why) {
  DynamicText out;
  out.known = false;
  out.why = std::move(why);
  return out;
}

DynamicText hole_text(const SqlText& from, Span range, const TextHole& hole) {
  DynamicText out = computed_text(from, range, "$" + std::to_string(hole.value.number));
  TextHole placed = hole;
  placed.at = {0, static_cast<std::uint32_t>(out.text.size())};
  out.holes.push_back(std::move(placed));
  return out;
}

void add_texts(DynamicTexts& to, const DynamicTexts& more) {
  for (const DynamicText& text : more) {
    const bool there = std::any_of(to.begin(), to.end(), [&](const DynamicText& known) {
      return known.text == text.text && known.known == text.known && known.null == text.null;
    });
    if (!there) to.push_back(text);
  }
  if (to.size() <= kMostTexts) return;
  to.assign(1, unknown_text("more ways through the code than are followed"));
}

DynamicTexts concatenate(const DynamicTexts& left, const DynamicTexts& right) {
  DynamicTexts out;
  for (const DynamicText& l : left) {
    if (!l.known) {
      add_texts(out, {l});
      continue;
    }
    for (const DynamicText& r : right) {
      DynamicText both = l;
      both.append(r);
      add_texts(out, {both});
    }
  }
  return out;
}

void merge(TextState& to, const TextState& other) {
  if (to.tracked && other.tracked) return add_texts(to.texts, other.texts);
  to.tracked = false;
  to.texts.clear();
}

SqlText finish_text(DynamicText& text, Arena& arena) {
  for (const TextHole& hole : text.holes) {
    if (hole.identifier || hole.at.begin == 0 || hole.at.end >= text.text.size()) continue;
    char& before = text.text[hole.at.begin - 1];
    char& behind = text.text[hole.at.end];
    if (before == '\'' && behind == '\'') before = behind = ' ';
  }
  return SqlText(arena.copy(text.text), text.pieces);
}

bool may_touch_rows(std::string_view beginning) {
  const sql::Token token = sql::next_code_token(beginning, 0);
  if (token.kind != sql::TokenKind::Identifier || token.span.end == beginning.size()) return true;
  static constexpr std::string_view kWords[] = {
      "alter",    "create",    "drop",       "grant",   "revoke",    "comment",
      "set",      "reset",     "notify",     "listen",  "analyze",   "vacuum",
      "reindex",  "refresh",   "cluster",    "begin",   "commit",    "rollback",
      "start",    "savepoint", "release",    "discard", "show",      "unlisten",
      "security", "reassign",  "checkpoint", "import",  "deallocate"};
  return std::none_of(std::begin(kWords), std::end(kWords),
                      [&](std::string_view word) { return sql::is_word(beginning, token, word); });
}

}  // namespace tenantlint::isolation
