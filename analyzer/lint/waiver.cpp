// Reads "tenantlint: allow RULE[, RULE…] reason="…" owner=@x expires=YYYY-MM-DD". What is malformed
// is kept, as a finding of its own, and waives nothing.
#include "analyzer/lint/waiver.h"

#include <fmt/format.h>

#include <algorithm>

namespace tenantlint {

namespace {

bool is_space(char c) {
  return c == ' ' || c == '\t' || c == '\n' || c == '\r';
}

bool is_date(std::string_view s) {
  if (s.size() != 10 || s[4] != '-' || s[7] != '-') return false;
  for (const std::size_t i : {0U, 1U, 2U, 3U, 5U, 6U, 8U, 9U}) {
    if (s[i] < '0' || s[i] > '9') return false;
  }
  const int month = (s[5] - '0') * 10 + (s[6] - '0');
  const int day = (s[8] - '0') * 10 + (s[9] - '0');
  const int year = std::stoi(std::string(s.substr(0, 4)));
  const bool leap = (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;
  const int days[] = {31, leap ? 29 : 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
  return month >= 1 && month <= 12 && day >= 1 && day <= days[month - 1];
}

class Parser {
 public:
  Parser(std::string_view text, Span comment, Waiver& out) : text_(text), out_(out) {
    end_ = comment.end;
    if (text.substr(comment.begin, 2) == "/*") end_ -= 2;
    at_ = static_cast<std::uint32_t>(text.find("tenantlint:", comment.begin) + 11);
  }

  void parse(FileId file, const std::function<bool(std::string_view)>& is_rule);

 private:
  void skip() {
    while (at_ < end_ && is_space(text_[at_])) ++at_;
  }
  std::string_view word() {
    skip();
    const std::uint32_t begin = at_;
    while (at_ < end_ && !is_space(text_[at_]) && text_[at_] != ',' && text_[at_] != '=') ++at_;
    return text_.substr(begin, at_ - begin);
  }
  std::string value() {
    if (at_ < end_ && text_[at_] == '"') {
      const std::size_t close = text_.find('"', at_ + 1);
      const auto stop = static_cast<std::uint32_t>(std::min<std::size_t>(close, end_));
      std::string out(text_.substr(at_ + 1, stop - at_ - 1));
      at_ = std::min(end_, stop + 1);
      return out;
    }
    return std::string(word());
  }
  void fault(FileId file, std::string_view reason, std::string message, Span at) {
    if (out_.malformed) return;
    out_.malformed = true;
    out_.fault_reason = reason;
    out_.fault = std::move(message);
    out_.fault_place = {file, at.begin, at.end, Extent::Range};
  }

  std::string_view text_;
  Waiver& out_;
  std::uint32_t at_ = 0;
  std::uint32_t end_ = 0;
};

void Parser::parse(FileId file, const std::function<bool(std::string_view)>& is_rule) {
  const Span whole{out_.place.begin, out_.place.end};
  if (word() != "allow")
    return fault(file, "syntax", "A waiver begins 'tenantlint: allow RULE'", whole);
  for (;;) {
    skip();
    const std::uint32_t begin = at_;
    const std::string name(word());
    if (name.empty()) return fault(file, "syntax", "The waiver names no rule", whole);
    if (!is_rule(name)) {
      fault(file, "unknown-rule", fmt::format("There is no rule '{}'", name), {begin, at_});
    }
    out_.rules.push_back(name);
    skip();
    if (at_ >= end_ || text_[at_] != ',') break;
    ++at_;
  }
  while (skip(), at_ < end_) {
    const std::uint32_t begin = at_;
    const std::string key(word());
    if (at_ >= end_ || text_[at_] != '=') {
      return fault(file, "syntax", fmt::format("'{}' is not understood in a waiver", key),
                   {begin, at_});
    }
    ++at_;
    const std::string given = value();
    if (key == "reason") {
      out_.reason = given;
    } else if (key == "owner") {
      out_.owner = given;
    } else if (key == "expires") {
      out_.expires = given;
      if (!is_date(given)) {
        fault(file, "bad-date", fmt::format("'{}' is not a date (YYYY-MM-DD)", given),
              {begin, at_});
      }
    } else {
      fault(file, "syntax", fmt::format("'{}' is not understood in a waiver", key), {begin, at_});
    }
  }
  if (out_.reason.find_first_not_of(" \t") == std::string::npos) {
    fault(file, "missing-reason", "The waiver gives no reason", whole);
  }
}

}  // namespace

std::vector<Waiver> read_waivers(const SourceFile& file, FileId id, const sql::Script& script,
                                 const std::function<bool(std::string_view)>& is_rule,
                                 std::string_view today) {
  std::vector<Waiver> out;
  const std::vector<sql::CommentMark> marks = sql::waiver_comments(file.text(), script.data);
  for (std::size_t i = 0; i < marks.size(); ++i) {
    Waiver w;
    w.place = {id, marks[i].span.begin, marks[i].span.end, Extent::Range};
    Parser(file.text(), marks[i].span, w).parse(id, is_rule);
    w.expired = !w.malformed && !w.expires.empty() && w.expires < today;
    const std::uint32_t line = file.position(marks[i].span.begin).line;
    w.covers = file.line(line);
    if (marks[i].own_line) {
      // Further comment lines may stand between it and its statement; other code may not.
      for (const sql::ScriptStatement& s : script.statements) {
        const Place place = s.text->place(s.span);
        if (place.file != id || place.end <= marks[i].span.end) continue;
        if (place.begin < marks[i].span.begin) {
          // Inside a statement it speaks for the line below.
          w.covers.end = std::max(w.covers.end, file.line(line + 1).end);
          break;
        }
        w.covers = {std::min(w.covers.begin, place.begin), std::max(place.end, w.covers.end)};
        break;
      }
    }
    out.push_back(std::move(w));
  }
  return out;
}

}  // namespace tenantlint
