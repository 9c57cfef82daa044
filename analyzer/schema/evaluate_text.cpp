// Text computations of the interpreter that need a little machine of their own: dates and simple
// regular expressions. What goes beyond the supported part is unknown, never approximated.
#include <string>
#include <string_view>

#include "analyzer/schema/evaluate_value.h"

namespace tenantlint::schema {

namespace {

bool is_digit(char c) {
  return c >= '0' && c <= '9';
}
char lower(char c) {
  return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
}
bool is_word_char(char c) {
  return is_digit(c) || (lower(c) >= 'a' && lower(c) <= 'z') || c == '_';
}

// ---------------------------------------------------------------- dates

constexpr std::int64_t kEpoch = 10957;  // 2000-01-01 in days since 1970-01-01

struct Civil {
  std::int64_t year;
  unsigned month;
  unsigned day;
};

// The proleptic Gregorian calendar; years run from March.
Civil civil_from_days(std::int64_t days) {
  days += kEpoch + 719468;
  const std::int64_t era = (days >= 0 ? days : days - 146096) / 146097;
  const auto doe = static_cast<unsigned>(days - era * 146097);
  const unsigned yoe = (doe - doe / 1460 + doe / 36524 - doe / 146096) / 365;
  const unsigned doy = doe - (365 * yoe + yoe / 4 - yoe / 100);
  const unsigned mp = (5 * doy + 2) / 153;
  const unsigned month = mp < 10 ? mp + 3 : mp - 9;
  const std::int64_t year = static_cast<std::int64_t>(yoe) + era * 400 + (month <= 2 ? 1 : 0);
  return {year, month, doy - (153 * mp + 2) / 5 + 1};
}

std::int64_t days_from_civil(Civil c) {
  const std::int64_t year = c.year - (c.month <= 2 ? 1 : 0);
  const std::int64_t era = (year >= 0 ? year : year - 399) / 400;
  const auto yoe = static_cast<unsigned>(year - era * 400);
  const unsigned doy = (153 * (c.month > 2 ? c.month - 3 : c.month + 9) + 2) / 5 + c.day - 1;
  const unsigned doe = yoe * 365 + yoe / 4 - yoe / 100 + doy;
  return era * 146097 + static_cast<std::int64_t>(doe) - 719468 - kEpoch;
}

std::string padded(std::int64_t number, std::size_t width) {
  std::string out = std::to_string(number);
  while (out.size() < width) out.insert(out.begin(), '0');
  return out;
}

// ---------------------------------------------------------------- regular expressions

// A backtracking matcher that reads the pattern as it goes. `budget` bounds the work.
class Regex {
 public:
  Regex(std::string_view pattern, bool ignore_case) : p_(pattern), ignore_case_(ignore_case) {}

  // The subset: no bounds, back references, lookaround, escapes other than \d \w \s \. and the
  // like.
  bool supported() const {
    int depth = 0;
    for (std::size_t i = 0; i < p_.size(); ++i) {
      const char c = p_[i];
      if (c == '\\') {
        if (i + 1 >= p_.size()) return false;
        const char next = p_[++i];
        if (is_word_char(next) && next != 'd' && next != 'w' && next != 's') return false;
      } else if (c == '[') {
        const std::size_t close = p_.find(']', i + 2);
        if (close == std::string_view::npos) return false;
        if (p_.substr(i, close - i).find("[:") != std::string_view::npos) return false;
        if (p_.substr(i, close - i).find('\\') != std::string_view::npos) return false;
        i = close;
      } else if (c == '(') {
        if (p_.substr(i + 1, 1) == "?") return false;
        ++depth;
      } else if (c == ')') {
        if (--depth < 0) return false;
      } else if (c == '{' || p_.substr(i, 2) == "*?" || p_.substr(i, 2) == "+?") {
        return false;
      }
    }
    return depth == 0;
  }

