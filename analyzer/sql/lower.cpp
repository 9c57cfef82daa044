// The way in: text to libpg_query's raw parse tree, and from there, in place, to our own tree. The
// raw tree lives in a memory context of its own and is gone when parse() returns. Here are the
// entry points, and the small things that all of lower_*.cpp share: names, types, options, object
// names.
#include "analyzer/sql/lower.h"

#include <fmt/format.h>

#include <algorithm>
#include <mutex>
#include <string>

#include "analyzer/sql/lower_internal.h"
#include "analyzer/sql/tokens.h"

extern "C" {
#include <pg_query.h>
#include <pg_query/pg_query_internal.h>
}

namespace tenantlint::sql {

ast::ObjectType object_type(::ObjectType type) {
  using O = ast::ObjectType;
  switch (type) {
    case OBJECT_ACCESS_METHOD: return O::AccessMethod;
    case OBJECT_AGGREGATE: return O::Aggregate;
    case OBJECT_ATTRIBUTE: return O::Attribute;
    case OBJECT_CAST: return O::Cast;
    case OBJECT_COLLATION: return O::Collation;
    case OBJECT_COLUMN: return O::Column;
    case OBJECT_CONVERSION: return O::Conversion;
    case OBJECT_DATABASE: return O::Database;
    case OBJECT_DEFAULT: return O::Default;
    case OBJECT_DOMAIN: return O::Domain;
    case OBJECT_DOMCONSTRAINT: return O::DomainConstraint;
    case OBJECT_EVENT_TRIGGER: return O::EventTrigger;
    case OBJECT_EXTENSION: return O::Extension;
    case OBJECT_FDW: return O::ForeignDataWrapper;
    case OBJECT_FOREIGN_SERVER: return O::ForeignServer;
    case OBJECT_FOREIGN_TABLE: return O::ForeignTable;
    case OBJECT_FUNCTION: return O::Function;
    case OBJECT_INDEX: return O::Index;
    case OBJECT_LANGUAGE: return O::Language;
    case OBJECT_LARGEOBJECT: return O::LargeObject;
    case OBJECT_MATVIEW: return O::MaterializedView;
    case OBJECT_OPCLASS: return O::OperatorClass;
    case OBJECT_OPERATOR: return O::Operator;
    case OBJECT_OPFAMILY: return O::OperatorFamily;
    case OBJECT_PARAMETER_ACL: return O::Parameter;
    case OBJECT_POLICY: return O::Policy;
    case OBJECT_PROCEDURE: return O::Procedure;
    case OBJECT_PUBLICATION: return O::Publication;
    case OBJECT_PUBLICATION_NAMESPACE: return O::PublicationNamespace;
    case OBJECT_PUBLICATION_REL: return O::PublicationRelation;
    case OBJECT_ROLE: return O::Role;
    case OBJECT_ROUTINE: return O::Routine;
    case OBJECT_RULE: return O::Rule;
    case OBJECT_SCHEMA: return O::Schema;
    case OBJECT_SEQUENCE: return O::Sequence;
    case OBJECT_STATISTIC_EXT: return O::Statistics;
    case OBJECT_SUBSCRIPTION: return O::Subscription;
    case OBJECT_TABCONSTRAINT: return O::TableConstraint;
    case OBJECT_TABLE: return O::Table;
    case OBJECT_TABLESPACE: return O::Tablespace;
    case OBJECT_TRANSFORM: return O::Transform;
    case OBJECT_TRIGGER: return O::Trigger;
    case OBJECT_TSCONFIGURATION:
    case OBJECT_TSDICTIONARY:
    case OBJECT_TSPARSER:
    case OBJECT_TSTEMPLATE: return O::TextSearch;
    case OBJECT_TYPE: return O::Type;
    case OBJECT_USER_MAPPING: return O::UserMapping;
    case OBJECT_VIEW: return O::View;
    default: return O::Other;
  }
}

const ast::Statement* Lowerer::unsupported(const char* what, std::uint32_t at) {
  auto* out = make<ast::Unsupported>(at);
  out->what = str(what);
  return out;
}

const ast::Statement* Lowerer::statement(const ::Node* node, std::uint32_t at, std::uint32_t end) {
  if (node == nullptr) return nullptr;
  const DepthGuard guard(*this);
  if (too_deep_) return nullptr;
  // A statement inside of another one is kept with it.
  details_ = depth_ > 1 ? &arena_ : &own_details_;
  // SELECT … INTO is CREATE TABLE AS in other words (manual, SELECT INTO).
  if (IsA(node, SelectStmt) && to<::SelectStmt>(node)->intoClause != nullptr) {
    const auto* in = to<::SelectStmt>(node);
    auto* out = make<ast::CreateTableAs>(at);
    out->relation = range_var(in->intoClause->rel);
    out->query = select(in, at);
    out->select_into = true;
    return out;
  }
  if (const auto* out = table_statement(node, at)) return out;
  if (const auto* out = query_statement(node, at)) return out;
  if (const auto* out = object_statement(node, at, end)) return out;
  if (const auto* out = catalog_statement(node, at)) return out;
  if (const auto* out = session_statement(node, at)) return out;
  return unsupported(fmt::format("node {}", static_cast<int>(nodeTag(node))).c_str(), at);
}

ast::QualifiedName Lowerer::name(const ::List* parts, std::uint32_t at) {
  ast::QualifiedName out;
  out.at = at;
  const int count = list_length(parts);
  const auto part = [&](int i) {
    return str(str_val(static_cast<const ::Node*>(list_nth(parts, i))));
  };
  if (count > 0) out.name = part(count - 1);
  if (count > 1) out.schema = part(count - 2);
  if (count > 2) out.catalog = part(count - 3);
  return out;
}

ast::List<std::string_view> Lowerer::strings(const ::List* list) {
  return map<std::string_view>(list, [&](const ::Node* n) { return str(str_val(n)); });
}

ast::List<const ast::Expr*> Lowerer::exprs(const ::List* list) {
  return map<const ast::Expr*>(list, [&](const ::Node* n) { return expr(n); });
}

const ast::TypeName* Lowerer::type(const ::TypeName* node) {
  if (node == nullptr) return nullptr;
  auto* out = nodes_->make<ast::TypeName>();
  out->at = at(node->location);
  out->name = name(node->names, out->at);
  out->percent_type = node->pct_type;
  if (node->pct_type) {
    // t.c%TYPE: all but the last part name the table.
    out->column = out->name.name;
    out->name.name = out->name.schema;
    out->name.schema = out->name.catalog;
    out->name.catalog = {};
  }
  out->setof = node->setof;
  out->array_dims = static_cast<std::uint8_t>(list_length(node->arrayBounds));
  const bool interval = out->name.name == "interval";
  std::vector<std::string_view> modifiers;
  for (int i = 0; i < list_length(node->typmods); ++i) {
    const auto* mod = static_cast<const ::Node*>(list_nth(node->typmods, i));
    bool opaque = false;
    std::string_view text = IsA(mod, A_Const)
                                ? ast::as<ast::Literal>(constant(to<::A_Const>(mod)))->text
                                : value_text(mod, opaque);
    // Words: geometry(Point, 4326).
    if (IsA(mod, ColumnRef)) text = name(to<::ColumnRef>(mod)->fields).name;
    // The grammar gives INTERVAL its mask of fields as the first modifier.
    if (interval && i == 0) {
      out->interval_fields = static_cast<std::uint32_t>(std::strtoul(text.data(), nullptr, 10));
    } else {
      modifiers.push_back(text.empty() ? "?" : text);
    }
  }
  out->modifiers = nodes_->list(modifiers);
  return out;
}

ast::RoleSpec Lowerer::role(const ::RoleSpec* node) {
  ast::RoleSpec out;
  if (node == nullptr) return out;
  out.at = at(node->location);
  out.name = str(node->rolename);
  switch (node->roletype) {
    case ROLESPEC_CSTRING: out.ref = ast::RoleRef::Name; break;
    case ROLESPEC_CURRENT_ROLE: out.ref = ast::RoleRef::CurrentRole; break;
    case ROLESPEC_CURRENT_USER: out.ref = ast::RoleRef::CurrentUser; break;
    case ROLESPEC_SESSION_USER: out.ref = ast::RoleRef::SessionUser; break;
    case ROLESPEC_PUBLIC: out.ref = ast::RoleRef::Public; break;
  }
  return out;
}

ast::List<ast::RoleSpec> Lowerer::roles(const ::List* list) {
  return map<ast::RoleSpec>(list, [&](const ::Node* n) { return role(to<::RoleSpec>(n)); });
}

std::string_view Lowerer::value_text(const ::Node* node, bool& opaque) {
  if (node == nullptr) return {};
  switch (nodeTag(node)) {
    case T_String: return str(to<::String>(node)->sval);
    case T_Integer: return str(fmt::format("{}", to<::Integer>(node)->ival).c_str());
    case T_Float: return str(to<::Float>(node)->fval);
    case T_Boolean: return to<::Boolean>(node)->boolval ? "true" : "false";
    case T_TypeName: {
      const auto* in = to<::TypeName>(node);
      const ast::QualifiedName n = name(in->names);
      if (n.schema.empty()) return n.name;
      return str(fmt::format("{}.{}", n.schema, n.name).c_str());
    }
    case T_A_Const: return ast::as<ast::Literal>(constant(to<::A_Const>(node)))->text;
    case T_List: {
      // A qualified name (OWNED BY s.t.c) or a list of names.
      std::string joined;
      const auto* list = to<::List>(node);
      for (int i = 0; i < list_length(list); ++i) {
        if (i > 0) joined += '.';
        joined += value_text(static_cast<const ::Node*>(list_nth(list, i)), opaque);
      }
      return str(joined.c_str());
    }
    default: opaque = true; return {};
  }
}

ast::Option Lowerer::option(const ::DefElem* node) {
  ast::Option out;
  out.space = str(node->defnamespace);
  out.name = str(node->defname);
  out.at = at(node->location);
  out.drop = node->defaction == DEFELEM_DROP;
  if (node->arg == nullptr) return out;
  out.has_value = true;
  if (!IsA(node->arg, VariableSetStmt)) {
    out.value = value_text(node->arg, out.opaque);
    return out;
  }
  // SET name = a, b of a function or role: the name is the setting's, values joined by ", ".
  const ast::SetClause set = set_clause(to<::VariableSetStmt>(node->arg));
  out.space = out.name;
  out.name = set.name;
  out.drop = set.action == ast::SetAction::Reset || set.action == ast::SetAction::ResetAll ||
             set.action == ast::SetAction::Default;
  out.opaque = set.action == ast::SetAction::FromCurrent;
  std::string joined;
  for (const ast::Expr* value : set.values) {
    const auto* literal = ast::as<ast::Literal>(value);
    if (literal == nullptr) out.opaque = true;
    if (!joined.empty()) joined += ", ";
    if (literal != nullptr) joined += literal->text;
  }
  out.value = str(joined.c_str());
  return out;
}

ast::List<ast::Option> Lowerer::options(const ::List* list) {
  return map<ast::Option>(list, [&](const ::Node* n) {
    if (IsA(n, DefElem)) return option(to<::DefElem>(n));
    ast::Option bare;  // RESET (a, b)
    bare.name = value_text(n, bare.opaque);
    return bare;
  });
}

ast::ObjectName Lowerer::function_object(const ::ObjectWithArgs* node) {
  ast::ObjectName out;
  out.name = name(node->objname);
  out.args_given = !node->args_unspecified;
  out.arg_types = map<const ast::TypeName*>(
      node->objargs, [&](const ::Node* n) { return type(to<::TypeName>(n)); });
  return out;
}

ast::ObjectName Lowerer::object(ast::ObjectType kind, const ::Node* node) {
  ast::ObjectName out;
  if (node == nullptr) return out;
  switch (nodeTag(node)) {
    case T_ObjectWithArgs: return function_object(to<::ObjectWithArgs>(node));
    case T_String:
    case T_Integer:
    case T_Float: {
      bool opaque = false;
      out.name.name = value_text(node, opaque);
      return out;
    }
    case T_RangeVar: {
      const ast::RangeVar* relation = range_var(to<::RangeVar>(node));
      out.name = relation->name;
      out.at = relation->at;
      return out;
    }
    case T_TypeName:
      out.type = type(to<::TypeName>(node));
      out.name = out.type->name;
      out.at = out.type->at;
      return out;
    case T_RoleSpec: out.name.name = role(to<::RoleSpec>(node)).name; return out;
    case T_List: break;
    default: return out;
  }
  const auto* list = to<::List>(node);
  const auto* first = static_cast<const ::Node*>(linitial(list));
  if (IsA(first, TypeName)) {
    // DOMAIN d's constraint: (type, name). CAST: (source, target).
    out.type = type(to<::TypeName>(first));
    out.name = out.type->name;
    const auto* second = static_cast<const ::Node*>(lsecond(list));
    if (IsA(second, String)) out.sub = str(str_val(second));
    return out;
  }
  using O = ast::ObjectType;
  const bool inside = kind == O::Column || kind == O::Policy || kind == O::Trigger ||
                      kind == O::Rule || kind == O::TableConstraint || kind == O::Attribute;
  if (!inside || list_length(list) < 2) {
    out.name = name(list);
    return out;
  }
  // The last part is the sub-object, those before it its relation.
  const ast::QualifiedName all = name(list);
  out.sub = all.name;
  out.name.name = all.schema;
  out.name.schema = all.catalog;
  return out;
}

// ---------------------------------------------------------------- entry points

namespace {

// Characters (as the parser counts them, from 1) to bytes.
std::uint32_t byte_of_character(std::string_view text, int character) {
  std::size_t at = 0;
  for (int left = character - 1; at < text.size(); ++at) {
    const bool continues = (static_cast<unsigned char>(text[at]) & 0xC0U) == 0x80U;
    if (!continues && left-- <= 0) break;
  }
  return static_cast<std::uint32_t>(at);
}

// From the first token to the last one. Only where a comment may end the statement are its tokens
// read.
Span tight(std::string_view text, std::uint32_t begin, std::uint32_t end) {
  begin = next_code_token(text.substr(0, end), begin).span.begin;
  while (end > begin &&
         (text[end - 1] == ' ' || (text[end - 1] >= '\t' && text[end - 1] <= '\r'))) {
    --end;
  }
  const std::string_view all = text.substr(begin, end - begin);
  const std::size_t line = all.rfind('\n') + 1;  // npos + 1 is 0
  if (!all.ends_with("*/") && all.find("--", line) == std::string_view::npos) return {begin, end};
  Span out{begin, begin};
  for (Token t = next_code_token(text.substr(0, end), begin); t.kind != TokenKind::End;
       t = next_code_token(text.substr(0, end), t.span.end)) {
    out.end = t.span.end;
  }
  return out;
}

// Sets the byte at the end of the range to NUL while the parser reads it.
class Terminated {
 public:
  explicit Terminated(const char* end) : end_(const_cast<char*>(end)), saved_(*end) {
    if (saved_ != '\0') *end_ = '\0';
  }
  ~Terminated() {
    if (saved_ != '\0') *end_ = saved_;
  }
  Terminated(const Terminated&) = delete;
  Terminated& operator=(const Terminated&) = delete;

