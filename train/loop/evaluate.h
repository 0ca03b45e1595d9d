// Logits of a whole set of rows, and their metrics.
#pragma once

#include <cstddef>
#include <functional>
#include <span>

#include "data/metrics/classification_metrics.h"
#include "data/shards/example_table.h"
#include "train/model/student.h"
#include "train/task/task_reader.h"

namespace noggin::train {

// Called once for each sequence; the logits [C], or [tokens, C], are valid during the call.
using TakeLogits = std::function<void(std::size_t sequence, std::span<const float> logits)>;

// The float student, in batches.
DatasetLogits float_logits(const Student& student, const ModelInputs& inputs);
// The same logits, not kept. Calls from one thread, in no particular order.
void each_float_logits(const Student& student, const ModelInputs& inputs, const TakeLogits& take);
// The quantized student, through the runtime's kernels, exactly (compress/quantized_forward.h). Runs on all threads;
// the result does not depend on their number.
DatasetLogits quantized_logits(const Student& student, const ModelInputs& inputs);
// The same logits, not kept. Calls from all threads at once, in no particular order.
void each_quantized_logits(const Student& student, const ModelInputs& inputs, const TakeLogits& take);

// Metrics over the rows that have gold. The classification metrics stay zero for other tasks.
struct SetMetrics : data::ClassificationMetrics {
  double primary_metric = 0.0;  // TaskReader::primary_metric_name()
  double cross_entropy = 0.0;   // mean, natural logarithm
};
SetMetrics measure(const TaskReader& reader, const data::ExampleTable& rows, const ModelInputs& inputs,
                   const DatasetLogits& logits);

}  // namespace noggin::train
