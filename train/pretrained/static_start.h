// What a student without layers begins with: a row per word that says what it means and how much it tells.
#pragma once

#include <cstdint>

#include "tokenizer/contents.h"
#include "train/model/student.h"

namespace noggin::train {

// Fills word rows, position rows and norm of a student for which spec::is_static() holds; the classifier stays.
//
//   words   [V, D'] the word table of a pretrained encoder, D' >= the student's width; undefined: random rows
//   counts  [V] how often each piece occurs in training rows
//
// Rows are the first principal components of `words` (narrow_table.h), times a / (a + frequency): frequent words tell
// little (Arora et al. 2017, smooth inverse frequency, a = 1e-3). Special pieces, which every text has, are zero, and
// so are positions. The norm's epsilon is far above the variance of a row, so that it keeps the rows' lengths
// (kStaticEpsilon); its gain makes features large against the classifier's steps, so that one rate serves both.
void start_static(const Tensor& words, const Tensor& counts, const runtime::TokenizerContents& tokenizer,
                  Student& student);

}  // namespace noggin::train
