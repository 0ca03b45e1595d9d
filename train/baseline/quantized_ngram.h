// The baseline as a model for devices: what training found -> the arrays of a .nog file of family kNgram, and the
// trainer's own exact forward pass over them, which golden vectors and verification are made with.
#pragma once

#include <cstdint>
#include <map>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "format/frozen_model.h"
#include "train/baseline/linear_ngram.h"

namespace noggin::train {

// How many known n-grams of a text are counted: some 1,300 characters' worth. The end of a longer text is not read.
inline constexpr std::uint32_t kNgramsPerText = 4096;

// Weights become int8 with a scale for each class. Golden vectors and provenance are the caller's. A model without any
// feature gets one, of weight 0: an empty list has no place in the format.
format::FrozenModel freeze(const LinearNgram& model, const format::TaskContents& task);

// spec/NUMERICS.md, "N-gram model", in the trainer's own words. Both expect the environment of kernels/float_environment.h.
class QuantizedNgram {
 public:
  // Tensors of spec::tensor_table(config), family kNgram.
  QuantizedNgram(const spec::ModelConfig& config, const std::map<std::string, format::FrozenTensor>& tensors);
  std::vector<float> logits(std::span<const std::uint32_t> ids) const;  // [C], of n-gram ids in any order

 private:
  std::size_t classes_;
  std::vector<std::int8_t> weights_;               // [V, C]
  std::vector<float> inverse_document_frequency_;  // [V]
  std::vector<float> scale_, bias_;                // [C]
};

// Each text through the device's tokenizer and the trainer's forward, into model.golden.
void add_golden_vectors(format::FrozenModel& model, const std::vector<std::string>& texts);

}  // namespace noggin::train
