#include "train/model/fused_steps.h"

#include <ATen/CPUGeneratorImpl.h>
#include <ATen/Parallel.h>

#include <cmath>
#include <mutex>
#include <optional>

namespace noggin::train {
namespace {

using torch::autograd::AutogradContext;
using torch::autograd::Function;
using torch::autograd::variable_list;

constexpr std::int64_t kRowsPerTask = 64;
constexpr std::int64_t kElementsPerTask = 1 << 15;
constexpr std::int64_t kLongestFusedText = 128;  // beyond it the kept [T, T] grow too large

bool is_bf16(const Tensor& x) { return x.scalar_type() == torch::kBFloat16; }
bool is_plain(const Tensor& x) { return x.is_cpu() && (is_bf16(x) || x.scalar_type() == torch::kFloat32); }

// Function::apply takes no undefined tensors.
std::optional<Tensor> if_defined(const Tensor& x) { return x.defined() ? std::optional<Tensor>(x) : std::nullopt; }

template <typename Element>
const Element* read(const Tensor& x) { return x.defined() ? static_cast<const Element*>(x.const_data_ptr()) : nullptr; }
template <typename Element>
Element* write(const Tensor& x) { return x.defined() ? static_cast<Element*>(x.data_ptr()) : nullptr; }

std::uint64_t random_seed() {
  auto generator = at::detail::getDefaultCPUGenerator();
  const std::lock_guard lock(generator.mutex());
  return at::check_generator<at::CPUGeneratorImpl>(generator)->random64();
}
DropoutRule rule_of(double probability) {
  return probability > 0.0 ? DropoutRule::of(probability, random_seed()) : DropoutRule{};
}

// --- norm --------------------------------------------------------------------------------------------------------------

struct AddNormRules {
  float epsilon;
  DropoutRule drop_input, drop_output;
  bool rounded_input;
};

template <typename Element>
void run_add_norm(const Tensor& x, const Tensor& residual, const Tensor& gamma, const Tensor& beta,
                  const AddNormRules& rules, const Tensor& normalized, const Tensor& deviation, const variable_list& outs) {
  const AddNormForward<Element> step{read<Element>(x), read<float>(residual), read<float>(gamma), read<float>(beta),
                                     rules.epsilon, rules.drop_input, rules.drop_output, write<float>(normalized),
                                     write<float>(deviation), write<float>(outs[0]),
                                     rules.rounded_input ? write<Bf16>(outs[1]) : nullptr};
  at::parallel_for(0, x.size(0), kRowsPerTask, [&](std::int64_t begin, std::int64_t end) {
    add_norm(step, static_cast<std::size_t>(x.size(1)), static_cast<std::size_t>(begin), static_cast<std::size_t>(end));
  });
}

// Row sums of each task are added in the order of tasks, so that the result does not depend on which thread took which.
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
    const auto contiguous = [](const Tensor& gradient) { return gradient.defined() ? gradient.contiguous() : gradient; };
    const Tensor gradient = contiguous(gradients[0]);
    const Tensor rounded = gradients.size() > 1 ? contiguous(gradients[1]) : Tensor();
    const std::vector<std::int64_t> drops = context->saved_data["drops"].toIntVector();
    const auto rule = [&](std::size_t at) {
      return DropoutRule{static_cast<std::uint32_t>(drops[at]), static_cast<std::uint32_t>(drops[at + 1])};
    };
    const auto run = [&]<typename Element>(Element*) {
      const AddNormBackward<Element> step{read<float>(gradient), read<Bf16>(rounded), read<float>(gamma), rule(0), rule(2),
                                          read<float>(normalized), read<float>(saved[1]), write<Element>(x_gradient),
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

// --- GELU --------------------------------------------------------------------------------------------------------------

template <typename Run>
void over_elements(const Tensor& x, const Run& run) {
  at::parallel_for(0, x.numel(), kElementsPerTask, [&](std::int64_t begin, std::int64_t end) {
    run(begin, static_cast<std::size_t>(end - begin));
  });
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
    const Tensor in = context->get_saved_variables()[0], gradient = gradients[0].contiguous(), out = torch::empty_like(in);
    over_elements(in, [&](std::int64_t at, std::size_t count) {
      is_bf16(in) ? gelu_gradient(read<Bf16>(in) + at, read<Bf16>(gradient) + at, count, write<Bf16>(out) + at)
                  : gelu_gradient(read<float>(in) + at, read<float>(gradient) + at, count, write<float>(out) + at);
    });
    return {out};
  }
};

// --- products ----------------------------------------------------------------------------------------------------------

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

// --- attention ---------------------------------------------------------------------------------------------------------

struct AttentionPlan {
  std::vector<std::int64_t> starts;  // [B + 1], first row of each text
  std::int64_t heads, width;
  bool on_grids;

  HeadShape shape(std::int64_t text) const {
    const auto i = static_cast<std::size_t>(text);
    const auto columns = static_cast<std::size_t>(heads * width);
    return {static_cast<std::size_t>(starts[i + 1] - starts[i]), static_cast<std::size_t>(width), 3 * columns, columns,
            2 * columns, columns};
  }
  std::int64_t kept_floats(std::int64_t text) const {  // of one head
    return static_cast<std::int64_t>(shape(text).kept_floats(on_grids));
  }
  std::vector<std::int64_t> kept_offsets() const {  // [B + 1]
    std::vector<std::int64_t> offsets{0};
    for (std::size_t b = 0; b + 1 < starts.size(); ++b) {
      offsets.push_back(offsets.back() + heads * kept_floats(static_cast<std::int64_t>(b)));
    }
    return offsets;
  }
};

float* thread_scratch(std::size_t floats) {
  thread_local std::vector<float> scratch;
  if (scratch.size() < floats) scratch.resize(floats);
  return scratch.data();
}

template <typename Element>
void run_attention(const Tensor& qkv, const AttentionPlan& plan, const HeadSteps& steps, const Tensor& context,
                   const Tensor& kept) {
  const std::vector<std::int64_t> offsets = plan.kept_offsets();
  at::parallel_for(0, static_cast<std::int64_t>(plan.starts.size()) - 1, 1, [&](std::int64_t begin, std::int64_t end) {
    for (std::int64_t text = begin; text < end; ++text) {
      const auto i = static_cast<std::size_t>(text);
      const HeadShape shape = plan.shape(text);
      float* scratch = thread_scratch(shape.scratch_floats());
      for (std::int64_t head = 0; head < plan.heads; ++head) {
        attend(read<Element>(qkv) + plan.starts[i] * qkv.size(1) + head * plan.width, shape, steps,
               write<Element>(context) + plan.starts[i] * context.size(1) + head * plan.width,
               write<float>(kept) + offsets[i] + head * plan.kept_floats(text), scratch);
      }
    }
  });
}

template <typename Element>
HeadStepGradients run_attention_gradients(const Tensor& qkv, const Tensor& gradient, const AttentionPlan& plan,
                                          const HeadSteps& steps, const Tensor& kept, const Tensor& qkv_gradient) {
  const std::vector<std::int64_t> offsets = plan.kept_offsets();
  std::vector<HeadStepGradients> sums(plan.starts.size() - 1);
  at::parallel_for(0, static_cast<std::int64_t>(sums.size()), 1, [&](std::int64_t begin, std::int64_t end) {
    for (std::int64_t text = begin; text < end; ++text) {
      const auto i = static_cast<std::size_t>(text);
      const HeadShape shape = plan.shape(text);
      float* scratch = thread_scratch(shape.scratch_floats());
      for (std::int64_t head = 0; head < plan.heads; ++head) {
        const std::int64_t at = plan.starts[i] * qkv.size(1) + head * plan.width;
        attend_gradients(read<Element>(qkv) + at,
                         read<Element>(gradient) + plan.starts[i] * gradient.size(1) + head * plan.width, shape, steps,
                         read<float>(kept) + offsets[i] + head * plan.kept_floats(text), write<Element>(qkv_gradient) + at,
                         &sums[i], scratch);
      }
    }
  });
  HeadStepGradients total;  // in the order of texts
  for (const HeadStepGradients& text : sums) {
    total.query += text.query;
    total.key += text.key;
    total.value += text.value;
  }
  return total;
}

// Rows that belong to no text (forward.cpp) hold zeros.
void clear_rows_behind(const Tensor& x, const std::vector<std::int64_t>& starts) {
  if (starts.back() < x.size(0)) x.narrow(0, starts.back(), x.size(0) - starts.back()).zero_();
}

HeadSteps steps_of(const AttentionGrids& grids) {
  if (!grids.query.defined()) return {};
  return {grids.query.item<float>(), grids.key.item<float>(), grids.value.item<float>()};
}

class Attention : public Function<Attention> {
 public:
  static Tensor forward(AutogradContext* context, const Tensor& qkv, const std::optional<Tensor>& query_step,
                        const std::optional<Tensor>& key_step, const std::optional<Tensor>& value_step, AttentionPlan plan) {
    const Tensor rows = qkv.contiguous();
    const AttentionGrids grids{query_step.value_or(Tensor()), key_step.value_or(Tensor()), value_step.value_or(Tensor())};
    const HeadSteps steps = steps_of(grids);
    const Tensor kept = torch::empty({plan.kept_offsets().back()}, rows.options().dtype(torch::kFloat32));
    const Tensor out = torch::empty({rows.size(0), plan.heads * plan.width}, rows.options());
    (is_bf16(rows) ? run_attention<Bf16> : run_attention<float>)(rows, plan, steps, out, kept);
    clear_rows_behind(out, plan.starts);
    context->save_for_backward({rows, kept, grids.query, grids.key, grids.value});
    context->saved_data["starts"] = plan.starts;
    context->saved_data["heads"] = plan.heads;
    context->saved_data["width"] = plan.width;
    return out;
  }
  static variable_list backward(AutogradContext* context, const variable_list& gradients) {
    const variable_list saved = context->get_saved_variables();
    const Tensor &qkv = saved[0], &kept = saved[1];
    const AttentionGrids grids{saved[2], saved[3], saved[4]};
    const AttentionPlan plan{context->saved_data["starts"].toIntVector(), context->saved_data["heads"].toInt(),
                             context->saved_data["width"].toInt(), grids.query.defined()};
    const Tensor qkv_gradient = torch::empty_like(qkv), gradient = gradients[0].contiguous();
    const auto run = is_bf16(qkv) ? run_attention_gradients<Bf16> : run_attention_gradients<float>;
    const HeadStepGradients sums = run(qkv, gradient, plan, steps_of(grids), kept, qkv_gradient);
    clear_rows_behind(qkv_gradient, plan.starts);
    if (!plan.on_grids) return {qkv_gradient, Tensor(), Tensor(), Tensor(), Tensor()};
    // LSQ's gradient scale: 1 / sqrt(count * 127).
    const double share = 1.0 / std::sqrt(static_cast<double>(plan.starts.back() * gradient.size(1)) * 127.0);
    const auto step_gradient = [&](double sum) { return torch::full({1}, sum * share, torch::kFloat32); };
    return {qkv_gradient, step_gradient(sums.query), step_gradient(sums.key), step_gradient(sums.value), Tensor()};
  }
};

// --- pooling -----------------------------------------------------------------------------------------------------------

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
      const float share = 1.0F / static_cast<float>(starts[b + 1] - starts[b]);
      for (std::int64_t t = starts[b]; t < starts[b + 1]; ++t, to += width) {
        for (std::int64_t d = 0; d < width; ++d) to[d] = from[d] * share;
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
  const auto drop = [](const Tensor& value, double share) { return share > 0.0 ? torch::dropout(value, share, true) : value; };
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

// Sums of each task are added in the order of tasks.
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

bool can_attend(const Tensor& qkv, std::int64_t head_width, const PackedBatch& batch) {
  return is_plain(qkv) && head_width % static_cast<std::int64_t>(kLanes) == 0 && batch.longest <= kLongestFusedText;
}

Tensor attend(const Tensor& qkv, std::int64_t head_width, const PackedBatch& batch, const AttentionGrids& grids) {
  const AttentionPlan plan{batch.starts, qkv.size(1) / (3 * head_width), head_width, grids.query.defined()};
  return Attention::apply(qkv, if_defined(grids.query), if_defined(grids.key), if_defined(grids.value), plan);
}

Tensor mean_of_texts(const Tensor& x, const PackedBatch& batch) {
  if (x.is_cpu() && x.scalar_type() == torch::kFloat32) return MeanOfTexts::apply(x, batch.starts);
  return (to_padded(x, batch) * batch.real.unsqueeze(2)).sum(1) / batch.lengths;
}

}  // namespace noggin::train
