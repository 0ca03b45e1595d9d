// In which type products are computed, and what follows from it. Weights, gradients and the optimizer's state are float in
// either case.
#pragma once

#include <functional>
#include <memory>
#include <string>

#include "train/model/forward.h"
#include "train/recipe/recipe.h"

namespace noggin::train {

// kFp32 or kBf16: what is faster here for forward and backward passes of `student` over `batch`, by the clock. Takes some
// ten passes. The choice differs between machines, and may between runs: a run makes it once and keeps it (train_state.h).
Precision measured_precision(const Student& student, const PackedBatch& batch, double dropout);

// The rule behind it. seconds_of_pass: runs one and says how long it took. Both take turns, the best of each counts, so that
// another program's load does not decide, and bfloat16 must win clearly (1.2 times as fast), because it rounds.
Precision faster_precision(const std::function<double(Precision)>& seconds_of_pass);

// The arithmetic of phases that train a float student. precision: not kAuto.
std::unique_ptr<Arithmetic> float_arithmetic(Precision precision);

const char* precision_name(Precision precision);         // as in a recipe
Precision precision_from_name(const std::string& name);  // throws std::invalid_argument

}  // namespace noggin::train
