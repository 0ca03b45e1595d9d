#include "train/loop/optimizer.h"

#include <ATen/ops/_fused_adamw.h>

#include <cmath>
#include <numbers>

#include "spec/quant.h"

namespace noggin::train {

Optimizer::Optimizer(Student& student, const OptimizerOptions& options) : student_(student), options_(options) {
  visit_tensors(student, [&](const std::string& name, Tensor& tensor, TensorRole role) {
    const bool is_scale = role == TensorRole::kScale;
    const bool trained = role != TensorRole::kMask && (!is_scale || options.scale_learning_rate > 0.0);
    tensor.requires_grad_(trained);
    if (!trained) return;
    const Tensor values = tensor.detach();
    slots_.push_back({name, &tensor, torch::zeros_like(values), torch::zeros_like(values), values.clone(),
                      role == TensorRole::kWeight ? options.weight_decay : 0.0,
                      is_scale ? options.scale_learning_rate : 1.0, is_scale});
  });
  steps_ = torch::zeros({1});
}

std::vector<Tensor> Optimizer::gradients() {
  std::vector<Tensor> gradients;
  for (Slot& slot : slots_) {
    if (!slot.parameter->grad().defined()) slot.parameter->mutable_grad() = torch::zeros_like(*slot.parameter);
    gradients.push_back(slot.parameter->grad());
  }
  return gradients;
}

double Optimizer::step(double learning_rate) {
  torch::NoGradGuard no_grad;
  std::vector<Tensor> gradients_now = gradients();
  std::vector<Tensor> norms;
  for (const Tensor& gradient : gradients_now) norms.push_back(gradient.norm());
  const double norm = torch::stack(norms).norm().item<double>();
  if (options_.clip_norm > 0.0 && norm > options_.clip_norm) {
    for (Tensor& gradient : gradients_now) gradient.mul_(options_.clip_norm / norm);
  }
  // One fused call per kind of tensor: kinds differ in decay and rate.
  for (const double decay : {0.0, options_.weight_decay}) {
    for (const bool scales : {false, true}) {
      std::vector<Tensor> parameters, gradients_of_kind, first, second, steps;
      double rate = learning_rate;
      for (std::size_t i = 0; i < slots_.size(); ++i) {
        Slot& slot = slots_[i];
        if (slot.decay != decay || slot.is_scale != scales) continue;
        parameters.push_back(*slot.parameter);
        gradients_of_kind.push_back(gradients_now[i]);
        first.push_back(slot.first_moment);
        second.push_back(slot.second_moment);
        steps.push_back((steps_ + 1.0).to(slot.parameter->device()));
        rate = learning_rate * slot.relative_rate;
      }
      if (parameters.empty()) continue;
      at::_fused_adamw_(parameters, gradients_of_kind, first, second, {}, steps, rate, options_.beta1, options_.beta2,
                        decay, options_.epsilon, /*amsgrad=*/false, /*maximize=*/false);
    }
    if (options_.weight_decay == 0.0) break;
  }
  steps_ += 1.0;
  // Early updates count fully, so that the random start does not linger in the average.
  const double updates = steps_.item<double>();
  const double average_decay = std::min(options_.average_decay, updates / (updates + 10.0));
  for (Slot& slot : slots_) {
    if (slot.is_scale) slot.parameter->clamp_min_(spec::kSmallestScale);
    if (options_.average_decay > 0.0) slot.average.lerp_(*slot.parameter, 1.0 - average_decay);
    slot.parameter->mutable_grad().reset();
  }
  return norm;
}

Student Optimizer::averaged() const {
  Student copy = copy_student(student_, student_.word.device());
  if (options_.average_decay > 0.0) {
    std::map<std::string, Tensor> averages;
    for (const Slot& slot : slots_) averages[slot.name] = slot.average;
    visit_tensors(copy, [&](const std::string& name, Tensor& tensor, TensorRole) {
      if (const auto found = averages.find(name); found != averages.end()) tensor = found->second.clone();
    });
  }
  return copy;
}

std::map<std::string, Tensor> Optimizer::state() const {
  std::map<std::string, Tensor> state{{"adam.steps", steps_}};
  for (const Slot& slot : slots_) {
    state["adam.first." + slot.name] = slot.first_moment;
    state["adam.second." + slot.name] = slot.second_moment;
    state["average." + slot.name] = slot.average;
  }
  return state;
}

void Optimizer::load_state(const std::map<std::string, Tensor>& state) {
  torch::NoGradGuard no_grad;
  steps_ = state.at("adam.steps").clone();
  for (Slot& slot : slots_) {
    slot.first_moment.copy_(state.at("adam.first." + slot.name));
    slot.second_moment.copy_(state.at("adam.second." + slot.name));
    slot.average.copy_(state.at("average." + slot.name));
  }
}

double learning_rate_share(std::uint64_t step, std::uint64_t total, double warmup, double final_share) {
  const double warmup_steps = warmup * static_cast<double>(total);
  const double position = static_cast<double>(step) + 1.0;
  if (position < warmup_steps) return position / warmup_steps;
  const double rest = std::max(static_cast<double>(total) - warmup_steps, 1.0);
  const double progress = std::min((position - warmup_steps) / rest, 1.0);
  return final_share + (1.0 - final_share) * 0.5 * (1.0 + std::cos(std::numbers::pi * progress));
}

}  // namespace noggin::train
