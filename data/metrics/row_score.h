// What one row adds to a figure that is a ratio of sums: right / of. Accuracy: {1 or 0, 1}; F1: {2 * true positives,
// found + expected}; exact match: {1 or 0, 1}. A row that does not count is {0, 0}. Rows are resampled whole
// (export/report).
#pragma once

#include <span>

namespace noggin::data {

struct RowScore {
  double right = 0.0, of = 0.0;
};

// (sum of right) / (sum of `of`); 0 when no row counts.
inline double ratio(std::span<const RowScore> rows) {
  double right = 0.0, of = 0.0;
  for (const RowScore& row : rows) {
    right += row.right;
    of += row.of;
  }
  return of > 0.0 ? right / of : 0.0;
}

}  // namespace noggin::data
