// The texts that an expression of PL/pgSQL may give: constants, ||, format(), concat(), CASE,
// variables that hold such text. Values that are quoted on the way become parameters of the text,
// judged by what they are in the body.
#include <algorithm>

#include "analyzer/isolation/body_walk.h"
#include "analyzer/schema/identifiers.h"
#include "analyzer/sql/tokens.h"

namespace tenantlint::isolation {

namespace {

constexpr int kFirstHole = 9000;  // no statement has so many parameters of its own
constexpr int kDeepest = 200;

// Part of a text, with all that is known of it.
DynamicText part(const DynamicText& of, Span range) {
  DynamicText out;
  out.text = of.text.substr(range.begin, range.end - range.begin);
  for (const SqlText::Piece& piece : of.pieces) {
    const Span common{std::max(piece.text.begin, range.begin), std::min(piece.text.end, range.end)};
    if (common.empty()) continue;
    SqlText::Piece kept = piece;
    kept.text = {common.begin - range.begin, common.end - range.begin};
    if (piece.verbatim) {
      kept.origin = piece.origin + (common.begin - piece.text.begin);
      kept.origin_end = kept.origin + (common.end - common.begin);
    }
    out.pieces.push_back(kept);
  }
  for (const TextHole& hole : of.holes) {
    if (hole.at.begin < range.begin || hole.at.end > range.end) continue;
    out.holes.push_back(hole);
    out.holes.back().at = {hole.at.begin - range.begin, hole.at.end - range.begin};
  }
  return out;
}

DynamicTexts not_known(std::string why) {
  return {unknown_text(std::move(why))};
}

DynamicTexts nothing() {
  DynamicText out;
  out.null = true;
  return {out};
}

bool all_constant(const DynamicTexts& texts) {
  return !texts.empty() && std::all_of(texts.begin(), texts.end(), [](const DynamicText& t) {
    return t.known && t.holes.empty();
  });
}

// What stands at a % of a format: how far it goes, which argument, which kind.
struct FormatMark {
  std::size_t end = 0;
  std::size_t argument = 0;
  char kind = 0;  // s, I, L, %; 0: not understood
};

FormatMark read_mark(const std::string& pattern, std::size_t at, std::size_t next) {
  FormatMark out;
  std::size_t i = at + 1;
  out.argument = next;
  std::size_t digits = i;
  while (digits < pattern.size() && pattern[digits] >= '0' && pattern[digits] <= '9') ++digits;
  if (digits > i && digits - i < 4 && digits < pattern.size() && pattern[digits] == '$') {
    out.argument = static_cast<std::size_t>(std::stoi(pattern.substr(i, digits - i)));
    i = digits + 1;
  }
  const char kind = i < pattern.size() ? pattern[i] : '\0';
  if (kind == 's' || kind == 'I' || kind == 'L' || kind == '%') out.kind = kind;
  out.end = i + 1;
  return out;
}

}  // namespace

Span BodyWalk::span_of(const ast::Expr& expr, Span whole) const {
  if (expr.at == 0) return whole;
  const Span name = sql::name_span(text_.view(), expr.at);
  return name.empty() ? sql::next_code_token(text_.view(), expr.at).span : name;
}

BodyVariable* BodyWalk::variable_of(const ast::Expr* expr, std::string_view& field) const {
  field = {};
  if (const auto* param = ast::as<ast::Param>(expr)) return scope_.find_number(param->number);
  const auto* ref = ast::as<ast::ColumnRef>(expr);
  if (ref == nullptr || ref->star) return nullptr;
  plpgsql::Variable named;
  named.parts = ref->fields;
  return scope_.find(named, field);
}

std::string BodyWalk::describe(const ast::Expr* expr) const {
  std::string_view field;
  if (const BodyVariable* v = variable_of(expr, field)) {
    const bool parameter = v->root.number != 0;
    std::string out(parameter ? "parameter '" : "variable '");
    out += parameter && v->name.empty() ? "$" + std::to_string(v->number) : std::string(v->name);
    if (!field.empty()) out += "." + std::string(field);
    return out + "'";
  }
  if (const auto* call = ast::as<ast::FuncCall>(expr)) {
    return "what " + std::string(call->name.name) + "() gives";
  }
  if (expr != nullptr && expr->kind == ast::Kind::SubLink) return "what a query gives";
  return "an expression that is not followed";
}

DynamicTexts BodyWalk::texts(const ast::Expr* expr, Span whole) {
  if (expr == nullptr) return nothing();
  if (depth_ >= kDeepest) return not_known("an expression that is nested too deeply");
  ++depth_;
  DynamicTexts out;
  switch (expr->kind) {
    case ast::Kind::Literal: {
      const auto& literal = *ast::as<ast::Literal>(expr);
      if (literal.type == ast::LiteralType::Null) {
        out = nothing();
      } else {
        const std::uint32_t at = literal.at == 0 ? whole.begin : literal.at;
        out = {literal_text(text_, at, literal.text)};
      }
      break;
    }
    case ast::Kind::TypeCast: out = text_of_cast(*ast::as<ast::TypeCast>(expr), whole); break;
    case ast::Kind::Operator: {
      const auto& op = *ast::as<ast::Operator>(expr);
      const bool joins =
          op.form == ast::OperatorForm::Plain && op.op.name == "||" && op.left != nullptr;
      out = joins ? concatenate(texts(op.left, whole), texts(op.right, whole))
                  : not_known(describe(expr));
      break;
    }
    case ast::Kind::FuncCall: out = text_of_call(*ast::as<ast::FuncCall>(expr), whole); break;
    case ast::Kind::Coalesce:
      for (const ast::Expr* arg : ast::as<ast::Coalesce>(expr)->args) {
        DynamicTexts more = texts(arg, whole);
        std::erase_if(more, [](const DynamicText& t) { return t.known && t.null; });
        add_texts(out, more);
      }
      if (out.empty()) out = nothing();
      break;
    case ast::Kind::Case: {
      const auto& choice = *ast::as<ast::Case>(expr);
      for (const ast::CaseWhen& when : choice.whens) add_texts(out, texts(when.result, whole));
      add_texts(out, texts(choice.otherwise, whole));
      break;
    }
    case ast::Kind::ColumnRef:
    case ast::Kind::Param: {
      std::string_view field;
      const BodyVariable* v = variable_of(expr, field);
      const Span at = span_of(*expr, whole);
      if (v != nullptr && field.empty() && !v->text.tracked && is_plain_type(v->type)) {
        out = hole(expr, at, false);
      } else if (v != nullptr && field.empty() && !v->text.tracked && is_object_type(v->type)) {
        out = hole(expr, at, true);
      } else {
        out = v == nullptr ? not_known(describe(expr)) : text_of_variable(*v, field, at);
        if (v != nullptr && out.empty()) out = not_known(describe(expr));
      }
      break;
    }
    default: out = not_known(describe(expr)); break;
  }
  --depth_;
  return out;
}

// Empty: nothing is known.
DynamicTexts BodyWalk::text_of_variable(const BodyVariable& v, std::string_view field, Span at) {
  if (!field.empty() || !v.text.tracked) return {};
  if (!v.constant_name) return v.text.texts;
  return {computed_text(text_, at, v.text.texts[0].text)};
}

DynamicTexts BodyWalk::text_of_cast(const ast::TypeCast& cast, Span whole) {
  const std::string_view type = cast.type == nullptr ? std::string_view() : cast.type->name.name;
  const bool constant = ast::as<ast::Literal>(cast.arg) != nullptr;
  if (constant) return texts(cast.arg, whole);
  if (is_object_type(type)) return hole(&cast, whole, true);
  if (is_plain_type(type)) return hole(&cast, whole, false);
  return texts(cast.arg, whole);
}

DynamicTexts BodyWalk::text_of_call(const ast::FuncCall& call, Span whole) {
  const std::string_view name = call.name.name;
  const bool builtin = call.name.schema.empty() || call.name.schema == "pg_catalog";
  if (!builtin || call.variadic || call.args.empty()) return not_known(describe(&call));
  if (name == "format") return text_of_format(call, whole);
  if (name == "quote_literal" || name == "quote_nullable")
    return quoted(call.args[0], whole, false);
  if (name == "quote_ident") return quoted(call.args[0], whole, true);
  // White space at the ends means nothing.
  if (name == "btrim" && call.args.size() == 1) return texts(call.args[0], whole);
  if (name != "concat") return not_known(describe(&call));
  DynamicTexts out{DynamicText{}};
  for (const ast::Expr* arg : call.args) {
    DynamicTexts more = texts(arg, whole);
    for (DynamicText& text : more) {
      if (text.known && text.null) text = DynamicText{};
    }
    out = concatenate(out, more);
  }
  return out;
}

// %L and %I: a constant is written as PostgreSQL writes it, anything else is a hole.
DynamicTexts BodyWalk::quoted(const ast::Expr* expr, Span whole, bool identifier) {
  DynamicTexts out = texts(expr, whole);
  if (!all_constant(out)) return hole(expr, whole, identifier);
  for (DynamicText& text : out) {
    if (text.null) {
      text = identifier ? unknown_text("NULL") : computed_text(text_, whole, "NULL");
    } else if (identifier && schema::quote_identifier(text.text) == text.text) {
      continue;  // stands in the file as it is
    } else {
      text = computed_text(
          text_, span_of(*expr, whole),
          identifier ? schema::quote_identifier(text.text) : schema::quote_literal(text.text));
    }
  }
  return out;
}

DynamicTexts BodyWalk::hole(const ast::Expr* expr, Span whole, bool identifier) {
  TextHole out;
  out.identifier = identifier;
  out.what = describe(expr);
  const HeldValue held = identifier ? HeldValue::other() : held_expression(*expr);
  out.value.number = kFirstHole + next_hole_++;
  out.value.tenant = held.copy != nullptr;
  out.value.copy_of = held.copy;
  out.value.source = held.tenant && held.copy == nullptr;
  return {hole_text(text_, span_of(*expr, whole), out)};
}

DynamicTexts BodyWalk::text_of_format(const ast::FuncCall& call, Span whole) {
  DynamicTexts out;
  for (const DynamicText& pattern : texts(call.args[0], whole)) {
    if (!pattern.known || pattern.null) {
      add_texts(out, {pattern});
      continue;
    }
    DynamicTexts made{DynamicText{}};
    std::size_t next = 1;
    std::size_t from = 0;
    const auto take = [&](std::size_t end) {
      const Span range{static_cast<std::uint32_t>(from), static_cast<std::uint32_t>(end)};
      if (!range.empty()) made = concatenate(made, {part(pattern, range)});
    };
    for (std::size_t at = pattern.text.find('%'); at != std::string::npos;
         at = pattern.text.find('%', from)) {
      const FormatMark mark = read_mark(pattern.text, at, next);
      take(mark.kind == '%' ? at + 1 : at);
      from = mark.end;
      if (mark.kind == '%') continue;
      if (mark.kind == 0 || mark.argument >= call.args.size()) {
        made = concatenate(made, not_known("a format() that is not followed"));
        break;
      }
      next = mark.argument + 1;
      const ast::Expr* arg = call.args[mark.argument];
      DynamicTexts value =
          mark.kind == 's' ? texts(arg, whole) : quoted(arg, whole, mark.kind == 'I');
      for (DynamicText& text : value) {
        if (text.known && text.null) text = DynamicText{};  // %s of NULL is empty
      }
      made = concatenate(made, value);
    }
    take(pattern.text.size());
    add_texts(out, made);
  }
  return out;
}

}  // namespace tenantlint::isolation
