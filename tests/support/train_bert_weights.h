// Random weights for the tiny BERT of data_pretrained_folder.h, and safetensors files written byte by byte,
// independently of the code that reads them.
#pragma once

#include <torch/torch.h>

#include <map>
#include <nlohmann/json.hpp>
#include <string>

#include "tests/support/data_pretrained_folder.h"
#include "tests/support/train_students.h"

namespace noggin::test {

using Weights = std::map<std::string, torch::Tensor>;

// "encoder.layer.0.attention.self.query" and so on, each with ".weight" and ".bias", as `config` shapes them.
inline Weights bert_weights(const nlohmann::json& config = bert_config(), std::uint64_t seed = 1) {
  Random random(seed);
  Weights weights;
  const bool bert = config["model_type"] == "bert";
  const auto size = [&](const char* ours, const char* distilled) {
    return config[bert ? ours : distilled].get<std::int64_t>();
  };
  const std::int64_t D = size("hidden_size", "dim"), F = size("intermediate_size", "hidden_dim");
  const auto linear = [&](const std::string& name, std::int64_t outputs, std::int64_t inputs) {
    weights[name + ".weight"] = random_tensor({outputs, inputs}, random, -0.5F, 0.5F);
    weights[name + ".bias"] = random_tensor({outputs}, random, -0.2F, 0.2F);
  };
  const auto norm = [&](const std::string& name) {
    weights[name + ".weight"] = random_tensor({D}, random, 0.7F, 1.3F);
    weights[name + ".bias"] = random_tensor({D}, random, -0.2F, 0.2F);
  };
  const auto table = [&](const std::string& name, std::int64_t rows) {
    weights["embeddings." + name + "_embeddings.weight"] = random_tensor({rows, D}, random, -1.0F, 1.0F);
  };
  table("word", config["vocab_size"]);
  table("position", config["max_position_embeddings"]);
  if (bert) table("token_type", config["type_vocab_size"]);
  norm("embeddings.LayerNorm");
  for (std::int64_t i = 0; i < size("num_hidden_layers", "n_layers"); ++i) {
    const std::string layer = (bert ? "encoder.layer." : "transformer.layer.") + std::to_string(i);
    const std::string self = layer + (bert ? ".attention.self." : ".attention.");
    for (const char* part : {"query", "key", "value"})
      linear(self + (bert ? std::string(part) : std::string(1, part[0]) + "_lin"), D, D);
    linear(layer + (bert ? ".attention.output.dense" : ".attention.out_lin"), D, D);
    norm(layer + (bert ? ".attention.output.LayerNorm" : ".sa_layer_norm"));
    linear(layer + (bert ? ".intermediate.dense" : ".ffn.lin1"), F, D);
    linear(layer + (bert ? ".output.dense" : ".ffn.lin2"), D, F);
    norm(layer + (bert ? ".output.LayerNorm" : ".output_layer_norm"));
  }
  return weights;
}

inline std::string safetensors_bytes(const std::string& header, const std::string& data) {
  std::string bytes;
  for (int i = 0; i < 8; ++i) bytes.push_back(static_cast<char>(header.size() >> (8 * i)));
  return bytes + header + data;
}

// Tensors of any type that checkpoints use.
inline std::string safetensors_bytes(const Weights& weights) {
  nlohmann::json header = {{"__metadata__", {{"format", "pt"}}}};
  std::string data;
  for (const auto& [name, tensor] : weights) {
    const torch::Tensor plain = tensor.contiguous();
    const char* type = plain.dtype() == torch::kFloat16    ? "F16"
                       : plain.dtype() == torch::kBFloat16 ? "BF16"
                       : plain.dtype() == torch::kInt64    ? "I64"
                                                           : "F32";
    header[name] = {
        {"dtype", type}, {"shape", plain.sizes().vec()}, {"data_offsets", {data.size(), data.size() + plain.nbytes()}}};
    data.append(static_cast<const char*>(plain.const_data_ptr()), plain.nbytes());
  }
  return safetensors_bytes(header.dump(), data);
}

// The whole folder; returns its path.
inline std::string write_bert(const TemporaryFolder& folder, const Weights& weights,
                              const nlohmann::json& config = bert_config()) {
  const std::string path = write_bert_description(folder, config);
  folder.write("bert/model.safetensors", safetensors_bytes(weights));
  return path;
}

}  // namespace noggin::test
