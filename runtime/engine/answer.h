// From logits to the answer a user sees, by the rules of the model's decision section. Probabilities too have the same
// bits everywhere. All but argmax expect the environment of float_environment.h.
#pragma once

#include <cstdint>
#include <span>

#include "format/decision.h"
#include "noggin/engine.h"

namespace noggin::runtime {

// The class of the largest logit; the lowest class on ties. `logits` [C] must not be empty. NaN never wins.
std::uint32_t argmax(std::span<const float> logits);

// kSingleLabel: argmax and its softmax probability, 1 / sum_c exp(logit_c / temperature - largest / temperature),
// summed in class order with spec::exp; abstained if that is below decision.abstain_below.
// kScore: label 0 and the sigmoid of logit / temperature.
Answer answer_of(std::span<const float> logits, const format::Decision& decision);

// kSingleLabel: softmax of logits / temperature. kMultiLabel, kScore: the sigmoid of each. Both [C].
void probabilities_of(std::span<const float> logits, const format::Decision& decision, float* probabilities);

}  // namespace noggin::runtime
