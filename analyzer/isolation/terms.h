// Terms and facts: what the prover knows about values in the rows that can matter.
//
// A term is a value that is the same throughout one row: a column of one source, a parameter, the
// tenant setting, a constant. A fact says that terms are equal, that a source has a row (it is not
// the empty side of an outer join), or that other facts hold if something has a row. Facts hold for
// each row that can matter in the place where they are used; see analysis.h.
#pragma once

#include <cstdint>
#include <limits>
#include <span>
#include <string_view>
#include <vector>

#include "analyzer/schema/model.h"
#include "analyzer/text/arena.h"
#include "analyzer/text/name_map.h"

namespace tenantlint::isolation {

using TermId = std::uint32_t;
using SourceId = std::uint32_t;
inline constexpr TermId kNoTerm = std::numeric_limits<TermId>::max();
inline constexpr SourceId kNoSource = std::numeric_limits<SourceId>::max();

// Which types a value passed through by casts, before it is compared.
enum CastBit : std::uint16_t {
  kCastText = 1,
  kCastBounded = 2,  // varchar(n), char(n), name: longer values are cut
  kCastUuid = 4,
  kCastInt2 = 8,
  kCastInt4 = 16,
  kCastInt8 = 32,
  kCastNumeric = 64,
  kCastOther = 128,
};
struct Casts {
  std::uint16_t mask = 0;
  std::int32_t length = std::numeric_limits<std::int32_t>::max();  // the least bound
  bool operator==(const Casts&) const = default;
};
// The cast to a type; what is not listed above is kCastOther.
Casts cast_to(const schema::TypeRef& type);
Casts operator+(const Casts& a, const Casts& b);
// Do different values of a column of type `from` stay different (and comparable) through the casts?
bool keeps_apart(const schema::TypeRef& from, const Casts& casts);

struct Block;

enum class TermKind : std::uint8_t {
  Column,
  Parameter,
  Tenant,     // a configured setting or function; text: as written
  LookedUp,   // the tenant that a unique value of the caller's leads to
  AnySource,  // one of several sources, which one is not the same for all rows
  Constant,
  Other,   // a value that is no source: another setting, the session's user
  Merged,  // COALESCE(left, right) of a FULL JOIN; source: left term, column: right term
};

struct Term {
  TermKind kind = TermKind::Column;
  bool tenant = false;    // Parameter: may be the tenant
  bool not_null = false;  // never NULL while its source has a row
  Casts casts;
  SourceId source = kNoSource;
  int column = -1;
  std::string_view text;                  // parameter, constant or setting, as written
  std::string_view reason;                // Other, Parameter: why it is no source
  const schema::TypeRef* type = nullptr;  // Column of a table
  // Column: by itself a unique key of this table, so that equal values are one row; or null.
  const schema::Relation* row_of = nullptr;
  int row_key = -1;  // which column there
  // Column of what a subquery gives, which is no source: the block that compares with it.
  const Block* owner = nullptr;
};

enum class FactKind : std::uint8_t {
  Equal,      // a = b, and so neither is NULL
  Same,       // a IS NOT DISTINCT FROM b
  NotNull,    // a
  Present,    // the source a has a row
  IfPresent,  // if the source a has a row, `then` hold
  IfNotNull,  // if the term a is not NULL, `then` hold
  Never,      // there is no such row
};
struct Fact {
  FactKind kind = FactKind::Never;
  std::uint32_t a = kNoTerm;
  std::uint32_t b = kNoTerm;
  std::span<const Fact> then{};
};
using Facts = std::span<const Fact>;
using FactList = std::vector<Fact>;

// All terms of one statement.
class Terms {
 public:
  const Term& operator[](TermId id) const { return terms_[id]; }
  std::uint32_t size() const { return static_cast<std::uint32_t>(terms_.size()); }
  TermId add(const Term& term);
  // The equal one that is there (kinds other than Column), or a new one.
  TermId intern(const Term& term);
  // The constant of that text; statements may have thousands.
  TermId constant(const Term& term);
  // Terms that may tie a row: of kind Parameter, Tenant, LookedUp, AnySource, Other; not constants.
  const std::vector<TermId>& anchors() const { return anchors_; }

 private:
  std::vector<Term> terms_;
  std::vector<TermId> anchors_;
  NameMap<TermId> constants_;
};

// What follows from a number of facts. Terms that are made later are in a class of their own.
class Closure {
 public:
  Closure(const Terms& terms, std::uint32_t sources);

  void add(Facts facts);
  TermId find(TermId term) const;
  bool same(TermId a, TermId b) const { return a == b || find(a) == find(b); }
  bool not_null(TermId term) const;
  bool present(SourceId source) const { return source < present_.size() && present_[source] != 0; }
  bool never() const { return never_; }

 private:
  void take(const Fact& fact);
  void unite(TermId a, TermId b);
  void mark_not_null(TermId root);
  void mark_present(SourceId source);
  void grow(TermId term);
  bool fires(const Fact& fact) const;

  const Terms& terms_;
  mutable std::vector<TermId> parent_;
  std::vector<TermId> next_;  // members of a class, in a ring
  std::vector<std::uint8_t> not_null_;
  std::vector<std::uint8_t> present_;
  std::vector<const Fact*> waiting_;
  bool changed_ = false;
  bool never_ = false;
};

}  // namespace tenantlint::isolation
