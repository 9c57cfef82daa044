// A table of names, made from builtin_functions.def when it is first asked. A function that is
// neither here nor in the schema is unknown to the prover, and so is what it reads.
#include "analyzer/isolation/builtins.h"

#include "analyzer/text/name_map.h"

namespace tenantlint::isolation {

namespace {

void add_names(NameMap<Builtin>& table, Builtin kind, std::string_view names) {
  while (!names.empty()) {
    const std::size_t end = names.find_first_of(" \n");
    if (end != 0) table.emplace(names.substr(0, end), kind);
    if (end == std::string_view::npos) return;
    names.remove_prefix(end + 1);
  }
}

NameMap<Builtin> make_table() {
  NameMap<Builtin> table;
#define BUILTIN(kind, names) add_names(table, Builtin::kind, names);
#include "analyzer/isolation/builtin_functions.def"
#undef BUILTIN
  return table;
}

}  // namespace

Builtin builtin_function(std::string_view name) {
  static const NameMap<Builtin> table = make_table();
  const auto found = table.find(name);
  return found == table.end() ? Builtin::None : found->second;
}

}  // namespace tenantlint::isolation
