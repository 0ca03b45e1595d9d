#include "engine/answer.h"

#include <cstddef>

#include "spec/formulas.h"
#include "spec/row_formulas.h"

namespace noggin::runtime {
namespace {

bool is_sigmoid(const format::Decision& decision) {
  return spec::traits_of(decision.kind).activation == spec::Activation::kSigmoid;
}

}  // namespace

std::uint32_t argmax(std::span<const float> logits) {
  std::uint32_t best = 0;
  for (std::uint32_t c = 1; c < logits.size(); ++c) {
    const bool best_is_nan = logits[best] != logits[best];
    if (logits[c] > logits[best] || (best_is_nan && logits[c] == logits[c])) best = c;
  }
  return best;
}

Answer answer_of(std::span<const float> logits, const format::Decision& decision) {
  if (is_sigmoid(decision)) return {0, spec::sigmoid(logits[0] / decision.temperature)};
  const std::uint32_t label = argmax(logits);
  const float probability = 1.0F / spec::softmax_sum(logits.data(), logits.size(), logits[label], decision.temperature);
  return {label, probability, probability < decision.abstain_below};
}

void probabilities_of(std::span<const float> logits, const format::Decision& decision, float* probabilities) {
  for (std::size_t c = 0; c < logits.size(); ++c) probabilities[c] = logits[c] / decision.temperature;
  if (!is_sigmoid(decision)) return spec::softmax(probabilities, logits.size(), probabilities);
  for (std::size_t c = 0; c < logits.size(); ++c) probabilities[c] = spec::sigmoid(probabilities[c]);
}

}  // namespace noggin::runtime
