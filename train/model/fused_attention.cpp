// Attention of fused_steps.h.
#include <ATen/Parallel.h>

#include "train/model/fused_steps.h"
#include "train/model/tensor_rows.h"

namespace noggin::train {
namespace {

using torch::autograd::AutogradContext;
using torch::autograd::Function;
using torch::autograd::variable_list;

constexpr std::int64_t kLongestFusedText = 128;  // beyond it the kept [T, T] grow too large

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
    const std::int64_t count = plan.starts.back() * gradient.size(1);
    return {qkv_gradient, lsq_step_gradient(sums.query, count), lsq_step_gradient(sums.key, count),
            lsq_step_gradient(sums.value, count), Tensor()};
  }
};

}  // namespace

bool can_attend(const Tensor& qkv, std::int64_t head_width, const PackedBatch& batch) {
  return is_plain(qkv) && head_width % static_cast<std::int64_t>(kLanes) == 0 && batch.longest <= kLongestFusedText;
}

Tensor attend(const Tensor& qkv, std::int64_t head_width, const PackedBatch& batch, const AttentionGrids& grids) {
  const AttentionPlan plan{batch.starts, qkv.size(1) / (3 * head_width), head_width, grids.query.defined()};
  return Attention::apply(qkv, if_defined(grids.query), if_defined(grids.key), if_defined(grids.value), plan);
}

}  // namespace noggin::train
