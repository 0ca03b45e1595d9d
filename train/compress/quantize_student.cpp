#include "train/compress/quantize_student.h"

#include <ATen/Parallel.h>

#include <algorithm>
#include <span>
#include <stdexcept>

#include "spec/encoder/tensors.h"
#include "spec/quant.h"
#include "train/compress/weight_step.h"
#include "train/kernels/row_kernels.h"

namespace noggin::train {
namespace {

void quantize_row(const float* row, std::size_t count, float inverse_scale, spec::WeightType type,
                  std::int8_t* values) {
  if (type == spec::WeightType::kInt8) return quantize_weights(row, count, inverse_scale, values);
  for (std::size_t i = 0; i < count; ++i) values[i] = spec::quantize_weight(row[i], inverse_scale, type);
}

format::FrozenTensor plain(const Tensor& tensor) {
  const Tensor flat = tensor.detach().cpu().contiguous();
  const float* values = flat.const_data_ptr<float>();
  format::FrozenTensor frozen;
  frozen.floats.assign(values, values + flat.numel());
  return frozen;
}

Tensor on_cpu(const Tensor& tensor) { return tensor.detach().cpu().contiguous(); }

format::FrozenTensor frozen_field(const spec::TensorSpec&, const Linear& linear) {
  return quantize_linear(on_cpu(linear.weight), on_cpu(linear.bias), linear.input_scale.item<float>(), linear.group,
                         linear.steps);
}

format::FrozenTensor frozen_field(const spec::TensorSpec& entry, const Tensor& tensor) {
  if (entry.kind == spec::TensorKind::kEmbedding) return quantize_embedding(tensor, entry.type);
  if (entry.kind == spec::TensorKind::kLinear) return quantize_projection(on_cpu(tensor));
  return plain(tensor);
}

// One output in int4 with a step for each group: its integers and sub-steps. Returns the size of a sub-step.
float quantize_groups(const float* row, std::span<const float> steps, std::size_t group, float smallest_step,
                      std::int8_t* integers, std::int8_t* sub_steps) {
  constexpr float kSubSteps = 127.0F;
  const float sub_step = std::max(*std::max_element(steps.begin(), steps.end()) / kSubSteps, smallest_step);
  for (std::size_t g = 0; g < steps.size(); ++g) {
    const float count = std::clamp(spec::round_half_even(steps[g] / sub_step), 1.0F, kSubSteps);
    sub_steps[g] = static_cast<std::int8_t>(count);
    quantize_row(row + g * group, group, 1.0F / (count * sub_step), spec::WeightType::kInt4, integers + g * group);
  }
  return sub_step;
}

}  // namespace

format::FrozenTensor quantize_linear(const Tensor& weight, const Tensor& bias, float input_scale, std::uint32_t group,
                                     const Tensor& steps) {
  const auto rows = static_cast<std::size_t>(weight.size(0)), columns = static_cast<std::size_t>(weight.size(1));
  const std::size_t groups = group == 0 ? 0 : columns / group;
  const float* weights = weight.const_data_ptr<float>();
  const float* biases = bias.const_data_ptr<float>();
  Tensor all_steps;  // [rows, groups]
  if (group > 0) all_steps = steps.defined() ? on_cpu(steps) : group_steps(weight, group);
  format::FrozenTensor frozen;
  frozen.values.resize(rows * columns);
  frozen.floats.resize(rows);
  frozen.bias.resize(rows);
  frozen.steps.resize(rows * groups);
  const auto quantize = [&](std::int64_t begin, std::int64_t end) {
    for (auto n = static_cast<std::size_t>(begin); n < static_cast<std::size_t>(end); ++n) {
      const float* row = weights + n * columns;
      std::int8_t* values = frozen.values.data() + n * columns;
      const float largest = group == 0 ? largest_magnitude(row, columns) : 0.0F;
      float scale = spec::weight_scale(largest, biases[n], input_scale);  // of int4: the smallest for this bias
      if (group == 0)
        quantize_weights(row, columns, 1.0F / scale, values);
      else
        scale = quantize_groups(row, {all_steps.const_data_ptr<float>() + n * groups, groups}, group, scale, values,
                                frozen.steps.data() + n * groups);
      frozen.floats[n] = spec::output_scale(input_scale, scale);
      frozen.bias[n] = spec::quantize_bias(biases[n], frozen.floats[n]);
    }
  };
  if (group == 0)
    quantize(0, weight.size(0));
  else
    at::parallel_for(0, weight.size(0), 16, quantize);
  return frozen;
}

format::FrozenTensor quantize_projection(const Tensor& weight) {
  return quantize_linear(weight, torch::zeros({weight.size(0)}), 1.0F);
}

format::FrozenTensor quantize_embedding(const Tensor& table, spec::WeightType type) {
  const Tensor flat = table.detach().cpu().contiguous();
  const std::int64_t rows = flat.size(0), columns = flat.size(1);
  const float* values = flat.const_data_ptr<float>();
  format::FrozenTensor frozen;
  frozen.values.resize(static_cast<std::size_t>(rows * columns));
  frozen.floats.resize(static_cast<std::size_t>(rows));
  for (std::int64_t r = 0; r < rows; ++r) {
    const float* row = values + r * columns;
    const float scale = weight_step(row, static_cast<std::size_t>(columns), type);
    quantize_row(row, static_cast<std::size_t>(columns), 1.0F / scale, type, frozen.values.data() + r * columns);
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
