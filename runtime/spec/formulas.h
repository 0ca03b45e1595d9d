// Elementary functions of our own, so that no two machines disagree. Built only from +, -, *, /, sqrt (each correctly
// rounded), integer shifts and compares; never a fused multiply-add. Worst errors are in NUMERICS.md.
// Functions of a whole row (softmax, norms) are in row_formulas.h.
#pragma once

#include <cstdint>

namespace noggin::spec {

// e^x. +infinity from 88.72284 up, subnormal results are rounded once, +0 below -103.98; NaN gives NaN.
float exp(float x);
// The error function. erf(-x) = -erf(x); +-1 from |x| = 4; NaN gives NaN.
float erf(float x);
// (0.5 * x) * (1 + erf(x / sqrt(2))). -0 for x <= -8, -infinity included; NaN gives NaN.
float gelu(float x);
// tanh(-x) = -tanh(x), never beyond +-1; NaN gives NaN.
float tanh(float x);
// x / (1 + e^-x), also called swish. -0 for -infinity and where the result is too small; NaN gives NaN.
float silu(float x);
// 1 / (1 + e^-x) from 0 up, e^x / (1 + e^x) below: 0 to 1; NaN gives NaN.
float sigmoid(float x);
// The natural logarithm. -infinity for +-0, NaN below; subnormals are not flushed to zero.
float log(float x);

// The weight of an n-gram that occurs `count` >= 1 times in a text, before the text's vector is scaled to length 1:
// (1 + log(float(count))) * inverse_document_frequency.
float ngram_value(std::uint32_t count, float inverse_document_frequency);

// fl(fl(query_scale * key_scale) / sqrt(float(head_width)))
float attention_score_scale(float query_scale, float key_scale, unsigned head_width);
// round_half_even(exp(float(dot - max) * score_scale) * 127): the weight of one key, 0..127. dot <= max; score_scale
// positive and finite; max - dot below 2^24, so that its conversion is exact.
std::int32_t attention_exponent(std::int32_t dot_minus_max, float score_scale);

// The FFN's activation as a table: table[q + 128] = quantize_activation(gelu(float(q) * preactivation_scale),
// 1 / hidden_scale) for q in [-128, 127].
inline constexpr int kGeluTableSize = 256;
void fill_gelu_table(float preactivation_scale, float hidden_scale, std::int8_t* table);

}  // namespace noggin::spec
