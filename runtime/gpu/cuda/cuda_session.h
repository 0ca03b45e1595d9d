// The CUDA backend: batches of texts on an NVIDIA GPU, with the logits of the reference kernels to the last bit.
// Experimental: the arithmetic is verified on the CPU only; not yet run on a GPU (README.md).
//
//   auto model = noggin::Model::open("router.nog");
//   auto on_gpu = noggin::gpu::CudaModel::upload(*model);                    // Result<CudaModel>: weights copied once
//   auto session = noggin::gpu::CudaSession::create(*on_gpu);                // Result<CudaSession>
//   auto logits = session->logits({token_ids, offsets});                      // Result<std::span<const float>>, [B, C]
//
// After fork(): what was opened before answers in the parent only; in the child every call fails at once
// (kUnsupported). Threads: a CudaModel is const and may be shared; a CudaSession has its own stream and scratch memory:
// one per thread. Lifetime: a session must not outlive its CudaModel, nor a CudaModel its Model. Errors: kUnsupported
// (no GPU, no driver, a driver that is too old, a GPU that this build does not support), kOutOfSpace (device memory),
// kInvalidArgument (texts), kIo (the GPU failed while running). Each message says what to do. Code that includes this
// header compiles without CUDA.
#pragma once

#include <cstddef>
#include <memory>
#include <span>
#include <string>

#include "gpu/batch.h"
#include "noggin/engine.h"
#include "noggin/result.h"

namespace noggin::gpu {

// Success if `device` can run this build's kernels; otherwise the error says why not and what to do.
Status check_gpu(int device = 0);

class CudaModel {
 public:
  static Result<CudaModel> upload(const Model& model, int device = 0);
  CudaModel(CudaModel&&) noexcept;
  CudaModel& operator=(CudaModel&&) noexcept;
  ~CudaModel();

  std::string gpu() const;           // "NVIDIA H100 80GB HBM3, compute capability 9.0"
  std::size_t memory_bytes() const;  // of device memory

 private:
  friend class CudaSession;
  struct State;
  explicit CudaModel(std::unique_ptr<State> state);
  std::unique_ptr<State> state_;
};

class CudaSession {
 public:
  // capacity: what one pass holds; larger batches take several passes. Its tokens are raised to the model's max_tokens
  // if lower.
  static Result<CudaSession> create(const CudaModel& model, BatchCapacity capacity = {});
  CudaSession(CudaSession&&) noexcept;
  CudaSession& operator=(CudaSession&&) noexcept;
  ~CudaSession();

  std::size_t memory_bytes() const;  // of device memory
  // Logits [logit_rows(texts, config), C] of all texts; valid until the next call.
  Result<std::span<const float>> logits(const PackedTexts& texts);

 private:
  struct State;
  explicit CudaSession(std::unique_ptr<State> state);
  std::unique_ptr<State> state_;
};

}  // namespace noggin::gpu