  // The first match at or after `from`; `begin` and `end` are its bounds.
  bool search(std::string_view text, std::size_t from, std::size_t& begin, std::size_t& end) {
    t_ = text;
    const auto done = [&end](std::size_t at) {
      end = at;
      return true;
    };
    for (begin = from; begin <= text.size(); ++begin) {
      if (alternatives(0, p_.size(), begin, done)) return true;
    }
    return false;
  }
  bool exhausted() const { return budget_ <= 0; }

 private:
  template <typename Next>
  bool alternatives(std::size_t begin, std::size_t end, std::size_t at, const Next& next) {
    int depth = 0;
    std::size_t from = begin;
    for (std::size_t i = begin; i <= end; ++i) {
      if (i < end && p_[i] == '\\') {
        ++i;
        continue;
      }
      if (i < end && p_[i] == '[') i = p_.find(']', i + 2);
      if (i < end && p_[i] == '(') ++depth;
      if (i < end && p_[i] == ')') --depth;
      if (i == end || (p_[i] == '|' && depth == 0)) {
        if (sequence(from, i, at, Continuation(next))) return true;
        from = i + 1;
      }
    }
    return false;
  }

  // Type-erased "what has to match afterwards"; lives on the caller's stack.
  class Continuation {
   public:
    template <typename F>
    explicit Continuation(const F& f)
        : object_(&f),
          call_([](const void* o, std::size_t at) { return (*static_cast<const F*>(o))(at); }) {}
    bool operator()(std::size_t at) const { return call_(object_, at); }

   private:
    const void* object_;
    bool (*call_)(const void*, std::size_t);
  };

  std::size_t atom_end(std::size_t i) const {
    if (p_[i] == '\\') return i + 2;
    if (p_[i] == '[') return p_.find(']', i + 2) + 1;
    if (p_[i] != '(') return i + 1;
    for (int depth = 0; i < p_.size(); ++i) {
      if (p_[i] == '\\') {
        ++i;
      } else if (p_[i] == '(') {
        ++depth;
      } else if (p_[i] == ')' && --depth == 0) {
        return i + 1;
      }
    }
    return p_.size();
  }

  bool sequence(std::size_t i, std::size_t end, std::size_t at, const Continuation& next) {
    if (--budget_ <= 0) return false;
    if (i >= end) return next(at);
    if (p_[i] == '^') return at == 0 && sequence(i + 1, end, at, next);
    if (p_[i] == '$') return at == t_.size() && sequence(i + 1, end, at, next);
    const std::size_t after = atom_end(i);
    const char quantifier = after < end ? p_[after] : '\0';
    if (quantifier == '*' || quantifier == '+' || quantifier == '?') {
      return repeat(i, after, end, at, quantifier, next);
    }
    const auto rest = [&](std::size_t to) { return sequence(after, end, to, next); };
    return atom(i, after, at, Continuation(rest));
  }

  bool repeat(std::size_t i, std::size_t after, std::size_t end, std::size_t at, char quantifier,
              const Continuation& next) {
    const auto again = [&](std::size_t to) {
      if (to == at) return false;
      return quantifier == '?' ? sequence(after + 1, end, to, next)
                               : repeat(i, after, end, to, '*', next);
    };
    if (atom(i, after, at, Continuation(again))) return true;
    return quantifier != '+' && sequence(after + 1, end, at, next);
  }

  bool atom(std::size_t i, std::size_t after, std::size_t at, const Continuation& next) {
    if (p_[i] == '(') {
      return alternatives(i + 1, after - 1, at, next);
    }
    if (at >= t_.size() || !matches(i, after, t_[at])) return false;
    return next(at + 1);
  }

