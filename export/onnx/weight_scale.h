// A .nog file keeps fl(s_a * s_w) per output channel, because that is all the forward pass needs. ONNX keeps s_a and s_w
// and lets the runtime multiply, so s_w has to be found again.
#pragma once

#include <cstddef>
#include <span>
#include <vector>

namespace noggin::exporter {

struct WeightScales {
  std::vector<float> scales;  // per output channel
  std::size_t inexact = 0;    // channels for which no binary32 s_w gives the output scale back bit for bit
};

// s_w[n] such that fl(input_scale * s_w[n]) is output_scales[n]; where there is none, the one that comes closest.
// A channel whose output scale was made by that product always has one, not necessarily the original.
WeightScales recover_weight_scales(float input_scale, std::span<const float> output_scales);

}  // namespace noggin::exporter
