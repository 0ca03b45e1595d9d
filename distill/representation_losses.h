// Losses on what a live teacher computes internally: hidden states, attention maps, relations between tokens.
// B texts padded to T tokens, real [B, T]: 1 for a token, 0 for padding. The contents of padding, NaN included, have no
// effect. Teacher tensors are constants: no gradients flow into them. `total` (losses.h) is a number of tokens, for
// attention maps of texts.
#pragma once

#include <torch/torch.h>

#include <cstdint>

namespace noggin::distill {

// Hidden states h W against the teacher's (Jiao et al. 2020, "TinyBERT", section 3.1, L_hidn): the mean square of the
// difference over the tokens that count and the teacher's width.
// student [N, D], teacher [N, E], counts [N]: 1 for tokens that count. projection [D, E]: learned with the student and
// discarded afterwards; undefined when D = E and none is wanted.
torch::Tensor hidden_state_loss(const torch::Tensor& student, const torch::Tensor& teacher,
                                const torch::Tensor& projection, const torch::Tensor& counts,
                                const torch::Tensor& total = {});

// Attention scores before the softmax (Jiao et al. 2020, section 3.1, L_attn): the mean square of the difference over
// heads and over the pairs of real tokens of a text, then over texts that have a token. student, teacher [B, H, T, T],
// with equal H.
torch::Tensor attention_map_loss(const torch::Tensor& student, const torch::Tensor& teacher, const torch::Tensor& real,
                                 const torch::Tensor& total = {});

// The vectors of one layer whose dot products make a relation; left and right may be the same tensor. [B, T, heads * W]
struct RelationVectors {
  torch::Tensor left, right;
};

// The relation of real tokens i and j under head a is softmax_j(left_ai . right_aj / sqrt(W)), over real j only; the
// loss is the KL from the teacher's relation to the student's, mean over heads and real i:
//   {query, key}            attention transfer       (Wang et al. 2020, "MiniLM", section 3.1)
//   {value, value}          value relation           (MiniLM, section 3.2)
//   {query, query}, ...     MiniLMv2's three         (Wang et al. 2021, section 3.1), one call each
// `heads` splits both sides: the models' own number if equal, or any number that divides both widths (MiniLMv2's
// relation heads), so that teacher and student may differ in heads and width. c10::Error if it does not divide them.
// Memory: [B, heads, T, T] for each side.
torch::Tensor relation_loss(const RelationVectors& student, const RelationVectors& teacher, std::int64_t heads,
                            const torch::Tensor& real, const torch::Tensor& total = {});

}  // namespace noggin::distill
