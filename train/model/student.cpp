#include "train/model/student.h"

#include <cmath>
#include <type_traits>

#include "spec/encoder/tensors.h"

namespace noggin::train {
namespace {

template <typename Field>
constexpr bool kIsLinear = std::is_same_v<std::remove_const_t<Field>, Linear>;

TensorRole role_of(spec::TensorKind kind) {
  if (kind == spec::TensorKind::kActivationScale) return TensorRole::kScale;
  return kind == spec::TensorKind::kVector ? TensorRole::kPlain : TensorRole::kWeight;
}

// One walk for const and non-const students.
template <typename AnyStudent, typename Visit>
void walk(AnyStudent& student, const Visit& visit) {
  const auto visit_field = [&](const spec::TensorSpec& tensor, auto& field) {
    if constexpr (kIsLinear<std::remove_reference_t<decltype(field)>>) {
      visit(tensor.name + ".weight", field.weight, TensorRole::kWeight);
      visit(tensor.name + ".bias", field.bias, TensorRole::kPlain);
      if (field.steps.defined()) visit(tensor.name + ".steps", field.steps, TensorRole::kStep);
    } else {
      const bool projection = tensor.kind == spec::TensorKind::kLinear;
      visit(projection ? tensor.name + ".weight" : tensor.name, field, role_of(tensor.kind));
    }
  };
  spec::visit_encoder(student.config, visit_field, student);
  if (student.teacher_projection.defined())
    visit("live_teacher.projection", student.teacher_projection, TensorRole::kWeight);
  for (std::size_t i = 0; i < student.layers.size(); ++i) {
    visit(spec::layer_name(i, "attention.mask"), student.layers[i].head_mask, TensorRole::kMask);
    visit(spec::layer_name(i, "ffn.mask"), student.layers[i].ffn_mask, TensorRole::kMask);
  }
}

}  // namespace

void visit_tensors(Student& student, const std::function<void(const std::string&, Tensor&, TensorRole)>& visit) {
  walk(student, visit);
}

void visit_tensors(const Student& student,
                   const std::function<void(const std::string&, const Tensor&, TensorRole)>& visit) {
  walk(student, visit);
}

const Tensor* lookup_table(const Student& student) {
  bool tied = false;
  visit_tensors(student, [&](const std::string&, const Tensor& tensor, TensorRole) {
    tied = tied || (&tensor != &student.word && tensor.is_alias_of(student.word));
  });
  return tied ? nullptr : &student.word;
}

Student make_student(const spec::ModelConfig& config, double initial_range, std::uint64_t seed) {
  torch::NoGradGuard no_grad;
  auto generator = at::detail::createCPUGenerator(seed);
  const auto random = [&](const spec::TensorSpec& tensor) {  // [rows, columns], standard deviation 1
    return torch::randn({tensor.rows, tensor.columns}, generator).clamp_(-2.0, 2.0);
  };
  const auto make = [&](const spec::TensorSpec& tensor, auto& field) {
    if constexpr (kIsLinear<std::remove_reference_t<decltype(field)>>) {
      field.weight = random(tensor).mul_(initial_range);
      field.bias = torch::zeros({tensor.rows});
      field.group = tensor.group;
    } else if (tensor.kind == spec::TensorKind::kEmbedding) {
      field = random(tensor).mul_(initial_range);
    } else if (tensor.kind == spec::TensorKind::kLinear) {
      field = random(tensor).div_(std::sqrt(static_cast<double>(tensor.columns)));  // the word projection
    } else {
      field = tensor.name.ends_with(".beta") ? torch::zeros({tensor.columns}) : torch::ones({tensor.columns});
    }
  };
  Student student;
  student.config = config;
  student.layers.resize(config.encoder.layers.size());
  spec::visit_encoder(config, make, student);
  for (std::size_t i = 0; i < config.encoder.layers.size(); ++i) {
    student.layers[i].head_mask = torch::ones({config.encoder.layers[i].heads});
    student.layers[i].ffn_mask = torch::ones({config.encoder.layers[i].ffn_width});
  }
  return student;
}

void set_groups(Student& student) {
  const auto set = [](const spec::TensorSpec& tensor, auto& field) {
    if constexpr (kIsLinear<std::remove_reference_t<decltype(field)>>) {
      field.group = tensor.group;
      field.steps = Tensor();
    }
  };
  spec::visit_encoder(student.config, set, student);
}

Student copy_student(const Student& student, torch::Device device) {
  torch::NoGradGuard no_grad;
  Student copy = student;
  visit_tensors(copy, [&](const std::string&, Tensor& tensor, TensorRole) {
    tensor = tensor.detach().to(device, torch::kFloat32, /*non_blocking=*/false, /*copy=*/true);
  });
  return copy;
}

}  // namespace noggin::train
