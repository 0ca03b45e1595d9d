#include "export/report/confusion_matrix.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace noggin::exporter {
namespace {

using testing::ElementsAre;

const std::vector<std::string> kLabels = {"a", "b", "c", "unused", "d"};

TEST(ConfusionMatrix, CountsGoldByAnswerAndLeavesOutWhatDoesNotOccur) {
  const std::vector<std::int32_t> gold = {0, 0, 0, 1, 2, -1}, predicted = {0, 1, 0, 1, 4, 3};
  const ConfusionMatrix matrix = confusion_matrix(predicted, gold, kLabels);
  EXPECT_THAT(matrix.names, ElementsAre("a", "b", "c", "d"));
  EXPECT_THAT(matrix.counts, ElementsAre(ElementsAre(2U, 1U, 0U, 0U), ElementsAre(0U, 1U, 0U, 0U),
                                         ElementsAre(0U, 0U, 0U, 1U), ElementsAre(0U, 0U, 0U, 0U)));
}

TEST(ConfusionMatrix, NamesTheClassesWithMostErrorsAndAddsTheOthersUp) {
  const std::vector<std::int32_t> gold = {0, 0, 1, 1, 2, 4, 4}, predicted = {0, 0, 2, 2, 1, 4, 0};
  const ConfusionMatrix matrix = confusion_matrix(predicted, gold, kLabels, 2);
  EXPECT_THAT(matrix.names, ElementsAre("b", "c", kOtherClasses));
  EXPECT_THAT(matrix.counts, ElementsAre(ElementsAre(0U, 2U, 0U), ElementsAre(1U, 0U, 0U), ElementsAre(0U, 0U, 4U)));
}

TEST(ConfusionMatrix, OfNoRowsIsEmpty) { EXPECT_TRUE(confusion_matrix({}, {}, kLabels).names.empty()); }

}  // namespace
}  // namespace noggin::exporter
