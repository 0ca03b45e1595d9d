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
std::int32_t SetLogits::prediction(std::size_t index) const {
  const auto logits = row(index);
  return static_cast<std::int32_t>(std::max_element(logits.begin(), logits.end()) - logits.begin());
}

SetLogits float_logits(const Student& student, const data::RowBlock& rows) {
  torch::NoGradGuard no_grad;
  constexpr std::size_t kBatchRows = 128;
  std::vector<std::uint32_t> order(rows.rows());
  std::iota(order.begin(), order.end(), 0U);
  std::stable_sort(order.begin(), order.end(),
                   [&](auto a, auto b) { return rows.tokens_of(a).size() < rows.tokens_of(b).size(); });
  SetLogits result{student.config.classes, std::vector<float>(rows.rows() * student.config.classes)};
  FloatArithmetic arithmetic;
  for (std::size_t begin = 0; begin < order.size(); begin += kBatchRows) {
    const std::span batch(order.data() + begin, std::min(kBatchRows, order.size() - begin));
    const Tensor logits =
        forward(student, pack_rows(rows, batch, student.word.device()), arithmetic).cpu().contiguous();
    for (std::size_t i = 0; i < batch.size(); ++i) {
      std::copy_n(logits.const_data_ptr<float>() + i * result.classes, result.classes,
                  result.values.begin() + static_cast<std::ptrdiff_t>(batch[i] * result.classes));
    }
  }
  return result;
}

SetLogits quantized_logits(const Student& student, const data::RowBlock& rows) {
  const QuantizedStudent quantized(student.config, quantize_student(student));
  const runtime::KernelSet& kernels = *runtime::select_kernels();
  SetLogits result{student.config.classes, std::vector<float>(rows.rows() * student.config.classes)};
  at::parallel_for(0, static_cast<std::int64_t>(rows.rows()), 16, [&](std::int64_t begin, std::int64_t end) {
    const runtime::FloatEnvironment environment;
    for (std::int64_t i = begin; i < end; ++i) {
      const std::vector<float> logits = quantized.logits(rows.tokens_of(static_cast<std::size_t>(i)), kernels);
      std::copy(logits.begin(), logits.end(), result.values.begin() + i * result.classes);
    }
  });
  return result;
}

SetMetrics measure(const SetLogits& logits, const data::RowBlock& rows, std::int32_t none_class) {
  std::vector<std::int32_t> predicted(rows.rows());
  for (std::size_t i = 0; i < predicted.size(); ++i) predicted[i] = logits.prediction(i);
  return {data::classification_metrics(predicted, rows.label, none_class),
          data::mean_cross_entropy(logits.values, logits.classes, rows.label)};
}

}  // namespace noggin::train
