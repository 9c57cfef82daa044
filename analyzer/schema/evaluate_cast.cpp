// Casts of the interpreter: to PostgreSQL's types as far as values know them, and to the declared
// types of PL/pgSQL variables.
#include <algorithm>

#include "analyzer/schema/evaluate.h"
#include "analyzer/sql/tokens.h"

namespace tenantlint::schema {

namespace {

bool is_one_of(std::string_view name, std::initializer_list<std::string_view> names) {
  return std::find(names.begin(), names.end(), name) != names.end();
}

// pg_type's names of what a DECLARE may spell in words.
std::string_view canonical_type(std::string_view name) {
  if (is_one_of(name, {"integer", "int", "bigint", "smallint", "int2", "int4", "int8", "oid"})) {
    return "int8";
  }
  if (is_one_of(name, {"boolean", "bool"})) return "bool";
  if (is_one_of(name, {"text", "varchar", "character", "char", "name", "citext", "bpchar"})) {
    return "text";
  }
  if (is_one_of(name, {"timestamp", "timestamptz"})) return "timestamptz";
  return name;
}

Value to_integer(const Value& value) {
  if (value.kind == Value::Kind::Int || value.kind == Value::Kind::Object) return value;
  if (value.kind == Value::Kind::Bool) return Value::number(value.integer);
  if (value.kind != Value::Kind::Text) return Value::unknown_because("converts to a number");
  std::size_t i = 0;
  const std::string& text = value.text;
  while (i < text.size() && text[i] == ' ') ++i;
  const bool negative = i < text.size() && text[i] == '-';
  if (negative) ++i;
  std::int64_t out = 0;
  const std::size_t first = i;
  for (; i < text.size() && i - first < 17 && text[i] >= '0' && text[i] <= '9'; ++i) {
    out = out * 10 + (text[i] - '0');
  }
  if (i == first || i != text.size()) return Value::unknown_because("converts to a number");
  return Value::number(negative ? -out : out);
}

Value to_boolean(const Value& value) {
  if (value.kind == Value::Kind::Bool) return value;
  if (value.kind == Value::Kind::Int) return Value::boolean(value.integer != 0);
  std::string word = value.text;
  for (char& c : word) c = c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
  if (is_one_of(word, {"t", "true", "yes", "y", "on", "1"})) return Value::boolean(true);
  if (is_one_of(word, {"f", "false", "no", "n", "off", "0"})) return Value::boolean(false);
  return Value::unknown_because("converts to a boolean");
}

}  // namespace

Value Evaluator::cast(const Value& value, std::string_view type, bool array) {
  if (value.unknown() || value.null()) return value;
  if (array) {
    if (value.kind == Value::Kind::Text) return parse_array(value.text);
    return value;
  }
  if (is_one_of(type, {"text", "varchar", "name", "bpchar", "citext", "char"})) {
    Value out = to_text(value);
    out.approximate = value.approximate && value.kind == Value::Kind::Text;
    return out;
  }
  if (is_one_of(type, {"int2", "int4", "int8", "numeric"})) return to_integer(value);
  if (type == "bool") return to_boolean(value);
  if (type == "date" || type == "timestamptz" || type == "timestamp") {
    if (value.kind == Value::Kind::Date) return value;
    if (value.kind != Value::Kind::Text) return Value::unknown_because("converts to a date");
    Value out = parse_date(value.text);
    out.approximate = value.text == "today" || value.text == "now" || value.text == "tomorrow" ||
                      value.text == "yesterday";
    return out;
  }
  if (type == "interval") {
    return value.kind == Value::Kind::Text ? parse_interval(value.text) : value;
  }
  if (type == "oid") return value;
  return type.starts_with("reg") ? cast_to_object(value, type) : value;
}

// The reg… types: an object by its name, or the name of an object.
Value Evaluator::cast_to_object(const Value& value, std::string_view type) {
  if (type == "regclass") return cast_to_relation(value);
  if (is_one_of(type, {"regprocedure", "regproc", "regtype"}) &&
      value.kind == Value::Kind::Object && !value.text.empty()) {
    return value;
  }
  if (type == "regnamespace" && value.kind == Value::Kind::Text) {
    const Schema* schema = r_.model.find_schema(value.text);
    if (schema != nullptr) return Value::of(schema, schema->name);
    throw ReplayError{"undefined_schema", "schema \"" + value.text + "\" does not exist",
                      r_.statement_place()};
  }
  if (type == "regnamespace" && value.object != nullptr) {
    const auto* schema = static_cast<const Schema*>(value.object);
    return Value::of(schema, schema->name);
  }
  if (type == "regtype" && value.kind == Value::Kind::Text) {
    ast::QualifiedName name;
    const std::string text = value.text;
    const std::size_t dot = text.find('.');
    name.name =
        dot == std::string::npos ? std::string_view(text) : std::string_view(text).substr(dot + 1);
    if (dot != std::string::npos) name.schema = std::string_view(text).substr(0, dot);
    const Type* found = r_.find_type(name);
    if (found != nullptr) return Value::of(found, format_type({found}));
    throw ReplayError{"undefined_object", "type \"" + value.text + "\" does not exist",
                      r_.statement_place()};
  }
  return Value::unknown_because("looks up an object by its text");
}

Value Evaluator::cast_to_relation(const Value& value) {
  if (value.kind == Value::Kind::Object) {
    const auto known = std::any_of(r_.model.relations.begin(), r_.model.relations.end(),
                                   [&](const Relation& r) { return &r == value.object; });
    if (!known) return Value::unknown_because("prints the name of an object");
    const auto* relation = static_cast<const Relation*>(value.object);
    ast::QualifiedName bare;
    bare.name = relation->name;
    const bool visible = r_.find_relation(bare) == relation;
    const std::string schema = visible || relation->schema == nullptr
                                   ? std::string()
                                   : quote_identifier(relation->schema->name) + ".";
    return Value::of(relation, schema + quote_identifier(relation->name));
  }
  Relation* found = relation_named(value.text);
  if (found == nullptr) {
    throw ReplayError{"undefined_table", "relation \"" + value.text + "\" does not exist",
                      r_.statement_place()};
  }
  return cast(Value::of(found, {}), "regclass", false);
}

Value Evaluator::coerce(Value value, std::string_view declared_type) {
  if (value.unknown() || value.null()) return value;
  const sql::Token first = sql::next_code_token(declared_type, 0);
  if (first.kind != sql::TokenKind::Identifier) return value;
  const std::string word = sql::identifier_value(declared_type, first);
  const bool array = declared_type.find('[') != std::string_view::npos;
  // name%TYPE, name%ROWTYPE, schema.type: the value keeps what it is.
  if (declared_type.find('%') != std::string_view::npos || word == "record") return value;
  const Value out = cast(value, canonical_type(word), array);
  return out;
}

}  // namespace tenantlint::schema
