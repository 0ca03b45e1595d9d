// Golden vectors against this machine: checks that a shipped model gives the same results here as where it was made.
#pragma once

#include <span>

#include "format/reader.h"
#include "noggin/engine.h"

namespace noggin::runtime {

// Runs each text through the session's tokenizer (ids must be equal) and the ids through its forward pass (logits must
// be equal bit for bit, or have the hash that the file says).
SelfTest self_test(Session& session, std::span<const format::GoldenView> golden);

// True when both hold the same bits; -0 and +0 differ, equal NaNs do not.
bool same_bits(std::span<const float> a, std::span<const float> b);

}  // namespace noggin::runtime
