// Models for tests of the ONNX exporter, and ONNX models read back.
#pragma once

#include <gtest/gtest.h>
#include <onnx/onnx_pb.h>

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <fstream>
#include <map>
#include <string>
#include <vector>

#include "export/onnx/onnx_export.h"
#include "spec/quant.h"
#include "tests/support/format_random_model.h"
#include "tests/support/tokenizer_tiny.h"

namespace noggin::test {

// Large enough for the tiny tokenizer's words; the layers differ, and no width is a multiple of a panel.
inline spec::ModelConfig onnx_config(spec::Pooling pooling = spec::Pooling::kMean) {
  spec::ModelConfig config;
  config.pooling = pooling;
  config.vocabulary_size = 120;
  config.max_tokens = 24;
  config.encoder.width = 36;
  config.encoder.head_width = 12;
  config.classes = 7;
  config.encoder.layers = {{3, 70}, {2, 44}, {1, 90}};
  return config;
}

// Output scales as freezing makes them, fl(s_a * s_w): for random ones there may be no s_w.
inline void make_scales_products(format::FrozenModel& model) {
  for (const spec::TensorSpec& spec : spec::tensor_table(model.config)) {
    if (spec.kind != spec::TensorKind::kLinear) continue;
    const float input_scale = spec.input_scale.empty() ? 1.0F : model.tensors.at(spec.input_scale).floats.front();
    for (float& scale : model.tensors.at(spec.name).floats)
      scale = spec::output_scale(input_scale, scale / input_scale);
  }
}

inline spec::ModelConfig static_onnx_config() {
  spec::ModelConfig config = onnx_config();
  config.encoder.layers.clear();
  return config;
}

inline spec::ModelConfig narrow_onnx_config(spec::Pooling pooling = spec::Pooling::kMean) {
  spec::ModelConfig config = onnx_config(pooling);
  config.encoder.embedding_width = 11;
  return config;
}

inline spec::ModelConfig int4_words(spec::ModelConfig config) {
  config.encoder.word_type = spec::WeightType::kInt4;
  return config;
}

// Layers of int4, but for one matrix.
inline spec::ModelConfig int4_layers_config() {
  spec::ModelConfig config = onnx_config();
  config.encoder.width = 64;
  config.encoder.head_width = 32;
  config.encoder.layers = {{2, 128, 64, 32, 64, 128}, {1, 96, 32, 32, 0, 32}};
  return config;
}

inline format::FrozenModel onnx_model(const spec::ModelConfig& config, std::uint64_t seed) {
  format::FrozenModel model = random_frozen_model(config, seed, 0);
  model.tokenizer = tests::tiny_tokenizer(config.vocabulary_size);
  make_scales_products(model);
  return model;
}

inline onnx::ModelProto parsed(const std::vector<std::byte>& bytes) {
  onnx::ModelProto proto;
  EXPECT_TRUE(proto.ParseFromArray(bytes.data(), static_cast<int>(bytes.size())));
  return proto;
}

inline onnx::ModelProto parsed_file(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  onnx::ModelProto proto;
  EXPECT_TRUE(proto.ParseFromIstream(&file)) << path;
  return proto;
}

// Operators, with their domain unless it is ONNX's own: "Gemm", "com.microsoft.QGemm".
inline std::map<std::string, int> operator_counts(const onnx::ModelProto& proto) {
  std::map<std::string, int> counts;
  for (const onnx::NodeProto& node : proto.graph().node()) {
    const bool standard = node.domain().empty() || node.domain() == "ai.onnx";
    ++counts[standard ? node.op_type() : node.domain() + '.' + node.op_type()];
  }
  return counts;
}

inline const onnx::TensorProto& initializer(const onnx::ModelProto& proto, const std::string& name) {
  for (const onnx::TensorProto& tensor : proto.graph().initializer()) {
    if (tensor.name() == name) return tensor;
  }
  ADD_FAILURE() << "no initializer " << name;
  return onnx::TensorProto::default_instance();
}

template <typename T>
std::vector<T> values_of(const onnx::TensorProto& tensor) {
  std::vector<T> values(tensor.raw_data().size() / sizeof(T));
  std::memcpy(values.data(), tensor.raw_data().data(), values.size() * sizeof(T));
  return values;
}

inline std::string metadata(const onnx::ModelProto& proto, const std::string& key) {
  for (const onnx::StringStringEntryProto& entry : proto.metadata_props()) {
    if (entry.key() == key) return entry.value();
  }
  ADD_FAILURE() << "no metadata " << key;
  return {};
}

}  // namespace noggin::test
