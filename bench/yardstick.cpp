// In: names of SQL files. Out: how many statements they hold. Reads them and lets libpg_query split
// each with PostgreSQL's own parser, and does nothing else: the least that any tool built on that
// parser has to do, and the unit in which bench/run.py measures.
#include <pg_query.h>

#include <cstdio>
#include <fstream>
#include <sstream>
#include <string>

int main(int argc, char** argv) {
  long statements = 0;
  for (int i = 1; i < argc; ++i) {
    std::ifstream in(argv[i], std::ios::binary);
    std::ostringstream text;
    text << in.rdbuf();
    const PgQuerySplitResult result = pg_query_split_with_parser(text.str().c_str());
    if (result.error != nullptr) {
      std::fprintf(stderr, "%s: %s\n", argv[i], result.error->message);
      return 1;
    }
    statements += result.n_stmts;
    pg_query_free_split_result(result);
  }
  std::printf("%ld statements\n", statements);
  return 0;
}
