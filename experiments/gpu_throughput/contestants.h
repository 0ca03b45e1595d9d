// The same batch of texts through Noggin's CUDA backend and through LibTorch on the same GPU. B texts of T tokens.
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "gpu/cuda/cuda_session.h"
#include "spec/model_config.h"

namespace noggin::gpu_throughput {

struct Batch {
  std::vector<std::uint32_t> token_ids, offsets{0};  // as gpu::PackedTexts
  std::size_t texts() const { return offsets.size() - 1; }
};
// Random ids below `vocabulary_size`.
Batch random_batch(std::size_t texts, std::size_t tokens, std::uint32_t vocabulary_size, std::uint64_t seed);

// One call answers the batch: logits lie in host memory when it returns.
struct Contestant {
  std::string name;
  std::function<void()> answer;
};

// Token ids in host memory to logits in host memory. `session` must outlive it.
Contestant noggin_contestant(gpu::CudaSession& session, const Batch& batch);

// The trainer's float forward with random weights of this shape, no gradients. Its batch is packed and on the GPU
// before the clock starts: an advantage that Noggin does not take.
enum class Precision { kFloat, kBFloat16 };
Contestant libtorch_contestant(const spec::ModelConfig& config, const Batch& batch, Precision precision);

// What keeps LibTorch from using a GPU; empty when nothing does.
std::string libtorch_obstacle();

}  // namespace noggin::gpu_throughput
