#include "train/compress/learned_steps.h"

#include <cmath>
#include <type_traits>

#include "spec/encoder/tensors.h"
#include "spec/weight_type.h"
#include "train/compress/weight_step.h"

namespace noggin::train {
namespace {

using torch::autograd::AutogradContext;
using torch::autograd::Function;
using torch::autograd::variable_list;

class StepGradient : public Function<StepGradient> {
 public:
  static Tensor forward(AutogradContext* context, const Tensor& weight, const Tensor& steps) {
    context->save_for_backward({weight, steps});
    return weight.view_as(weight);
  }

  static variable_list backward(AutogradContext* context, const variable_list& gradients) {
    const variable_list saved = context->get_saved_variables();
    const Tensor steps = saved[1].unsqueeze(2);  // [M, G, 1]
    const Tensor position = saved[0].view({steps.size(0), steps.size(1), -1}) / steps;
    const Tensor gradient = gradients[0].reshape(position.sizes());
    const spec::WeightRange range = spec::range_of(spec::WeightType::kInt4);
    const Tensor inside = (position > range.low).logical_and(position < range.high).to(gradient.dtype());
    const Tensor rounded = position.clamp(range.low, range.high).round();
    const double scale = 1.0 / std::sqrt(static_cast<double>(position.size(2)) * range.high);
    return {(gradient * inside).view(saved[0].sizes()), (gradient * (rounded - position * inside)).sum(2) * scale};
  }
};

}  // namespace

void begin_learned_steps(Student& student) {
  const auto begin = [](const spec::TensorSpec&, auto& field) {
    if constexpr (std::is_same_v<std::remove_reference_t<decltype(field)>, Linear>)
      if (field.group > 0) field.steps = group_steps(field.weight, field.group);
  };
  spec::visit_encoder(student.config, begin, student);
}

Tensor with_step_gradient(const Tensor& weight, const Tensor& steps) {
  return steps.defined() ? StepGradient::apply(weight, steps) : weight;
}

}  // namespace noggin::train
