#include "train/compress/quantize_student.h"

#include <stdexcept>

#include "spec/encoder/tensors.h"
#include "spec/quant.h"
#include "train/kernels/row_kernels.h"

namespace noggin::train {
namespace {

format::FrozenTensor plain(const Tensor& tensor) {
  const Tensor flat = tensor.detach().cpu().contiguous();
  const float* values = flat.const_data_ptr<float>();
  format::FrozenTensor frozen;
  frozen.floats.assign(values, values + flat.numel());
  return frozen;
}

Tensor on_cpu(const Tensor& tensor) { return tensor.detach().cpu().contiguous(); }

format::FrozenTensor frozen_field(const spec::TensorSpec&, const Linear& linear) {
  return quantize_linear(on_cpu(linear.weight), on_cpu(linear.bias), linear.input_scale.item<float>());
}

format::FrozenTensor frozen_field(const spec::TensorSpec& entry, const Tensor& tensor) {
  if (entry.kind == spec::TensorKind::kEmbedding) return quantize_embedding(tensor);
  if (entry.kind == spec::TensorKind::kLinear) return quantize_projection(on_cpu(tensor));
  return plain(tensor);
}

}  // namespace

format::FrozenTensor quantize_linear(const Tensor& weight, const Tensor& bias, float input_scale) {
  const std::int64_t rows = weight.size(0), columns = weight.size(1);
  const float* weights = weight.const_data_ptr<float>();
  const float* biases = bias.const_data_ptr<float>();
  format::FrozenTensor frozen;
  frozen.values.resize(static_cast<std::size_t>(rows * columns));
  frozen.floats.resize(static_cast<std::size_t>(rows));
  frozen.bias.resize(static_cast<std::size_t>(rows));
  for (std::int64_t n = 0; n < rows; ++n) {
    const float* row = weights + n * columns;
    const float scale =
        spec::weight_scale(largest_magnitude(row, static_cast<std::size_t>(columns)), biases[n], input_scale);
    quantize_weights(row, static_cast<std::size_t>(columns), 1.0F / scale, frozen.values.data() + n * columns);
    const auto channel = static_cast<std::size_t>(n);
    frozen.floats[channel] = spec::output_scale(input_scale, scale);
    frozen.bias[channel] = spec::quantize_bias(biases[n], frozen.floats[channel]);
  }
  return frozen;
}

format::FrozenTensor quantize_projection(const Tensor& weight) {
  return quantize_linear(weight, torch::zeros({weight.size(0)}), 1.0F);
}

format::FrozenTensor quantize_embedding(const Tensor& table) {
  const Tensor flat = table.detach().cpu().contiguous();
  const std::int64_t rows = flat.size(0), columns = flat.size(1);
  const float* values = flat.const_data_ptr<float>();
  format::FrozenTensor frozen;
  frozen.values.resize(static_cast<std::size_t>(rows * columns));
  frozen.floats.resize(static_cast<std::size_t>(rows));
  for (std::int64_t r = 0; r < rows; ++r) {
    const float scale =
        spec::weight_scale(largest_magnitude(values + r * columns, static_cast<std::size_t>(columns)), 0.0F, 1.0F);
    quantize_weights(values + r * columns, static_cast<std::size_t>(columns), 1.0F / scale,
                     frozen.values.data() + r * columns);
    frozen.floats[static_cast<std::size_t>(r)] = scale;
  }
  return frozen;
}

std::map<std::string, format::FrozenTensor> quantize_student(const Student& student) {
  visit_tensors(student, [&](const std::string& name, const Tensor& tensor, TensorRole role) {
    if (role == TensorRole::kMask && !tensor.eq(1.0).all().item<bool>()) {
      throw std::logic_error("quantize_student: " + name + " still masks parts; remove pruned parts first");
    }
  });
  std::map<std::string, format::FrozenTensor> frozen;
  spec::visit_encoder(
      student.config,
      [&](const spec::TensorSpec& entry, const auto& field) { frozen[entry.name] = frozen_field(entry, field); },
      student);
  return frozen;
}

}  // namespace noggin::train
