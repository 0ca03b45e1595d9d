// What NUMERICS.md defines over a row of numbers: softmax and the norms, each with its order of operations. Built on
// formulas.h; never a fused multiply-add. Vector kernels give the same bits because they keep the order.
#pragma once

#include <cstddef>
#include <cstdint>

namespace noggin::spec {

// The sum, over i ascending, from +0.0, of exp(x[i] - largest). If largest is the largest of x, 1 <= sum <= count.
float softmax_sum(const float* x, std::size_t count, float largest);
// The same of x / temperature: the sum of exp(x[i] / temperature - largest / temperature).
float softmax_sum(const float* x, std::size_t count, float largest, float temperature);
// out[i] = exp(x[i] - largest) / softmax_sum. count >= 1; out may be x. A NaN or +infinity in x makes every result NaN.
void softmax(const float* x, std::size_t count, float* out);
// out[i] = (x[i] - largest) - log(softmax_sum), likewise.
void log_softmax(const float* x, std::size_t count, float* out);

// What a projected row of the word table becomes: x[d] = x[d] * word_scale + position[d] * position_scale; x: [width].
void scale_and_add(float* x, std::size_t width, float word_scale, const std::int8_t* position, float position_scale);

// x = x + residual where residual is not null; then mean = row_sum(x) / D, variance = row_sum((x - mean)^2) / D,
// x = ((x - mean) * (1 / sqrt(variance + epsilon))) * gamma + beta. In place; x, residual, gamma, beta: [width].
// row_sum: sixteen partial sums, element i to partial i mod 16, then halved in a tree (NUMERICS.md).
void layer_norm(float* x, const float* residual, std::size_t width, const float* gamma, const float* beta,
                float epsilon);
// The same without mean and beta: x = (x * (1 / sqrt(row_sum(x * x) / D + epsilon))) * gamma.
void rms_norm(float* x, const float* residual, std::size_t width, const float* gamma, float epsilon);

}  // namespace noggin::spec
