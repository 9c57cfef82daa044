// The scanner against PostgreSQL's lexical rules: where each token begins and ends, also where the
// text is faulty.
#include "analyzer/sql/tokens.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace tenantlint::sql {
namespace {

std::vector<std::string> split(std::string_view text) {
  std::vector<std::string> out;
  for (const Token& t : code_tokens(text, {0, static_cast<std::uint32_t>(text.size())})) {
    out.emplace_back(text.substr(t.span.begin, t.span.end - t.span.begin));
  }
  return out;
}
using Words = std::vector<std::string>;

TokenKind first_kind(std::string_view text) {
  return next_token(text, 0).kind;
}

TEST(Tokens, AnOperatorEndsWhereACommentBegins) {
  EXPECT_EQ(split("a*-- x\nb"), (Words{"a", "*", "b"}));
  EXPECT_EQ(split("a+/* x */b"), (Words{"a", "+", "b"}));
}

TEST(Tokens, ATrailingSignBelongsToTheOperatorOnlyBesideSpecialCharacters) {
  EXPECT_EQ(split("a=-1"), (Words{"a", "=", "-", "1"}));
  EXPECT_EQ(split("a@-1"), (Words{"a", "@-", "1"}));
}

TEST(Tokens, PunctuationOfTwoCharacters) {
  EXPECT_EQ(split("a::b:=c=>d 1..10"),
            (Words{"a", "::", "b", ":=", "c", "=>", "d", "1", "..", "10"}));
}

TEST(Tokens, NumbersHaveOnePointAndAnExponent) {
  EXPECT_EQ(split("1.5e-3 .5 7. 1e"), (Words{"1.5e-3", ".5", "7.", "1", "e"}));
}

TEST(Tokens, CommentsNest) {
  EXPECT_EQ(split("/* a /* b */ c */ d"), (Words{"d"}));
  EXPECT_EQ(first_kind("/* a /* b */ c"), TokenKind::Unterminated);
}

TEST(Tokens, StringsEndAtTheirOwnQuote) {
  EXPECT_EQ(split("'it''s;' 'a\\' E'a\\';' x"), (Words{"'it''s;'", "'a\\'", "E'a\\';'", "x"}));
  EXPECT_EQ(split("U&\"d\"\"x\" B'01' x'ff' N'a'"),
            (Words{"U&\"d\"\"x\"", "B'01'", "x'ff'", "N'a'"}));
  EXPECT_EQ(first_kind("'never ends;"), TokenKind::Unterminated);
}

TEST(Tokens, DollarQuotesNestByTag) {
  EXPECT_EQ(split("$a$ $b$ ; $b$ $a$ x $$;$$"), (Words{"$a$ $b$ ; $b$ $a$", "x", "$$;$$"}));
  EXPECT_EQ(first_kind("$a$ $b$"), TokenKind::Unterminated);
  EXPECT_EQ(first_kind("$12"), TokenKind::Param);
  // A dollar sign inside a name begins no string.
  EXPECT_EQ(split("a$b$ c"), (Words{"a$b$", "c"}));
}

TEST(Tokens, NamesHoldBytesAbove127) {
  EXPECT_EQ(split("größe.straße"), (Words{"größe", ".", "straße"}));
}

TEST(Tokens, ValuesAreFoldedAndUnquoted) {
  const std::string text = "Foo \"B\"\"ar\" E'a\\nb' $t$ c $t$";
  Token t = next_token(text, 0);
  EXPECT_EQ(identifier_value(text, t), "foo");
  EXPECT_TRUE(is_word(text, t, "foo"));
  EXPECT_FALSE(is_word(text, t, "fo"));
  t = next_token(text, t.span.end);
  EXPECT_EQ(identifier_value(text, t), "B\"ar");
  t = next_token(text, t.span.end);
  EXPECT_EQ(string_value(text, t), "a\nb");
  t = next_token(text, t.span.end);
  EXPECT_EQ(string_value(text, t), " c ");
}

TEST(Tokens, EveryByteIsPassed) {
  std::string text;
  for (int c = 0; c < 256; ++c) text += static_cast<char>(c);
  std::uint32_t at = 0;
  for (Token t = next_token(text, 0); t.kind != TokenKind::End; t = next_token(text, at)) {
    ASSERT_GT(t.span.end, at);
    at = t.span.end;
  }
  EXPECT_EQ(next_token(text, at).kind, TokenKind::End);
}

}  // namespace
}  // namespace tenantlint::sql
