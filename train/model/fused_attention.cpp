// Attention of fused_steps.h.
#include <ATen/Parallel.h>

#include "train/model/fused_steps.h"
#include "train/model/tensor_rows.h"

namespace noggin::train {
namespace {

using torch::autograd::AutogradContext;
using torch::autograd::Function;
using torch::autograd::variable_list;

constexpr std::int64_t kLongestFusedText = 128;  // beyond it the saved [T, T] grow too large

struct AttentionPlan {
  std::vector<std::int64_t> starts;  // [B + 1], first row of each text
  std::int64_t heads, width;

  HeadShape shape(std::int64_t text) const {
    const auto i = static_cast<std::size_t>(text);
    const auto columns = static_cast<std::size_t>(heads * width);
    return {static_cast<std::size_t>(starts[i + 1] - starts[i]),
            static_cast<std::size_t>(width),
            3 * columns,
            columns,
            2 * columns,
            columns};
  }
  std::int64_t saved_floats(std::int64_t text) const {  // of one head
    return static_cast<std::int64_t>(shape(text).saved_floats());
  }
  std::vector<std::int64_t> saved_offsets() const {  // [B + 1]
    std::vector<std::int64_t> offsets{0};
    for (std::size_t b = 0; b + 1 < starts.size(); ++b) {
      offsets.push_back(offsets.back() + heads * saved_floats(static_cast<std::int64_t>(b)));
    }
    return offsets;
  }
};

// run(first row, head, its shape, where its saved floats begin, scratch) for every text and head.
template <typename Run>
void over_heads(const AttentionPlan& plan, const Run& run) {
  const std::vector<std::int64_t> offsets = plan.saved_offsets();
  at::parallel_for(0, static_cast<std::int64_t>(plan.starts.size()) - 1, 1, [&](std::int64_t begin, std::int64_t end) {
    for (std::int64_t text = begin; text < end; ++text) {
      const auto i = static_cast<std::size_t>(text);
      const HeadShape shape = plan.shape(text);
      float* scratch = thread_scratch(shape.scratch_floats());
      for (std::int64_t head = 0; head < plan.heads; ++head) {
        run(plan.starts[i], head * plan.width, shape, offsets[i] + head * plan.saved_floats(text), scratch);
      }
    }
  });
}

template <typename Element>
void run_attention(const Tensor& qkv, const AttentionPlan& plan, const Tensor& context, const Tensor& probabilities) {
  over_heads(plan, [&](std::int64_t row, std::int64_t column, const HeadShape& shape, std::int64_t at, float* scratch) {
    attend(read<Element>(qkv) + row * qkv.size(1) + column, shape,
           write<Element>(context) + row * context.size(1) + column, write<float>(probabilities) + at, scratch);
  });
}

template <typename Element>
void run_attention_gradients(const Tensor& qkv, const Tensor& gradient, const AttentionPlan& plan,
                             const Tensor& probabilities, const Tensor& qkv_gradient) {
  over_heads(plan, [&](std::int64_t row, std::int64_t column, const HeadShape& shape, std::int64_t at, float* scratch) {
    const std::int64_t first = row * qkv.size(1) + column;
    attend_gradients(read<Element>(qkv) + first, read<Element>(gradient) + row * gradient.size(1) + column, shape,
                     read<float>(probabilities) + at, write<Element>(qkv_gradient) + first, scratch);
  });
}

class Attention : public Function<Attention> {
 public:
  static Tensor forward(AutogradContext* context, const Tensor& qkv, AttentionPlan plan) {
    const Tensor rows = qkv.contiguous();
    const Tensor probabilities = torch::empty({plan.saved_offsets().back()}, rows.options().dtype(torch::kFloat32));
    const Tensor out = torch::empty({rows.size(0), plan.heads * plan.width}, rows.options());
    (is_bf16(rows) ? run_attention<Bf16> : run_attention<float>)(rows, plan, out, probabilities);
    clear_rows_behind(out, plan.starts);
    context->save_for_backward({rows, probabilities});
    context->saved_data["starts"] = plan.starts;
    context->saved_data["heads"] = plan.heads;
    context->saved_data["width"] = plan.width;
    return out;
  }
  static variable_list backward(AutogradContext* context, const variable_list& gradients) {
    const variable_list saved = context->get_saved_variables();
    const Tensor &qkv = saved[0], &probabilities = saved[1];
    const AttentionPlan plan{context->saved_data["starts"].toIntVector(), context->saved_data["heads"].toInt(),
                             context->saved_data["width"].toInt()};
    const Tensor qkv_gradient = torch::empty_like(qkv);
    const auto run = is_bf16(qkv) ? run_attention_gradients<Bf16> : run_attention_gradients<float>;
    run(qkv, gradients[0].contiguous(), plan, probabilities, qkv_gradient);
    clear_rows_behind(qkv_gradient, plan.starts);
    return {qkv_gradient, Tensor()};
  }
};

}  // namespace

bool can_attend(const Tensor& x, std::int64_t head_width, const PackedBatch& batch) {
  return is_plain(x) && head_width % static_cast<std::int64_t>(kLanes) == 0 && batch.longest <= kLongestFusedText;
}

Tensor attend(const Tensor& qkv, std::int64_t head_width, const PackedBatch& batch) {
  return Attention::apply(qkv, AttentionPlan{batch.starts, qkv.size(1) / (3 * head_width), head_width});
}

}  // namespace noggin::train
