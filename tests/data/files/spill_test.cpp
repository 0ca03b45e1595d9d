#include "data/files/spill.h"

#include <gmock/gmock.h>

#include <algorithm>
#include <cstdlib>
#include <random>
#include <string>
#include <vector>

namespace noggin::data {
namespace {

TEST(Spill, GivesBackInAnyOrderWhatWasAdded) {
  Spill spill(100);  // most of it goes to the file
  std::mt19937 random(1);
  std::vector<std::pair<Spill::Place, std::string>> added;
  std::string buffer;
  for (int i = 0; i < 2000; ++i) {
    const std::string bytes(random() % 70, static_cast<char>('a' + i % 26));
    const auto place = spill.add(bytes);
    ASSERT_TRUE(place) << place.error().message;
    added.emplace_back(*place, bytes);
    const auto& [known, expected] = added[random() % added.size()];
    const auto got = spill.get(known, buffer);
    ASSERT_TRUE(got) << got.error().message;
    ASSERT_EQ(*got, expected) << i;
    ASSERT_EQ(buffer.size(), expected.size() + Spill::kPadding);
    auto& [changed, now] = added[random() % added.size()];  // in the file or not yet
    std::ranges::reverse(now);
    if (!now.empty()) now.front() = '!';
    ASSERT_TRUE(spill.replace(changed, now));
  }
  const Spill moved(std::move(spill));
  for (const auto& [place, expected] : added) ASSERT_EQ(*moved.get(place, buffer), expected);
}

TEST(Spill, SaysWhereItsFileCannotBe) {
  const char* before = std::getenv("TMPDIR");
  const std::string kept = before == nullptr ? "" : before;
  ::setenv("TMPDIR", "/proc", 1);  // a folder, but not for files
  Spill spill(1);
  const auto place = spill.add("too much to hold");
  if (before == nullptr) {
    ::unsetenv("TMPDIR");
  } else {
    ::setenv("TMPDIR", kept.c_str(), 1);
  }
  ASSERT_FALSE(place);
  EXPECT_EQ(place.error().code, ErrorCode::kIo);
  EXPECT_THAT(place.error().message, testing::AllOf(testing::HasSubstr("/proc"), testing::HasSubstr("TMPDIR")));
}

}  // namespace
}  // namespace noggin::data
