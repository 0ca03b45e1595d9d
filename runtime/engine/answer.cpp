#include "engine/answer.h"

#include "spec/formulas.h"

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
  float sum = 0.0F;
  for (const float logit : logits) sum += spec::exp(logit - logits[label]);
  return {label, 1.0F / sum};
}

}  // namespace noggin::runtime
