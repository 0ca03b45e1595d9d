// Small students with random weights, and texts for them: the same seed gives the same values on every machine.
#pragma once

#include <ATen/Parallel.h>

#include <cstdint>
#include <span>
#include <vector>

#include "tests/support/format_random_model.h"
#include "train/model/forward.h"

namespace noggin::test {

// Such small tensors gain nothing from threads, and on a busy machine every operator would wait for them.
inline const bool kOneThread = (at::set_num_threads(1), true);

// Two unequal layers; no size is a multiple of a kernel's panel.
inline spec::ModelConfig student_config(spec::Pooling pooling = spec::Pooling::kMean) {
  spec::ModelConfig config;
  config.pooling = pooling;
  config.vocabulary_size = 90;
  config.max_tokens = 14;
  config.encoder.width = 20;
  config.encoder.head_width = 5;
  config.classes = 5;
  config.encoder.layers = {{3, 26}, {2, 19}};
  return config;
}

// The same with a word table of seven columns.
inline spec::ModelConfig narrow_student_config(spec::Pooling pooling = spec::Pooling::kMean) {
  spec::ModelConfig config = student_config(pooling);
  config.encoder.embedding_width = 7;
  return config;
}

// The same without layers.
inline spec::ModelConfig static_student_config() {
  spec::ModelConfig config = student_config();
  config.encoder.layers.clear();
  return config;
}

// `config` with words of int4.
inline spec::ModelConfig int4_words(spec::ModelConfig config) {
  config.encoder.word_type = spec::WeightType::kInt4;
  return config;
}

// Layers of int4 in groups of every size, and one matrix of int8; heads of a width that the fused attention takes.
inline spec::ModelConfig int4_layers_config(spec::Pooling pooling = spec::Pooling::kMean) {
  spec::ModelConfig config = student_config(pooling);
  config.encoder.width = 64;
  config.encoder.head_width = 16;
  config.encoder.layers = {{4, 128, 64, 32, 64, 128}, {2, 96, 32, 0, 64, 32}};
  return config;
}

inline torch::Tensor random_tensor(at::IntArrayRef shape, Random& random, float low, float high) {
  torch::Tensor tensor = torch::empty(shape);
  float* values = tensor.data_ptr<float>();
  for (std::int64_t i = 0; i < tensor.numel(); ++i) values[i] = random.uniform(low, high);
  return tensor;
}

// Weights large enough that attention is not uniform, and biases, gammas and betas that are not neutral.
inline train::Student random_student(const spec::ModelConfig& config, std::uint64_t seed) {
  torch::NoGradGuard no_grad;
  Random random(seed);
  train::Student student = train::make_student(config, 0.3, seed);
  train::visit_tensors(student, [&](const std::string& name, train::Tensor& tensor, train::TensorRole role) {
    if (role != train::TensorRole::kPlain) return;
    const float centre = name.ends_with("gamma") ? 1.0F : 0.0F;
    tensor = random_tensor(tensor.sizes(), random, centre - 0.3F, centre + 0.3F);
  });
  return student;
}

using Texts = std::vector<std::vector<std::uint32_t>>;

// Lengths 1 .. max_tokens.
inline Texts random_texts(const spec::ModelConfig& config, std::size_t count, std::uint64_t seed) {
  Random random(seed);
  Texts texts(count);
  for (auto& text : texts) {
    text.resize(1 + random.below(config.max_tokens));
    for (std::uint32_t& id : text) id = static_cast<std::uint32_t>(random.below(config.vocabulary_size));
  }
  return texts;
}

inline train::PackedBatch packed(const Texts& texts) {
  const std::vector<std::span<const std::uint32_t>> views(texts.begin(), texts.end());
  return train::pack_batch(views, torch::kCPU);
}

inline double largest_difference(const torch::Tensor& a, const torch::Tensor& b) {
  return (a.detach().to(torch::kFloat64) - b.detach().to(torch::kFloat64)).abs().max().item<double>();
}

}  // namespace noggin::test
