// The statements of a PL/pgSQL body, each to the prover: SQL as it stands, expressions that read
// rows or call functions, and the texts that EXECUTE may run.
#include <algorithm>

#include "analyzer/isolation/body_walk.h"
#include "analyzer/isolation/builtins.h"
#include "analyzer/sql/tokens.h"
#include "analyzer/sql/walk.h"

namespace tenantlint::isolation {

namespace {

Occurrence unknown_occurrence(std::string_view reason, std::string detail, const Place& place) {
  Occurrence out;
  out.verdict = Verdict::Unknown;
  out.reason = reason;
  out.detail = std::move(detail);
  out.place = place;
  return out;
}

struct Interest {
  bool rows = false;   // reads tables, or may
  bool calls = false;  // calls a function that is not built in
};
Interest interest_of(const ast::Select& query) {
  Interest out;
  out.rows = !query.from.empty() || query.op != ast::SetOp::None;
  sql::walk(query, [&](const ast::Node& node) {
    if (node.kind == ast::Kind::SubLink) out.rows = true;
    const auto* call = ast::as<ast::FuncCall>(&node);
    if (call != nullptr) {
      const Builtin kind = builtin_function(call->name.name);
      out.calls = out.calls || kind == Builtin::None || kind == Builtin::Reads ||
                  (!call->name.schema.empty() && call->name.schema != "pg_catalog");
    }
    return !out.rows;
  });
  return out;
}

bool whole_text_stands_in_file(const SqlText& text) {
  return std::all_of(text.pieces().begin(), text.pieces().end(), [](const SqlText::Piece& p) {
    return p.verbatim || p.origin == p.origin_end;
  });
}

// A correction must not be written into text that stands in the file in another form.
void drop_fixes(StatementVerdict& verdict) {
  for (Occurrence& o : verdict.occurrences) o.where_clause = o.fix_after = {};
}

void recompute(StatementVerdict& verdict) {
  verdict.verdict = Verdict::Proven;
  for (const Occurrence& o : verdict.occurrences) {
    verdict.verdict = std::max(verdict.verdict, o.verdict);
  }
}

std::string_view own_name(const ast::RangeVar* relation) {
  if (relation == nullptr) return {};
  const bool temporary = relation->persistence == 't' || relation->name.schema == "pg_temp";
  return temporary ? relation->name.name : std::string_view();
}

}  // namespace

void BodyWalk::add(BodyStatement statement) {
  if (!whole_text_stands_in_file(text_)) drop_fixes(statement.judged);
  out_.verdict = std::max(out_.verdict, statement.judged.verdict);
  out_.statements.push_back(std::move(statement));
}

void BodyWalk::not_understood(Span range, std::string detail) {
  if (!judging_) return;
  BodyStatement out;
  out.place = text_.place(range);
  out.parsed = false;
  out.judged.verdict = Verdict::Unknown;
  out.judged.occurrences.push_back(
      unknown_occurrence(reason::kNotParsed, std::move(detail), out.place));
  add(std::move(out));
}

// CREATE TEMPORARY TABLE: what the body puts into it was judged where it was put there.
void BodyWalk::note_own_table(const ast::Statement& tree) {
  std::string_view name;
  if (const auto* create = ast::as<ast::CreateTable>(&tree)) name = own_name(create->relation);
  if (const auto* create = ast::as<ast::CreateTableAs>(&tree)) name = own_name(create->relation);
  if (const auto* select = ast::as<ast::Select>(&tree)) name = own_name(select->into);
  if (!name.empty()) own_tables_.push_back(arena_.copy(name));
}

// The body's own tables are not in the schema, and need not be. What is tied through their rows is
// not followed.
void BodyWalk::leave_out_own_tables(StatementVerdict& verdict) const {
  std::string_view left_out;
  std::erase_if(verdict.occurrences, [&](const Occurrence& o) {
    if (o.reason != reason::kUnknownTable) return false;
    std::string_view name = o.table;
    if (name.starts_with("pg_temp.")) name.remove_prefix(8);
    const auto own = std::find(own_tables_.begin(), own_tables_.end(), name);
    if (own == own_tables_.end()) return false;
    left_out = *own;
    return true;
  });
  if (left_out.empty()) return;
  for (Occurrence& o : verdict.occurrences) {
    if (o.verdict != Verdict::Missing || o.access == Access::WholeTable) continue;
    o.verdict = Verdict::Unknown;
    o.reason = reason::kNotUnderstood;
    o.detail = "Whether the rows of '" + std::string(left_out) + "' tie it is not followed";
  }
  recompute(verdict);
}

StatementVerdict BodyWalk::prove(const ast::Statement& tree, const SqlText& text,
                                 const NameScope& names) {
  StatementVerdict out = context_.prover.prove(tree, text, names);
  note_own_table(tree);
  if (!own_tables_.empty()) leave_out_own_tables(out);
  return out;
}

void BodyWalk::judge_sql(Span range) {
  if (!judging_ || range.empty()) return;
  const sql::ParseResult& parsed = body_.statements(range);
  if (!parsed.ok) {
    if (!may_touch_rows(text_.slice(range))) return;
    return not_understood(range, parsed.error.message);
  }
  const std::vector<Variable> variables = scope_.variables();
  for (const sql::ParsedStatement& s : parsed.statements) {
    if (s.tree == nullptr) continue;
    BodyStatement out;
    out.place = text_.place(s.span);
    out.judged = prove(*s.tree, text_, scope(variables));
    add(std::move(out));
  }
}

void BodyWalk::judge_expression(Span range) {
  if (!judging_ || range.empty()) return;
  const ast::Select* select = body_.expression(range);
  if (select == nullptr) {
    // A cursor's arguments are no expression where they are named: (a := 1).
    const auto tokens = sql::code_tokens(code_.text, range);
    const bool query = std::any_of(tokens.begin(), tokens.end(), [&](const sql::Token& t) {
      return sql::is_word(code_.text, t, "select") || sql::is_word(code_.text, t, "from");
    });
    if (query) not_understood(range, "This expression is not understood");
    return;
  }
  const Interest interest = interest_of(*select);
  if (!interest.rows && !interest.calls) return;
  const std::vector<Variable> variables = scope_.variables();
  BodyStatement out;
  out.place = text_.place(range);
  out.judged = prove(*select, text_, scope(variables));
  out.judged.is_query = interest.rows;
  add(std::move(out));
}

// EXECUTE, RETURN QUERY EXECUTE, FOR … IN EXECUTE, OPEN … FOR EXECUTE.
void BodyWalk::judge_dynamic(const Statement& s) {
  if (!judging_) return;
  std::vector<Variable> arguments;
  for (const Span arg : s.args) {
    const HeldValue value = held(arg);
    Variable out;
    out.number = static_cast<int>(arguments.size()) + 1;
    out.tenant = value.copy != nullptr;
    out.copy_of = value.copy;
    out.source = value.tenant && value.copy == nullptr;
    arguments.push_back(out);
  }
  BodyStatement out;
  out.place = text_.place(s.expr);
  out.dynamic = true;
  const ast::Select* select = body_.expression(s.expr);
  const bool plain = select != nullptr && select->from.empty() && select->targets.size() == 1;
  DynamicTexts all = plain ? texts(select->targets[0].value, s.expr)
                           : DynamicTexts{unknown_text("what a query gives")};
  bool first = true;
  for (DynamicText& text : all) {
    if (text.known && text.null) continue;  // an error when it runs
    BodyStatement found = out;
    judge_text(text, s.expr, arguments, found);
    // It has to hold for each text that may be run.
    if (first || found.judged.verdict > out.judged.verdict) out = std::move(found);
    first = false;
  }
  drop_fixes(out.judged);
  add(std::move(out));
}

void BodyWalk::judge_text(DynamicText& text, Span expr, const std::vector<Variable>& arguments,
                          BodyStatement& out) {
  const auto not_known = [&](std::string_view why, std::string detail) {
    out.judged.occurrences.push_back(unknown_occurrence(why, std::move(detail), text_.place(expr)));
    out.judged.is_query = true;
    recompute(out.judged);
  };
  if (!text.known) {
    if (!may_touch_rows(text.text)) return;
    out_.depends_on_text = true;
    return not_known(reason::kDynamicText,
                     "The text that is run is not known: it depends on " + text.why);
  }
  if (text.text.empty()) return;
  const SqlText& sql = texts_.emplace_back(finish_text(text, arena_));
  const sql::ParseResult parsed =
      sql::parse(sql.view(), {0, static_cast<std::uint32_t>(sql.view().size())}, arena_);
  if (!parsed.ok) {
    if (!may_touch_rows(text.text)) return;
    for (const TextHole& hole : text.holes) {
      if (!hole.identifier) continue;
      out_.depends_on_text = true;
      return not_known(reason::kDynamicText,
                       "A name in the text that is run is not known: it is " + hole.what);
    }
    out.parsed = false;
    return not_known(reason::kNotParsed, parsed.error.message);
  }
  std::vector<Variable> variables = arguments;
  for (const TextHole& hole : text.holes) variables.push_back(hole.value);
  NameScope names;
  names.search_path = task_.search_path;
  names.variables = &variables;
  bool first = true;
  for (const sql::ParsedStatement& s : parsed.statements) {
    if (s.tree == nullptr) continue;
    StatementVerdict found = prove(*s.tree, sql, names);
    if (first) {
      out.judged = std::move(found);
      first = false;
      continue;
    }
    out.judged.is_query = out.judged.is_query || found.is_query;
    for (Occurrence& o : found.occurrences) out.judged.occurrences.push_back(std::move(o));
    for (Remark& r : found.remarks) out.judged.remarks.push_back(std::move(r));
    recompute(out.judged);
  }
}

}  // namespace tenantlint::isolation
