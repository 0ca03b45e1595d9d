#include "train/task/stored_answer.h"

#include <gtest/gtest.h>

namespace noggin::train {
namespace {

using runtime::Prediction;
using spec::TaskKind;

// The numbers are those of files that exist: they never change.
TEST(StoredAnswer, NumbersOfEachKind) {
  const struct {
    TaskKind kind;
    Prediction answer;
    StoredAnswer numbers;
  } cases[] = {{TaskKind::kSingleLabel, runtime::ClassAnswer{7, 0.25F, true}, {7, 1}},
               {TaskKind::kMultiLabel, runtime::LabelSetAnswer{{{0, 0.5F}, {4, 0.75F}}}, {0, 4}},
               {TaskKind::kMultiLabel, runtime::LabelSetAnswer{}, {}},
               {TaskKind::kScore, runtime::ScoreAnswer{0.1234F, false}, {123, 0}},
               {TaskKind::kTag, runtime::SpanAnswer{{{{3, 7}, 1, 0.5F}, {{9, 12}, 0, 0.5F}}}, {3, 7, 1, 9, 12, 0}},
               {TaskKind::kEdit, runtime::SpanAnswer{}, {}}};
  for (const auto& one : cases) {
    EXPECT_EQ(stored(one.answer), one.numbers);
    EXPECT_TRUE(runtime::same_decision(from_stored(one.numbers, spec::traits_of(one.kind)), one.answer))
        << spec::task_name(one.kind);
  }
}

}  // namespace
}  // namespace noggin::train
