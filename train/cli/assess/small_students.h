// The learning curve of `noggin assess`: linear models that learn from more and more of the training rows. The linear
// model, because it takes seconds, needs no pretrained encoder and no choice of phases, and because a student that does
// not beat it is not worth shipping: what it reaches is a floor.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "data/metrics/classification_metrics.h"
#include "train/assess/learning_curve.h"
#include "train/cli/assess/subject.h"

namespace noggin::tool {

struct SmallStudents {
  std::vector<assess::MeasuredSize> sizes;    // by ascending rows; the last one learnt from all `used` rows
  std::vector<data::Confidence> confidences;  // of its answers on dev; single_label only
  std::uint64_t usable = 0;                   // training rows with something to learn from
  std::uint64_t used = 0;                     // at most kMostRows of them
  double seconds = 0.0;
};

inline constexpr std::size_t kSizes = 5;            // each twice the one before
inline constexpr std::size_t kDraws = 3;            // of rows for each size below all of them
inline constexpr std::uint64_t kMostRows = 40'000;  // beyond which the curve is known well enough
inline constexpr std::uint64_t kFewestLearnt = 8;   // of the smallest size; too few rows give fewer sizes

// Of each draw, the rows of a size are the first ones of the rows of the next size.
SmallStudents small_students(const AssessedJob& subject, Console& console);

}  // namespace noggin::tool
