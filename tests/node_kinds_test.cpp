// Compares node_kinds.def with PostgreSQL's own list of node tags, so that a grammar which can
// produce something new cannot be built against without somebody deciding what becomes of it.
#include <gtest/gtest.h>

#include <cctype>
#include <fstream>
#include <set>
#include <sstream>
#include <string>
#include <string_view>

namespace tenantlint {
namespace {

// The tags of nodes.h in the sections whose nodes the grammar, or what it refers to, can produce.
std::set<std::string> tags_of_postgres() {
  std::ifstream in(TENANTLINT_NODES_H);
  std::set<std::string> tags;
  bool wanted = false;
  for (std::string line; std::getline(in, line);) {
    const std::size_t section = line.find("TAGS FOR ");
    if (section != std::string::npos) {
      const std::string name = line.substr(section + 9);
      wanted = false;
      for (const std::string_view kind :
           {"PRIMITIVE", "VALUE", "LIST", "STATEMENT", "PARSE TREE"}) {
        wanted = wanted || name.compare(0, kind.size(), kind) == 0;
      }
    }
    const std::size_t tag = line.find("\tT_");
    if (!wanted || tag != 0) continue;
    std::size_t end = 3;
    while (std::isalnum(static_cast<unsigned char>(line[end])) != 0 || line[end] == '_') ++end;
    tags.insert(line.substr(3, end - 3));
  }
  return tags;
}

std::multiset<std::string> tags_of_ours() {
  return {
#define LOWERED(tag) #tag,
#define PART(tag) #tag,
#define NO_EFFECT(tag) #tag,
#define UNSUPPORTED(tag) #tag,
#define NEVER(tag) #tag,
#include "analyzer/sql/node_kinds.def"
#undef LOWERED
#undef PART
#undef NO_EFFECT
#undef UNSUPPORTED
#undef NEVER
  };
}

TEST(NodeKinds, EveryTagOfTheGrammarIsListedOnce) {
  const std::set<std::string> theirs = tags_of_postgres();
  const std::multiset<std::string> ours = tags_of_ours();
  ASSERT_GT(theirs.size(), 200U) << TENANTLINT_NODES_H;
  for (const std::string& tag : theirs) {
    EXPECT_EQ(ours.count(tag), 1U) << tag << ": decide what becomes of it, in node_kinds.def";
  }
  for (const std::string& tag : ours) {
    EXPECT_EQ(theirs.count(tag), 1U) << tag << " is no node of this PostgreSQL";
  }
}

}  // namespace
}  // namespace tenantlint
