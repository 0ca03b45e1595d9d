// The CUDA backend: batches of texts through an NVIDIA GPU, with the logits of the reference kernels to the last bit.
//
//   auto model = noggin::Model::open("router.nog");
//   auto on_gpu = noggin::gpu::CudaModel::upload(*model);                    // Result<CudaModel>: weights copied once
//   auto session = noggin::gpu::CudaSession::create(*on_gpu);                // Result<CudaSession>
//   auto logits = session->logits({token_ids, offsets});                      // Result<std::span<const float>>, [B, C]
//
// Threads: a CudaModel is const and shared; a CudaSession has a stream and scratch memory of its own, one per thread.
// Lifetime: a session must not outlive its CudaModel, nor that its Model. Errors: kUnsupported (no GPU, no driver, too
// old a driver, a GPU that this build is not for), kOutOfSpace (device memory), kInvalidArgument (texts), kIo (the GPU
// failed at work). Each message says what to do. Nothing else here needs CUDA: whoever includes this header compiles
// without it.
#pragma once

#include <cstddef>
#include <memory>
#include <span>
#include <string>

#include "gpu/batch.h"
#include "noggin/engine.h"
#include "noggin/result.h"

namespace noggin::gpu {

// Success when `device` can run this build's kernels, otherwise why not and what to do.
Status check_gpu(int device = 0);

class CudaModel {
 public:
  static Result<CudaModel> upload(const Model& model, int device = 0);
  CudaModel(CudaModel&&) noexcept;
  CudaModel& operator=(CudaModel&&) noexcept;
  ~CudaModel();

  std::string gpu() const;             // "NVIDIA H100 80GB HBM3, compute capability 9.0"
  std::size_t memory_bytes() const;    // of device memory

 private:
  friend class CudaSession;
  struct State;
  explicit CudaModel(std::unique_ptr<State> state);
  std::unique_ptr<State> state_;
};

class CudaSession {
 public:
  // capacity: what one pass holds; larger batches go in several passes. Fewer tokens than the model's longest text are
  // raised to that.
  static Result<CudaSession> create(const CudaModel& model, BatchCapacity capacity = {});
  CudaSession(CudaSession&&) noexcept;
  CudaSession& operator=(CudaSession&&) noexcept;
  ~CudaSession();

  std::size_t memory_bytes() const;    // of device memory
  // Logits [logit_rows(texts, config), C] of all texts; valid until the next call.
  Result<std::span<const float>> logits(const PackedTexts& texts);

 private:
  struct State;
  explicit CudaSession(std::unique_ptr<State> state);
  std::unique_ptr<State> state_;
};

}  // namespace noggin::gpu
