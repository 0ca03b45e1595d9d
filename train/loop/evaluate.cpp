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

SetLogits float_logits(const Student& student, const ModelInputs& inputs) {
  torch::NoGradGuard no_grad;
  constexpr std::size_t kBatchPasses = 128;
  std::vector<std::size_t> order(inputs.passes());
  std::iota(order.begin(), order.end(), std::size_t{0});
  std::ranges::stable_sort(order, {}, [&](std::size_t pass) { return inputs.ids(pass).size(); });
  SetLogits result =
      SetLogits::make(inputs, student.config.classes, student.config.pooling == spec::Pooling::kEveryToken);
  FloatArithmetic arithmetic;
  for (std::size_t begin = 0; begin < order.size(); begin += kBatchPasses) {
    const std::span batch(order.data() + begin, std::min(kBatchPasses, order.size() - begin));
    std::vector<std::span<const std::uint32_t>> texts;
    for (const std::size_t pass : batch) texts.push_back(inputs.ids(pass));
    const Tensor logits = forward(student, pack_batch(texts, student.word.device()), arithmetic).cpu().contiguous();  // [R, C]
    const float* next = logits.const_data_ptr<float>();
    for (const std::size_t pass : batch) {
      std::copy_n(next, result.pass(pass).size(), result.pass(pass).begin());
      next += result.pass(pass).size();
    }
  }
  return result;
}

SetLogits quantized_logits(const Student& student, const ModelInputs& inputs) {
  const QuantizedStudent quantized(student.config, quantize_student(student));
  const runtime::KernelSet& kernels = *runtime::select_kernels();
  SetLogits result =
      SetLogits::make(inputs, student.config.classes, student.config.pooling == spec::Pooling::kEveryToken);
  at::parallel_for(0, static_cast<std::int64_t>(inputs.passes()), 16, [&](std::int64_t begin, std::int64_t end) {
    const runtime::FloatEnvironment environment;
    for (std::int64_t i = begin; i < end; ++i) {
      const auto pass = static_cast<std::size_t>(i);
      std::ranges::copy(quantized.logits(inputs.ids(pass), kernels), result.pass(pass).begin());
    }
  });
  return result;
}

SetMetrics measure(const TaskReader& reader, const data::RowBlock& rows, const ModelInputs& inputs, const SetLogits& logits) {
  const std::vector<RowAnswer> answers = reader.answers(rows, inputs, logits);
  SetMetrics metrics;
  if (reader.task().kind == spec::TaskKind::kSingleLabel) {
    static_cast<data::ClassificationMetrics&>(metrics) =
        data::classification_metrics(TaskReader::classes_of(answers), rows.label, reader.task().none_class);
  }
  metrics.rows = rows.rows();
  metrics.quality = data::ratio(reader.scores(rows, answers));
  metrics.cross_entropy = reader.cross_entropy(rows, inputs, logits);
  return metrics;
}

}  // namespace noggin::train
