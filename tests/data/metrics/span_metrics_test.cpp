#include "data/metrics/span_metrics.h"

#include <gmock/gmock.h>

#include <random>

namespace noggin::data {
namespace {

using testing::ElementsAre;

TEST(SpanMetrics, CountsByHand) {
  const std::vector<TypedSpan> gold = {{0, 4, 0}, {5, 9, 1}, {12, 14, 0}};
  const std::vector<TypedSpan> found = {{12, 14, 0}, {0, 4, 1}, {5, 8, 1}, {20, 21, 0}};  // type, end, nothing there
  const SpanCounts counts = count_spans(found, gold);
  EXPECT_EQ(counts, (SpanCounts{4, 3, 1}));
  EXPECT_DOUBLE_EQ(counts.precision(), 1.0 / 4);
  EXPECT_DOUBLE_EQ(counts.recall(), 1.0 / 3);
  EXPECT_DOUBLE_EQ(counts.f1(), 2.0 / 7);
  EXPECT_THAT(count_spans_by_type(found, gold, 3), ElementsAre(SpanCounts{2, 2, 1}, SpanCounts{2, 1, 0}, SpanCounts{}));
}

TEST(SpanMetrics, NothingIsZero) {
  EXPECT_EQ(SpanCounts{}.f1(), 0.0);
  EXPECT_EQ(SpanCounts{}.precision(), 0.0);
  EXPECT_EQ((SpanCounts{3, 0, 0}).recall(), 0.0);
  EXPECT_EQ(count_spans({}, {}), SpanCounts{});
}

TEST(SpanMetrics, ASpanFoundTwiceIsRightOnce) {
  const std::vector<TypedSpan> gold = {{0, 1, 0}}, found = {{0, 1, 0}, {0, 1, 0}};
  EXPECT_EQ(count_spans(found, gold), (SpanCounts{2, 1, 1}));
}

TEST(SpanMetrics, DrawnRowsAddUp) {
  const std::vector<SpanCounts> rows = {{1, 1, 1}, {2, 0, 0}, {0, 3, 0}};
  EXPECT_EQ(sum_of(rows), (SpanCounts{3, 4, 1}));
  EXPECT_EQ(sum_of(rows, std::vector<std::uint32_t>{0, 0, 2}), (SpanCounts{2, 5, 2}));
}

// Against counting each found span against each gold one.
TEST(SpanMetrics, AgreesWithBruteForce) {
  std::mt19937 random(7);
  for (int round = 0; round < 200; ++round) {
    const auto draw = [&random] {
      std::vector<TypedSpan> spans;
      for (std::uint32_t at = 0; at < 20; ++at)
        if (random() % 3 == 0)
          spans.push_back(
              {at, at + 1 + static_cast<std::uint32_t>(random() % 2), static_cast<std::uint32_t>(random() % 2)});
      std::shuffle(spans.begin(), spans.end(), random);
      return spans;
    };
    const std::vector<TypedSpan> found = draw(), gold = draw();
    std::uint64_t right = 0;
    for (const TypedSpan& span : found) right += static_cast<std::uint64_t>(std::count(gold.begin(), gold.end(), span));
    EXPECT_EQ(count_spans(found, gold), (SpanCounts{found.size(), gold.size(), right}));
    EXPECT_EQ(sum_of(count_spans_by_type(found, gold, 2)), count_spans(found, gold));
  }
}

}  // namespace
}  // namespace noggin::data
