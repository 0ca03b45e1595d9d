// All kinds together: which span wins, that any bytes can be read, and that time is linear.
#include "checks/find.h"

#include <gtest/gtest.h>

#include <chrono>
#include <random>
#include <string>
#include <vector>

#include "checks/kinds.h"

namespace noggin::checks {
namespace {

using spec::Check;
using spec::CheckKind;

std::vector<Check> every_check() {
  std::vector<Check> checks;
  for (std::uint32_t kind = 1; kind <= spec::kCheckNames.size(); ++kind)
    checks.push_back({static_cast<CheckKind>(kind), kind + 10});
  return checks;
}

std::vector<TaggedSpan> all(const std::vector<Check>& checks, std::string_view text) {
  std::vector<TaggedSpan> spans;
  TaggedSpan span{};
  for (std::size_t from = 0; find_next(checks, text, from, span); from = span.place.end) spans.push_back(span);
  return spans;
}

TEST(FindNext, TakesTheFirstThenTheLongestThenTheFirstDeclared) {
  const std::string text = "http://10.0.0.1/a 10.0.0.1 a@b.de 123-45-6789";
  const std::vector<TaggedSpan> expected = {{{0, 17}, 16, 1.0F},  // not the address in it
                                            {{18, 26}, 14, 1.0F},
                                            {{27, 33}, 13, 1.0F},
                                            {{34, 45}, 15, 1.0F}};
  EXPECT_EQ(all(every_check(), text), expected);
  const std::vector<Check> twice = {{CheckKind::kIp, 7}, {CheckKind::kIp, 8}};
  EXPECT_EQ(all(twice, "10.0.0.1"), (std::vector<TaggedSpan>{{{0, 8}, 7, 1.0F}}));
  EXPECT_TRUE(all({}, text).empty());
  EXPECT_TRUE(all(every_check(), "").empty());
}

TEST(FindNext, ReadsAnyBytes) {
  constexpr std::string_view kPieces[] = {"4111", "1111",         " ",   "-",    ".",   "@",    ":",
                                          "::",   "http://",      "a",   "DE89", "org", "\xC3", "\xC3\xA9",
                                          "\0",   "\xE5\x8F\xB7", "123", "_",    "'"};
  std::mt19937 random(3);
  std::size_t found = 0;
  for (int i = 0; i < 20000; ++i) {
    std::string text;
    for (std::size_t n = random() % 24; n > 0; --n) text += kPieces[random() % std::size(kPieces)];
    std::size_t end = 0;
    for (const TaggedSpan& span : all(every_check(), text)) {
      ASSERT_LE(end, span.place.begin);
      ASSERT_LT(span.place.begin, span.place.end);
      ASSERT_LE(span.place.end, text.size());
      end = span.place.end;
      ++found;
    }
  }
  EXPECT_GT(found, 100U);
}

// A megabyte of what looks like a beginning everywhere. A quadratic step would take minutes.
TEST(FindNext, IsLinearInHostileText) {
  using Clock = std::chrono::steady_clock;
  const std::string units[] = {"1",
                               "4111 ",
                               "1-",
                               "a@",
                               "a@a.",
                               "a.",
                               "--a",
                               "1:",
                               "::1:",
                               "1.2",
                               "http://a",
                               "DE89 37",
                               "http://a.b@",
                               ".a'a",
                               "a@b.c--",
                               "1111:",
                               "http://a.de/(",
                               "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa@"
                               "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa."};
  for (const std::string& unit : units) {
    std::string text;
    while (text.size() < 1'000'000) text += unit;
    const Clock::time_point start = Clock::now();
    all(every_check(), text);
    EXPECT_LT(std::chrono::duration<double>(Clock::now() - start).count(), 20.0) << unit;
  }
}

}  // namespace
}  // namespace noggin::checks
