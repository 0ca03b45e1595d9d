// The baseline as a model for devices: converts the trained model to the arrays of a .nog file of family kNgram, and
// has the trainer's own exact forward pass over them, used for golden vectors and verification.
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

// At most this many known n-grams of a text are counted: about 1,300 characters. The end of a longer text is not read.
inline constexpr std::uint32_t kNgramsPerText = 4096;

// Weights become int8 with a scale for each class. The caller adds golden vectors and provenance. A model without
// features gets one of weight 0: the format does not allow an empty list.
format::FrozenModel freeze(const LinearNgram& model, const format::TaskContents& task);

// The trainer's own implementation of spec/NUMERICS.md, "N-gram model". Expects the environment of
// kernels/float_environment.h.
class QuantizedNgram {
 public:
  // Tensors of spec::tensor_table(config), family kNgram.
  QuantizedNgram(const spec::ModelConfig& config, const std::map<std::string, format::FrozenTensor>& tensors);
  std::vector<float> logits(std::span<const std::uint32_t> ids) const;  // [C], for n-gram ids in any order

 private:
  std::size_t classes_;
  std::vector<std::int8_t> weights_;               // [V, C]
  std::vector<float> inverse_document_frequency_;  // [V]
  std::vector<float> scale_, bias_;                // [C]
};

// Runs each text through the device's tokenizer and the trainer's forward, and stores it in model.golden. Expects the
// same environment. Fails if the model's n-grams violate a rule of the format.
Status add_golden_vectors(format::FrozenModel& model, const std::vector<std::string>& texts);

}  // namespace noggin::train
