#include "format/value_checks.h"

#include <gtest/gtest.h>

namespace noggin::format {
namespace {

// Every code point of RFC 3629, encoded by its bit layout, is valid; the borders beside them are not.
TEST(IsUtf8, AcceptsEveryCodePointAndNothingBeside) {
  const auto encode = [](std::uint32_t c, unsigned length) {
    std::string text;
    const unsigned lead[] = {0, 0x00, 0xC0, 0xE0, 0xF0};
    for (unsigned i = 0; i < length; ++i) {
      const unsigned shift = 6 * (length - 1 - i);
      text += static_cast<char>(i == 0 ? lead[length] | (c >> shift) : 0x80U | ((c >> shift) & 0x3FU));
    }
    return text;
  };
  for (std::uint32_t c = 0; c < 0x120000; ++c) {
    const bool exists = c < 0x110000 && !(c >= 0xD800 && c < 0xE000);
    const unsigned shortest = c < 0x80 ? 1 : c < 0x800 ? 2 : c < 0x10000 ? 3 : 4;
    ASSERT_EQ(is_utf8(encode(c, shortest)), exists) << c;
    if (shortest < 4) {
      ASSERT_FALSE(is_utf8(encode(c, shortest + 1))) << c << " in a longer form";
    }
    if (shortest > 1) {
      ASSERT_FALSE(is_utf8(encode(c, shortest).substr(0, shortest - 1))) << c << " cut";
    }
  }
  EXPECT_TRUE(is_utf8(""));
  EXPECT_FALSE(is_utf8("\x80"));
  EXPECT_FALSE(is_utf8("a\xC3"));
  EXPECT_FALSE(is_utf8("\xC3z"));
  EXPECT_FALSE(is_utf8("\xF5\x80\x80\x80"));
}

}  // namespace
}  // namespace noggin::format
