#include "train/loop/optimizer.h"

#include <ATen/Parallel.h>
#include <ATen/ops/_fused_adamw.h>

#include <algorithm>
#include <cmath>
#include <numbers>
#include <numeric>
#include <set>
#include <utility>

#include "spec/quant.h"

namespace noggin::train {
namespace {

constexpr std::int64_t kElementsPerTask = 1 << 14;
constexpr std::int64_t kTasksAtOnce = 8;
constexpr std::int64_t kRowsPerTask = 64;
constexpr std::size_t kMaxDeferred = 512;  // bounds the memory, and the time to bring a single row up to date

}  // namespace

Optimizer::Optimizer(Student& student, const OptimizerOptions& options) : student_(student), options_(options) {
  const Tensor* table = lookup_table(student);
  defers_rows_ = table != nullptr;
  visit_tensors(student, [&](const std::string& name, Tensor& tensor, TensorRole role) {
    const bool is_scale = role == TensorRole::kScale || role == TensorRole::kStep;
    const double rate = role == TensorRole::kScale  ? options.scale_learning_rate
                        : role == TensorRole::kStep ? options.step_learning_rate
                        : role == TensorRole::kMask ? 0.0
                                                    : 1.0;
    const bool trained = rate > 0.0;
    tensor.requires_grad_(trained);
    if (!trained) return;
    const Tensor values = tensor.detach();
    if (&tensor == table) word_slot_ = slots_.size();
    slots_.push_back({name, &tensor, torch::zeros_like(values), torch::zeros_like(values), values.clone(),
                      role == TensorRole::kWeight ? options.weight_decay : 0.0, rate, is_scale});
  });
  steps_ = torch::zeros({1});
  average_start_ = torch::zeros({1});
  row_done_.assign(static_cast<std::size_t>(student.word.size(0)), 0U);
}

std::vector<Tensor> Optimizer::gradients() {
  std::vector<Tensor> gradients;
  for (Slot& slot : slots_) {
    if (!slot.parameter->grad().defined()) slot.parameter->mutable_grad() = torch::zeros_like(*slot.parameter);
    gradients.push_back(slot.parameter->grad());
  }
  return gradients;
}

void Optimizer::look_up(const Tensor& ids) {
  if (!defers_rows_ || !student_.word.is_cpu()) return;
  if (deferred_.size() >= kMaxDeferred) finish_rows();
  const Tensor flat = ids.contiguous();
  rows_.assign(flat.const_data_ptr<std::int64_t>(), flat.const_data_ptr<std::int64_t>() + flat.numel());
  std::sort(rows_.begin(), rows_.end());
  rows_.erase(std::unique(rows_.begin(), rows_.end()), rows_.end());
  rows_known_ = true;
  for (const std::int64_t row : rows_) catch_up(row);
}

void Optimizer::finish_rows() {
  if (deferred_.empty()) return;
  at::parallel_for(0, student_.word.size(0), kRowsPerTask, [&](std::int64_t begin, std::int64_t end) {
    for (std::int64_t row = begin; row < end; ++row) catch_up(row);
  });
  deferred_.clear();
  std::fill(row_done_.begin(), row_done_.end(), 0U);
}

void Optimizer::catch_up(std::int64_t row) {
  std::uint32_t& done = row_done_[static_cast<std::size_t>(row)];
  const std::int64_t width = student_.word.size(1);
  adamw_idle_steps(deferred_.data() + done, deferred_.size() - done, run_of(slots_[word_slot_], row * width),
                   static_cast<std::size_t>(width));
  done = static_cast<std::uint32_t>(deferred_.size());
}

bool Optimizer::zero_outside_rows(const Tensor& word_gradient) const {  // [V, E]
  Tensor touched = word_gradient.ne(0.0).any(1);
  touched.index_fill_(0, torch::tensor(rows_, torch::kInt64), false);
  return !touched.any().item<bool>();
}

AdamWRun Optimizer::run_of(const Slot& slot, std::int64_t begin) const {
  return {slot.parameter->data_ptr<float>() + begin, slot.first_moment.data_ptr<float>() + begin,
          slot.second_moment.data_ptr<float>() + begin,
          options_.average_decay > 0.0 ? slot.average.data_ptr<float>() + begin : nullptr};
}

std::vector<Optimizer::Task> Optimizer::tasks() const {
  std::vector<Task> tasks;
  for (std::size_t i = 0; i < slots_.size(); ++i) {
    const Tensor& values = *slots_[i].parameter;
    if (i == word_slot_ && rows_known_) {
      for (const std::int64_t row : rows_) tasks.push_back({i, row * values.size(1), values.size(1)});
      continue;
    }
    for (std::int64_t at = 0; at < values.numel(); at += kElementsPerTask) {
      tasks.push_back({i, at, std::min(kElementsPerTask, values.numel() - at)});
    }
  }
  return tasks;
}

// Early updates have full weight in the average, so that what it began with does not linger in it.
double Optimizer::average_decay() const {
  const double updates = (steps_ - average_start_).item<double>() + 1.0;
  return std::min(options_.average_decay, updates / (updates + 10.0));
}

AdamWFactors Optimizer::factors_of(const Slot& slot, double learning_rate, double clip) const {
  const double updates = steps_.item<double>() + 1.0;
  const double rate = learning_rate * slot.relative_rate;
  return {static_cast<float>(clip),
          static_cast<float>(options_.beta1),
          static_cast<float>(options_.beta2),
          static_cast<float>(1.0 - rate * slot.decay),
          static_cast<float>(rate / (1.0 - std::pow(options_.beta1, updates))),
          static_cast<float>(1.0 / std::sqrt(1.0 - std::pow(options_.beta2, updates))),
          static_cast<float>(options_.epsilon),
          static_cast<float>(1.0 - average_decay())};
}

// Sums and updates are divided into tasks, in an order that does not depend on the number of threads.
double Optimizer::step_on_cpu(double learning_rate, const std::vector<Tensor>& gradients) {
  const std::vector<Task> tasks = this->tasks();
  const auto count = static_cast<std::int64_t>(tasks.size());
  std::vector<double> squares(tasks.size());
  const auto gradient_of = [&](const Task& task) { return gradients[task.slot].const_data_ptr<float>() + task.begin; };
  at::parallel_for(0, count, kTasksAtOnce, [&](std::int64_t begin, std::int64_t end) {
    for (auto i = static_cast<std::size_t>(begin); i < static_cast<std::size_t>(end); ++i) {
      squares[i] = sum_of_squares(gradient_of(tasks[i]), static_cast<std::size_t>(tasks[i].count));
    }
  });
  const double norm = std::sqrt(std::accumulate(squares.begin(), squares.end(), 0.0));
  const double clip = options_.clip_norm > 0.0 && norm > options_.clip_norm ? options_.clip_norm / norm : 1.0;
  std::vector<AdamWFactors> factors;
  for (const Slot& slot : slots_) factors.push_back(factors_of(slot, learning_rate, clip));
  at::parallel_for(0, count, kTasksAtOnce, [&](std::int64_t begin, std::int64_t end) {
    for (auto i = static_cast<std::size_t>(begin); i < static_cast<std::size_t>(end); ++i) {
      const Task& task = tasks[i];
      adamw_step(factors[task.slot], run_of(slots_[task.slot], task.begin), gradient_of(task),
                 static_cast<std::size_t>(task.count));
    }
  });
  if (rows_known_) {
    deferred_.push_back(factors[word_slot_]);
    for (const std::int64_t row : rows_)
      row_done_[static_cast<std::size_t>(row)] = static_cast<std::uint32_t>(deferred_.size());
  }
  rows_known_ = false;
  for (const Slot& slot : slots_) {
    if (slot.is_scale) slot.parameter->clamp_min_(spec::kSmallestScale);
  }
  return norm;
}

double Optimizer::step_elsewhere(double learning_rate, std::vector<Tensor>& gradients_now) {
  std::vector<Tensor> norms;
  for (const Tensor& gradient : gradients_now) norms.push_back(gradient.norm());
  const double norm = torch::stack(norms).norm().item<double>();
  if (options_.clip_norm > 0.0 && norm > options_.clip_norm) {
    for (Tensor& gradient : gradients_now) gradient.mul_(options_.clip_norm / norm);
  }
  // One fused call per kind of tensor: kinds differ in decay and rate.
  std::set<std::pair<double, double>> kinds;
  for (const Slot& slot : slots_) kinds.emplace(slot.decay, slot.relative_rate);
  for (const auto& [decay, relative_rate] : kinds) {
    std::vector<Tensor> parameters, gradients_of_kind, first, second, steps;
    for (std::size_t i = 0; i < slots_.size(); ++i) {
      Slot& slot = slots_[i];
      if (slot.decay != decay || slot.relative_rate != relative_rate) continue;
      parameters.push_back(*slot.parameter);
      gradients_of_kind.push_back(gradients_now[i]);
      first.push_back(slot.first_moment);
      second.push_back(slot.second_moment);
      steps.push_back((steps_ + 1.0).to(slot.parameter->device()));
    }
    at::_fused_adamw_(parameters, gradients_of_kind, first, second, {}, steps, learning_rate * relative_rate,
                      options_.beta1, options_.beta2, decay, options_.epsilon, /*amsgrad=*/false, /*maximize=*/false);
  }
  const double kept = average_decay();
  for (Slot& slot : slots_) {
    if (slot.is_scale) slot.parameter->clamp_min_(spec::kSmallestScale);
    if (options_.average_decay > 0.0) slot.average.lerp_(*slot.parameter, 1.0 - kept);
  }
  return norm;
}

double Optimizer::step(double learning_rate) {
  torch::NoGradGuard no_grad;
  std::vector<Tensor> gradients_now = gradients();
  for (Tensor& gradient : gradients_now) gradient = gradient.contiguous();
  // A pass over the whole gradient, but a rare one: rows are almost always behind.
  if (rows_known_ && deferred_.empty() && !zero_outside_rows(gradients_now[word_slot_])) {
    rows_known_ = defers_rows_ = false;
  }
  if (!rows_known_) finish_rows();
  const double norm =
      student_.word.is_cpu() ? step_on_cpu(learning_rate, gradients_now) : step_elsewhere(learning_rate, gradients_now);
  steps_ += 1.0;
  for (Slot& slot : slots_) slot.parameter->mutable_grad().reset();
  return norm;
}

void Optimizer::restart_average() {
  torch::NoGradGuard no_grad;
  finish_rows();
  for (Slot& slot : slots_) slot.average.copy_(*slot.parameter);
  average_start_ = steps_.clone();
}

Student Optimizer::averaged() {
  finish_rows();
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

std::map<std::string, Tensor> Optimizer::state() {
  finish_rows();
  std::map<std::string, Tensor> state{{"adam.steps", steps_}, {"average.start", average_start_}};
  for (const Slot& slot : slots_) {
    state["adam.first." + slot.name] = slot.first_moment;
    state["adam.second." + slot.name] = slot.second_moment;
    state["average." + slot.name] = slot.average;
  }
  return state;
}

void Optimizer::load_state(const std::map<std::string, Tensor>& state) {
  torch::NoGradGuard no_grad;
  deferred_.clear();
  std::fill(row_done_.begin(), row_done_.end(), 0U);
  steps_ = state.at("adam.steps").clone();
  average_start_ = state.at("average.start").clone();
  for (Slot& slot : slots_) {
    slot.first_moment.copy_(state.at("adam.first." + slot.name));
    slot.second_moment.copy_(state.at("adam.second." + slot.name));
    slot.average.copy_(state.at("average." + slot.name));
  }
}

double lr_multiplier(std::uint64_t step, std::uint64_t total, double warmup, double final_multiplier) {
  const double warmup_steps = warmup * static_cast<double>(total);
  const double position = static_cast<double>(step) + 1.0;
  if (position < warmup_steps) return position / warmup_steps;
  const double rest = std::max(static_cast<double>(total) - warmup_steps, 1.0);
  const double progress = std::min((position - warmup_steps) / rest, 1.0);
  return final_multiplier + (1.0 - final_multiplier) * 0.5 * (1.0 + std::cos(std::numbers::pi * progress));
}

}  // namespace noggin::train
