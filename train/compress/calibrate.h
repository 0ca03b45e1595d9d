// Initial activation scales: observes a float student on training batches and picks, per activation, the step with the
// least mean squared rounding-and-clipping error.
#pragma once

#include <map>
#include <vector>

#include "train/model/forward.h"

namespace noggin::train {

// Runs as FloatArithmetic and samples every activation that will be quantized.
class CalibratingArithmetic : public FloatArithmetic {
 public:
  Tensor linear(const Tensor& x, const Linear& layer) override;
  Tensor attention(const Tensor& qkv, const EncoderLayer& layer, std::int64_t head_width,
                   const PackedBatch& batch) override;
  Tensor activation(const Tensor& preactivation, const EncoderLayer& layer) override;

  // Writes the chosen step into every scale tensor of `student` that was observed. Call once, after the batches.
  void set_scales(Student& student) const;

 private:
  void watch(const Tensor& scale, const Tensor& values);
  std::map<const void*, std::vector<float>> samples_;  // by scale tensor: magnitudes
};

// argmin over steps s of mean((x - quantize(x, s))^2), searched over clipping points from 20 % to 100 % of the largest
// magnitude. `magnitudes` are |x|; all zero gives step 1.
float least_error_scale(const std::vector<float>& magnitudes);

}  // namespace noggin::train
