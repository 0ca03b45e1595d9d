// Every intermediate tensor of the forward pass, in order, so that two implementations can be compared and the first
// step that differs can be named. The trainer's quantized forward reports the same names.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>

namespace noggin::runtime {

// Steps in order: "embeddings.norm"; per layer "layers.i." + { "attention.input" (int8), "attention.qkv" (int8),
// "attention.context" (int8), "attention.output", "attention.norm", "ffn.input" (int8), "ffn.hidden" (int8),
// "ffn.down", "ffn.norm" }; "pooled"; "head.input" (int8); "head.classifier" (the logits). All others are float. Where
// the head answers every token there is no "pooled", and the head's two have one row per token. An n-gram model has two
// steps, "ngrams.value" (the quantized values of its n-grams in ascending order, exact as floats) and
// "head.classifier".
// A step is named after the tensor that produces it, so a report names the wrong tensor.
class TraceSink {
 public:
  virtual ~TraceSink() = default;
  // Row r starts at values + r * stride (elements). Only `columns` per row are meaningful.
  virtual void record(std::string_view step, const float* values, std::size_t rows, std::size_t columns,
                      std::size_t stride) = 0;
  virtual void record(std::string_view step, const std::int8_t* values, std::size_t rows, std::size_t columns,
                      std::size_t stride) = 0;
};

}  // namespace noggin::runtime
