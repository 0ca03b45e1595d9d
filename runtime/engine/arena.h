// One block of memory per session, its size known before it is allocated, nothing allocated after.
#pragma once

#include <cstddef>
#include <cstdint>
#include <new>

#include "noggin/result.h"
#include "spec/layout.h"
#include "spec/model_config.h"

namespace noggin::runtime {

// The buffers of one forward pass over up to P tokens. Int8 rows have strides that suit both roles they play: written
// by linear_quantized (needs padded_outputs) and read by linear (needs padded_inputs).
struct Workspace {
  std::uint32_t* token_ids;     // [P]
  float* x;                     // [P, D]  the residual stream
  float* y;                     // [P, D]  output of a linear layer, before it is added to x
  std::int8_t* input;           // [P, input_stride]   attention.input, ffn.input, head.input
  std::int8_t* qkv;             // [P, qkv_stride]     widest layer's 3*H*W
  std::int8_t* context;         // [P, context_stride] widest layer's H*W
  std::int8_t* hidden;          // [P, hidden_stride]  widest layer's F; shares memory with qkv and context
  float* pooled;                // [D]
  float* logits;                // [C]
  std::byte* attention_scratch;
  std::size_t input_stride, qkv_stride, context_stride, hidden_stride;  // bytes
};

// Owns the block behind a Workspace. Move-only.
class Arena {
 public:
  // Bytes a session of this model takes. `config` must be valid.
  static std::size_t size_bytes(const spec::ModelConfig& config);
  // kOutOfSpace when the block cannot be had. The block starts as zeros.
  static Result<Arena> create(const spec::ModelConfig& config);

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
