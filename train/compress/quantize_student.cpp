#include "train/compress/quantize_student.h"

#include <stdexcept>

#include "spec/quant.h"
#include "spec/tensor_table.h"
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
  std::map<std::string, Tensor> tensors;
  visit_tensors(student, [&](const std::string& name, const Tensor& tensor, TensorRole role) {
    if (role == TensorRole::kMask && !tensor.eq(1.0).all().item<bool>()) {
      throw std::logic_error("quantize_student: " + name + " still masks parts; remove pruned parts first");
    }
    tensors[name] = tensor;
  });
  std::map<std::string, format::FrozenTensor> frozen;
  for (const spec::TensorSpec& entry : spec::tensor_table(student.config)) {
    switch (entry.kind) {
      case spec::TensorKind::kEmbedding:
        frozen[entry.name] = quantize_embedding(tensors.at(entry.name));
        break;
      case spec::TensorKind::kLinear:
        if (entry.input_scale.empty()) {
          frozen[entry.name] = quantize_projection(tensors.at(entry.name + ".weight").detach().cpu().contiguous());
          break;
        }
        frozen[entry.name] = quantize_linear(tensors.at(entry.name + ".weight").detach().cpu().contiguous(),
                                             tensors.at(entry.name + ".bias").detach().cpu().contiguous(),
                                             tensors.at(entry.input_scale).item<float>());
        break;
      case spec::TensorKind::kVector:
      case spec::TensorKind::kActivationScale:
        frozen[entry.name] = plain(tensors.at(entry.name));
        break;
    }
  }
  return frozen;
}

}  // namespace noggin::train
