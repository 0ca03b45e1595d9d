#include "train/model/fused_steps.h"

#include <ATen/CPUGeneratorImpl.h>
#include <ATen/Parallel.h>

#include <cmath>
#include <mutex>

#include "train/model/tensor_rows.h"

namespace noggin::train {
namespace {

using torch::autograd::AutogradContext;
using torch::autograd::Function;
using torch::autograd::variable_list;

std::uint64_t random_seed() {
  auto generator = at::detail::getDefaultCPUGenerator();
  const std::lock_guard lock(generator.mutex());
  return at::check_generator<at::CPUGeneratorImpl>(generator)->random64();
}
DropoutRule rule_of(double probability) {
  return probability > 0.0 ? DropoutRule::of(probability, random_seed()) : DropoutRule{};
}

// --- norm -----------------------------------------------------------------------------------------------------------

struct AddNormRules {
  float epsilon;
  DropoutRule drop_input, drop_output;
  bool rounded_input;
};

template <typename Element>
void run_add_norm(const Tensor& x, const Tensor& residual, const Tensor& gamma, const Tensor& beta,
                  const AddNormRules& rules, const Tensor& normalized, const Tensor& deviation,
                  const variable_list& outs) {
  const AddNormForward<Element> step{read<Element>(x),
                                     read<float>(residual),
                                     read<float>(gamma),
                                     read<float>(beta),
                                     rules.epsilon,
                                     rules.drop_input,
                                     rules.drop_output,
                                     write<float>(normalized),
                                     write<float>(deviation),
                                     write<float>(outs[0]),
                                     rules.rounded_input ? write<Bf16>(outs[1]) : nullptr};
  at::parallel_for(0, x.size(0), kRowsPerTask, [&](std::int64_t begin, std::int64_t end) {
    add_norm(step, static_cast<std::size_t>(x.size(1)), static_cast<std::size_t>(begin), static_cast<std::size_t>(end));
  });
}

// The row sums of the tasks are added in task order, so that the result does not depend on which thread ran which task.
template <typename Element>
void run_add_norm_gradients(const AddNormBackward<Element>& step, std::int64_t rows, std::int64_t width,
                            const Tensor& gamma_gradient, const Tensor& beta_gradient) {
  const std::int64_t tasks = (rows + kRowsPerTask - 1) / kRowsPerTask;
  const Tensor sums = torch::zeros({2, tasks, width});
  float *gamma = write<float>(sums[0]), *beta = write<float>(sums[1]);
  at::parallel_for(0, tasks, 1, [&](std::int64_t begin, std::int64_t end) {
    for (std::int64_t task = begin; task < end; ++task) {
      add_norm_gradients(step, static_cast<std::size_t>(width), static_cast<std::size_t>(task * kRowsPerTask),
                         static_cast<std::size_t>(std::min(rows, (task + 1) * kRowsPerTask)), gamma + task * width,
                         beta + task * width);
    }
  });
  const Tensor total = sums.sum(1);
  gamma_gradient.copy_(total[0]);
  beta_gradient.copy_(total[1]);
}

class AddNorm : public Function<AddNorm> {
 public:
  static variable_list forward(AutogradContext* context, const Tensor& x, const std::optional<Tensor>& residual_given,
                               const Tensor& gamma, const Tensor& beta, AddNormRules rules) {
    const Tensor residual = residual_given.value_or(Tensor());
    const Tensor rows = x.contiguous();
    const auto options = rows.options().dtype(torch::kFloat32);
    const Tensor normalized = torch::empty(rows.sizes(), options), deviation = torch::empty({rows.size(0)}, options);
    variable_list outs{torch::empty(rows.sizes(), options)};
    if (rules.rounded_input) outs.push_back(torch::empty(rows.sizes(), options.dtype(torch::kBFloat16)));
    const auto run = is_bf16(rows) ? run_add_norm<Bf16> : run_add_norm<float>;
    run(rows, residual.defined() ? residual.contiguous() : residual, gamma, beta, rules, normalized, deviation, outs);
    context->save_for_backward({normalized, deviation, gamma});
    context->set_materialize_grads(false);
    context->saved_data["x_is_bf16"] = is_bf16(rows);
    context->saved_data["has_residual"] = residual.defined();
    context->saved_data["drops"] = std::vector<std::int64_t>{rules.drop_input.seed, rules.drop_input.threshold,
                                                             rules.drop_output.seed, rules.drop_output.threshold};
    return outs;
  }