  bool matches(std::size_t i, std::size_t after, char c) const {
    if (p_[i] == '.') return true;
    if (p_[i] == '\\') {
      switch (p_[i + 1]) {
        case 'd': return is_digit(c);
        case 'w': return is_word_char(c);
        case 's': return c == ' ' || c == '\t' || c == '\n' || c == '\r';
        default: return c == p_[i + 1];
      }
    }
    if (p_[i] != '[') return same(p_[i], c);
    const bool negated = p_[i + 1] == '^';
    bool found = false;
    for (std::size_t k = i + (negated ? 2 : 1); k + 1 < after; ++k) {
      if (k + 3 < after && p_[k + 1] == '-') {
        found = found || (p_[k] <= c && c <= p_[k + 2]) ||
                (ignore_case_ && p_[k] <= lower(c) && lower(c) <= p_[k + 2]);
        k += 2;
      } else {
        found = found || same(p_[k], c);
      }
    }
    return found != negated;
  }
  bool same(char a, char b) const { return ignore_case_ ? lower(a) == lower(b) : a == b; }

  std::string_view p_;
  std::string_view t_;
  bool ignore_case_;
  long budget_ = 200000;
};

}  // namespace

Value regex_match(std::string_view text, std::string_view pattern, bool ignore_case) {
  Regex regex(pattern, ignore_case);
  if (!regex.supported()) return Value::unknown_because("uses a regular expression beyond us");
  std::size_t begin = 0;
  std::size_t end = 0;
  const bool found = regex.search(text, 0, begin, end);
  if (regex.exhausted()) return Value::unknown_because("uses a costly regular expression");
  return Value::boolean(found);
}

Value regex_replace(std::string_view text, std::string_view pattern, std::string_view replacement,
                    std::string_view flags) {
  Regex regex(pattern, flags.find('i') != std::string_view::npos);
  // With alternatives PostgreSQL takes the longest match, we would take the first.
  const bool plain = regex.supported() && pattern.find('|') == std::string_view::npos &&
                     replacement.find('\\') == std::string_view::npos &&
                     flags.find_first_not_of("gi") == std::string_view::npos;
  if (!plain) return Value::unknown_because("calls regexp_replace()");
  const bool all = flags.find('g') != std::string_view::npos;
  std::string out;
  std::size_t from = 0;
  std::size_t begin = 0;
  std::size_t end = 0;
  while (from <= text.size() && regex.search(text, from, begin, end)) {
    out += text.substr(from, begin - from);
    out += replacement;
    from = end;
    if (begin == end && from < text.size()) out += text[from++];
    if (begin == end && from >= text.size()) break;
    if (!all) break;
  }
  if (regex.exhausted()) return Value::unknown_because("calls regexp_replace()");
  if (from < text.size()) out += text.substr(from);
  return Value::string(out);
}

Value format_date(std::int64_t days, std::string_view pattern) {
  const Civil civil = civil_from_days(days);
  std::string out;
  for (std::size_t i = 0; i < pattern.size();) {
    const std::string_view rest = pattern.substr(i);
    std::string word;
    for (const char c : rest.substr(0, 4)) word += lower(c);
    if (word == "yyyy") {
      out += padded(civil.year, 4);
      i += 4;
    } else if (word.starts_with("yy")) {
      out += padded(civil.year % 100, 2);
      i += 2;
    } else if (word.starts_with("mm")) {
      out += padded(civil.month, 2);
      i += 2;
    } else if (word.starts_with("dd")) {
      out += padded(civil.day, 2);
      i += 2;
    } else if (word.starts_with("hh24") || word.starts_with("mi") || word.starts_with("ss")) {
      out += "00";
      i += word.starts_with("hh24") ? 4 : 2;
    } else if (rest[0] == '"') {
      const std::size_t close = rest.find('"', 1);
      if (close == std::string_view::npos) break;
      out += rest.substr(1, close - 1);
      i += close + 1;
    } else if (std::string_view("-_/.: ").find(rest[0]) != std::string_view::npos) {
      out += rest[0];
      ++i;
    } else {
      return Value::unknown_because("prints a date in a way that is not followed");
    }
  }
  return Value::string(out);
}

Value parse_date(std::string_view text) {
  if (text == "today" || text == "now") return Value::date(kNominalDay);
  if (text == "tomorrow") return Value::date(kNominalDay + 1);
  if (text == "yesterday") return Value::date(kNominalDay - 1);
  std::string digits;
  for (const char c : text.substr(0, 10)) {
    if (is_digit(c))
      digits += c;
    else if (c != '-' && c != '/')
      break;
  }
  if (digits.size() != 8) return Value::unknown_because("reads a date from text");
  const auto part = [&](std::size_t from, std::size_t count) {
    unsigned out = 0;
    for (const char c : digits.substr(from, count)) {
      out = out * 10 + static_cast<unsigned>(c - '0');
    }
    return out;
  };
  const Civil civil{part(0, 4), part(4, 2), part(6, 2)};
  if (civil.month < 1 || civil.month > 12 || civil.day < 1 || civil.day > 31) {
    return Value::unknown_because("reads a date from text");
  }
  return Value::date(days_from_civil(civil));
}

Value parse_interval(std::string_view text) {
  Value out;
  out.kind = Value::Kind::Interval;
  std::size_t i = 0;
  bool any = false;
  const auto skip_spaces = [&] {
    while (i < text.size() && text[i] == ' ') ++i;
  };
  for (skip_spaces(); i < text.size(); skip_spaces()) {
    const bool negative = text[i] == '-';
    if (negative) ++i;
    const std::size_t first = i;
    std::int64_t number = 0;
    while (i < text.size() && is_digit(text[i]) && i - first < 6) {
      number = number * 10 + (text[i++] - '0');
    }
    if (i == first) return Value::unknown_because("reads an interval");
    if (negative) number = -number;
    skip_spaces();
    std::string unit;
    while (i < text.size() && is_word_char(text[i])) unit += lower(text[i++]);
    if (unit.ends_with("s")) unit.pop_back();
    if (unit == "day") {
      out.integer += number;
    } else if (unit == "week") {
      out.integer += number * 7;
    } else if (unit == "month" || unit == "mon") {
      out.months += number;
    } else if (unit == "year") {
      out.months += number * 12;
    } else {
      return Value::unknown_because("adds an interval that is no number of days or months");
    }
    any = true;
  }
  return any ? out : Value::unknown_because("reads an interval");
}

Value add_interval(const Value& date, const Value& interval, int times) {
  Value out = date;
  if (interval.months != 0) {
    Civil civil = civil_from_days(date.integer);
    const std::int64_t month = civil.year * 12 + (civil.month - 1) + interval.months * times;
    civil.year = month / 12;
    civil.month = static_cast<unsigned>(month % 12) + 1;
    const Civil next{civil.month == 12 ? civil.year + 1 : civil.year,
                     civil.month == 12 ? 1 : civil.month + 1, 1};
    const Civil first{civil.year, civil.month, 1};
    const auto length = static_cast<unsigned>(days_from_civil(next) - days_from_civil(first));
    if (civil.day > length) civil.day = length;
    out.integer = days_from_civil(civil);
  }
  out.integer += interval.integer * times;
  return out;
}

Value parse_json_array(std::string_view text) {
  const Value unknown = Value::unknown_because("takes JSON apart");
  std::vector<Value> items;
  std::size_t i = text.find_first_not_of(" \n\t");
  if (i == std::string_view::npos || text[i] != '[') return unknown;
  while (true) {
    i = text.find_first_not_of(" \n\t,", i + 1);
    if (i == std::string_view::npos) return unknown;
    if (text[i] == ']') return Value::array(std::move(items));
    if (text[i] != '"') return unknown;
    const std::size_t close = text.find('"', i + 1);
    if (close == std::string_view::npos) return unknown;
    const std::string_view item = text.substr(i + 1, close - i - 1);
    if (item.find('\\') != std::string_view::npos) return unknown;
    items.push_back(Value::string(item));
    i = close;
  }
}

}  // namespace tenantlint::schema
