#include "train/loop/adamw.h"

#include <algorithm>
#include <cmath>

// Plain loops; the compiler vectorizes them for the instruction set of each clone.
#if defined(__x86_64__) && !defined(__SANITIZE_ADDRESS__) && !defined(__SANITIZE_THREAD__)
#define NOGGIN_CLONES __attribute__((target_clones("arch=x86-64-v4", "arch=x86-64-v3", "default")))
#else
#define NOGGIN_CLONES
#endif

namespace noggin::train {
namespace {

constexpr std::size_t kBlock = 64;  // weights that stay in registers or the L1 cache over idle steps
// Smaller moments are 0 (adamw.h bounds the effect). This also avoids subnormal numbers, which are very slow.
constexpr float kSmallestFirst = 1e-20F, kSmallestSecond = 1e-36F;

struct Weight {
  float value, first, second, average;
};

inline __attribute__((always_inline)) Weight stepped(const AdamWFactors& f, Weight w, float gradient) {
  const float g = gradient * f.gradient;
  const float first = f.beta1 * w.first + (1.0F - f.beta1) * g;
  const float second = f.beta2 * w.second + (1.0F - f.beta2) * (g * g);
  w.first = std::abs(first) < kSmallestFirst ? 0.0F : first;
  w.second = second < kSmallestSecond ? 0.0F : second;
  w.value = f.keep * w.value - f.rate * w.first / (std::sqrt(w.second) * f.second_inverse + f.epsilon);
  w.average = w.average + f.average * (w.value - w.average);
  return w;
}

inline __attribute__((always_inline)) void step_block(const AdamWFactors& factors, float* __restrict value,
                                                      float* __restrict first, float* __restrict second,
                                                      float* __restrict average, const float* __restrict gradient,
                                                      std::size_t count) {
  for (std::size_t i = 0; i < count; ++i) {
    const Weight w = stepped(factors, {value[i], first[i], second[i], average[i]}, gradient[i]);
    value[i] = w.value;
    first[i] = w.first;
    second[i] = w.second;
    average[i] = w.average;
  }
}

// The same for zero gradient and zero first moments: the root and the division would be multiplied by 0.
inline __attribute__((always_inline)) void rest_block(const AdamWFactors& f, float* __restrict value,
                                                      float* __restrict second, float* __restrict average,
                                                      std::size_t count) {
  for (std::size_t i = 0; i < count; ++i) {
    const float decayed = f.beta2 * second[i];
    second[i] = decayed < kSmallestSecond ? 0.0F : decayed;
    value[i] = f.keep * value[i];
    average[i] = average[i] + f.average * (value[i] - average[i]);
  }
}

inline __attribute__((always_inline)) bool all_zero(const float* x, std::size_t count) {
  float largest = 0.0F;
  for (std::size_t i = 0; i < count; ++i) largest = std::max(largest, std::abs(x[i]));
  return largest == 0.0F;
}

}  // namespace

NOGGIN_CLONES void adamw_step(const AdamWFactors& factors, const AdamWRun& run, const float* gradient,
                              std::size_t count) {
  if (run.average != nullptr) {
    step_block(factors, run.value, run.first, run.second, run.average, gradient, count);
    return;
  }
  float unused[kBlock] = {};
  for (std::size_t i = 0; i < count; i += kBlock) {
    step_block(factors, run.value + i, run.first + i, run.second + i, unused, gradient + i,
               std::min(kBlock, count - i));
  }
}

NOGGIN_CLONES void adamw_idle_steps(const AdamWFactors* factors, std::size_t steps, const AdamWRun& run,
                                    std::size_t count) {
  const float zeros[kBlock] = {};
  float unused[kBlock] = {};
  for (std::size_t i = 0; i < count; i += kBlock) {
    const std::size_t block = std::min(kBlock, count - i);
    float* average = run.average != nullptr ? run.average + i : unused;
    std::size_t step = 0;
    for (; step < steps && !all_zero(run.first + i, block); ++step) {
      step_block(factors[step], run.value + i, run.first + i, run.second + i, average, zeros, block);
    }
    for (; step < steps; ++step) rest_block(factors[step], run.value + i, run.second + i, average, block);
  }
}

NOGGIN_CLONES double sum_of_squares(const float* x, std::size_t count) {
  double sums[8] = {};
  std::size_t i = 0;
  for (; i + 8 <= count; i += 8) {
    for (std::size_t lane = 0; lane < 8; ++lane) sums[lane] += double{x[i + lane]} * double{x[i + lane]};
  }
  for (; i < count; ++i) sums[0] += double{x[i]} * double{x[i]};
  return ((sums[0] + sums[4]) + (sums[1] + sums[5])) + ((sums[2] + sums[6]) + (sums[3] + sums[7]));
}

}  // namespace noggin::train
