#include "train/compress/weight_step.h"

#include <ATen/Parallel.h>

#include <algorithm>

#include "spec/quant.h"
#include "train/kernels/row_kernels.h"

namespace noggin::train {
namespace {

constexpr int kCandidates = 16;
constexpr float kMostClipped = 0.4F;  // of the row's largest magnitude: the lowest end of the range that is tried

// Sixteen partial sums in a fixed order: vectors of any width add the same numbers in the same order.
float squared_error(const float* row, std::size_t count, float step, spec::WeightRange range) {
  float sums[kLanes] = {};
  const float inverse = 1.0F / step;
  const auto square = [&](float x) {
    float value = x * inverse;
    value = value > range.low ? value : range.low;
    value = value < range.high ? value : range.high;
    const float difference = x - spec::round_half_even(value) * step;
    return difference * difference;
  };
  std::size_t i = 0;
  for (; i + kLanes <= count; i += kLanes) {
    for (std::size_t lane = 0; lane < kLanes; ++lane) sums[lane] += square(row[i + lane]);
  }
  for (std::size_t lane = 0; i < count; ++i, ++lane) sums[lane] += square(row[i]);
  float total = 0.0F;
  for (const float sum : sums) total += sum;
  return total;
}

}  // namespace

float weight_step(const float* row, std::size_t count, spec::WeightType type) {
  const float largest = largest_magnitude(row, count);
  if (type == spec::WeightType::kInt8) return spec::weight_scale(largest, 0.0F, 1.0F);
  const spec::WeightRange range = spec::range_of(type);
  float best = std::max(largest / range.high, spec::kSmallestScale);
  float least = squared_error(row, count, best, range);
  for (int i = 1; i < kCandidates; ++i) {
    const float clip = 1.0F - (1.0F - kMostClipped) * static_cast<float>(i) / kCandidates;
    const float step = std::max(largest * clip / range.high, spec::kSmallestScale);
    const float error = squared_error(row, count, step, range);
    if (error < least) {
      least = error;
      best = step;
    }
  }
  return best;
}

Tensor row_steps(const Tensor& rows, spec::WeightType type) {
  const Tensor in = rows.detach().cpu().contiguous(), steps = torch::empty({in.size(0), 1});
  const auto width = static_cast<std::size_t>(in.size(1));
  at::parallel_for(0, in.size(0), kRowsPerTask, [&](std::int64_t begin, std::int64_t end) {
    for (std::int64_t row = begin; row < end; ++row) {
      write<float>(steps)[row] = weight_step(read<float>(in) + row * in.size(1), width, type);
    }
  });
  return steps.to(rows.device());
}

Tensor group_steps(const Tensor& weight, std::int64_t group) {
  return row_steps(weight.reshape({-1, group}), spec::WeightType::kInt4).view({weight.size(0), -1});
}

}  // namespace noggin::train
