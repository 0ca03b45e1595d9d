// The only list of a student's tensors. Training binds to it, freezing walks it, the reader checks against it, and ONNX
// takes its names from it: a tensor renamed here is renamed everywhere.
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "spec/model_config.h"

namespace noggin::spec {

enum class TensorKind : std::uint32_t {
  kEmbedding = 1,        // int8 [rows, columns], one float scale per row
  kLinear = 2,           // int8 [rows = outputs, columns = inputs], one float output scale and int32 bias per row
  kVector = 3,           // float [columns]; rows = 1
  kActivationScale = 4,  // one positive float: the scale of a quantized activation; rows = columns = 1
};

struct TensorSpec {
  std::string name;
  TensorKind kind;
  std::uint32_t rows;
  std::uint32_t columns;
  std::string input_scale;  // kLinear only: name of the activation scale of its int8 input; empty: its input is the
                            // integers of a word table, with step 1, whose scales are multiplied in afterwards
};

// In forward order. Family kNgram: ngrams.weight [V, C] (the scale of row k is the inverse document frequency of n-gram
// k), head.scale [C], head.bias [C]. Family kEncoder; for L layers:
//   embeddings.word [V, D], embeddings.position [P, D], embeddings.norm.{gamma,beta} [D];
//   with an embedding_width E: embeddings.word [V, E], embeddings.projection [D, E], and the rest unchanged
//   per layer i, prefix "layers.i.":
//     attention.input (scale), attention.qkv [3*H*W, D] (rows: all of Q, then K, then V; head h is rows h*W..),
//     attention.query, attention.key, attention.value (scales), attention.context (scale),
//     attention.output [D, H*W], attention.norm.{gamma,beta} [D],
//     ffn.input (scale), ffn.up [F, D], ffn.preactivation (scale), ffn.hidden (scale), ffn.down [D, F],
//     ffn.norm.{gamma,beta} [D]
//   head.input (scale), head.classifier [C, D]
// The meaning of every step is in NUMERICS.md. `config` must be valid.
std::vector<TensorSpec> tensor_table(const ModelConfig& config);

// The same list, one entry at a time, for readers that must not hold all of it (an entry is destroyed after the visit).
void for_each_tensor(const ModelConfig& config, const std::function<void(TensorSpec&&)>& visit);

// "layers.<i>.<part>"; the only function that forms such names.
std::string layer_name(std::size_t layer, const std::string& part);

}  // namespace noggin::spec
