// Section marks of migration tools: which parts of a script run when one migrates forward. Marks
// are comments, found by the scanner; the rest of the file is not touched.
#include "analyzer/sql/sections.h"

#include <algorithm>

#include "analyzer/sql/tokens.h"

namespace tenantlint::sql {

namespace {

bool is_space(char c) {
  return c == ' ' || c == '\t' || c == '\r' || c == '\n';
}

// The words of a comment behind its dashes.
std::vector<std::string_view> words(std::string_view comment) {
  std::vector<std::string_view> out;
  std::size_t at = comment.find_first_not_of('-');
  while (at != std::string_view::npos && at < comment.size()) {
    while (at < comment.size() && is_space(comment[at])) ++at;
    const std::size_t begin = at;
    while (at < comment.size() && !is_space(comment[at])) ++at;
    if (at > begin) out.push_back(comment.substr(begin, at - begin));
  }
  return out;
}

bool same(std::string_view a, std::string_view b) {
  return std::equal(a.begin(), a.end(), b.begin(), b.end(), [](char x, char y) {
    const auto low = [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c; };
    return low(x) == low(y);
  });
}

enum class Mark { None, Up, Down, Begin, End, Changeset, Header };

Mark mark_of(Sections format, const std::vector<std::string_view>& w) {
  if (w.empty()) return Mark::None;
  switch (format) {
    case Sections::Goose:
    case Sections::SqlMigrate: {
      const std::string_view tag = format == Sections::Goose ? "+goose" : "+migrate";
      if (!same(w[0], tag) || w.size() < 2) return Mark::None;
      if (same(w[1], "Up")) return Mark::Up;
      if (same(w[1], "Down")) return Mark::Down;
      if (same(w[1], "StatementBegin")) return Mark::Begin;
      if (same(w[1], "StatementEnd")) return Mark::End;
      return Mark::None;
    }
    case Sections::Dbmate:
      if (w[0] == "migrate:up") return Mark::Up;
      if (w[0] == "migrate:down") return Mark::Down;
      return Mark::None;
    case Sections::Liquibase:
      if (same(w[0], "changeset")) return Mark::Changeset;
      if (same(w[0], "liquibase") && w.size() > 2 && same(w[1], "formatted")) return Mark::Header;
      return Mark::None;
    case Sections::Auto:
    case Sections::None: return Mark::None;
  }
  return Mark::None;
}

bool has_word(const std::vector<std::string_view>& w, std::string_view word) {
  return std::any_of(w.begin(), w.end(), [&](std::string_view x) { return same(x, word); });
}

// A changeset for another database is not ours to run.
bool for_postgres(const std::vector<std::string_view>& w) {
  for (const std::string_view attribute : w) {
    if (!attribute.starts_with("dbms:")) continue;
    const std::string_view list = attribute.substr(5);
    if (list.find("!postgresql") != std::string_view::npos) return false;
    return list.find("postgresql") != std::string_view::npos ||
           list.find('!') != std::string_view::npos;
  }
  return true;
}

}  // namespace

Sections detect_sections(std::string_view text) {
  // Cheap looks first: most scripts have no marks at all.
  struct Format {
    Sections sections;
    std::string_view hint;
    char rare;
  };
  constexpr Format kFormats[] = {{Sections::Goose, "+goose", '+'},
                                 {Sections::SqlMigrate, "+migrate", '+'},
                                 {Sections::Dbmate, "migrate:up", ':'},
                                 {Sections::Liquibase, "liquibase formatted sql", 'q'}};
  for (const Format& format : kFormats) {
    const auto next = [&](std::size_t from) {
      return find_by_rare(text, format.hint, format.rare, from);
    };
    for (std::size_t at = next(0); at != std::string_view::npos; at = next(at + 1)) {
      const std::size_t line = text.rfind('\n', at) + 1;
      const std::size_t first = text.find_first_not_of(" \t\r", line);
      if (text.substr(first, 2) == "--") return format.sections;
    }
  }
  return Sections::None;
}

SectionRanges forward_ranges(std::string_view text, Span whole, Sections format) {
  SectionRanges out;
  if (format == Sections::None || format == Sections::Auto) {
    out.forward.push_back(whole);
    return out;
  }
  text = text.substr(0, whole.end);
  bool forward = false;
  bool marked = false;
  bool directed = false;
  std::uint32_t begin = whole.begin;
  const auto close = [&](std::uint32_t end) {
    (forward ? out.forward : out.backward).push_back({begin, end});
  };
  for (Token t = next_token(text, whole.begin); t.kind != TokenKind::End;
       t = next_token(text, t.span.end)) {
    if (t.kind != TokenKind::LineComment) continue;
    const auto w = words(text.substr(t.span.begin, t.span.end - t.span.begin));
    const Mark mark = mark_of(format, w);
    if (mark == Mark::None) {
      out.no_transaction |=
          has_word(w, "+goose") && has_word(w, "NO") && has_word(w, "TRANSACTION");
      continue;
    }
    if (marked || mark != Mark::Header) close(t.span.begin);
    begin = t.span.end;
    if (mark == Mark::Up) {
      forward = true;
      out.no_transaction |= has_word(w, "notransaction") || has_word(w, "transaction:false");
    } else if (mark == Mark::Down) {
      forward = false;
    } else if (mark == Mark::Changeset) {
      forward = for_postgres(w);
      out.no_transaction |= has_word(w, "runInTransaction:false");
    }
    marked = true;
    directed |= mark == Mark::Up || mark == Mark::Down || mark == Mark::Changeset;
  }
  close(whole.end);
  out.marked = marked;
  // Statement marks alone say nothing about a direction: all of the script runs.
  if (!directed) return {{whole}, {}, false, out.no_transaction};
  return out;
}

}  // namespace tenantlint::sql
