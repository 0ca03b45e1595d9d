// How much arithmetic one text needs by runtime/spec/NUMERICS.md, counted from the shape alone: the numerator of the
// floor. README.md repeats the rules in words.
//
// Counted: every product of two bytes; every float addition, subtraction, multiplication, minimum, maximum, rounding
// and conversion that the rules state, each as one operation on one element; divisions and square roots apart.
// Not counted, so the floor is lower than any program can reach: loads and stores, packing, transposing, the GELU
// table, integer housekeeping, remainders of vectors, calls.
#pragma once

#include <cstddef>

#include "spec/model_config.h"

namespace noggin::latency {

struct WorkCount {
  double products = 0.0;  // of two bytes
  double float_operations = 0.0;
  double divisions = 0.0;     // and square roots
  double weight_bytes = 0.0;  // of all linear layers: read once per call at least
};

WorkCount work_of(const spec::ModelConfig& config, std::size_t tokens);

}  // namespace noggin::latency
