#include "data/rows/excerpt.h"

#include <gtest/gtest.h>

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
  EXPECT_EQ(excerpt("a\x1b[31m\n"), "\"a\\u{1B}[31m\\u{A}\"");
  EXPECT_EQ(excerpt("\xE2\x80\xAE"
                    "x"),
            "\"\\u{202E}x\"")
      << "right-to-left override";
  EXPECT_EQ(excerpt("\xE2\x80\xA8\xC2\x85\xE2\x80\x8B"), "\"\\u{2028}\\u{85}\\u{200B}\"");
  EXPECT_EQ(excerpt("\xFF"), "\"\\u{FFFD}\"");
}

}  // namespace
}  // namespace noggin::data
