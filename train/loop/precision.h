// The type in which products are computed, and its choice. Weights, gradients and the optimizer's state are float in
// either case.
#pragma once

#include <functional>
#include <memory>
#include <string>

#include "train/model/forward.h"
#include "train/recipe/recipe.h"

namespace noggin::train {

// kFp32 or kBf16, whichever is measured faster here for forward and backward passes of `student` over `batch`. Takes
// about ten passes. The choice depends on the machine and may vary between runs: a run chooses once and keeps it
// (train_state.h).
Precision measured_precision(const Student& student, const PackedBatch& batch, double dropout);

// The rule behind it. seconds_of_batch: runs one pass and returns its duration. The two types take turns and the best
// time of each counts, so that load from other programs does not decide. bfloat16 must be 1.2 times as fast, because it
// rounds.
Precision faster_precision(const std::function<double(Precision)>& seconds_of_batch);

// The arithmetic of phases that train a float student. precision: not kAuto.
std::unique_ptr<Arithmetic> float_arithmetic(Precision precision);

const char* precision_name(Precision precision);         // as spelled in a recipe
Precision precision_from_name(const std::string& name);  // throws std::invalid_argument

}  // namespace noggin::train
