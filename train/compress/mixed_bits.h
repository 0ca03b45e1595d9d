// Which matrices of a student with int4 layers get eight bits instead: those that lower the loss most per byte.
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "train/model/student.h"

namespace noggin::train {

// One matrix with eight bits, all others with four.
struct Widening {
  std::size_t layer = 0;
  std::uint32_t spec::LayerConfig::*group = nullptr;
  std::string name;         // "layers.0.attention.qkv"
  std::uint64_t bytes = 0;  // by which the file grows
  double loss_saved = 0.0;  // below 0: the loss became larger
};

// Measures every int4 matrix of the layers by itself: `loss` of the student with that one widened is subtracted from
// its loss as it is. The student is left as it was. Calls `loss` once more often than there are such matrices.
std::vector<Widening> measured_widenings(Student& student, const std::function<double(const Student&)>& loss);

// Those that lower the loss, by loss saved per byte, as long as the next one still fits `bytes`; what does not fit is
// passed over. Savings count as adding up.
std::vector<Widening> best_widenings(std::vector<Widening> measured, std::uint64_t bytes);

void widen(Student& student, const Widening& choice);

}  // namespace noggin::train
