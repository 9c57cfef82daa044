// SQL inside functions, procedures and DO blocks: each statement in a body with its verdict.
//
// A body is judged as a query with parameters: a parameter is the tenant if its name may be
// (Variable), and then whoever calls must pass one. What the body assigns to its variables is
// followed as far as it is plain; text that EXECUTE runs is followed through constants, ||,
// format() and variables. Invariant: nothing of a body that could touch rows is passed over in
// silence.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "analyzer/isolation/prover.h"
#include "analyzer/isolation/verdict.h"
#include "analyzer/schema/model.h"
#include "analyzer/schema/tenancy.h"
#include "analyzer/sql/ast.h"
#include "analyzer/text/span.h"
#include "analyzer/text/sql_text.h"

namespace tenantlint::isolation {

// One statement of a body, or one expression of it that reads tables or calls functions that do.
struct BodyStatement {
  Place place;           // of its text in the file; dynamic: of the EXECUTE
  bool dynamic = false;  // its text is put together when it runs
  bool parsed = true;    // false: PostgreSQL's grammar refuses it; the verdict is Unknown
  StatementVerdict judged;
};

struct BodyVerdict {
  const schema::Function* function = nullptr;  // null: a DO block
  std::vector<BodyStatement> statements;       // in source order; those that can touch rows
  // Of the body as a whole: remark::kTriggerSetsTenant.
  std::vector<Remark> remarks;
  bool depends_on_text = false;       // some of it runs text that is not known
  Verdict verdict = Verdict::Proven;  // the worst of its statements
};

// Judges bodies, each once, and answers for calls of functions: give `prover()` the statements that
// call them. One per thread, like Prover. All arguments outlive it. Trees may be deep: run it on a
// thread with a parser's stack (sql::kParserStack).
class Bodies : public FunctionJudge {
 public:
  Bodies(const schema::Model& model, const schema::Tenancy& tenancy, const SourceOptions& sources);
  ~Bodies() override;
  Bodies(const Bodies&) = delete;
  Bodies& operator=(const Bodies&) = delete;

  // A prover that asks this object about functions which it does not open itself.
  Prover& prover();

  // The statements of a function; of a trigger function for each table that it runs for, the worst
  // of them. Empty for languages other than sql and plpgsql, and for [tenancy] functions. The
  // result lives as long as this.
  const BodyVerdict& judge(const schema::Function& function);
  // A DO block of a script. `text`: where offsets of the tree count.
  BodyVerdict judge(const ast::DoBlock& block, const SqlText& text, const NameScope& scope);

  // For calls. Unknown for functions whose body is not SQL.
  FunctionSummary summary(const schema::Function& function) override;

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace tenantlint::isolation
