// The score that an answer states: for the task whose answer is a number from 0 to 1.
#pragma once

#include "data/answers/logged_answer.h"
#include "data/rows/rejection.h"

namespace noggin::data {

// "0.8", "**80 %**", "4/5", "4 out of 5", "Score: 0.8"; or JSON whose field "score", "rating", "probability" or
// "value", or only field, is one of these; behind closed reasoning. A number that is no share of anything must lie in
// [0, 1]: kScoreOutOfRange. kOtherTask where no number, or more than one, is stated; as in read_answer.h,
// refused and cut answers are told by name.
Checked<double> read_stated_score(const LoggedAnswer& answer);

}  // namespace noggin::data
