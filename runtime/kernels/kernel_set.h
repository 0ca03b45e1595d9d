// The operations of the forward pass that touch numbers, as a table of functions: one table per instruction set.
// reference.cpp is the definition; every other set must give the same bits for every valid argument (NUMERICS.md).
//
// Contracts shared by all functions:
//   - no allocation, no exceptions, no global state; safe from any number of threads;
//   - the floating-point environment is round-to-nearest-even with denormals kept;
//   - int8 activation rows have a stride of spec::padded_inputs(K) bytes and a 64-byte aligned base; the padding may
//     hold any value (padded weights are zero);
//   - float rows are dense: [rows, width] with stride width;
//   - outputs never overlap inputs unless stated.
#pragma once

#include <cstddef>
#include <cstdint>

#include "spec/layout.h"

namespace noggin::runtime {

// One sequence of a self-attention layer, all heads. qkv rows: [Q (H*W) | K (H*W) | V (H*W)], int8.
struct AttentionArguments {
  const std::int8_t* qkv;       // [T, qkv_stride]
  std::size_t qkv_stride;       // bytes
  std::int8_t* context;         // [queries, context_stride], columns H*W written
  std::size_t context_stride;   // bytes
  std::size_t tokens;           // T
  std::size_t heads;            // H
  std::size_t head_width;       // W
  float score_scale;            // spec::attention_score_scale(s_q, s_k, W)
  float value_scale;            // s_v
  float context_inverse_scale;  // 1 / s_context
  std::byte* scratch;           // attention_scratch_bytes(T, W), 64-byte aligned
  // Which queries to answer, begin <= i < end <= T; context rows are counted from the first of them. Of the other
  // tokens only keys and values are read.
  std::size_t begin_query = 0;
  std::size_t end_query = kAllQueries;

  static constexpr std::size_t kAllQueries = ~std::size_t{0};
  constexpr std::size_t query_count() const { return (end_query == kAllQueries ? tokens : end_query) - begin_query; }
};

// Enough for every kernel set.
std::size_t attention_scratch_bytes(std::size_t tokens, std::size_t head_width);

struct KernelSet {
  const char* name;  // "reference", "avx2", "avx512_vnni", ...

  // x[t, d] = word[ids[t], d] + position[t, d], each an integer * row scale; position is
  // int8.  ids < word.rows, tokens <= position.rows.
  void (*embed)(const spec::EmbeddingView& word, const spec::EmbeddingView& position, const std::uint32_t* ids,
                std::size_t tokens, float* x);

  // x = layer_norm(x + residual) * gamma + beta, in place; residual may be null.
  // If quantized is not null, also quantize_activation(x, inverse_scale) into rows of quantized_stride bytes.
  void (*add_layer_norm)(float* x, const float* residual, std::size_t rows, std::size_t width, const float* gamma,
                         const float* beta, float epsilon, float inverse_scale, std::int8_t* quantized,
                         std::size_t quantized_stride);

  // y[m, n] = float(sum_k a[m, k] * w[n, k] + bias[n]) * scale[n], where a weight of int4 counts as often as its
  // sub-step says: w[n, k] = step[n, k / group] * q[n, k].  a: [rows, a_stride]; y: [rows, outputs] dense.
  void (*linear)(const spec::LinearView& weight, const std::int8_t* a, std::size_t a_stride, std::size_t rows,
                 float* y);

  // The same y, then quantize_activation(y, inverse_scale[n]), then lookup[q + 128] if lookup is not null.
  // inverse_scale: [padded_outputs(outputs)]. out: [rows, out_stride] with out_stride >= padded_outputs(outputs);
  // columns from outputs up to padded_outputs(outputs) of a row may be overwritten with anything.
  void (*linear_quantized)(const spec::LinearView& weight, const std::int8_t* a, std::size_t a_stride, std::size_t rows,
                           const float* inverse_scale, const std::int8_t* lookup, std::int8_t* out,
                           std::size_t out_stride);

  // Integer self-attention over true lengths (NUMERICS.md, attention).
  void (*attention)(const AttentionArguments& arguments);

  // out[d] = (x[0, d] + x[1, d] + ... in token order) / float(T).
  void (*mean_pool)(const float* x, std::size_t tokens, std::size_t width, float* out);

  // out[i] = quantize_activation(x[i], inverse_scale)
  void (*quantize)(const float* x, std::size_t count, float inverse_scale, std::int8_t* out);
};

// The definition. Always available.
const KernelSet& reference_kernels();

// Every set compiled into this build, best first, the reference last; and whether this machine can execute it.
struct KernelSetEntry {
  const KernelSet* kernels;
  bool executable;
};
struct KernelSetList {
  const KernelSetEntry* entries;
  std::size_t count;
};
KernelSetList kernel_sets();

// The best set this machine executes, or the one that NOGGIN_FORCE_ISA names (the one place where the library reads the
// environment). Null if the forced name is unknown or not executable here: the caller turns that into an error.
const KernelSet* select_kernels();
// By name; null if unknown or not executable here.
const KernelSet* find_kernels(const char* name);

}  // namespace noggin::runtime
