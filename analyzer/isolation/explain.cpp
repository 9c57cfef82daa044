// Why an occurrence is not tied: which attempt at it failed, what stands between a condition and
// the table, or that there is nothing. The words are those of verdict.h; places are what a person
// has to look at.
#include <algorithm>

#include "analyzer/isolation/analysis.h"
#include "analyzer/schema/identifiers.h"
#include "analyzer/sql/tokens.h"

namespace tenantlint::isolation {

namespace {

bool means_unknown(std::string_view why) {
  return why == reason::kNotUnderstood || why == reason::kMergingCast ||
         why == reason::kTransformedSource || why == reason::kUnknownFunction ||
         why == reason::kSet || why == reason::kList;
}

// Attempts that say more come first; what only names the column comes last.
int rank(std::string_view why) {
  static constexpr std::string_view kOrder[] = {reason::kNullOpens,
                                                reason::kOrBranch,
                                                reason::kOuterJoinSide,
                                                reason::kSelfComparison,
                                                reason::kOtherSetting,
                                                reason::kOtherParameter,
                                                reason::kLiteral,
                                                reason::kList,
                                                reason::kSet,
                                                reason::kMergingCast,
                                                reason::kTransformedSource,
                                                reason::kNotUnderstood,
                                                reason::kNotEquality,
                                                reason::kOtherColumn,
                                                reason::kSetBranch,
                                                reason::kSubquery};
  const auto* at = std::find(std::begin(kOrder), std::end(kOrder), why);
  return static_cast<int>(at - std::begin(kOrder));
}

struct Sentence {
  std::string_view reason;
  std::string_view text;  // '@' stands for the tenant column
};
constexpr Sentence kSentences[] = {
    {reason::kPinned, "'@' is tied to the tenant"},
    {reason::kNoPredicate, "Nothing ties '@' to the tenant"},
    {reason::kOrBranch, "'@' is tied in one branch of OR and not in another"},
    {reason::kNullOpens, "'@' is not tied where a value is NULL or empty"},
    {reason::kOuterJoinSide, "ON of an outer join says nothing about the side that is kept"},
    {reason::kSelfComparison, "'@' is compared with itself"},
    {reason::kNotEquality, "'@' is compared, but not by an equality of whole values"},
    {reason::kOtherColumn, "What '@' equals is no tenant"},
    {reason::kOtherSetting, "'@' is compared with a setting that does not carry the tenant"},
    {reason::kOtherParameter, "'@' is compared with a parameter that is something else"},
    {reason::kJoinWithoutTenant, "The join does not carry the tenant: nothing ties '@'"},
    {reason::kFilterAfterLimit, "The tenant is filtered above LIMIT, which has chosen rows before"},
    {reason::kFilterAfterAggregate, "The tenant is filtered above an aggregate over all tenants"},
    {reason::kFilterAfterWindow, "The tenant is filtered above a window over all tenants"},
    {reason::kFilterAfterDistinctOn, "The tenant is filtered above DISTINCT ON without it"},
    {reason::kSetBranch, "One branch of the set operation does not tie '@'"},
    {reason::kSubquery, "Nothing in the subquery ties '@' to the tenant"},
    {reason::kView, "The view does not tie '@', nor does what reads it"},
    {reason::kFunction, "The function does not tie '@', nor does its call"},
    {reason::kLiteral, "'@' is compared with a constant"},
    {reason::kList, "'@' is one of the values that the setting lists"},
    {reason::kSet, "'@' is one of a set of values that cannot be seen here"},
    {reason::kInsertWithoutTenant, "The row is given no tenant"},
    {reason::kInsertNoSource, "What the row is given as its tenant is no source of the tenant"},
    {reason::kMovesTenant, "'@' is assigned: the row moves to another tenant"},
    {reason::kArbiter, "ON CONFLICT meets rows by a key without '@'"},
    {reason::kMergingCast, "A cast may make different tenants equal, or cut a tenant's value"},
    {reason::kTransformedSource, "The tenant's value is changed before it is compared with '@'"},
    {reason::kUniqueAcrossTenants, "A unique key without '@' is given: another tenant may have it"},
    {reason::kNotUnderstood, "The condition on '@' is not understood"},
    {reason::kUnknownFunction, "What the function does with '@' is not known"},
    {reason::kTooComplex, "The statement is larger than what is followed"},
};

std::string sentence(std::string_view why, std::string_view column) {
  for (const Sentence& s : kSentences) {
    if (s.reason != why) continue;
    std::string out(s.text);
    if (const std::size_t at = out.find('@'); at != std::string::npos) out.replace(at, 1, column);
    return out;
  }
  return {};
}

bool ends_clause(std::string_view text, const sql::Token& token) {
  static constexpr std::string_view kWords[] = {
      "group", "having", "order",     "limit", "offset",    "fetch", "window",
      "union", "except", "intersect", "for",   "returning", "on",    "when"};
  return std::any_of(std::begin(kWords), std::end(kWords),
                     [&](std::string_view w) { return sql::is_word(text, token, w); });
}

}  // namespace

Place Analysis::place(const Context& context, std::uint32_t at, Extent extent) const {
  return context.text->place(at, extent);
}

// Of text that was opened (a view, a function): where it is used in the statement itself.
Place Analysis::shown_place(const Context& context, std::uint32_t at) const {
  return at == 0 ? Place{} : place(context, at, Extent::Token);
}

Occurrence& Analysis::report(const Source& source, Verdict verdict, std::string_view why) {
  Occurrence& out = occurrences_.emplace_back();
  out.relation = source.relation;
  out.access = source.access;
  out.verdict = verdict;
  out.reason = why;
  describe(out, source);
  return out;
}

void Analysis::describe(Occurrence& out, const Source& source) {
  out.table = source.relation == nullptr ? std::string(source.name)
                                         : schema::qualified_name(*source.relation);
  out.alias = source.name;
  const Context* context = source.context;
  out.place = place(*context, source.at, Extent::Name);
  while (context->outer != nullptr) {
    const bool view = context->view != nullptr;
    const std::string name = view                           ? schema::qualified_name(*context->view)
                             : context->function != nullptr ? std::string(context->function->name)
                                                            : std::string();
    if (!name.empty()) {
      out.path.push_back({(view ? "In view '" : "In function '") + name + "'", out.place});
    }
    if (context->opened_at.known()) out.place = context->opened_at;
    context = context->outer;
  }
  // The rest is for those who have to do something about it.
  if (source.relation == nullptr || out.verdict == Verdict::Proven) return;
  const int tenant = know_.tenancy.of(*source.relation).column;
  if (tenant < 0) return;
  const std::string_view column = source.relation->columns[static_cast<std::size_t>(tenant)].name;
  out.tenant_column =
      schema::quote_identifier(source.name) + "." + schema::quote_identifier(column);
  out.detail = sentence(out.reason, column);
}

void Analysis::explain_missing(const Source& source, TermId term, const Closure& known) {
  std::string_view why;
  std::uint32_t at = 0;
  const Context* context = source.context;
  const auto take = [&](std::string_view found, std::uint32_t offset, const Context* where) {
    if (!why.empty() && rank(found) >= rank(why)) return;
    why = found;
    at = offset;
    context = where;
  };
  for (const Attempt& a : attempts_) {
    if (a.term != kNoTerm && known.same(a.term, term)) take(a.reason, a.at, a.context);
  }
  // Sources in its class that do not count, and constants.
  for (const TermId anchor : terms_.anchors()) {
    const Term& t = terms_[anchor];
    if (!known.same(anchor, term)) continue;
    if (is_source(anchor)) take(reason::kMergingCast, 0, source.context);
    if (t.kind == TermKind::Other) take(reason::kOtherSetting, 0, source.context);
    if (t.kind == TermKind::Parameter && !t.tenant) {
      take(reason::kOtherParameter, 0, source.context);
    }
  }
  for (TermId id = 0; id < terms_.size() && why.empty(); ++id) {
    const bool literal = terms_[id].kind == TermKind::Constant && known.same(id, term);
    if (literal) take(reason::kLiteral, 0, source.context);
  }
  for (const Attempt& b : barriers_) {
    const bool here = b.term != kNoTerm ? known.same(b.term, term) || b.block == source.home
                                        : b.block == source.home;
    if (here && (why.empty() || rank(why) >= rank(reason::kNotEquality))) {
      why = b.reason;
      at = b.at;
      context = b.context;
    }
  }
  if (why.empty() || why == reason::kSubquery) why = structural_reason(source, known);
  const Verdict verdict = means_unknown(why) ? Verdict::Unknown : Verdict::Missing;
  Occurrence& out = report(source, verdict, why);
  if (at != 0) out.because = shown_place(*context, at);
  if (source.context->outer == nullptr) fix_places(out, source);
}

// Nothing was tried: where the occurrence stands says what is missing.
std::string_view Analysis::structural_reason(const Source& source, const Closure& known) {
  if (source.context->view != nullptr) return reason::kView;
  if (source.context->function != nullptr) return reason::kFunction;
  const Block& home = *source.home;
  for (const Source* other : home.sources) {
    if (other == &source || other->kind != SourceKind::Table) continue;
    const schema::TableTenancy& tenancy = know_.tenancy.of(*other->relation);
    if (tenancy.kind != schema::TenancyKind::TenantOwned) continue;
    for (const auto& [column, term] : other->terms) {
      if (column == tenancy.column && tied(term, known)) return reason::kJoinWithoutTenant;
    }
  }
  for (const Block& block : block_pool_) {
    for (const Link& link : block.links) {
      if (link.block == &home) return reason::kSubquery;
    }
    if ((block.left == &home || block.right == &home) && block.recursion == nullptr) {
      return reason::kSetBranch;
    }
  }
  return reason::kNoPredicate;
}

// Where a predicate would go, by the tokens behind the table's name.
void Analysis::fix_places(Occurrence& out, const Source& source) {
  const SqlText& text = *source.context->text;
  const std::string_view view = text.view();
  int depth = 0;
  std::uint32_t where = 0;
  std::uint32_t last = source.at;
  sql::Token token = sql::next_code_token(view, source.at);
  for (; token.kind != sql::TokenKind::End; token = sql::next_code_token(view, token.span.end)) {
    const std::string_view raw = view.substr(token.span.begin, token.span.end - token.span.begin);
    if (raw == "(" || sql::is_word(view, token, "case")) ++depth;
    if ((raw == ")" || sql::is_word(view, token, "end")) && --depth < 0) break;
    if (raw == ";") break;
    if (depth == 0 && where == 0 && sql::is_word(view, token, "where")) {
      where = token.span.end;
      continue;
    }
    // ON belongs to FROM until WHERE has come.
    const bool joins = where == 0 && (sql::is_word(view, token, "on"));
    if (depth == 0 && ends_clause(view, token) && !joins) break;
    last = token.span.end;
  }
  if (where != 0) {
    const sql::Token first = sql::next_code_token(view, where);
    out.where_clause = text.place(Span{first.span.begin, last});
  } else {
    out.fix_after = text.place(Span{last, last});
  }
}

void Analysis::unknown(const Context& context, std::uint32_t at, std::string_view what,
                       std::string_view why, std::string detail) {
  Occurrence& out = occurrences_.emplace_back();
  out.table = what;
  out.alias = what;
  out.verdict = Verdict::Unknown;
  out.reason = why;
  out.detail = std::move(detail);
  out.place = place(context, at, Extent::Name);
  for (const Context* c = &context; c->outer != nullptr; c = c->outer) {
    if (!c->opened_at.known()) continue;
    out.path.push_back({out.detail, out.place});
    out.place = c->opened_at;
  }
}

void Analysis::remark(std::string_view kind, std::string message, const Context& context,
                      std::uint32_t at, const schema::Relation* relation) {
  Remark& out = remarks_.emplace_back();
  out.kind = kind;
  out.message = std::move(message);
  out.place = place(context, at, Extent::Name);
  out.relation = relation;
}

// Which parameters tie an occurrence, for statements that use several; and lookups.
void Analysis::note_sources(const Source& source, TermId term, const Closure& known) {
  TiedBy& out = tied_by_.emplace_back();
  out.source = &source;
  bool looked_up = false;
  for (const TermId anchor : terms_.anchors()) {
    if (!is_source(anchor) || !known.same(anchor, term)) continue;
    const Term& t = terms_[anchor];
    if (t.kind == TermKind::Parameter) {
      out.parameters.emplace_back(t.text, t.column);
    } else if (t.kind == TermKind::LookedUp) {
      looked_up = true;
    } else {
      out.other = true;
    }
  }
  if (!looked_up || !out.parameters.empty() || out.other || known.never()) return;
  remark(remark::kLookedUp,
         "The tenant of '" + std::string(source.name) +
             "' is looked up by a value that the caller gives",
         *source.context, source.at, source.relation);
}

// Two occurrences that no parameter ties both.
void Analysis::finish(StatementVerdict& out) {
  for (std::size_t i = 1; i < tied_by_.size(); ++i) {
    const TiedBy& a = tied_by_[0];
    const TiedBy& b = tied_by_[i];
    if (a.other || b.other || a.parameters.empty() || b.parameters.empty()) continue;
    const bool shared = std::any_of(a.parameters.begin(), a.parameters.end(), [&](const auto& p) {
      return std::find(b.parameters.begin(), b.parameters.end(), p) != b.parameters.end();
    });
    if (shared) continue;
    remark(remark::kMixedSources,
           "'" + std::string(a.source->name) + "' and '" + std::string(b.source->name) +
               "' are tied to the tenant by different parameters",
           *b.source->context, b.source->at, b.source->relation);
    break;
  }
  for (const TiedBy& t : tied_by_) {
    if (t.parameters.empty() || !out.tenant_source.empty()) continue;
    const auto& [name, number] = t.parameters[0];
    out.tenant_source = name.empty() ? "$" + std::to_string(number) : ":" + std::string(name);
  }
  if (too_complex_) {
    occurrences_.clear();
    Occurrence& all = occurrences_.emplace_back();
    all.verdict = Verdict::Unknown;
    all.reason = reason::kTooComplex;
    all.detail = sentence(reason::kTooComplex, "");
  }
  std::stable_sort(occurrences_.begin(), occurrences_.end(), [](const auto& a, const auto& b) {
    return a.place.file != b.place.file ? a.place.file < b.place.file
                                        : a.place.begin < b.place.begin;
  });
  // A name that is used several times and not known is said once.
  const auto same = [](const Occurrence& a, const Occurrence& b) {
    return a.relation == nullptr && b.relation == nullptr && a.table == b.table &&
           a.reason == b.reason;
  };
  occurrences_.erase(std::unique(occurrences_.begin(), occurrences_.end(), same),
                     occurrences_.end());
  for (const Occurrence& o : occurrences_) out.verdict = std::max(out.verdict, o.verdict);
  out.occurrences = std::move(occurrences_);
  out.remarks = std::move(remarks_);
}

}  // namespace tenantlint::isolation
