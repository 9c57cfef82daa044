// Parameters and variables of a body, and what is known of their values: shared by the files that
// judge bodies alone.
#pragma once

#include <deque>
#include <string_view>
#include <utility>
#include <vector>

#include "analyzer/isolation/dynamic_text.h"
#include "analyzer/isolation/prover.h"
#include "analyzer/schema/model.h"
#include "analyzer/sql/plpgsql.h"

namespace tenantlint::isolation {

// What a variable holds whenever it is not NULL, whatever way the code has taken.
struct HeldValue {
  bool nothing = true;             // never anything but NULL
  bool tenant = false;             // a source of the tenant
  const Variable* copy = nullptr;  // the value of that parameter

  bool operator==(const HeldValue&) const = default;
  static HeldValue other() { return {false, false, nullptr}; }
  static HeldValue of_tenant() { return {false, true, nullptr}; }
};
HeldValue join(const HeldValue& a, const HeldValue& b);

struct BodyVariable {
  std::string_view name;
  std::string_view label;  // of its block; of parameters: the function's name
  std::string_view type;   // as declared
  int number = 0;          // parameters: $n; others: a negative number of their own
  bool record = false;
  bool constant_name = false;  // TG_OP and its like: no code changes it
  HeldValue value;
  std::vector<std::pair<std::string_view, HeldValue>> fields;  // of a record, as far as known
  bool opaque = false;                                         // a record with other fields too
  const schema::Relation* row = nullptr;                       // NEW, OLD
  Variable root;                                               // of parameters: what copies are of
  std::vector<Span> cursor_queries;  // what it is opened for; an empty one: not known
  TextState text;                    // while statements are judged in order

  HeldValue* field(std::string_view name);
};

// Names that code can see, the innermost last.
class BodyScope {
 public:
  struct Name {
    std::string_view name;
    std::string_view label;
    BodyVariable* variable = nullptr;
  };

  void add(std::string_view name, std::string_view label, BodyVariable* variable) {
    names_.push_back({name, label, variable});
  }
  std::size_t size() const { return names_.size(); }
  void shrink(std::size_t size) { names_.resize(size); }
  BodyVariable* find(std::string_view name, std::string_view label = {}) const;
  BodyVariable* find_number(int number) const;
  // What is named by an assignment's target; `field` is set if it is a part of a record.
  BodyVariable* find(const sql::plpgsql::Variable& target, std::string_view& field) const;

  // As the prover takes them. Valid as long as no variable changes.
  std::vector<Variable> variables() const;

 private:
  std::vector<Name> names_;
};

// Does a type's text name a type whose values can hold no SQL (numbers, uuid, dates)?
bool is_plain_type(std::string_view type);
bool is_object_type(std::string_view type);  // regclass: prints as an identifier

}  // namespace tenantlint::isolation
