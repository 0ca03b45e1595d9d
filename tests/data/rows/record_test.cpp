#include "data/rows/record.h"

#include <gtest/gtest.h>

namespace noggin::data {
namespace {

// Readers use one for all rows: nothing of a row may be in the next.
TEST(Record, IsAsNewWhenCleared) {
  Record record{.id = "a",
                .text = "b",
                .label = 1,
                .teacher = {{0}, {1.0F}},
                .file = "c",
                .line = 2,
                .gold_values = {1.0F},
                .unit = TextUnit::kByte,
                .has_spans = true,
                .spans = {{0, 1, 0}},
                .teacher_tokens = {{{0, 1}, {{0}, {1.0F}}}},
                .target = "d"};
  record.clear();
  EXPECT_EQ(record.id + record.text + record.file + record.target, "");
  EXPECT_EQ(record.label, kNoLabel);
  EXPECT_EQ(record.line, 0U);
  EXPECT_EQ(record.unit, Record().unit);
  EXPECT_TRUE(record.teacher.classes.empty() && record.teacher.probabilities.empty());
  EXPECT_TRUE(record.spans.empty() && record.teacher_tokens.empty() && record.gold_values.empty());
  EXPECT_FALSE(record.has_gold());
  EXPECT_FALSE(record.has_teacher());
}

}  // namespace
}  // namespace noggin::data