 private:
  char* end_;
  char saved_;
};

// PostgreSQL quotes the token at which it stopped, which may be a string of a hundred megabytes.
std::string brief(std::string_view message) {
  constexpr std::size_t kLongest = 200;
  if (message.size() <= kLongest) return std::string(message);
  std::size_t end = kLongest;
  while (end > 0 && (static_cast<unsigned char>(message[end]) & 0xC0U) == 0x80U) --end;
  return std::string(message.substr(0, end)) + "…";
}

ParseResult failed(std::string message, std::uint32_t offset) {
  ParseResult out;
  out.ok = false;
  out.error = {std::move(message), offset};
  return out;
}

}  // namespace

ParseResult parse(std::string_view text, Span range, Arena& arena) {
  return parse(text, range, arena, arena);
}

ParseResult parse(std::string_view text, Span range, Arena& arena, Arena& details) {
  const Terminated terminated(text.data() + range.end);
  ::MemoryContext context = pg_query_enter_memory_context();
  const PgQueryInternalParsetreeAndError raw = pg_query_raw_parse(text.data() + range.begin);
  ParseResult out;
  if (raw.error != nullptr) {
    const std::string_view read = text.substr(range.begin, range.end - range.begin);
    const int position = raw.error->cursorpos;
    out = failed(raw.error->message == nullptr ? "syntax error" : brief(raw.error->message),
                 range.begin + (position > 0 ? byte_of_character(read, position) : 0));
    pg_query_free_error(raw.error);
  } else {
    Lowerer lowerer(text, range.begin, arena, details);
    out.statements.reserve(static_cast<std::size_t>(list_length(raw.tree)));
    for (int i = 0; i < list_length(raw.tree) && !lowerer.too_deep(); ++i) {
      const auto* node = static_cast<const ::RawStmt*>(list_nth(raw.tree, i));
      const std::uint32_t begin = range.begin + static_cast<std::uint32_t>(node->stmt_location);
      const std::uint32_t end =
          node->stmt_len == 0 ? range.end : begin + static_cast<std::uint32_t>(node->stmt_len);
      const Span span = tight(text, begin, end);
      out.statements.push_back({span, lowerer.statement(node->stmt, span.begin, span.end)});
      if (lowerer.too_deep()) out = failed("nested too deeply", span.begin);
    }
  }
  std::free(raw.stderr_buffer);
  pg_query_exit_memory_context(context);
  return out;
}

const ast::Expr* parse_expression(std::string_view text, Arena& arena, ParseError* error) {
  constexpr std::string_view kSelect = "SELECT ";
  const std::string_view query = arena.copy(std::string(kSelect) + std::string(text));
  const ParseResult result = parse(query, {0, static_cast<std::uint32_t>(query.size())}, arena);
  const auto* select =
      result.statements.size() == 1 ? ast::as<ast::Select>(result.statements[0].tree) : nullptr;
  if (select == nullptr || select->targets.size() != 1) {
    if (error != nullptr) *error = result.ok ? ParseError{"not an expression", 0} : result.error;
    return nullptr;
  }
  return select->targets[0].value;
}

void prepare_parser_thread() {
  static std::mutex mutex;
  const std::lock_guard lock(mutex);
  ::MemoryContext context = pg_query_enter_memory_context();
  pg_query_exit_memory_context(context);
}

std::string_view grammar_version() {
#if PG_VERSION_NUM >= 170000
  return "PostgreSQL 17";
#else
  return "PostgreSQL 15";
#endif
}

}  // namespace tenantlint::sql
