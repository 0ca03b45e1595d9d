// Random and hostile operands for kernel tests, and the list of sets to try.
#pragma once

#include <gtest/gtest.h>

#include <bit>
#include <cmath>
#include <cstdint>
#include <cstdlib>
#include <limits>
#include <memory>
#include <random>
#include <string>
#include <vector>

#include "kernels/kernel_set.h"
#include "kernels/pack.h"

namespace noggin::testing {

// 64-byte aligned heap memory of exactly `size` elements, so that a sanitizer sees an access one byte past the end.
template <typename T>
class Aligned {
 public:
  explicit Aligned(std::size_t size)
      : size_(size), memory_(static_cast<T*>(::operator new(sizeof(T) * size, std::align_val_t{64}))) {
    for (std::size_t i = 0; i < size; ++i) memory_.get()[i] = T{};
  }
  T* data() { return memory_.get(); }
  const T* data() const { return memory_.get(); }
  std::size_t size() const { return size_; }
  T& operator[](std::size_t i) { return memory_.get()[i]; }
  const T& operator[](std::size_t i) const { return memory_.get()[i]; }

 private:
  struct Delete {
    void operator()(T* p) const { ::operator delete(p, std::align_val_t{64}); }
  };
  std::size_t size_;
  std::unique_ptr<T, Delete> memory_;
};

class Random {
 public:
  explicit Random(std::uint32_t seed) : engine_(seed) {}
  int integer(int low, int high) { return low + static_cast<int>(engine_() % static_cast<unsigned>(high - low + 1)); }
  std::int8_t byte(int low, int high) { return static_cast<std::int8_t>(integer(low, high)); }
  // Uniform in [-1, 1], 24 bits.
  float unit() { return static_cast<float>(static_cast<double>(engine_()) / 2147483648.0 - 1.0); }
  float any_bits() { return std::bit_cast<float>(static_cast<std::uint32_t>(engine_())); }

 private:
  std::mt19937 engine_;
};

// Equal to the last bit; any NaN equals any NaN, because NaN payloads are not specified.
inline bool same_bits(float a, float b) {
  return (std::isnan(a) && std::isnan(b)) || std::bit_cast<std::uint32_t>(a) == std::bit_cast<std::uint32_t>(b);
}

inline void expect_same(const float* got, const float* want, std::size_t count, const std::string& what) {
  for (std::size_t i = 0; i < count; ++i) {
    ASSERT_TRUE(same_bits(got[i], want[i])) << what << " [" << i << "]: " << got[i] << ", reference " << want[i];
  }
}
inline void expect_same(const std::int8_t* got, const std::int8_t* want, std::size_t count, const std::string& what) {
  for (std::size_t i = 0; i < count; ++i) {
    ASSERT_EQ(int{got[i]}, int{want[i]}) << what << " [" << i << "]";
  }
}

struct LinearCase {
  std::uint32_t outputs, inputs;
  std::vector<std::int8_t> weights;  // [N, K]
  std::vector<std::int32_t> bias;
  std::vector<float> scale;
  runtime::PackedLinear packed;
};

// extreme: weights (and activations, by the caller) only at the ends of their ranges.
inline LinearCase random_linear(Random& random, std::uint32_t outputs, std::uint32_t inputs, bool extreme = false) {
  LinearCase c{outputs, inputs, {}, {}, {}, {}};
  for (std::uint32_t i = 0; i < outputs * inputs; ++i) {
    c.weights.push_back(extreme ? (random.integer(0, 1) != 0 ? std::int8_t{127} : std::int8_t{-127})
                                : random.byte(-127, 127));
  }
  for (std::uint32_t n = 0; n < outputs; ++n) {
    c.bias.push_back(extreme ? (n % 2 == 0 ? 8388608 : -8388608) : random.integer(-20000, 20000));
    c.scale.push_back(1e-4F * (1.5F + random.unit()));
  }
  c.packed = runtime::pack_linear(c.weights.data(), c.bias.data(), c.scale.data(), outputs, inputs);
  return c;
}

// [rows, stride] int8; padding is filled too, because kernels must ignore its content.
inline Aligned<std::int8_t> random_activations(Random& random, std::size_t rows, std::size_t stride,
                                               bool extreme = false) {
  Aligned<std::int8_t> a(rows * stride);
  for (std::size_t i = 0; i < a.size(); ++i) {
    a[i] = extreme ? (random.integer(0, 1) != 0 ? std::int8_t{127} : std::int8_t{-128}) : random.byte(-128, 127);
  }
  return a;
}

// A case for each set that is built in, except the reference. Sets that this machine cannot execute are skipped.
class EveryKernelSet : public ::testing::TestWithParam<std::string> {
 protected:
  void SetUp() override {
    kernels_ = runtime::find_kernels(GetParam().c_str());
    if (kernels_ == nullptr) GTEST_SKIP() << "not run: this machine cannot execute kernel set " << GetParam();
  }
  const runtime::KernelSet& set() const { return *kernels_; }
  const runtime::KernelSet& reference() const { return runtime::reference_kernels(); }

 private:
  const runtime::KernelSet* kernels_ = nullptr;
};

// The set that NOGGIN_FORCE_ISA names, or all but the reference.
inline std::vector<std::string> names_of_fast_sets() {
  std::vector<std::string> names;
  const char* forced = std::getenv("NOGGIN_FORCE_ISA");
  const bool one = forced != nullptr && forced[0] != '\0';
  const runtime::KernelSetList list = runtime::kernel_sets();
  for (std::size_t i = 0; i + 1 < list.count; ++i) {
    const std::string name = list.entries[i].kernels->name;
    if (!one || name == forced) names.push_back(name);
  }
  return names;
}

}  // namespace noggin::testing
