// The names of encoder parts in the checkpoints of a model family. Each part is a linear layer or a norm: ".weight" and
// ".bias" follow.
#pragma once

#include <fmt/format.h>

#include <cstddef>
#include <string>

#include "data/pretrained/pretrained_folder.h"

namespace noggin::train {

constexpr const char* kWord = "embeddings.word_embeddings.weight";          // [V, D]
constexpr const char* kPosition = "embeddings.position_embeddings.weight";  // [P, D]
constexpr const char* kSegment = "embeddings.token_type_embeddings.weight";
constexpr const char* kEmbeddingNorm = "embeddings.LayerNorm";

// The parts of a layer; "{}" is its number.
struct LayerNames {
  const char *query, *key, *value, *attention_output, *attention_norm, *ffn_up, *ffn_down, *ffn_norm;
};
constexpr LayerNames kBertLayer = {"encoder.layer.{}.attention.self.query",
                                   "encoder.layer.{}.attention.self.key",
                                   "encoder.layer.{}.attention.self.value",
                                   "encoder.layer.{}.attention.output.dense",
                                   "encoder.layer.{}.attention.output.LayerNorm",
                                   "encoder.layer.{}.intermediate.dense",
                                   "encoder.layer.{}.output.dense",
                                   "encoder.layer.{}.output.LayerNorm"};
constexpr LayerNames kDistilBertLayer = {
    "transformer.layer.{}.attention.q_lin", "transformer.layer.{}.attention.k_lin",
    "transformer.layer.{}.attention.v_lin", "transformer.layer.{}.attention.out_lin",
    "transformer.layer.{}.sa_layer_norm",   "transformer.layer.{}.ffn.lin1",
    "transformer.layer.{}.ffn.lin2",        "transformer.layer.{}.output_layer_norm"};

inline const LayerNames& layer_names(data::PretrainedFamily family) {
  return family == data::PretrainedFamily::kBert ? kBertLayer : kDistilBertLayer;
}

inline std::string in_layer(const char* name, std::size_t layer) { return fmt::format(fmt::runtime(name), layer); }

}  // namespace noggin::train
