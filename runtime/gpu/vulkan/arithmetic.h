// The arithmetic of a device, one function at a time: shaders/arithmetic.comp on chosen inputs, compared with the C++
// functions that define the results.
#pragma once

#include <memory>
#include <span>
#include <string>
#include <vector>

#include "gpu/vulkan/stream.h"

namespace noggin::gpu {

// One operation with two operands as bits, and the bits that NUMERICS.md demands.
struct ArithmeticCase {
  Operation operation;
  std::uint32_t a, b, expected;
};

// What the C++ twin of `operation` gives. Expects the float environment of NUMERICS.md.
std::uint32_t expected_result(Operation operation, std::uint32_t a, std::uint32_t b);
// Is this case one that the operation promises? add_normal and its like promise only what has no subnormal in it.
bool is_promised(Operation operation, std::uint32_t a, std::uint32_t b);
// Equal bits; for floats, any two NaN are equal.
bool same_result(Operation operation, std::uint32_t found, std::uint32_t expected);
const char* operation_name(Operation operation);

// Some thousand cases: every pair of special values, and random ones, for each operation. Always the same.
std::vector<ArithmeticCase> arithmetic_cases();

// Runs operations on a device, up to `capacity` inputs at a time.
class ArithmeticUnit {
 public:
  static Result<ArithmeticUnit> create(Pipelines& pipelines, std::size_t capacity, std::chrono::milliseconds time_out);
  // The bits of each result; a and b of one size, at most capacity.
  Result<std::vector<std::uint32_t>> run(Operation operation, std::span<const std::uint32_t> a,
                                         std::span<const std::uint32_t> b);

 private:
  ArithmeticUnit(Block inputs, std::unique_ptr<Stream> stream, std::size_t capacity)
      : inputs_(std::move(inputs)), stream_(std::move(stream)), capacity_(capacity) {}
  Block inputs_;
  std::unique_ptr<Stream> stream_;  // destroyed first
  std::size_t capacity_;
};

// Success if the device gives every bit of arithmetic_cases(); else an error that names the first case that failed.
Status test_arithmetic(Pipelines& pipelines, std::chrono::milliseconds time_out);

}  // namespace noggin::gpu
