// The models that both GPU benchmarks measure: the project's two shapes, random weights.
#pragma once

#include <cstddef>
#include <cstdint>
#include <stdexcept>
#include <utility>
#include <vector>

#include "format/writer.h"
#include "tests/support/format_aligned_bytes.h"
#include "tests/support/format_random_model.h"
#include "tests/support/tokenizer_tiny.h"
#include "tokenizer/wordpiece.h"

namespace noggin {

struct BenchmarkShape {
  const char* name;
  std::uint32_t layers, width, heads;
};
inline constexpr BenchmarkShape kBenchmarkShapes[] = {{"2 x 128", 2, 128, 4}, {"6 x 384", 6, 384, 12}};

inline spec::ModelConfig config_of(const BenchmarkShape& shape) {
  spec::ModelConfig config;
  config.vocabulary_size = 8000;
  config.max_tokens = 128;
  config.encoder.width = shape.width;
  config.encoder.head_width = shape.width / shape.heads;
  config.classes = 16;
  config.encoder.layers.assign(shape.layers, {shape.heads, 4 * shape.width});
  return config;
}

// Throws std::runtime_error with the error's text.
template <typename T>
T value_of(Result<T> result) {
  if (!result) throw std::runtime_error(result.error().message);
  return *std::move(result);
}

inline test::AlignedBytes random_nog(const spec::ModelConfig& config) {
  format::FrozenModel frozen = test::random_frozen_model(config, 1, 0);
  frozen.tokenizer = tests::tiny_tokenizer(config.vocabulary_size);
  const std::vector<std::byte> section = value_of(runtime::serialize_tokenizer(frozen.tokenizer));
  return test::AlignedBytes(value_of(format::serialize(frozen, section)));
}

}  // namespace noggin
