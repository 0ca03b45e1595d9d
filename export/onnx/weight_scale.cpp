#include "export/onnx/weight_scale.h"

#include <cmath>
#include <limits>

#include "spec/quant.h"

namespace noggin::exporter {
namespace {

// The quotient is within one step of every solution: both are within half a unit in the last place of the exact
// quotient, or twice that at the end of a binade. Two steps leave a margin.
constexpr int kSteps = 2;

float closest_scale(float input_scale, float output_scale) {
  const float infinity = std::numeric_limits<float>::infinity();
  float candidate = output_scale / input_scale;
  for (int step = 0; step < kSteps; ++step) candidate = std::nextafter(candidate, 0.0F);
  float best = candidate, smallest_error = infinity;
  for (int step = 0; step <= 2 * kSteps; ++step) {
    const float error = std::abs(spec::output_scale(input_scale, candidate) - output_scale);
    if (error < smallest_error) {
      best = candidate;
      smallest_error = error;
    }
    candidate = std::nextafter(candidate, infinity);
  }
  return best;
}

}  // namespace

WeightScales recover_weight_scales(float input_scale, std::span<const float> output_scales) {
  WeightScales result;
  result.scales.reserve(output_scales.size());
  for (const float wanted : output_scales) {
    const float scale = closest_scale(input_scale, wanted);
    if (spec::output_scale(input_scale, scale) != wanted) ++result.inexact;
    result.scales.push_back(scale);
  }
  return result;
}

}  // namespace noggin::exporter
