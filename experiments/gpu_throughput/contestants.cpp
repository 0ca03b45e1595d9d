#include "experiments/gpu_throughput/contestants.h"

#include <memory>
#include <span>
#include <stdexcept>

#include "tests/support/format_random_model.h"
#include "train/model/device.h"
#include "train/model/forward.h"

namespace noggin::gpu_throughput {
namespace {

train::Student random_student(const spec::ModelConfig& config, torch::ScalarType type, torch::Device device) {
  train::Student student = train::copy_student(train::make_student(config, 0.02, 1), device);
  train::visit_tensors(
      student, [type](const std::string&, torch::Tensor& tensor, train::TensorRole) { tensor = tensor.to(type); });
  return student;
}

train::PackedBatch packed(const Batch& batch, torch::ScalarType type, torch::Device device) {
  std::vector<std::span<const std::uint32_t>> texts;
  for (std::size_t b = 0; b < batch.texts(); ++b) {
    texts.push_back(std::span(batch.token_ids).subspan(batch.offsets[b], batch.offsets[b + 1] - batch.offsets[b]));
  }
  train::PackedBatch result = train::pack_batch(texts, device);
  result.real = result.real.to(type);
  result.lengths = result.lengths.to(type);
  return result;
}

}  // namespace

Batch random_batch(std::size_t texts, std::size_t tokens, std::uint32_t vocabulary_size, std::uint64_t seed) {
  test::Random random(seed);
  Batch batch;
  for (std::size_t b = 0; b < texts; ++b) {
    for (std::size_t t = 0; t < tokens; ++t) {
      batch.token_ids.push_back(static_cast<std::uint32_t>(random.below(vocabulary_size)));
    }
    batch.offsets.push_back(static_cast<std::uint32_t>(batch.token_ids.size()));
  }
  return batch;
}

Contestant noggin_contestant(gpu::CudaSession& session, const Batch& batch) {
  return {"noggin", [&session, batch] {
            const auto logits = session.logits({batch.token_ids, batch.offsets});
            if (!logits) throw std::runtime_error(logits.error().message);
          }};
}

Contestant libtorch_contestant(const spec::ModelConfig& config, const Batch& batch, Precision precision) {
  const bool half = precision == Precision::kBFloat16;
  const torch::ScalarType type = half ? torch::kBFloat16 : torch::kFloat32;
  const auto model = std::make_shared<train::Student>(random_student(config, type, torch::kCUDA));
  const auto rows = std::make_shared<train::PackedBatch>(packed(batch, type, torch::kCUDA));
  return {half ? "LibTorch bf16" : "LibTorch float", [model, rows] {
            const torch::NoGradGuard no_grad;
            train::FloatArithmetic arithmetic;
            const torch::Tensor logits =
                train::forward(*model, *rows, arithmetic).to(torch::kCPU);  // waits for the GPU
            if (logits.size(0) != rows->texts) throw std::runtime_error("LibTorch gave another number of rows");
          }};
}

std::string libtorch_obstacle() { return train::cuda_obstacle(); }

}  // namespace noggin::gpu_throughput
