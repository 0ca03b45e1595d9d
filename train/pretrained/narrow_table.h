// The word table of a pretrained encoder reduced to fewer columns: the initial table with `student.embedding_width`.
#pragma once

#include <torch/torch.h>

#include <cstdint>

namespace noggin::train {

// words [V, D] ~ rows [V, E] * projection^T + mean.
struct NarrowTable {
  torch::Tensor rows;        // [V, E]
  torch::Tensor projection;  // [D, E], orthonormal columns
  torch::Tensor mean;        // [D]; the caller adds it wherever something is added to every word
};

// The E directions in which the words differ most: the least squared error of all tables of that width (Eckart and
// Young 1936), each word's counted `weights` [V] times, of which none is negative and one is positive; undefined: all
// alike. `words`: float on the CPU; 1 <= width < D. Computed in double.
NarrowTable narrow_table(const torch::Tensor& words, std::int64_t width, const torch::Tensor& weights = {});

}  // namespace noggin::train