  static variable_list backward(AutogradContext* context, const variable_list& gradients) {
    const variable_list saved = context->get_saved_variables();
    const bool x_is_bf16 = context->saved_data["x_is_bf16"].toBool();
    const Tensor &normalized = saved[0], &gamma = saved[2];
    const Tensor x_gradient =
        torch::empty(normalized.sizes(), normalized.options().dtype(x_is_bf16 ? torch::kBFloat16 : torch::kFloat32));
    Tensor residual_gradient;
    if (context->saved_data["has_residual"].toBool()) residual_gradient = torch::empty_like(normalized);
    const Tensor gamma_gradient = torch::empty_like(gamma), beta_gradient = torch::empty_like(gamma);
    const auto contiguous = [](const Tensor& gradient) {
      return gradient.defined() ? gradient.contiguous() : gradient;
    };
    const Tensor gradient = contiguous(gradients[0]);
    const Tensor rounded = gradients.size() > 1 ? contiguous(gradients[1]) : Tensor();
    const std::vector<std::int64_t> drops = context->saved_data["drops"].toIntVector();
    const auto rule = [&](std::size_t at) {
      return DropoutRule{static_cast<std::uint32_t>(drops[at]), static_cast<std::uint32_t>(drops[at + 1])};
    };
    const auto run = [&]<typename Element>(Element*) {
      const AddNormBackward<Element> step{read<float>(gradient),
                                          read<Bf16>(rounded),
                                          read<float>(gamma),
                                          rule(0),
                                          rule(2),
                                          read<float>(normalized),
                                          read<float>(saved[1]),
                                          write<Element>(x_gradient),
                                          write<float>(residual_gradient)};
      run_add_norm_gradients(step, normalized.size(0), normalized.size(1), gamma_gradient, beta_gradient);
    };
    if (x_is_bf16) {
      run(static_cast<Bf16*>(nullptr));
    } else {
      run(static_cast<float*>(nullptr));
    }
    return {x_gradient, residual_gradient, gamma_gradient, beta_gradient, Tensor()};
  }
};

// --- GELU -----------------------------------------------------------------------------------------------------------

template <typename Run>
void over_elements(const Tensor& x, const Run& run) {
  at::parallel_for(0, x.numel(), kElementsPerTask,
                   [&](std::int64_t begin, std::int64_t end) { run(begin, static_cast<std::size_t>(end - begin)); });
}

class Gelu : public Function<Gelu> {
 public:
  static Tensor forward(AutogradContext* context, const Tensor& x) {
    const Tensor in = x.contiguous(), out = torch::empty_like(in);
    over_elements(in, [&](std::int64_t at, std::size_t count) {
      is_bf16(in) ? train::gelu(read<Bf16>(in) + at, count, write<Bf16>(out) + at)
                  : train::gelu(read<float>(in) + at, count, write<float>(out) + at);
    });
    context->save_for_backward({in});
    return out;
  }
  static variable_list backward(AutogradContext* context, const variable_list& gradients) {
    const Tensor in = context->get_saved_variables()[0], gradient = gradients[0].contiguous(),
                 out = torch::empty_like(in);
    over_elements(in, [&](std::int64_t at, std::size_t count) {
      is_bf16(in) ? gelu_gradient(read<Bf16>(in) + at, read<Bf16>(gradient) + at, count, write<Bf16>(out) + at)
                  : gelu_gradient(read<float>(in) + at, read<float>(gradient) + at, count, write<float>(out) + at);
    });
    return {out};
  }
};

// --- products -------------------------------------------------------------------------------------------------------

class RoundedLinear : public Function<RoundedLinear> {
 public:
  static Tensor forward(AutogradContext* context, const Tensor& x, const Tensor& weight, const Tensor& bias) {
    const Tensor rounded = rounded_to_bf16(weight);
    context->save_for_backward({x, rounded});
    return torch::linear(x, rounded, bias.to(torch::kBFloat16));
  }
  static variable_list backward(AutogradContext* context, const variable_list& gradients) {
    const variable_list saved = context->get_saved_variables();
    const Tensor gradient = gradients[0].contiguous();  // [N, M]
    return {gradient.matmul(saved[1]), scaled_rows(gradient.t().matmul(saved[0]), {}),
            gradient.sum(at::IntArrayRef{0}, false, torch::kFloat32)};
  }
};

// --- pooling --------------------------------------------------------------------------------------------------------

class MeanOfTexts : public Function<MeanOfTexts> {
 public:
  static Tensor forward(AutogradContext* context, const Tensor& x, std::vector<std::int64_t> starts) {
    const Tensor rows = x.contiguous();
    const std::int64_t texts = static_cast<std::int64_t>(starts.size()) - 1, width = x.size(1);
    const Tensor out = torch::zeros({texts, width}, rows.options());
    float* to = write<float>(out);
    for (std::int64_t b = 0; b < texts; ++b, to += width) {
      const std::int64_t begin = starts[static_cast<std::size_t>(b)], end = starts[static_cast<std::size_t>(b) + 1];
      const float* from = read<float>(rows) + begin * width;
      for (std::int64_t t = begin; t < end; ++t, from += width) {
        for (std::int64_t d = 0; d < width; ++d) to[d] += from[d];
      }
      for (std::int64_t d = 0; d < width; ++d) to[d] /= static_cast<float>(end - begin);
    }
    context->saved_data["starts"] = starts;
    context->saved_data["rows"] = x.size(0);
    return out;
  }
  static variable_list backward(AutogradContext* context, const variable_list& gradients) {
    const std::vector<std::int64_t> starts = context->saved_data["starts"].toIntVector();
    const Tensor gradient = gradients[0].contiguous();
    const std::int64_t width = gradient.size(1);
    const Tensor out = torch::empty({context->saved_data["rows"].toInt(), width}, gradient.options());
    const float* from = read<float>(gradient);
    float* to = write<float>(out);
    for (std::size_t b = 0; b + 1 < starts.size(); ++b, from += width) {
      const float weight = 1.0F / static_cast<float>(starts[b + 1] - starts[b]);
      for (std::int64_t t = starts[b]; t < starts[b + 1]; ++t, to += width) {
        for (std::int64_t d = 0; d < width; ++d) to[d] = from[d] * weight;
      }
    }
    clear_rows_behind(out, starts);
    return {out, Tensor()};
  }
};

}  // namespace

Streams add_norm(const Tensor& x, const Tensor& residual, const Norm& norm, const NormOptions& options) {
  const bool residual_fits = !residual.defined() || residual.scalar_type() == torch::kFloat32;
  if (is_plain(x) && residual_fits && x.size(1) % static_cast<std::int64_t>(kLanes) == 0) {
    const AddNormRules rules{static_cast<float>(options.epsilon), rule_of(options.drop_input),
                             rule_of(options.drop_output), options.rounded_input};
    const variable_list outs = AddNorm::apply(x, if_defined(residual), norm.gamma, norm.beta, rules);
    return {outs[0], outs.back()};
  }
  const auto drop = [](const Tensor& value, double probability) {
    return probability > 0.0 ? torch::dropout(value, probability, true) : value;
  };
  Tensor sum = drop(is_bf16(x) ? x.to(torch::kFloat32) : x, options.drop_input);
  if (residual.defined()) sum = sum + residual;
  sum = drop(torch::layer_norm(sum, {sum.size(1)}, norm.gamma, norm.beta, options.epsilon), options.drop_output);
  return {sum, options.rounded_input ? sum.to(torch::kBFloat16) : sum};
}

Tensor fused_gelu(const Tensor& x) { return is_plain(x) ? Gelu::apply(x) : torch::gelu(x); }

Tensor rounded_to_bf16(const Tensor& x) {
  if (!x.is_cpu()) return x.to(torch::kBFloat16);
  const Tensor in = x.contiguous(), out = torch::empty(x.sizes(), x.options().dtype(torch::kBFloat16));
  over_elements(in, [&](std::int64_t at, std::size_t count) {
    round_to_bf16(read<float>(in) + at, count, write<Bf16>(out) + at);
  });
  return out;
}

// The sums of the tasks are added in task order.
RoundedColumns rounded_columns(const Tensor& x, const Tensor& factors) {
  const std::int64_t rows = x.size(0), width = x.size(1), tasks = (rows + kRowsPerTask - 1) / kRowsPerTask;
  const Tensor out = torch::empty(x.sizes(), x.options().dtype(torch::kBFloat16)), sums = torch::zeros({tasks, width});
  at::parallel_for(0, tasks, 1, [&](std::int64_t begin, std::int64_t end) {
    for (std::int64_t task = begin; task < end; ++task) {
      round_columns(read<float>(x), read<float>(factors), static_cast<std::size_t>(width),
                    static_cast<std::size_t>(task * kRowsPerTask),
                    static_cast<std::size_t>(std::min(rows, (task + 1) * kRowsPerTask)), write<Bf16>(out),
                    write<float>(sums) + task * width);
    }
  });
  return {out, sums.sum(0)};
}

Tensor scaled_rows(const Tensor& x, const Tensor& factors) {
  const Tensor in = x.contiguous(), out = torch::empty(x.sizes(), x.options().dtype(torch::kFloat32));
  const std::int64_t width = x.size(1);
  at::parallel_for(0, x.size(0), kRowsPerTask, [&](std::int64_t begin, std::int64_t end) {
    for (std::int64_t row = begin; row < end; ++row) {
      widen_bf16(read<Bf16>(in) + row * width, factors.defined() ? read<float>(factors)[row] : 1.0F,
                 static_cast<std::size_t>(width), write<float>(out) + row * width);
    }
  });
  return out;
}

Tensor rounded_linear(const Tensor& x, const Tensor& weight, const Tensor& bias) {
  return RoundedLinear::apply(x, weight, bias);
}

Tensor mean_of_texts(const Tensor& x, const PackedBatch& batch) {
  if (x.is_cpu() && x.scalar_type() == torch::kFloat32) return MeanOfTexts::apply(x, batch.starts);
  return (to_padded(x, batch) * batch.real.unsqueeze(2)).sum(1) / batch.lengths;
}

}  // namespace noggin::train
