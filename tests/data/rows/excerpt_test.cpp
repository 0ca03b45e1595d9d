#include "data/rows/excerpt.h"

#include <gtest/gtest.h>

#include "bytes/foreign_text.h"
#include "bytes/utf8.h"

namespace noggin::data {
namespace {

TEST(Excerpt, QuotesAndCutsAtCharacters) {
  EXPECT_EQ(excerpt("a b"), "\"a b\"");
  EXPECT_EQ(excerpt(""), "\"\"");
  EXPECT_EQ(excerpt("abcdef", 3), "\"abc...\"");
  EXPECT_EQ(excerpt("\xC3\xA9\xC3\xA9", 3), "\"\xC3\xA9...\"") << "no half of a character";
  EXPECT_EQ(excerpt("\xC3\xA9\xC3\xA9", 4), "\"\xC3\xA9\xC3\xA9\"");
}

TEST(Excerpt, WhatChangesTheMessageIsWrittenOut) {
  EXPECT_EQ(excerpt("a\x1b[31m\n"), "\"a\\u001b[31m\\u000a\"");
  EXPECT_EQ(excerpt("\xE2\x80\xAE"
                    "x"),
            "\"\\u202ex\"")
      << "right-to-left override";
  EXPECT_EQ(excerpt("\xE2\x80\xA8\xC2\x85\xE2\x80\x8B"), "\"\\u2028\\u0085\\u200b\"");
  EXPECT_EQ(excerpt("\xFF"), "\"\\ufffd\"");
}

// Nothing that printable() would change is left in an excerpt, and both write it alike.
TEST(Excerpt, EscapesWhatEveryOtherPlaceEscapes) {
  for (std::uint32_t code_point = 1; code_point <= 0x10FFFF; ++code_point) {
    if (code_point >= 0xD800 && code_point <= 0xDFFF) continue;
    char bytes[4];
    const std::string text(bytes, encode_utf8(code_point, bytes));
    const std::string shown = excerpt(text), safe = printable(text);
    ASSERT_EQ(printable(shown), shown) << code_point;
    if (safe != text) {
      ASSERT_EQ(shown, "\"" + safe + "\"") << code_point;
    }
  }
}

TEST(Excerpt, WhatNoReaderSeesIsWrittenOut) {
  EXPECT_EQ(excerpt("caf\xC3\xA9\xC2\xAD"), "\"caf\xC3\xA9\\u00ad\"") << "a soft hyphen";
  EXPECT_EQ(excerpt("\xF3\xA0\x81\x81"), "\"\\udb40\\udc41\"") << "a tag character";
}

}  // namespace
}  // namespace noggin::data
