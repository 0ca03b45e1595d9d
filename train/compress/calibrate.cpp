#include "train/compress/calibrate.h"

#include <algorithm>

#include "spec/quant.h"

namespace noggin::train {
namespace {

constexpr std::int64_t kSamplesPerBatch = 4096;

double rounding_error(const std::vector<float>& magnitudes, float scale) {
  const float inverse = 1.0F / scale;
  double error = 0.0;
  for (const float value : magnitudes) {
    const double difference = value - static_cast<float>(spec::quantize_activation(value, inverse)) * scale;
    error += difference * difference;
  }
  return error;
}

}  // namespace

float least_error_scale(const std::vector<float>& magnitudes) {
  const float largest = magnitudes.empty() ? 0.0F : *std::max_element(magnitudes.begin(), magnitudes.end());
  if (!(largest > 0.0F)) return 1.0F;
  constexpr int kCandidates = 64;
  float best_scale = largest / spec::kActivationHigh;
  double best_error = rounding_error(magnitudes, best_scale);
  for (int i = 0; i < kCandidates; ++i) {
    const float clip = largest * (0.2F + 0.8F * static_cast<float>(i) / kCandidates);
    const float scale = std::max(clip / spec::kActivationHigh, spec::kSmallestScale);
    const double error = rounding_error(magnitudes, scale);
    if (error < best_error) {
      best_error = error;
      best_scale = scale;
    }
  }
  return best_scale;
}

// Every stride-th magnitude, so that a batch adds at most kSamplesPerBatch values whatever its size.
void CalibratingArithmetic::watch(const Tensor& scale, const Tensor& values) {
  const Tensor flat = values.detach().reshape({-1});
  const std::int64_t stride = std::max<std::int64_t>(1, flat.numel() / kSamplesPerBatch);
  const Tensor sample = flat.slice(0, 0, flat.numel(), stride).abs().cpu().contiguous();
  std::vector<float>& kept = samples_[scale.unsafeGetTensorImpl()];
  kept.insert(kept.end(), sample.const_data_ptr<float>(), sample.const_data_ptr<float>() + sample.numel());
}

Tensor CalibratingArithmetic::linear(const Tensor& x, const Linear& layer) {
  watch(layer.input_scale, x);
  return FloatArithmetic::linear(x, layer);
}

Tensor CalibratingArithmetic::attention(const Tensor& qkv, const EncoderLayer& layer, std::int64_t head_width,
                                        const PackedBatch& batch) {
  const std::int64_t width = qkv.size(1) / 3;
  watch(layer.query_scale, qkv.narrow(1, 0, width));
  watch(layer.key_scale, qkv.narrow(1, width, width));
  watch(layer.value_scale, qkv.narrow(1, 2 * width, width));
  return FloatArithmetic::attention(qkv, layer, head_width, batch);
}

Tensor CalibratingArithmetic::activation(const Tensor& preactivation, const EncoderLayer& layer) {
  watch(layer.preactivation_scale, preactivation);
  return FloatArithmetic::activation(preactivation, layer);
}

void CalibratingArithmetic::set_scales(Student& student) const {
  torch::NoGradGuard no_grad;
  visit_tensors(student, [&](const std::string&, Tensor& tensor, TensorRole role) {
    if (role != TensorRole::kScale) return;
    const auto found = samples_.find(tensor.unsafeGetTensorImpl());
    if (found != samples_.end()) tensor.fill_(least_error_scale(found->second));
  });
}

}  // namespace noggin::train
