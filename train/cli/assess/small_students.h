// The learning curves of `noggin assess`: small models that learn from more and more of the training rows. Linear ones,
// because they take seconds and a student that does not beat them is not worth shipping; and, for tasks that answer per
// text, static students (a student without layers), which are students that could ship. What either reaches is a floor.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "data/metrics/classification_metrics.h"
#include "train/assess/learning_curve.h"
#include "train/cli/assess/subject.h"

namespace noggin::tool {

struct SmallStudents {
  std::string kind;                             // "linear model", "static student"
  std::vector<assess::MeasuredSize> sizes{};    // by ascending rows; the last one learnt from all `used`; may be empty
  std::vector<data::Confidence> confidences{};  // of its answers on dev; single_label only
  std::uint64_t usable = 0;                     // training rows with something to learn from
  std::uint64_t used = 0;                       // at most kMostRows of them
  std::size_t draws = 0;                        // of rows for each size below all of them
  double seconds = 0.0;
};

inline constexpr std::size_t kSizes = 5;            // each twice the one before
inline constexpr std::uint64_t kMostRows = 40'000;  // beyond which the curve is known well enough
inline constexpr std::uint64_t kFewestLearnt = 8;   // of the smallest size; too few rows give fewer sizes

// Of each draw, the rows of a size are the first ones of the rows of the next size.
SmallStudents linear_students(const AssessedJob& subject, Console& console);

// One draw, with the recipe of the run's static student (static_student.h), float. No sizes where the recipe asks for
// no such student, or it is one itself, or the task answers per token. Throws Failure if a signal comes.
SmallStudents static_students(const AssessedJob& subject, Console& console);

}  // namespace noggin::tool
