// In: a judged statement and an occurrence that nothing ties to the tenant. Out: the predicate that
// would, as an edit of the statement's text. Works on tokens: there is no SQL printer, and a tree
// does not know where its clauses end.
#include <algorithm>
#include <charconv>

#include "analyzer/lint/query_report.h"
#include "analyzer/sql/tokens.h"

namespace tenantlint {

using isolation::Access;
using isolation::Occurrence;

namespace {

using Tokens = std::vector<sql::Token>;

std::string_view slice(std::string_view text, const sql::Token& token) {
  return text.substr(token.span.begin, token.span.end - token.span.begin);
}

// Does an OR stand outside of all parentheses?
bool open_or(std::string_view text, Span range) {
  int depth = 0;
  for (const sql::Token& token : sql::code_tokens(text, range)) {
    const std::string_view raw = slice(text, token);
    if (raw == "(") ++depth;
    if (raw == ")") --depth;
    if (depth == 0 && sql::is_word(text, token, "or")) return true;
  }
  return false;
}

// The parameter that the statement compares a tenant column with, where that did not help: in one
// branch of OR, above LIMIT. As it is written; or empty.
std::string compared_parameter(std::string_view text, Span range, std::string_view column) {
  const Tokens tokens = sql::code_tokens(text, range);
  const auto is_column = [&](std::size_t i) {
    return sql::identifier_value(text, tokens[i]) == column;
  };
  for (std::size_t i = 1; i + 1 < tokens.size(); ++i) {
    if (slice(text, tokens[i]) != "=") continue;
    const bool right = tokens[i + 1].kind == sql::TokenKind::Param && is_column(i - 1);
    if (right) return std::string(slice(text, tokens[i + 1]));
    const bool left = tokens[i - 1].kind == sql::TokenKind::Param;
    const bool alias = i + 3 < tokens.size() && slice(text, tokens[i + 2]) == ".";
    if (left && is_column(alias ? i + 3 : i + 1)) return std::string(slice(text, tokens[i - 1]));
  }
  return {};
}

// "$3" if the statement has $1 and $2; empty if it has no parameter of that form.
std::string next_parameter(std::string_view text, Span range) {
  int highest = 0;
  for (const sql::Token& token : sql::code_tokens(text, range)) {
    if (token.kind != sql::TokenKind::Param) continue;
    const std::string_view raw = slice(text, token);
    int number = 0;
    std::from_chars(raw.data() + 1, raw.data() + raw.size(), number);
    highest = std::max(highest, number);
  }
  return highest == 0 ? std::string() : "$" + std::to_string(highest + 1);
}

// The setting, as the tenant column's type.
std::string setting(const SchemaFacts& facts, const Occurrence& occurrence) {
  const std::vector<std::string>& settings = facts.config.tenancy.settings;
  std::string out =
      "current_setting('" + (settings.empty() ? "app.current_tenant" : settings[0]) + "')";
  if (occurrence.relation == nullptr || !facts.tenancy.tenant_owned(*occurrence.relation))
    return out;
  const std::string type = schema::format_type(facts.tenant_column(*occurrence.relation).type);
  if (type != "text" && !type.starts_with("character varying")) out += "::" + type;
  return out;
}

// Is the occurrence the optional side of LEFT JOIN? Then WHERE would make an inner join of it, and
// the predicate belongs into ON. RIGHT and FULL keep what stands elsewhere: no correction.
enum class JoinSide : std::uint8_t { Inner, Optional, Other };
JoinSide side_of(std::string_view text, const Tokens& tokens, std::size_t name) {
  for (const sql::Token& token : tokens) {
    if (sql::is_word(text, token, "right") || sql::is_word(text, token, "full"))
      return JoinSide::Other;
  }
  std::size_t at = name;
  if (at > 0 && sql::is_word(text, tokens[at - 1], "only")) --at;
  if (at == 0 || !sql::is_word(text, tokens[at - 1], "join")) return JoinSide::Inner;
  --at;
  if (at > 0 && sql::is_word(text, tokens[at - 1], "outer")) --at;
  return at > 0 && sql::is_word(text, tokens[at - 1], "left") ? JoinSide::Optional
                                                              : JoinSide::Inner;
}

bool ends_on(std::string_view text, const sql::Token& token) {
  static constexpr std::string_view kWords[] = {"join",  "left",  "inner",  "cross",  "natural",
                                                "where", "group", "having", "order",  "limit",
                                                "for",   "union", "window", "offset", "fetch"};
  return slice(text, token) == "," || slice(text, token) == ";" ||
         std::any_of(std::begin(kWords), std::end(kWords),
                     [&](std::string_view w) { return sql::is_word(text, token, w); });
}

// The condition behind the ON that belongs to the name at `name`; empty if there is none.
Span on_condition(std::string_view text, const Tokens& tokens, std::size_t name) {
  Span out;
  int depth = 0;
  for (std::size_t i = name + 1; i < tokens.size(); ++i) {
    const std::string_view raw = slice(text, tokens[i]);
    if (raw == "(") ++depth;
    if (raw == ")" && --depth < 0) break;
    if (depth == 0 && ends_on(text, tokens[i])) break;
    if (depth == 0 && out.begin == 0 && sql::is_word(text, tokens[i], "on")) {
      if (i + 1 < tokens.size()) out.begin = tokens[i + 1].span.begin;
      continue;
    }
    if (out.begin != 0) out.end = tokens[i].span.end;
  }
  return out;
}

// `predicate` joined to the condition that stands in `range`.
std::vector<TextEdit> joined(std::string_view text, FileId file, Span range,
                             const std::string& predicate) {
  const Place begin{file, range.begin, range.begin, Extent::Range, {}};
  const Place end{file, range.end, range.end, Extent::Range, {}};
  if (!open_or(text, range)) return {{end, " AND " + predicate}};
  return {{begin, "("}, {end, ") AND " + predicate}};
}

}  // namespace

std::string tenant_predicate(const SchemaFacts& facts, const QueryFacts& query,
                             const Occurrence& occurrence) {
  std::string value = query.judged.tenant_source;
  // Parameters of a function are written by their names.
  if (!query.function.empty() && value.starts_with(":")) value.erase(0, 1);
  // What stands in a function's body has the function's parameters, and no others.
  if (value.empty() && query.function.empty() && query.place.extent == Extent::Range) {
    const std::string_view text = query.source->text();
    const Span range{query.place.begin, query.place.end};
    if (occurrence.relation != nullptr && facts.tenancy.tenant_owned(*occurrence.relation))
      value = compared_parameter(text, range, facts.tenant_column(*occurrence.relation).name);
    if (value.empty()) value = next_parameter(text, range);
  }
  if (value.empty()) value = setting(facts, occurrence);
  return occurrence.tenant_column + " = " + value;
}

std::optional<Fix> add_predicate(const SchemaFacts& facts, const QueryFacts& query,
                                 const Occurrence& occurrence) {
  const Place& where = occurrence.where_clause;
  const Place& behind = occurrence.fix_after;
  if (occurrence.tenant_column.empty() || !(where.known() || behind.known())) return {};
  // The condition of MERGE is its ON, and another branch of it may need another one.
  if (occurrence.access == Access::Merge || query.place.extent != Extent::Range) return {};
  if (query.dynamic) return {};
  const std::string_view text = query.source->text();
  const std::string predicate = tenant_predicate(facts, query, occurrence);
  Fix out{"Tie '" + occurrence.alias + "' to the tenant", Trust::Suggested, {}};
  const Tokens tokens = sql::code_tokens(text, {query.place.begin, query.place.end});
  const auto name = std::find_if(tokens.begin(), tokens.end(), [&](const sql::Token& token) {
    return token.span.begin == occurrence.place.begin;
  });
  if (name == tokens.end()) return {};
  const auto at = static_cast<std::size_t>(name - tokens.begin());
  const JoinSide side = side_of(text, tokens, at);
  if (side == JoinSide::Other) return {};
  if (side == JoinSide::Optional) {
    const Span on = on_condition(text, tokens, at);
    if (on.empty()) return {};
    out.edits = joined(text, query.place.file, on, predicate);
  } else if (where.known()) {
    out.edits = joined(text, where.file, {where.begin, where.end}, predicate);
  } else {
    out.edits.push_back({behind, " WHERE " + predicate});
  }
  return out;
}

}  // namespace tenantlint
