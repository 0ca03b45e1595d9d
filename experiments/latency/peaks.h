// What this machine's units can do at best, measured: the denominator of the floor. One core, no memory traffic.
#pragma once

#include <cstddef>
#include <optional>
#include <string>

namespace noggin::latency {

struct Peaks {
  std::string product_instruction;       // the best one of the kernel set in use
  double products_per_us = 0.0;          // of two bytes
  double float_operations_per_us = 0.0;  // additions and multiplications in equal parts, on single elements
  double divisions_per_us = 0.0;
};

// For the vector and tile registers that `kernel_set` (kernels/kernel_set.h) uses. Empty when there is no measurement
// for that set (the reference, other processors). The best of several short bursts, so that other programs do not show.
std::optional<Peaks> measure_peaks(const std::string& kernel_set);

// Bytes that one core reads per microsecond, over and over, from `bytes` of memory.
double measure_read_speed(std::size_t bytes);

}  // namespace noggin::latency
