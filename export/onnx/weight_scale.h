// A .nog file stores fl(s_a * s_w) per output channel, because the forward pass needs nothing else. ONNX stores s_a and
// s_w and leaves the product to the runtime, so s_w has to be recovered.
#pragma once

#include <cstddef>
#include <span>
#include <vector>

namespace noggin::exporter {

struct WeightScales {
  std::vector<float> scales;  // per output channel
  std::size_t inexact = 0;    // channels for which no binary32 s_w gives the output scale back bit for bit
};

// s_w[n] such that fl(input_scale * s_w[n]) is output_scales[n], or the closest one if there is none. There always is
// one if that product made the output scale, though not necessarily the original.
WeightScales recover_weight_scales(float input_scale, std::span<const float> output_scales);

}  // namespace noggin::exporter
