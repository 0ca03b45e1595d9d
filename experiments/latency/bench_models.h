// The two models of the benchmark: random but sane weights, quantized as frozen models are. B, T, C as in
// model_config.h.
#pragma once

#include <array>
#include <cstddef>
#include <string>

#include "spec/model_config.h"

namespace noggin::latency {

struct BenchModel {
  std::string name;
  spec::ModelConfig config;
};

BenchModel small_model();  // 2 layers x 128, 2 heads of 64, FFN 512
BenchModel large_model();  // 6 layers x 384, 12 heads of 32, FFN 1536

inline constexpr std::array<std::size_t, 4> kTokens{16, 32, 64, 128};
inline constexpr std::array<std::size_t, 2> kBatches{1, 8};

// Where make_models puts a model's files: FOLDER/small.nog, FOLDER/small.qdq.onnx.
std::string nog_path(const std::string& folder, const BenchModel& model);
std::string onnx_path(const std::string& folder, const BenchModel& model, const std::string& variant);

}  // namespace noggin::latency
