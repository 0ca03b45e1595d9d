// What serialize_tokenizer refuses, and that it is reproducible.
#include <gtest/gtest.h>

#include "tests/support/tokenizer_tiny.h"
#include "tokenizer/wordpiece.h"

namespace noggin::runtime {
namespace {

using runtime::TokenizerContents;
using tests::tiny_tokenizer;

// The message for contents changed by `change`, or "accepted".
template <typename Change>
std::string refusal(const Change& change) {
  TokenizerContents contents = tiny_tokenizer(100);
  change(contents);
  const auto section = serialize_tokenizer(contents);
  return section ? "accepted" : section.error().message;
}

TEST(SerializeTokenizer, SameContentsSameBytes) {
  EXPECT_EQ(*serialize_tokenizer(tiny_tokenizer(500)), *serialize_tokenizer(tiny_tokenizer(500)));
  EXPECT_NE(*serialize_tokenizer(tiny_tokenizer(500)), *serialize_tokenizer(tiny_tokenizer(501)));
}

TEST(SerializeTokenizer, NamesWhatIsWrong) {
  EXPECT_EQ(refusal([](TokenizerContents&) {}), "accepted");
  const auto piece = [](std::string text) {
    return refusal([&](TokenizerContents& contents) { contents.vocabulary[70] = text; });
  };
  EXPECT_NE(piece("").find("piece 70"), std::string::npos);
  EXPECT_NE(piece("a").find("piece 70"), std::string::npos);
  EXPECT_NE(piece("\xFF").find("not UTF-8"), std::string::npos);
  EXPECT_NE(piece(std::string(256, 'x')).find("255 bytes"), std::string::npos);
  EXPECT_EQ(piece(std::string(255, 'x')), "accepted");
  EXPECT_NE(refusal([](TokenizerContents& c) { c.vocabulary.clear(); }).find("vocabulary size"), std::string::npos);
  EXPECT_NE(refusal([](TokenizerContents& c) { c.sep_id = 100; }).find("special token is 100"), std::string::npos);
  EXPECT_NE(refusal([](TokenizerContents& c) { c.max_word_characters = 0; }).find("max_word"), std::string::npos);
  EXPECT_NE(refusal([](TokenizerContents& c) { c.unicode_tables.pop_back(); }).find("unicode_tables"),
            std::string::npos);
}

TEST(EncodeUnicodeTables, RefusesFactsThatDoNotFit) {
  const auto encode = [](const CharacterFacts& facts) {
    return static_cast<bool>(encode_unicode_tables(
        [&](std::uint32_t code_point) { return code_point == 0x100 ? facts : CharacterFacts{}; }));
  };
  EXPECT_TRUE(encode({15, true, std::vector<std::uint32_t>(7, 'x'), 'y'}));
  EXPECT_FALSE(encode({16, false, {}, 0}));
  EXPECT_FALSE(encode({0, true, std::vector<std::uint32_t>(8, 'x'), 0}));
  EXPECT_FALSE(encode({0, true, {0}, 0}));
  EXPECT_FALSE(encode({0, true, {0xD800}, 0}));
  EXPECT_FALSE(encode({0, false, {}, 0x110000}));
}

}  // namespace
}  // namespace noggin::runtime
