// One block of memory per session. Its size is known before it is allocated; nothing is allocated afterwards.
#pragma once

#include <cstddef>
#include <cstdint>
#include <new>

#include "noggin/result.h"
#include "spec/layout.h"
#include "spec/model_config.h"

namespace noggin::runtime {

// The largest forward pass.
struct ChunkLimits {
  std::size_t tokens;   // of all its texts together; at least the model's max_tokens
  std::size_t texts;    // 1..tokens
  std::size_t threads;  // 1..kMaxThreads
};
// tokens: 0 for the model's max_tokens, which is also the minimum.
ChunkLimits chunk_limits(const spec::ModelConfig& config, std::size_t tokens, std::size_t threads);

// The buffers of one forward pass over up to N tokens of up to B texts. The arena provides ids, starts, logits,
// probabilities and the tags' scratch; the rest comes from FamilyOps::carve, and is null where a family has no use for
// it. The strides of int8 rows suit both uses: linear_quantized writes the rows (needs padded_outputs) and linear reads
// them (needs padded_inputs).
struct Workspace {
  std::uint32_t* token_ids;    // [N + max_tokens]: space to encode one text more than the chunk takes
  std::uint32_t* text_starts;  // [B + 1]
  float* x;                    // [N, D]  the residual stream
  float* y;                    // [N, D]  output of a linear layer, before it is added to x
  std::int8_t* input;          // [N, input_stride]   attention.input, ffn.input, head.input
  std::int8_t* qkv;            // [N, qkv_stride]     widest layer's 3*H*W
  std::int8_t* context;        // [N, context_stride] widest layer's H*W
  std::int8_t* hidden;         // [N, hidden_stride]  widest layer's F; with one thread shares memory with qkv and
                               // context
  float* pooled;               // [B, D]
  float* logits;               // [B, C], or [N, C] where the head answers every token
  float* probabilities;        // [C]
  std::byte* thread_scratch;   // one per thread, for the family
  std::size_t thread_scratch_stride;  // bytes
  std::byte* tag_scratch;             // [tag_scratch_bytes] (tag_text.h) where the head answers every token
  std::size_t input_stride, qkv_stride, context_stride, hidden_stride;  // bytes
};

// Owns the block behind a Workspace. Move-only.
class Arena {
 public:
  // Bytes that a session of this model takes. `config` must be valid.
  static std::size_t size_bytes(const spec::ModelConfig& config, const ChunkLimits& limits);
  // kOutOfSpace if the block cannot be allocated. It is filled with zeros.
  static Result<Arena> create(const spec::ModelConfig& config, const ChunkLimits& limits);

  Arena(Arena&& other) noexcept;
  Arena& operator=(Arena&& other) noexcept;
  ~Arena();

  const Workspace& workspace() const { return workspace_; }
  std::size_t size_bytes() const { return size_; }

 private:
  Arena() = default;
  void* block_ = nullptr;
  std::size_t size_ = 0;
  Workspace workspace_{};
};

}  // namespace noggin::runtime
