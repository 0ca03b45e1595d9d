#include "bytes/foreign_text.h"

#include <gtest/gtest.h>

#include "bytes/utf8.h"

namespace noggin {
namespace {

TEST(ForeignText, WhatATerminalObeysIsEscaped) {
  EXPECT_EQ(printable("\x1b[2Jred\x07"), "\\u001b[2Jred\\u0007");
  EXPECT_EQ(printable("a\rb\x7F"), "a\\u000db\\u007f");
  EXPECT_EQ(printable("\u0085\u009b31m"), "\\u0085\\u009b31m");  // C1 in UTF-8
  EXPECT_EQ(printable("invoice \u202Egnp.exe"), "invoice \\u202egnp.exe");
  EXPECT_EQ(printable("a\u2028b\u2029c\u2066d\u2069"), "a\\u2028b\\u2029c\\u2066d\\u2069");
  EXPECT_EQ(printable("\u061C\u200E\u200F"), "\\u061c\\u200e\\u200f");
}

TEST(ForeignText, EverythingElseStays) {
  const std::string text =
      "Zo\u00EB, \u4E2D\u6587, \u05E9\u05DC\u05D5\u05DD \U0001F469\u200D\U0001F4BB: a\tb\n\u00A0\u200B\uFEFF\\u001b";
  EXPECT_EQ(printable(text), text);
  EXPECT_EQ(printable(""), "");
}

TEST(ForeignText, WhatIsNotUtf8BecomesReplacementCharacters) {
  EXPECT_EQ(printable("a\xFFz"), "a\uFFFDz");
  EXPECT_EQ(printable("\x9B"), "\uFFFD");  // C1 as a byte of Latin-1
  EXPECT_EQ(printable("\xF0\x9F"), "\uFFFD");
  EXPECT_EQ(printable("\uFFFD"), "\uFFFD");
}

TEST(ForeignText, WhatIsShownNeedsNoSecondPass) {
  for (std::uint32_t code_point = 0; code_point < 0x3000; ++code_point) {
    char bytes[kMaxUtf8Bytes];
    const std::string_view character(bytes, encode_utf8(code_point, bytes));
    const std::string shown = printable(character);
    EXPECT_EQ(printable(shown), shown) << code_point;
    EXPECT_EQ(shown != character, is_unprintable(code_point) && code_point != '\n' && code_point != '\t') << code_point;
  }
}

}  // namespace
}  // namespace noggin
