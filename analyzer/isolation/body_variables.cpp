// Variables of a body as the prover takes them: which are the tenant, which are copies of a
// parameter, which fields of records are either. Exists because a name says nothing of what code
// has put into it.
#include "analyzer/isolation/body_variables.h"

#include <algorithm>

namespace tenantlint::isolation {

namespace {

// The first word of a type, in lower case: "character" of CHARACTER VARYING(20).
std::string first_word(std::string_view type) {
  std::string out;
  for (const char c : type) {
    const bool upper = c >= 'A' && c <= 'Z';
    const bool lower = (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '_';
    if (!upper && !lower) {
      if (out.empty()) continue;
      break;
    }
    out += upper ? static_cast<char>(c - 'A' + 'a') : c;
  }
  return out;
}

bool is_array(std::string_view type) {
  return type.find('[') != std::string_view::npos;
}

}  // namespace

HeldValue join(const HeldValue& a, const HeldValue& b) {
  if (a.nothing) return b;
  if (b.nothing) return a;
  return {false, a.tenant && b.tenant, a.copy == b.copy ? a.copy : nullptr};
}

bool is_plain_type(std::string_view type) {
  static constexpr std::string_view kNames[] = {
      "int",     "integer",   "bigint",      "smallint", "int2",     "int4",    "int8", "numeric",
      "decimal", "real",      "double",      "float4",   "float8",   "boolean", "bool", "uuid",
      "date",    "timestamp", "timestamptz", "time",     "interval", "oid"};
  const std::string word = first_word(type);
  return !is_array(type) &&
         std::find(std::begin(kNames), std::end(kNames), word) != std::end(kNames);
}

bool is_object_type(std::string_view type) {
  const std::string word = first_word(type);
  return !is_array(type) &&
         (word == "regclass" || word == "regnamespace" || word == "regprocedure");
}

HeldValue* BodyVariable::field(std::string_view wanted) {
  for (auto& [known, held] : fields) {
    if (known == wanted) return &held;
  }
  return nullptr;
}

BodyVariable* BodyScope::find(std::string_view name, std::string_view label) const {
  for (auto at = names_.rbegin(); at != names_.rend(); ++at) {
    if (at->name == name && (label.empty() || at->label == label)) return at->variable;
  }
  return nullptr;
}

BodyVariable* BodyScope::find_number(int number) const {
  for (const Name& n : names_) {
    if (n.variable->number == number) return n.variable;
  }
  return nullptr;
}

BodyVariable* BodyScope::find(const sql::plpgsql::Variable& target, std::string_view& field) const {
  field = {};
  if (target.parts.empty()) return nullptr;
  const std::string_view first = target.parts[0];
  if (first.starts_with('$')) {
    int number = 0;
    for (const char c : first.substr(1)) number = number < 1000 ? number * 10 + (c - '0') : 1000;
    return find_number(number);
  }
  if (BodyVariable* found = find(first)) {
    if (target.parts.size() > 1) field = target.parts[1];
    return found;
  }
  if (target.parts.size() < 2) return nullptr;
  if (target.parts.size() > 2) field = target.parts[2];
  return find(target.parts[1], first);
}

// Fields come behind plain variables, for a name alone never means a field, and before the records
// that they belong to, for those answer for all other fields.
std::vector<Variable> BodyScope::variables() const {
  std::vector<Variable> plain;
  std::vector<Variable> fields;
  std::vector<Variable> records;
  for (auto at = names_.rbegin(); at != names_.rend(); ++at) {
    const BodyVariable& v = *at->variable;
    Variable out;
    out.name = at->name;
    out.qualifier = at->label;
    out.number = v.number;
    out.copy_of = v.value.copy;
    out.source = v.value.tenant && v.value.copy == nullptr;
    out.tenant = v.value.copy != nullptr;
    if (!v.record) {
      plain.push_back(out);
      continue;
    }
    const bool hidden =
        std::any_of(names_.rbegin(), at, [&](const Name& inner) { return inner.name == at->name; });
    if (hidden) continue;
    for (const auto& [name, held] : v.fields) {
      if (held.nothing || (!held.tenant && held.copy == nullptr)) continue;
      Variable field;
      field.name = name;
      field.qualifier = at->name;
      field.number = v.number;
      field.copy_of = held.copy;
      field.source = held.copy == nullptr;
      fields.push_back(field);
    }
    out.row = v.row;
    out.tenant = out.source = false;
    out.copy_of = nullptr;
    records.push_back(out);
  }
  plain.insert(plain.end(), fields.begin(), fields.end());
  plain.insert(plain.end(), records.begin(), records.end());
  return plain;
}

}  // namespace tenantlint::isolation
