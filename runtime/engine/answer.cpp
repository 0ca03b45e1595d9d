#include "engine/answer.h"

#include "spec/row_formulas.h"

namespace noggin::runtime {

std::uint32_t argmax(std::span<const float> logits) {
  std::uint32_t best = 0;
  for (std::uint32_t c = 1; c < logits.size(); ++c) {
    const bool best_is_nan = logits[best] != logits[best];
    if (logits[c] > logits[best] || (best_is_nan && logits[c] == logits[c])) best = c;
  }
  return best;
}

Answer classification_answer(std::span<const float> logits) {
  const std::uint32_t label = argmax(logits);
  return {label, 1.0F / spec::softmax_sum(logits.data(), logits.size(), logits[label])};
}

}  // namespace noggin::runtime
