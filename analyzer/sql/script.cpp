// Reads a script: the whole text goes to the parser at once; only if that fails is it taken apart,
// first as psql would (script_scan.cpp), then statement by statement. So a plain migration costs
// one parse, and a faulty statement costs only itself.
#include "analyzer/sql/script.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstring>

#include "analyzer/sql/lower.h"
#include "analyzer/sql/script_scan.h"
#include "analyzer/sql/sections.h"
#include "analyzer/sql/tokens.h"

namespace tenantlint::sql {

namespace {

constexpr std::uint32_t kLargestFile = 1U << 30;
constexpr int kDeepestInclude = 16;

// Where a run of ASCII bytes other than NUL ends; most files are one run, read a word at a time.
std::size_t plain_end(std::string_view text, std::size_t at) {
  constexpr std::uint64_t kHigh = 0x8080808080808080U;
  constexpr std::uint64_t kOnes = 0x0101010101010101U;
  std::uint64_t word = 0;
  for (; at + sizeof word <= text.size(); at += sizeof word) {
    std::memcpy(&word, text.data() + at, sizeof word);
    // A byte with its high bit set stays so or borrows from one that is zero: both end the run.
    if (((word | (word - kOnes)) & kHigh) != 0) break;
  }
  while (at < text.size() && text[at] != '\0' && static_cast<unsigned char>(text[at]) < 0x80U) ++at;
  return at;
}

// The first byte that is no part of well-formed UTF-8 (or a NUL); the size if there is none.
std::size_t first_bad_byte(std::string_view text) {
  std::size_t i = 0;
  const auto byte = [&](std::size_t at) {
    return at < text.size() ? static_cast<unsigned char>(text[at]) : 0U;
  };
  while (i < text.size()) {
    i = plain_end(text, i);
    if (i == text.size()) break;
    const unsigned c = byte(i);
    if (c == 0) return i;
    const std::size_t more = c >= 0xF0U && c <= 0xF4U ? 3 : c >= 0xE0U ? 2 : 1;
    if (c < 0xC2U || c > 0xF4U) return i;
    for (std::size_t k = 1; k <= more; ++k) {
      if ((byte(i + k) & 0xC0U) != 0x80U) return i;
    }
    // Overlong forms, surrogates and code points that do not exist.
    if ((c == 0xE0U && byte(i + 1) < 0xA0U) || (c == 0xEDU && byte(i + 1) > 0x9FU) ||
        (c == 0xF0U && byte(i + 1) < 0x90U) || (c == 0xF4U && byte(i + 1) > 0x8FU)) {
      return i;
    }
    i += more + 1;
  }
  return text.size();
}

bool too_deep(const std::string& message) {
  return message.find("nested too deeply") != std::string::npos ||
         message.find("memory exhausted") != std::string::npos ||
         message.find("stack depth") != std::string::npos;
}

class Reader {
 public:
  Reader(SourceSet& sources, const ScriptOptions& options, Script& out)
      : sources_(sources), options_(options), out_(out) {
    scan_.variables = options.variables;
    for (const auto& [name, value] : options.placeholders) scan_.variables.emplace(name, value);
  }

  void read(FileId file, int depth);

 private:
  void read_range(const SqlText& text, Span range, FileId file, int depth);
  void scan_range(const SqlText& text, Span range, FileId file, int depth);
  bool parse_all(const SqlText& text, Span range, bool uncertain);
  void parse_each(const SqlText& text, const std::vector<ScanItem>& items);
  void parse_one(const SqlText& text, const ScanItem& item);
  void include(const ScanItem& item, const SqlText& text, FileId file, int depth);
  void report(std::string_view code, std::string message, Place place) {
    out_.problems.push_back({code, std::move(message), place});
  }
  const SqlText& own(SqlText text) {
    return *out_.texts.emplace_back(std::make_unique<SqlText>(std::move(text)));
  }

