// The functions of the reference set by name, so that a faster set can reuse those it cannot improve. Contracts:
// kernel_set.h.
#pragma once

#include "kernels/kernel_set.h"

namespace noggin::runtime::reference {

void embed(const spec::EmbeddingView& word, const spec::EmbeddingView& position, const std::uint32_t* ids,
           std::size_t tokens, float* x);
void add_layer_norm(float* x, const float* residual, std::size_t rows, std::size_t width, const float* gamma,
                    const float* beta, float epsilon, float inverse_scale, std::int8_t* quantized,
                    std::size_t quantized_stride);
void linear(const spec::LinearView& weight, const std::int8_t* a, std::size_t a_stride, std::size_t rows, float* y);
void linear_quantized(const spec::LinearView& weight, const std::int8_t* a, std::size_t a_stride, std::size_t rows,
                      const float* inverse_scale, const std::int8_t* lookup, std::int8_t* out, std::size_t out_stride);
void attention(const AttentionArguments& arguments);
void mean_pool(const float* x, std::size_t tokens, std::size_t width, float* out);
void quantize(const float* x, std::size_t count, float inverse_scale, std::int8_t* out);

}  // namespace noggin::runtime::reference
