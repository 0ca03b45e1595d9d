#include "bytes/utf8.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace noggin {
namespace {

std::vector<std::uint32_t> decode(std::string_view text) {
  std::vector<std::uint32_t> code_points;
  for (std::size_t position = 0; position < text.size();) code_points.push_back(decode_utf8(text, position));
  return code_points;
}

using CodePoints = std::vector<std::uint32_t>;

TEST(Utf8, EveryScalarReadsBack) {
  for (std::uint32_t code_point = 0; code_point <= kLastCodePoint; ++code_point) {
    if (!is_scalar(code_point)) continue;
    char bytes[kMaxUtf8Bytes];
    const std::string_view text(bytes, encode_utf8(code_point, bytes));
    std::size_t position = 0;
    ASSERT_EQ(decode_utf8(text, position), code_point);
    ASSERT_EQ(position, text.size());
    ASSERT_TRUE(is_valid_utf8(text)) << code_point;
  }
}

// The table 3-8 examples of the Unicode standard: how many U+FFFD stand for a broken sequence.
TEST(Utf8, BrokenSequencesGiveOneReplacementPerMaximalSubpart) {
  const std::uint32_t r = kReplacementCharacter;
  EXPECT_EQ(decode("\xC0\xAF\xE0\x80\xBF\xF0\x81\x82\x41"), (CodePoints{r, r, r, r, r, r, r, r, 0x41}));
  EXPECT_EQ(decode("\xED\xA0\x80\xED\xBF\xBF\xED\xAF\x41"), (CodePoints{r, r, r, r, r, r, r, r, 0x41}));
  EXPECT_EQ(decode("\xF4\x91\x92\x93\xFF\x41\x80\xBF\x42"), (CodePoints{r, r, r, r, r, 0x41, r, r, 0x42}));
  EXPECT_EQ(decode("\xE1\x80\xE2\xF0\x91\x92\xF1\xBF\x41"), (CodePoints{r, r, r, r, 0x41}));
}

TEST(Utf8, CutSequencesAreInvalid) {
  EXPECT_EQ(decode("\xE2\x82"), (CodePoints{kReplacementCharacter}));
  EXPECT_FALSE(is_valid_utf8("a\xE2\x82"));
  EXPECT_FALSE(is_valid_utf8("\xFF"));
  EXPECT_TRUE(is_valid_utf8("\xEF\xBF\xBD"));  // U+FFFD spelled out
  EXPECT_TRUE(is_valid_utf8(""));
}

}  // namespace
}  // namespace noggin