  SourceSet& sources_;
  const ScriptOptions& options_;
  Script& out_;
  ScanState scan_;
};

void Reader::read(FileId file, int depth) {
  const std::string_view bytes = sources_[file].text();
  if (bytes.size() > kLargestFile) {
    return report("file-too-large", "The file is larger than 1 GiB and was not read",
                  {file, 0, 0, Extent::Range});
  }
  if (bytes.starts_with("\xFF\xFE") || bytes.starts_with("\xFE\xFF")) {
    return report("encoding", "The file is UTF-16; PostgreSQL reads UTF-8",
                  {file, 0, 2, Extent::Range});
  }
  const SqlText& text = own(SqlText(bytes, file));
  const auto size = static_cast<std::uint32_t>(bytes.size());
  const std::uint32_t begin = bytes.starts_with("\xEF\xBB\xBF") ? 3 : 0;
  out_.has_waivers |= find_by_rare(bytes, "tenantlint:", ':') != std::string_view::npos;
  const auto bad = static_cast<std::uint32_t>(first_bad_byte(bytes));
  if (bad < size) {
    report("encoding", bytes[bad] == '\0' ? "NUL byte in the text" : "Not valid UTF-8",
           {file, bad, bad + 1, Extent::Range});
  }
  const Sections format =
      options_.sections == Sections::Auto ? detect_sections(bytes) : options_.sections;
  const SectionRanges ranges = forward_ranges(bytes, {begin, size}, format);
  out_.no_transaction |= ranges.no_transaction;
  if (format != Sections::None && ranges.forward.empty() && begin < size) {
    report("section", "No forward section in this migration", {file, begin, size, Extent::Token});
  }
  out_.skipped_backward += ranges.marked ? ranges.backward.size() : 0;
  for (const Span range : ranges.forward) {
    // The parser ends at a NUL byte: what stands before and behind each is read on its own.
    for (std::uint32_t at = range.begin; at < range.end && !scan_.quit;) {
      const std::size_t nul = std::min<std::size_t>(bytes.find('\0', at), range.end);
      const auto end = static_cast<std::uint32_t>(nul);
      if (end > at) read_range(text, {at, end}, file, depth);
      at = end + 1;
    }
  }
}

void Reader::read_range(const SqlText& text, Span range, FileId file, int depth) {
  // Placeholders are filled in everywhere, also where the text would parse without. A file that is
  // included under a condition is as uncertain as the branch is.
  const bool plain = scan_.variables.empty() && scan_.conditions.empty();
  if (plain && parse_all(text, range, false)) return;
  scan_range(text, range, file, depth);
}

// The fast path: all statements of the range in one parse.
bool Reader::parse_all(const SqlText& text, Span range, bool uncertain) {
  ParseResult result = parse(text.view(), range, out_.arena, out_.details);
  if (!result.ok) return false;
  out_.statements.reserve(out_.statements.size() + result.statements.size());
  for (const ParsedStatement& s : result.statements) {
    out_.statements.push_back({s.span, s.tree, &text, uncertain, false});
  }
  return true;
}

void Reader::scan_range(const SqlText& text, Span range, FileId file, int depth) {
  std::vector<ScanItem> run;
  ScriptScanner scanner(text.view(), range, scan_);
  const auto flush = [&] {
    parse_each(text, run);
    run.clear();
  };
  while (!scan_.quit) {
    ScanItem item = scanner.next();
    if (item.kind == ScanKind::End) break;
    switch (item.kind) {
      case ScanKind::Statement:
        if (item.filled.empty() && !item.executes_result) {
          run.push_back(std::move(item));
        } else {
          flush();
          parse_one(text, item);
        }
        break;
      case ScanKind::Problem: report(item.code, item.message, text.place(item.span)); break;
      case ScanKind::Include:
        flush();
        include(item, text, file, depth);
        break;
      case ScanKind::Data: out_.data.push_back(item.span); break;
      case ScanKind::End: break;
    }
  }
  flush();
}

// Statements between two psql commands: together if they all parse, else one by one.
void Reader::parse_each(const SqlText& text, const std::vector<ScanItem>& items) {
  std::size_t i = 0;
  while (i < items.size()) {
    std::size_t last = i;
    while (last + 1 < items.size() && items[last + 1].uncertain == items[i].uncertain &&
           items[last].joins_next) {
      ++last;
    }
    if (last == i ||
        !parse_all(text, {items[i].span.begin, items[last].span.end}, items[i].uncertain)) {
      for (std::size_t k = i; k <= last; ++k) parse_one(text, items[k]);
    }
    i = last + 1;
  }
}

void Reader::parse_one(const SqlText& file_text, const ScanItem& item) {
  const SqlText* text = &file_text;
  Span range = item.span;
  if (!item.filled.empty()) {
    text = &own(fill_in(file_text, item, out_.arena));
    range = {0, static_cast<std::uint32_t>(text->view().size())};
  }
  ParseResult result = parse(text->view(), range, out_.arena, out_.details);
  if (result.ok) {
    for (const ParsedStatement& s : result.statements) {
      out_.statements.push_back({s.span, s.tree, text, item.uncertain, item.executes_result});
    }
    return;
  }
  out_.statements.push_back({range, nullptr, text, item.uncertain, item.executes_result});
  const ScanFault fault = explain_fault(text->view(), range, result.error.offset);
  if (!fault.code.empty()) return report(fault.code, fault.message, text->place(fault.span));
  const bool deep = too_deep(result.error.message);
  report(deep ? "too-deep" : "parse-error",
         deep ? "The statement is nested too deeply to be analysed" : result.error.message,
         text->place(std::min(result.error.offset, range.end), Extent::Token));
}

void Reader::include(const ScanItem& item, const SqlText& text, FileId file, int depth) {
  if (depth >= kDeepestInclude) {
    return report("psql-command", "Files include each other more than 16 deep",
                  text.place(item.span));
  }
  const std::optional<FileId> found =
      options_.include ? options_.include(item.name, file, item.relative) : std::nullopt;
  if (!found) {
    return report("psql-command", fmt::format("Cannot read the included file '{}'", item.name),
                  text.place(item.span));
  }
  // \q ends the file that it stands in, and \if does not reach across files.
  const std::vector<ScanState::Condition> conditions = scan_.conditions;
  read(*found, depth + 1);
  scan_.quit = false;
  scan_.conditions = conditions;
}

}  // namespace

Script read_script(SourceSet& sources, FileId file, const ScriptOptions& options) {
  Script out;
  out.file = file;
  Reader(sources, options, out).read(file, 0);
  return out;
}

std::vector<CommentMark> waiver_comments(std::string_view text, const std::vector<Span>& data) {
  std::vector<CommentMark> out;
  std::size_t skip = 0;
  for (Token t = next_token(text, 0); t.kind != TokenKind::End;) {
    std::uint32_t next = t.span.end;
    while (skip < data.size() && data[skip].begin < next) next = std::max(next, data[skip++].end);
    const bool comment = t.kind == TokenKind::LineComment || t.kind == TokenKind::BlockComment;
    const std::string_view body = text.substr(t.span.begin, t.span.end - t.span.begin);
    if (comment && body.find("tenantlint:") != std::string_view::npos) {
      const std::size_t line = text.rfind('\n', t.span.begin) + 1;
      const std::size_t first = text.find_first_not_of(" \t", t.span.begin == 0 ? 0 : line);
      out.push_back({t.span, first == t.span.begin});
    }
    t = next_token(text, next);
  }
  return out;
}

}  // namespace tenantlint::sql
