#include "train/loop/evaluate.h"

#include <ATen/Parallel.h>

#include <algorithm>
#include <numeric>

#include "kernels/float_environment.h"
#include "train/compress/quantize_student.h"
#include "train/compress/quantized_forward.h"
#include "train/loop/batch_stream.h"
#include "train/model/forward.h"

namespace noggin::train {
namespace {

DatasetLogits room_for(const Student& student, const ModelInputs& inputs) {
  return DatasetLogits::make(inputs, student.config.classes, student.config.pooling == spec::Pooling::kEveryToken);
}

}  // namespace

void each_float_logits(const Student& student, const ModelInputs& inputs, const TakeLogits& take) {
  torch::NoGradGuard no_grad;
  constexpr std::size_t kBatchSequences = 128;
  std::vector<std::size_t> order(inputs.sequences());
  std::iota(order.begin(), order.end(), std::size_t{0});
  std::ranges::stable_sort(order, {}, [&](std::size_t sequence) { return inputs.ids(sequence).size(); });
  const bool per_token = student.config.pooling == spec::Pooling::kEveryToken;
  FloatArithmetic arithmetic;
  for (std::size_t begin = 0; begin < order.size(); begin += kBatchSequences) {
    const std::span batch(order.data() + begin, std::min(kBatchSequences, order.size() - begin));
    std::vector<std::span<const std::uint32_t>> texts;
    for (const std::size_t sequence : batch) texts.push_back(inputs.ids(sequence));
    const Tensor logits =
        forward(student, pack_batch(texts, student.word.device()), arithmetic).cpu().contiguous();  // [R, C]
    const float* next = logits.const_data_ptr<float>();
    for (const std::size_t sequence : batch) {
      const std::size_t count = (per_token ? inputs.ids(sequence).size() : 1) * student.config.classes;
      take(sequence, std::span(next, count));
      next += count;
    }
  }
}

DatasetLogits float_logits(const Student& student, const ModelInputs& inputs) {
  DatasetLogits result = room_for(student, inputs);
  each_float_logits(student, inputs, [&](std::size_t sequence, std::span<const float> logits) {
    std::ranges::copy(logits, result.sequence(sequence).begin());
  });
  return result;
}

void each_quantized_logits(const Student& student, const ModelInputs& inputs, const TakeLogits& take) {
  const QuantizedStudent quantized(student.config, quantize_student(student));
  const runtime::KernelSet& kernels = *runtime::select_kernels();
  at::parallel_for(0, static_cast<std::int64_t>(inputs.sequences()), 16, [&](std::int64_t begin, std::int64_t end) {
    const runtime::FloatEnvironment environment;
    for (std::int64_t i = begin; i < end; ++i) {
      const auto sequence = static_cast<std::size_t>(i);
      take(sequence, quantized.logits(inputs.ids(sequence), kernels));
    }
  });
}

DatasetLogits quantized_logits(const Student& student, const ModelInputs& inputs) {
  DatasetLogits result = room_for(student, inputs);
  each_quantized_logits(student, inputs, [&](std::size_t sequence, std::span<const float> logits) {
    std::ranges::copy(logits, result.sequence(sequence).begin());
  });
  return result;
}

SetMetrics measure(const TaskReader& reader, const data::ExampleTable& rows, const ModelInputs& inputs,
                   const DatasetLogits& logits) {
  const std::vector<Prediction> answers = reader.answers(rows, inputs, logits);
  SetMetrics metrics;
  if (const auto classes = reader.classes(answers)) {
    static_cast<data::ClassificationMetrics&>(metrics) =
        data::classification_metrics(*classes, rows.label, reader.task().none_class);
  }
  metrics.rows = rows.rows();
  metrics.primary_metric = data::ratio(reader.scores(rows, answers));
  metrics.cross_entropy = reader.cross_entropy(rows, inputs, logits);
  return metrics;
}

}  // namespace noggin::train
