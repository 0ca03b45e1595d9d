// Answers as numbers, for files of a run directory. Only what same_decision() compares is stored:
//   single_label {class, 1 if abstained}    multi_label {classes, ascending}
//   score {thousandths, 1 if positive}      tag, edit {begin, end, type} of each span, in order
#pragma once

#include <cstdint>
#include <vector>

#include "prediction/prediction.h"
#include "spec/task.h"

namespace noggin::train {

using StoredAnswer = std::vector<std::int32_t>;

// Not for a TextAnswer.
StoredAnswer stored(const runtime::Prediction& answer);
// Probabilities are 0, a score is in thousandths. `numbers` must be those of an answer to such a task.
runtime::Prediction from_stored(const StoredAnswer& numbers, const spec::TaskTraits& task);

}  // namespace noggin::train
