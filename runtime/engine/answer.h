// From logits to the answer a user sees.
#pragma once

#include <cstdint>
#include <span>

#include "noggin/engine.h"

namespace noggin::runtime {

// The class of the largest logit; the lowest class on ties. `logits` [C] must not be empty. NaN never wins.
std::uint32_t argmax(std::span<const float> logits);

// argmax and its softmax probability, 1 / sum_c exp(logit_c - largest), summed in class order with spec::exp, so that
// the probability has the same bits everywhere too. Expects the environment of float_environment.h.
Answer classification_answer(std::span<const float> logits);

}  // namespace noggin::runtime
