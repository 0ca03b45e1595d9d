// Logits of a whole set of rows, and their metrics.
#pragma once

#include "data/metrics/classification_metrics.h"
#include "data/shards/row_block.h"
#include "train/model/student.h"
#include "train/task/task_reader.h"

namespace noggin::train {

// The float student, in batches.
SetLogits float_logits(const Student& student, const ModelInputs& inputs);
// The quantized student, through the runtime's kernels, exactly (compress/quantized_forward.h). Runs on all threads;
// the result does not depend on their number.
SetLogits quantized_logits(const Student& student, const ModelInputs& inputs);

// Metrics over the rows that have gold. The classification metrics stay zero for other tasks.
struct SetMetrics : data::ClassificationMetrics {
  double quality = 0.0;        // TaskReader::quality_name()
  double cross_entropy = 0.0;  // mean, natural logarithm
};
SetMetrics measure(const TaskReader& reader, const data::RowBlock& rows, const ModelInputs& inputs, const SetLogits& logits);

}  // namespace noggin::train
