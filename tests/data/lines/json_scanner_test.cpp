// Against a scanner that looks at one byte after another.
#include "data/lines/json_scanner.h"

#include <gtest/gtest.h>

#include <random>
#include <string>

namespace noggin::data {
namespace {

using Stop = JsonScanner::Stop;

// The end of the value that begins at 0, or npos; brackets of any kind count.
std::size_t plain_end(std::string_view text) {
  int depth = 0;
  bool in_string = false;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const char c = text[i];
    if (in_string) {
      if (c == '\\')
        ++i;
      else if (c == '"')
        in_string = false;
    } else if (c == '"') {
      in_string = true;
    } else if (c == '{' || c == '[') {
      ++depth;
    } else if ((c == '}' || c == ']') && --depth == 0) {
      return i + 1;
    }
  }
  return std::string_view::npos;
}

// Scans in pieces; the text is followed by `behind`, which must not matter.
JsonScanner::Found scan_in_pieces(const std::string& text, std::size_t piece, char behind) {
  JsonScanner scanner;
  scanner.begin(false);
  JsonScanner::Found found;
  for (std::size_t scanned = 0; found.stop == Stop::kMore && scanned < text.size(); scanned = found.at) {
    const std::size_t size = std::min(text.size(), scanned + piece);
    std::string padded = text.substr(0, size);
    padded.append(kScanPadding, behind);
    found = scanner.scan(std::string_view(padded).substr(0, size), scanned);
  }
  return found;
}

TEST(JsonScanner, FindsTheEndThatAPlainScannerFinds) {
  std::mt19937 random(5);
  const std::string alphabet = "\\\\\"\"{}ab ,:\n\xC3\xA9";
  for (int round = 0; round < 20000; ++round) {
    std::string text = "{";
    for (std::size_t i = random() % 300; i > 0; --i) text += alphabet[random() % alphabet.size()];
    // Outside strings a backslash is no JSON, and what it does is not specified.
    std::string quoted = text;
    bool in_string = false;
    for (std::size_t i = 0; i < quoted.size(); ++i) {
      if (in_string && quoted[i] == '\\')
        ++i;
      else if (quoted[i] == '"')
        in_string = !in_string;
      else if (quoted[i] == '\\')
        quoted[i] = ' ';
    }
    const std::size_t expected = plain_end(quoted);
    for (const std::size_t piece : {std::size_t{1000}, std::size_t{64}, std::size_t{7}, std::size_t{1}}) {
      const auto found = scan_in_pieces(quoted, piece, round % 2 == 0 ? '"' : '}');
      ASSERT_EQ(found.stop == Stop::kClosed, expected != std::string_view::npos) << quoted;
      ASSERT_TRUE(found.stop != Stop::kClosed || found.at == expected) << quoted;
    }
  }
}

TEST(JsonScanner, StopsAtABracketOfTheOtherKind) {
  EXPECT_EQ(scan_in_pieces("{\"a\": [1}]", 100, ' ').stop, Stop::kBroken);
  EXPECT_EQ(scan_in_pieces("{\"a\": [1}]", 100, ' ').at, 8U);
  EXPECT_EQ(scan_in_pieces("[{\"a\": \"]\"}]", 100, ' ').stop, Stop::kClosed);
}

TEST(JsonScanner, KnowsAnyDepth) {
  for (const std::size_t depth : {63U, 64U, 65U, 66U, 100000U}) {
    std::string text(depth, '[');
    text += "{}";
    text.append(depth, ']');
    EXPECT_EQ(scan_in_pieces(text, text.size(), ']').stop, Stop::kClosed) << depth;
    EXPECT_EQ(scan_in_pieces(text, text.size(), ']').at, text.size()) << depth;
    text.pop_back();
    EXPECT_EQ(scan_in_pieces(text, text.size(), ']').stop, Stop::kMore) << depth;
  }
}

}  // namespace
}  // namespace noggin::data
