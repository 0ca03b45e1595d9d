#include "train/assess/class_balance.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace noggin::assess {
namespace {

using testing::DoubleNear;
using testing::ElementsAre;
using testing::IsEmpty;

TEST(ClassBalance, EqualClassesHaveTheLogarithmOfTheirNumber) {
  const std::vector<std::uint64_t> counts(8, 25);
  EXPECT_DOUBLE_EQ(entropy_bits(counts), 3.0);
}

TEST(ClassBalance, OneClassAndNoRowsHaveNone) {
  EXPECT_EQ(entropy_bits(std::vector<std::uint64_t>{0, 70, 0}), 0.0);
  EXPECT_EQ(entropy_bits({}), 0.0);
  const ClassBalance none = class_balance(std::vector<std::string>{"a"}, std::vector<std::uint64_t>{0});
  EXPECT_EQ(none.effective, 0.0);
  EXPECT_EQ(none.largest_share, 0.0);
}

TEST(ClassBalance, IsThatOfAWorkedExample) {
  // Frequencies 1/2, 1/4, 1/8, 1/8: entropy 1.75 bits.
  const std::vector<std::string> names = {"often", "some", "rare", "rarer", "never"};
  const ClassBalance balance = class_balance(names, std::vector<std::uint64_t>{32, 16, 8, 8, 0});
  EXPECT_DOUBLE_EQ(balance.entropy_bits, 1.75);
  EXPECT_THAT(balance.effective, DoubleNear(3.3636, 1e-4));
  EXPECT_EQ(balance.classes, 5U);
  EXPECT_EQ(balance.answered, 4U);
  EXPECT_DOUBLE_EQ(balance.largest_share, 0.5);
  EXPECT_THAT(balance.rare, ElementsAre("never", "rare", "rarer"));
}

TEST(ClassBalance, TenAnswersAreNotRare) {
  const std::vector<std::string> names = {"a", "b"};
  EXPECT_THAT(class_balance(names, std::vector<std::uint64_t>{kRareBelow, 90}).rare, IsEmpty());
}

}  // namespace
}  // namespace noggin::assess
