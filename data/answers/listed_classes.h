// From an answer that names any number of classes to those classes: for tasks in which several may be right.
#pragma once

#include <cstdint>
#include <vector>

#include "data/answers/logged_answer.h"
#include "data/rows/labels.h"
#include "data/rows/rejection.h"

namespace noggin::data {

// "billing, refund", one to a line, joined by "and", a JSON list, or the lists and words in the fields of a JSON
// object. "none" and an empty list name no class. Each word must be a class's: kNoClassInAnswer; as in read_answer.h,
// refused and cut answers are told by name. Ascending, none twice.
Checked<std::vector<std::int32_t>> read_listed_classes(const LoggedAnswer& answer, const LabelSet& labels);

}  // namespace noggin::data
