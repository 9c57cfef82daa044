// Faults of policies to findings: the reason that the prover gives decides which rule speaks, and a
// fault that cannot be decided is a warning and not an error.
#include "analyzer/lint/policy_report.h"

namespace tenantlint {

PolicyFaultKind kind_of(const isolation::PolicyFault& fault) {
  namespace reason = isolation::reason;
  const std::string_view why = fault.row.reason;
  if (fault.reads_own_table) return PolicyFaultKind::NotBound;
  if (why == reason::kList) return PolicyFaultKind::None;
  if (why == reason::kLiteral) return PolicyFaultKind::Literal;
  if (why == reason::kOtherSetting) return PolicyFaultKind::OtherSetting;
  if (why == reason::kNullOpens) return PolicyFaultKind::OpenWithoutContext;
  return fault.check ? PolicyFaultKind::WriteNotBound : PolicyFaultKind::NotBound;
}

void report_policies(const SchemaFacts& facts, PolicyFaultKind kind, std::string_view message,
                     std::string_view help, Report& report) {
  for (const isolation::PolicyFault& fault : facts.policy_faults) {
    if (kind_of(fault) != kind) continue;
    const schema::Policy& policy = *fault.policy;
    const std::string table = schema::qualified_name(*policy.table);
    const bool decided = fault.row.verdict == isolation::Verdict::Missing;
    std::string text = "Policy '" + std::string(policy.name) + "' of '" + table + "' ";
    text += fault.reads_own_table ? "reads its own table: PostgreSQL refuses to run it"
                                  : std::string(message);
    const std::string_view why = fault.reads_own_table ? std::string_view("reads-own-table")
                                 : fault.beside_tied   ? std::string_view("permissive-union")
                                                       : fault.row.reason;
    auto finding = report.add(std::move(text), policy.place);
    finding.object("policy", table + "." + std::string(policy.name)).reason(why);
    if (!fault.reads_own_table) {
      if (!decided) finding.severity(Severity::Warning);
      finding.note(fault.row.detail, fault.row.because.known() ? fault.row.because : policy.place);
    }
    if (fault.beside_tied) {
      for (const schema::Policy* other : policy.table->policies) {
        if (other == &policy || !other->permissive) continue;
        finding.note("permissive policies are OR'ed: this one does not narrow it", other->place);
      }
    }
    finding.help(std::string(help));
  }
}

}  // namespace tenantlint
