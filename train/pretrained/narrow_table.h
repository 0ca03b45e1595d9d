// The word table of a pretrained encoder reduced to fewer columns: the initial table with `student.embedding_width`.
#pragma once

#include <torch/torch.h>

#include <cstdint>

#include "train/model/student.h"

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

// Fills word and word_projection of a student with an embedding_width, and adds the mean to its positions, which have
// been filled. words [V, D]; counts [V]: how often training rows have each piece, whose weight is the square root of
// 1 + that; undefined: all alike.
void take_narrow_words(const torch::Tensor& words, const torch::Tensor& counts, Student& student);

// The student with word rows of `width`, which is below theirs; float, on the device of the student.
Student with_narrow_words(const Student& student, std::uint32_t width, const torch::Tensor& counts);

// Its rows at the width of the model: [V, D], on their device.
torch::Tensor whole_words(const Student& student);

}  // namespace noggin::train
