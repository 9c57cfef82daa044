// For people: a compiler's format, with the line that is meant and the exact range underlined.
#include <fmt/format.h>
#include <utf8proc.h>

#include <algorithm>

#include "analyzer/report/report.h"
#include "analyzer/sql/locate.h"

namespace tenantlint::report {

namespace {

constexpr std::size_t kTab = 4;

class Writer {
 public:
  Writer(const Run& run, const TextStyle& style) : run_(run), style_(style) {}
  std::string write();

 private:
  std::string paint(std::string_view code, std::string_view words) const {
    return style_.colour ? fmt::format("\x1b[{}m{}\x1b[0m", code, words) : std::string(words);
  }
  static std::string_view colour_of(Severity s) {
    switch (s) {
      case Severity::Error: return "1;31";
      case Severity::Warning: return "1;33";
      case Severity::Note: return "1;36";
    }
    return "0";
  }
  void where(const Place& place, Span range) {
    if (!place.known()) return;
    const SourceFile& file = run_.sources[place.file];
    const Position p = file.position(range.begin);
    out_ += paint("1", fmt::format("{}:{}:{}: ", file.path(), p.line, p.column));
  }
  void frame(const Place& place, Span range, std::string_view colour);
  void finding(const Finding& f);
  void problem(const Problem& p);
  void summary();

  const Run& run_;
  const TextStyle& style_;
  std::string out_;
};

// Appends a line as it looks on a terminal, tabs as spaces, and counts its columns.
std::size_t show(std::string_view bytes, std::string* out) {
  std::size_t width = 0;
  for (std::size_t i = 0; i < bytes.size();) {
    utf8proc_int32_t c = 0;
    const auto left = static_cast<utf8proc_ssize_t>(bytes.size() - i);
    utf8proc_ssize_t used =
        utf8proc_iterate(reinterpret_cast<const utf8proc_uint8_t*>(bytes.data() + i), left, &c);
    if (used <= 0) used = 1, c = -1;
    if (c == '\t') {
      const std::size_t spaces = kTab - width % kTab;
      if (out != nullptr) out->append(spaces, ' ');
      width += spaces;
    } else if (c < 0 || c < 32) {
      if (out != nullptr) *out += "?";
      ++width;
    } else {
      if (out != nullptr) out->append(bytes.substr(i, static_cast<std::size_t>(used)));
      width += static_cast<std::size_t>(std::max(0, utf8proc_charwidth(c)));
    }
    i += static_cast<std::size_t>(used);
  }
  return width;
}

void Writer::frame(const Place& place, Span range, std::string_view colour) {
  const SourceFile& file = run_.sources[place.file];
  const Position start = file.position(range.begin);
  const Span line = file.line(start.line);
  if (line.empty() && range.begin >= file.text().size()) return;
  // Long lines (dumps, generated data) are cut around the range.
  constexpr std::uint32_t kWindow = 160;
  std::uint32_t begin = line.begin;
  if (range.begin > line.begin + kWindow) begin = range.begin - kWindow / 2;
  while (begin > line.begin && (static_cast<unsigned char>(file.text()[begin]) & 0xC0U) == 0x80U)
    --begin;
  const std::uint32_t end = std::min(line.end, begin + 2 * kWindow);
  std::string shown;
  show(file.slice({begin, end}), &shown);
  const std::string number = std::to_string(start.line);
  out_ += fmt::format(" {} | {}\n", paint("2", number), shown);
  const std::size_t before = show(file.slice({begin, range.begin}), nullptr);
  const std::size_t marked = show(file.slice({range.begin, std::min(range.end, end)}), nullptr);
  out_ += fmt::format(" {:{}} | {:{}}{}\n", "", number.size(), "", before,
                      paint(colour, std::string(std::max<std::size_t>(marked, 1), '^')));
}

void Writer::finding(const Finding& f) {
  where(f.place, f.range);
  out_ += paint(colour_of(f.severity), to_string(f.severity));
  out_ += fmt::format(": {} {}", f.message, paint("2", fmt::format("[{}]", f.rule->name)));
  out_ += '\n';
  if (!style_.full) return;
  frame(f.place, f.range, colour_of(f.severity));
  for (const Note& note : f.notes) {
    const Span range = sql::resolve(run_.sources, note.place);
    out_ += "  ";
    where(note.place, range);
    out_ += fmt::format("{}: {}\n", paint("1;36", "note"), note.message);
    frame(note.place, range, "1;36");
  }
  if (!f.help.empty()) out_ += fmt::format("  {}: {}\n", paint("1;32", "help"), f.help);
  out_ += '\n';
}

void Writer::problem(const Problem& p) {
  const Span range = p.place.known() ? sql::resolve(run_.sources, p.place) : Span{};
  where(p.place, range);
  out_ += fmt::format("{}: {} {}\n", paint("1;35", "problem"), p.message,
                      paint("2", fmt::format("[{}]", p.code)));
  if (!style_.full || !p.place.known() || p.code == "unreadable-file") return;
  frame(p.place, range, "1;35");
  out_ += '\n';
}

void Writer::summary() {
  std::size_t count[3] = {};
  std::size_t waived = 0;
  for (const Finding& f : run_.findings) {
    if (f.status == FindingStatus::New) {
      ++count[static_cast<std::size_t>(f.severity)];
    } else {
      ++waived;
    }
  }
  const auto plural = [](std::size_t n, std::string_view word) {
    return fmt::format("{} {}{}", n, word, n == 1 ? "" : "s");
  };
  out_ += fmt::format("{}, {}, {}", plural(count[2], "error"), plural(count[1], "warning"),
                      plural(count[0], "note"));
  if (waived > 0) out_ += fmt::format(", {} waived", waived);
  if (!run_.problems.empty())
    out_ +=
        fmt::format(", {}: the analysis is incomplete", plural(run_.problems.size(), "problem"));
  out_ += fmt::format(" ({}, {}", plural(run_.coverage.files, "file"),
                      plural(run_.coverage.statements, "statement"));
  if (run_.coverage.queries > 0) {
    out_ += fmt::format("; queries: {} proven, {} missing, {} unknown", run_.coverage.proven,
                        run_.coverage.missing, run_.coverage.unknown);
  }
  out_ += ")\n";
}

std::string Writer::write() {
  for (const Finding& f : run_.findings) {
    if (f.status == FindingStatus::New) finding(f);
  }
  for (const Problem& p : run_.problems) problem(p);
  if (style_.full) summary();
  return std::move(out_);
}

}  // namespace

std::string text(const Run& run, const TextStyle& style) {
  return Writer(run, style).write();
}

}  // namespace tenantlint::report
