#include "data/ingest/text_index.h"

#include <fmt/format.h>
#include <gtest/gtest.h>

namespace noggin::data {
namespace {

Record answered(std::uint32_t i) {
  Record row{.text = fmt::format("text {}", i)};
  row.teacher = {.classes = {static_cast<std::int32_t>(i % 5)}, .probabilities = {1.0F}};
  return row;
}

Record labelled(std::uint32_t i, std::int32_t label) { return {.text = fmt::format("text {}", i), .label = label}; }

// Most of these are in files when they are asked for (key_runs.h).
TEST(TextIndexTest, KnowsMoreTextsThanItHolds) {
  constexpr std::uint32_t kTexts = KeyRuns::kMostHeld * 5 / 2;
  TextIndex index;
  Repeats repeats;
  for (std::uint32_t i = 0; i < kTexts; ++i) {
    const Result<RepeatOf> added = index.add(answered(i), i, repeats);
    ASSERT_TRUE(added && added->is_new);
  }
  EXPECT_EQ(index.size(), kTexts);
  for (std::uint32_t i = 0; i < kTexts; i += 997) {
    const auto same = static_cast<std::int32_t>(i % 5);
    Result<RepeatOf> repeat = index.add(labelled(i, same), kTexts, repeats);
    ASSERT_TRUE(repeat);
    EXPECT_FALSE(repeat->is_new);
    EXPECT_EQ(repeat->row, i);
    EXPECT_TRUE(repeat->adds_gold);
    repeat = index.add(labelled(i, same), kTexts, repeats);
    EXPECT_FALSE(repeat->adds_gold) << "that gold came is remembered";
    EXPECT_TRUE(index.add(answered(i), kTexts, repeats)->averages);
    Repeats others;
    ASSERT_TRUE(index.compare(labelled(i, same + 1), others));
    EXPECT_EQ(others.contradictions, 1U);
    ASSERT_TRUE(index.compare(labelled(kTexts + i, 0), others));
    EXPECT_EQ(others.rows, 1U);
  }
  EXPECT_EQ(repeats.contradictions, 0U);
}

}  // namespace
}  // namespace noggin::data
