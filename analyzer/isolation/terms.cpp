// Facts in, classes of equal terms out: a union-find with two kinds of edges (equal and not NULL,
// or not distinct) and conditional facts, which stand for what an outer join says about its empty
// side. Exists so that every construct of SQL says what it knows in the same few words.
#include "analyzer/isolation/terms.h"

#include <algorithm>

namespace tenantlint::isolation {

namespace {

bool named(const schema::Type& type, std::string_view name) {
  return type.schema == nullptr && type.name == name;
}

// Domains compare as their base types do.
schema::TypeRef base_of(schema::TypeRef type) {
  while (type.type->kind == schema::TypeKind::Domain && type.type->base != nullptr) {
    type = {type.type->base, type.type->base_mod1, type.type->base_mod2, type.type->base_array};
  }
  return type;
}

// Lengths that hold every value of the type as text.
constexpr std::int32_t kUuidLength = 36;
constexpr std::int32_t kInt2Length = 6;
constexpr std::int32_t kInt4Length = 11;
constexpr std::int32_t kInt8Length = 20;
constexpr std::int32_t kNameLength = 63;

bool fits(const Casts& casts, std::uint16_t allowed, std::int32_t length) {
  if ((casts.mask & ~(allowed | kCastText | kCastBounded)) != 0) return false;
  return (casts.mask & kCastBounded) == 0 || casts.length >= length;
}

}  // namespace

Casts cast_to(const schema::TypeRef& written) {
  const schema::TypeRef type = base_of(written);
  const schema::Type& t = *type.type;
  if (type.array) return {kCastOther};
  if (named(t, "text")) return {kCastText};
  if (named(t, "varchar")) {
    return type.mod1 < 0 ? Casts{kCastText} : Casts{kCastBounded, type.mod1};
  }
  // char without a length is char(1).
  if (named(t, "bpchar")) return {kCastBounded, type.mod1 < 0 ? 1 : type.mod1};
  if (named(t, "name")) return {kCastBounded, kNameLength};
  if (named(t, "uuid")) return {kCastUuid};
  if (named(t, "int2")) return {kCastInt2};
  if (named(t, "int4")) return {kCastInt4};
  if (named(t, "int8")) return {kCastInt8};
  if (named(t, "numeric") && type.mod1 < 0) return {kCastNumeric};
  return {kCastOther};
}

Casts operator+(const Casts& a, const Casts& b) {
  return {static_cast<std::uint16_t>(a.mask | b.mask), std::min(a.length, b.length)};
}

bool keeps_apart(const schema::TypeRef& written, const Casts& casts) {
  if (casts.mask == 0) return true;
  const schema::TypeRef from = base_of(written);
  const schema::Type& t = *from.type;
  if (from.array) return false;
  if (named(t, "uuid")) return fits(casts, kCastUuid, kUuidLength);
  if (named(t, "int2")) {
    return fits(casts, kCastInt2 | kCastInt4 | kCastInt8 | kCastNumeric, kInt2Length);
  }
  if (named(t, "int4")) return fits(casts, kCastInt4 | kCastInt8 | kCastNumeric, kInt4Length);
  if (named(t, "int8")) return fits(casts, kCastInt8 | kCastNumeric, kInt8Length);
  if (named(t, "numeric")) {
    return fits(casts, kCastNumeric, std::numeric_limits<std::int32_t>::max());
  }
  // Only ever compared as text; see Analysis::text_of_citext().
  if (t.name == "citext") return fits(casts, 0, std::numeric_limits<std::int32_t>::max());
  const bool bounded = (named(t, "varchar") || named(t, "bpchar")) && from.mod1 >= 0;
  if (bounded) return fits(casts, 0, from.mod1);
  if (named(t, "name")) return fits(casts, 0, kNameLength);
  if (named(t, "text") || named(t, "varchar") || t.kind == schema::TypeKind::Enum) {
    return fits(casts, 0, std::numeric_limits<std::int32_t>::max());
  }
  return false;
}

TermId Terms::add(const Term& term) {
  const auto id = static_cast<TermId>(terms_.size());
  terms_.push_back(term);
  const bool anchor = term.kind != TermKind::Column && term.kind != TermKind::Merged &&
                      term.kind != TermKind::Constant;
  if (anchor) anchors_.push_back(id);
  return id;
}

TermId Terms::intern(const Term& term) {
  for (const TermId id : anchors_) {
    const Term& t = terms_[id];
    if (t.kind == term.kind && t.text == term.text && t.casts == term.casts &&
        t.tenant == term.tenant && t.column == term.column) {
      return id;
    }
  }
  return add(term);
}

TermId Terms::constant(const Term& term) {
  const auto [at, fresh] = constants_.try_emplace(term.text);
  if (fresh) at->second = add(term);
  return at->second;
}

Closure::Closure(const Terms& terms, std::uint32_t sources)
    : terms_(terms), parent_(terms.size()), next_(terms.size()), not_null_(terms.size(), 0) {
  for (TermId i = 0; i < parent_.size(); ++i) parent_[i] = next_[i] = i;
  present_.assign(sources, 0);
}

TermId Closure::find(TermId term) const {
  if (term >= parent_.size()) return term;
  while (parent_[term] != term) {
    parent_[term] = parent_[parent_[term]];
    term = parent_[term];
  }
  return term;
}

bool Closure::not_null(TermId term) const {
  if (term >= parent_.size()) return false;
  if (not_null_[find(term)] != 0) return true;
  const Term& t = terms_[term];
  return t.kind == TermKind::Column && t.not_null && present(t.source);
}

void Closure::grow(TermId term) {
  while (parent_.size() <= term) {
    const auto id = static_cast<TermId>(parent_.size());
    parent_.push_back(id);
    next_.push_back(id);
    not_null_.push_back(0);
  }
}

void Closure::mark_present(SourceId source) {
  if (source == kNoSource) return;
  if (source >= present_.size()) present_.resize(source + 1, 0);
  if (present_[source] != 0) return;
  present_[source] = 1;
  changed_ = true;
}

void Closure::mark_not_null(TermId root) {
  if (not_null_[root] != 0) return;
  not_null_[root] = 1;
  changed_ = true;
  TermId member = root;
  do {
    if (terms_[member].kind == TermKind::Column) mark_present(terms_[member].source);
    member = next_[member];
  } while (member != root);
}

void Closure::unite(TermId a, TermId b) {
  grow(std::max(a, b));
  TermId x = find(a);
  TermId y = find(b);
  if (x == y) return;
  const bool known = not_null_[x] != 0 || not_null_[y] != 0;
  // Both become not NULL before the rings are joined, so that each marks its own members.
  if (known) {
    mark_not_null(x);
    mark_not_null(y);
  }
  parent_[y] = x;
  std::swap(next_[x], next_[y]);
  changed_ = true;
}

bool Closure::fires(const Fact& fact) const {
  return fact.kind == FactKind::IfPresent ? present(fact.a) : not_null(fact.a);
}

void Closure::take(const Fact& fact) {
  switch (fact.kind) {
    case FactKind::Equal:
      unite(fact.a, fact.b);
      mark_not_null(find(fact.a));
      return;
    case FactKind::Same: unite(fact.a, fact.b); return;
    case FactKind::NotNull:
      grow(fact.a);
      mark_not_null(find(fact.a));
      return;
    case FactKind::Present: mark_present(fact.a); return;
    case FactKind::IfPresent:
    case FactKind::IfNotNull:
      if (fires(fact)) {
        for (const Fact& then : fact.then) take(then);
      } else {
        waiting_.push_back(&fact);
      }
      return;
    case FactKind::Never: never_ = true; return;
  }
}

void Closure::add(Facts facts) {
  for (const Fact& fact : facts) take(fact);
  while (changed_ && !waiting_.empty()) {
    changed_ = false;
    std::vector<const Fact*> waiting;
    waiting.swap(waiting_);
    for (const Fact* fact : waiting) take(*fact);
  }
}

}  // namespace tenantlint::isolation
