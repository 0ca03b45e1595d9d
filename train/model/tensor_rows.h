// Tensors as the fused steps see them: plain rows, in tasks of fixed size, so that no sum depends on the number of
// threads.
#pragma once

#include <torch/torch.h>

#include <cmath>
#include <optional>
#include <vector>

#include "train/kernels/row_kernels.h"

namespace noggin::train {

using torch::Tensor;

inline constexpr std::int64_t kRowsPerTask = 64;
inline constexpr std::int64_t kElementsPerTask = 1 << 15;

inline bool is_bf16(const Tensor& x) { return x.scalar_type() == torch::kBFloat16; }
inline bool is_plain(const Tensor& x) { return x.is_cpu() && (is_bf16(x) || x.scalar_type() == torch::kFloat32); }

// torch::autograd::Function::apply does not accept undefined tensors.
inline std::optional<Tensor> if_defined(const Tensor& x) {
  return x.defined() ? std::optional<Tensor>(x) : std::nullopt;
}

// Elements of a contiguous tensor; null for an undefined one.
template <typename Element>
const Element* read(const Tensor& x) {
  return x.defined() ? static_cast<const Element*>(x.const_data_ptr()) : nullptr;
}
template <typename Element>
Element* write(const Tensor& x) {
  return x.defined() ? static_cast<Element*>(x.data_ptr()) : nullptr;
}

// Scratch memory of the calling thread, valid until its next call.
inline float* thread_scratch(std::size_t floats) {
  thread_local std::vector<float> scratch;
  if (scratch.size() < floats) scratch.resize(floats);
  return scratch.data();
}

// Rows that belong to no text (forward.cpp) hold zeros. starts [B + 1]: PackedBatch::starts.
inline void clear_rows_behind(const Tensor& x, const std::vector<std::int64_t>& starts) {
  if (starts.back() < x.size(0)) x.narrow(0, starts.back(), x.size(0) - starts.back()).zero_();
}

// The gradient of a scale [1] from the sum of a kernel of row_kernels.h over `count` values: LSQ (Esser et al.
// 2020) scales it by 1 / sqrt(count * 127).
inline Tensor lsq_scale_gradient(double sum, std::int64_t count) {
  return torch::full({1}, sum / std::sqrt(static_cast<double>(count) * 127.0), torch::kFloat32);
}

}  // namespace noggin::train
