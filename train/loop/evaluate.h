// Logits of a whole set of rows, and what they are worth.
#pragma once

#include <vector>

#include "data/classification_metrics.h"
#include "data/shard.h"
#include "train/model/student.h"

namespace noggin::train {

struct SetLogits {
  std::uint32_t classes = 0;
  std::vector<float> values;  // [rows, C]
  std::size_t rows() const { return classes == 0 ? 0 : values.size() / classes; }
  std::span<const float> row(std::size_t index) const { return {values.data() + index * classes, classes}; }
  std::int32_t prediction(std::size_t index) const;  // argmax, lowest class on ties
};

// The float student, in batches.
SetLogits float_logits(const Student& student, const data::RowBlock& rows);
// The quantized student, through the runtime's kernels, exactly (compress/quantized_forward.h). Runs on all threads; the
// result does not depend on their number.
SetLogits quantized_logits(const Student& student, const data::RowBlock& rows);

// Figures over the rows that carry a gold label.
struct SetMetrics : data::ClassificationMetrics {
  double cross_entropy = 0.0;  // mean, natural logarithm
};
SetMetrics measure(const SetLogits& logits, const data::RowBlock& rows, std::int32_t none_class);

}  // namespace noggin::train
