// The types of expressions, by PostgreSQL's rules for operators, functions and unions; what cannot
// be inferred has the unknown type. Source: PostgreSQL manual, chapter 10 (type conversion).
#include <algorithm>

#include "analyzer/schema/query_scope.h"

namespace tenantlint::schema {

TypeRef Scope::unify(const TypeRef& a, const TypeRef& b) const {
  if (is_unknown(a)) return b;
  if (is_unknown(b) || a == b) return a;
  if (a.type == b.type && a.array == b.array) return {a.type, -1, -1, a.array};
  // Numbers widen in this order (manual 10.5).
  const std::string_view kOrder[] = {"int2", "int4", "int8", "numeric", "float4", "float8"};
  const auto rank = [&](const TypeRef& t) {
    for (std::size_t i = 0; i < std::size(kOrder); ++i) {
      if (is(t, kOrder[i])) return static_cast<int>(i);
    }
    return -1;
  };
  if (rank(a) >= 0 && rank(b) >= 0) {
    const TypeRef& wide = rank(a) > rank(b) ? a : b;
    return {wide.type, -1, -1, false};
  }
  if (is(a, "text") || is(b, "text")) return r_.builtin("text");
  return a;
}

TypeRef Scope::common(ast::List<const ast::Expr*> args) const {
  TypeRef out = unknown();
  for (const ast::Expr* arg : args) out = unify(out, type_of(arg));
  if (!is_unknown(out) || args.empty()) return out;
  out.mod2 = -2;
  return out;
}

TypeRef Scope::type_of(const ast::Expr* expr) const {
  if (expr == nullptr) return unknown();
  switch (expr->kind) {
    case ast::Kind::ColumnRef: {
      const OutputColumn* c = find(*ast::as<ast::ColumnRef>(expr));
      return c == nullptr ? unknown() : c->type;
    }
    case ast::Kind::Literal: {
      const auto& l = *ast::as<ast::Literal>(expr);
      switch (l.type) {
        case ast::LiteralType::Boolean: return r_.builtin("bool");
        case ast::LiteralType::Integer: return r_.builtin("int4");
        case ast::LiteralType::Float:
          return r_.builtin(l.text.find_first_of(".eE") == std::string_view::npos ? "int8"
                                                                                  : "numeric");
        case ast::LiteralType::BitString: return r_.builtin("bit");
        // Untyped for now; mod2 = -2 says that text is what it becomes if nothing else decides.
        case ast::LiteralType::String:
        case ast::LiteralType::Null: return {r_.model.unknown_type(), -1, -2, false};
      }
      return unknown();
    }
    case ast::Kind::TypeCast: return r_.resolve_type(*ast::as<ast::TypeCast>(expr)->type);
    case ast::Kind::FuncCall: return call_type(*ast::as<ast::FuncCall>(expr));
    case ast::Kind::Operator: return operator_type(*ast::as<ast::Operator>(expr));
    case ast::Kind::BoolExpr:
    case ast::Kind::NullTest:
    case ast::Kind::BooleanTest: return r_.builtin("bool");
    case ast::Kind::SubLink: {
      const auto& link = *ast::as<ast::SubLink>(expr);
      if (link.type != ast::SubLinkType::Scalar && link.type != ast::SubLinkType::Array)
        return r_.builtin("bool");
      Scope inner(r_, this);
      const Columns columns = link.query == nullptr ? Columns{} : inner.query(*link.query);
      if (columns.empty()) return unknown();
      TypeRef out = columns[0].type;
      if (link.type == ast::SubLinkType::Array) out.array = true;
      return out;
    }
    case ast::Kind::Case: {
      const auto& c = *ast::as<ast::Case>(expr);
      TypeRef out = type_of(c.otherwise);
      for (const ast::CaseWhen& when : c.whens) out = unify(out, type_of(when.result));
      return out;
    }
    case ast::Kind::Coalesce: return common(ast::as<ast::Coalesce>(expr)->args);
    case ast::Kind::MinMax: return common(ast::as<ast::MinMax>(expr)->args);
    case ast::Kind::ArrayExpr: {
      TypeRef out = common(ast::as<ast::ArrayExpr>(expr)->args);
      if (is_unknown(out)) out = r_.builtin("text");
      out.array = true;
      return out;
    }
    case ast::Kind::Indirection: {
      const auto& in = *ast::as<ast::Indirection>(expr);
      TypeRef out = type_of(in.arg);
      if (in.path.empty()) return out;
      const ast::Subscript& first = in.path[0];
      if (first.field.empty()) {
        if (!first.slice) out.array = false;
        return out;
      }
      const Relation* row = out.type->relation;
      const int index = row == nullptr ? -1 : row->find_column(first.field);
      return index < 0 ? unknown() : row->columns[static_cast<std::size_t>(index)].type;
    }
    case ast::Kind::Collate: return type_of(ast::as<ast::Collate>(expr)->arg);
    case ast::Kind::RowExpr: return r_.builtin("record");
    case ast::Kind::ValueFunction: {
      const std::string_view name = ast::as<ast::ValueFunction>(expr)->name;
      if (name == "current_date") return r_.builtin("date");
      if (name == "current_timestamp") return r_.builtin("timestamptz");
      if (name == "localtimestamp") return r_.builtin("timestamp");
      if (name == "current_time") return r_.builtin("timetz");
      if (name == "localtime") return r_.builtin("time");
      return r_.builtin("name");
    }
    case ast::Kind::GroupingFunc: return r_.builtin("int4");
    case ast::Kind::XmlOrJson: return r_.builtin("xml");
    default: return unknown();
  }
}

TypeRef Scope::operator_type(const ast::Operator& op) const {
  using F = ast::OperatorForm;
  if (op.form == F::NullIf) return type_of(op.left);
  if (op.form != F::Plain) return r_.builtin("bool");
  const std::string_view name = op.op.name;
  constexpr std::string_view kBoolean[] = {"=",  "<>", "!=",  "<",  ">",   "<=",  ">=",  "~",
                                           "~*", "!~", "!~*", "@>", "<@",  "?",   "?|",  "?&",
                                           "&&", "@@", "@?",  "~~", "!~~", "~~*", "!~~*"};
  if (std::find(std::begin(kBoolean), std::end(kBoolean), name) != std::end(kBoolean))
    return r_.builtin("bool");
  const TypeRef left = op.left == nullptr ? unknown() : type_of(op.left);
  const TypeRef right = type_of(op.right);
  if (name == "->>" || name == "#>>") return r_.builtin("text");
  if (name == "->" || name == "#>" || name == "#-") return {left.type, -1, -1, false};
  if (name == "||") {
    if (left.array || right.array) return left.array ? left : right;
    if (is(left, "jsonb") || is(right, "jsonb")) return r_.builtin("jsonb");
    if (is(left, "bytea")) return r_.builtin("bytea");
    if (is(left, "tsvector")) return r_.builtin("tsvector");
    return r_.builtin("text");
  }
  const bool left_time = is(left, "timestamptz") || is(left, "timestamp");
  const bool right_time = is(right, "timestamptz") || is(right, "timestamp");
  if (left_time && right_time) return r_.builtin("interval");
  if (left_time) return {left.type, -1, -1, false};
  if (is(left, "date")) {
    if (is(right, "date")) return r_.builtin("int4");
    return is(right, "interval") ? r_.builtin("timestamp") : r_.builtin("date");
  }
  if (is(left, "interval") || is(right, "interval")) {
    return right_time ? TypeRef{right.type, -1, -1, false} : r_.builtin("interval");
  }
  TypeRef out = unify(left, right);
  out.mod1 = out.mod2 = -1;
  return out;
}

namespace {

struct Known {
  std::string_view type;
  std::string_view functions;
};
// By result type; names between spaces.
constexpr Known kKnown[] = {
    {"int8",
     " count rank row_number dense_rank ntile_ nextval currval setval lastval pg_relation_size "
     "pg_total_relation_size txid_current hashtextextended bigint pg_database_size "},
    {"int4",
     " length char_length character_length octet_length array_length cardinality strpos position "
     "ascii array_position date_part_ width_bucket jsonb_array_length json_array_length "
     "hashtext ntile array_upper array_lower array_ndims pg_backend_pid num_nonnulls num_nulls "},
    {"text",
     " lower upper trim btrim ltrim rtrim concat concat_ws substring substr replace "
     "regexp_replace initcap left right lpad rpad md5 format string_agg to_char quote_ident "
     "quote_literal quote_nullable array_to_string split_part translate reverse repeat encode "
     "current_setting version jsonb_extract_path_text json_extract_path_text jsonb_typeof "
     "json_typeof "
     "chr overlay jsonb_pretty set_config host obj_description col_description pg_get_expr "
     "pg_get_constraintdef pg_get_indexdef pg_get_functiondef pg_get_viewdef to_hex unistr "
     "json_object_keys jsonb_object_keys regexp_split_to_table string_to_table "
     "jsonb_array_elements_text "
     "json_array_elements_text pg_size_pretty convert_from crypt gen_salt "},
    {"bool",
     " bool_and bool_or every starts_with pg_try_advisory_lock has_table_privilege "
     "has_schema_privilege pg_has_role isfinite jsonb_exists pg_advisory_unlock "
     "jsonb_path_exists regexp_like "},
    {"timestamptz",
     " now transaction_timestamp statement_timestamp clock_timestamp to_timestamp "
     "make_timestamptz "},
    {"uuid",
     " gen_random_uuid uuid_generate_v4 uuid_generate_v1 uuid_generate_v1mc uuid_generate_v5 "
     "uuid_generate_v3 uuid_nil "},
    {"jsonb",
     " jsonb_build_object jsonb_build_array to_jsonb jsonb_agg jsonb_object_agg jsonb_set "
     "jsonb_extract_path jsonb_object jsonb_insert jsonb_strip_nulls jsonb_array_elements "
     "jsonb_path_query jsonb_path_query_first jsonb_path_query_array "},
    {"json",
     " json_build_object json_build_array to_json json_agg row_to_json json_object_agg "
     "array_to_json json_object json_extract_path json_strip_nulls json_array_elements "},
    {"float8",
     " random cume_dist percent_rank sqrt_ date_part ts_rank ts_rank_cd similarity_ exp_ ln_ pi "
     "cos sin tan radians degrees percentile_cont "},
    {"float4", " similarity word_similarity ts_rank "},
    {"numeric", " extract to_number "},
    {"date", " to_date make_date "},
    {"interval", " age make_interval justify_interval justify_days justify_hours "},
    {"tsvector", " to_tsvector setweight strip "},
    {"tsquery", " to_tsquery plainto_tsquery phraseto_tsquery websearch_to_tsquery "},
    {"bytea", " digest decode hmac gen_random_bytes convert_to sha256 sha512 sha224 sha384 "},
    {"name", " current_schema_ current_database "},
    {"void", " pg_notify pg_sleep pg_advisory_lock pg_advisory_xact_lock "},
    {"oid", " lo_create "},
    {"regclass", " to_regclass "},
};
std::size_t input_count(const Function& f) {
  std::size_t inputs = 0;
  for (const Parameter& p : f.parameters) {
    inputs += p.mode != ast::ParameterMode::Out && p.mode != ast::ParameterMode::Table;
  }
  return inputs;
}

// Of a function whose name stands between spaces; empty: it depends on its arguments.
std::string_view result_type(const std::string& padded) {
  for (const Known& k : kKnown) {
    if (k.functions.find(padded) != std::string_view::npos) return k.type;
  }
  return {};
}

}  // namespace

TypeRef Scope::call_type(const ast::FuncCall& call) const {
  const std::string_view name = call.name.name;
  const std::vector<Function*> own = r_.find_functions(call.name);
  if (!own.empty()) {
    for (const Function* f : own) {
      if (input_count(*f) == call.args.size()) return f->returns;
    }
    return own[0]->returns;
  }
  const std::string padded = " " + std::string(name) + " ";
  if (const std::string_view known = result_type(padded); !known.empty()) {
    return r_.builtin(known);
  }
  const TypeRef first = call.args.empty() ? unknown() : type_of(call.args[0]);
  if (name == "timezone" && call.args.size() == 2) {
    const TypeRef at = type_of(call.args[1]);
    return r_.builtin(is(at, "timestamptz") ? "timestamp" : "timestamptz");
  }
  if (name == "sum") {
    if (is(first, "int2") || is(first, "int4")) return r_.builtin("int8");
    if (is(first, "int8")) return r_.builtin("numeric");
    return {first.type, -1, -1, false};
  }
  if (name == "avg") {
    const bool real = is(first, "float4") || is(first, "float8");
    return r_.builtin(real ? "float8" : is(first, "interval") ? "interval" : "numeric");
  }
  if (name == "date_trunc") {
    const TypeRef at = call.args.size() > 1 ? type_of(call.args[1]) : unknown();
    return is(at, "date") || is_unknown(at) ? r_.builtin("timestamptz")
                                            : TypeRef{at.type, -1, -1, false};
  }
  if (name == "array_agg") {
    TypeRef out = first;
    out.array = true;
    return out;
  }
  if (name == "unnest") {
    TypeRef out = first;
    out.array = false;
    return out;
  }
  if (name == "string_to_array" || name == "regexp_split_to_array" || name == "regexp_matches" ||
      name == "regexp_match") {
    return r_.builtin("text", true);
  }
  if (name == "generate_series") {
    return is(first, "timestamp") || is(first, "timestamptz") || is(first, "int8") ||
                   is(first, "numeric")
               ? TypeRef{first.type, -1, -1, false}
           : is(first, "date") ? r_.builtin("timestamptz")
                               : r_.builtin("int4");
  }
  constexpr std::string_view kSameAsFirst =
      " max min lag lead first_value last_value nth_value abs array_append "
      "array_cat array_remove mode any_value array_replace percentile_disc mod ";
  if (kSameAsFirst.find(padded) != std::string_view::npos) {
    // max(varchar) is text (there is no max(varchar)).
    if (is(first, "varchar") && (name == "max" || name == "min")) return r_.builtin("text");
    return {first.type, -1, -1, first.array};
  }
  if (name == "round" || name == "ceil" || name == "floor" || name == "trunc" ||
      name == "ceiling" || name == "power" || name == "sqrt" || name == "exp" || name == "ln" ||
      name == "log") {
    return is(first, "numeric") ? r_.builtin("numeric") : r_.builtin("float8");
  }
  if (name == "array_prepend" && call.args.size() > 1) return type_of(call.args[1]);
  return unknown();
}

}  // namespace tenantlint::schema
