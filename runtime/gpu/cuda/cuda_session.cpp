#include "gpu/cuda/cuda_session.h"

#include <algorithm>
#include <new>
#include <utility>
#include <vector>

#include "gpu/chunks.h"
#include "gpu/cuda/gpu.h"

namespace noggin::gpu {

struct CudaModel::State {
  Gpu gpu;
  std::string description;
  GpuBlock block;
  DeviceModel placed;
};

struct CudaSession::State {
  Gpu gpu;
  const DeviceModel* model;
  BatchCapacity capacity;
  GpuBlock block;
  DeviceBatch batch;
  std::vector<std::byte> index;
  std::vector<float> logits;
};

namespace {

Error out_of_memory() { return {ErrorCode::kOutOfSpace, "out of memory"}; }

// Keeps every number of blocks within the limit of a launch, 2^31 - 1: at most 128 heads per text.
BatchCapacity fitting(BatchCapacity wanted, const spec::ModelConfig& config) {
  constexpr std::size_t kMaxCapacity = std::size_t{1} << 22;
  return {std::clamp<std::size_t>(wanted.texts, 1, kMaxCapacity),
          std::clamp<std::size_t>(wanted.tokens, config.max_tokens, kMaxCapacity)};
}

}  // namespace

Status check_gpu(int device) {
  const Result<Gpu> gpu = Gpu::open(device);
  return gpu ? Status() : Status(gpu.error());
}

CudaModel::CudaModel(std::unique_ptr<State> state) : state_(std::move(state)) {}
CudaModel::CudaModel(CudaModel&&) noexcept = default;
CudaModel& CudaModel::operator=(CudaModel&&) noexcept = default;
CudaModel::~CudaModel() = default;

Result<CudaModel> CudaModel::upload(const Model& model, int device) try {
  if (model.view().config.family != spec::Family::kEncoder) {
    return Error{ErrorCode::kUnsupported, "the CUDA backend runs encoders only. Fix: run an n-gram model on the CPU"};
  }
  Result<Gpu> gpu = Gpu::open(device);
  if (!gpu) return gpu.error();
  Result<std::string> description = gpu->describe();
  if (!description) return description.error();
  const std::vector<std::byte> image = model_image(model.view());
  Result<GpuBlock> block = gpu->allocate(image.size(), "the model");
  if (!block) return block.error();
  if (Status status = gpu->upload(block->data(), image.data(), image.size()); !status) return status.error();
  DeviceModel placed = place_model(model.view(), block->data());
  // The image is destroyed after this call, so the copy must have finished: reading one byte back waits for it.
  std::byte last;
  if (Status status = gpu->download(&last, block->data() + image.size() - 1, 1); !status) return status.error();
  return CudaModel(std::unique_ptr<State>(
      new State{*std::move(gpu), *std::move(description), *std::move(block), std::move(placed)}));
} catch (const std::bad_alloc&) {
  return out_of_memory();
}

std::string CudaModel::gpu() const { return state_->description; }
std::size_t CudaModel::memory_bytes() const { return state_->block.bytes(); }

CudaSession::CudaSession(std::unique_ptr<State> state) : state_(std::move(state)) {}
CudaSession::CudaSession(CudaSession&&) noexcept = default;
CudaSession& CudaSession::operator=(CudaSession&&) noexcept = default;
CudaSession::~CudaSession() = default;

Result<CudaSession> CudaSession::create(const CudaModel& model, BatchCapacity capacity) try {
  const DeviceModel& placed = model.state_->placed;
  Result<Gpu> gpu = Gpu::open(model.state_->gpu.device());
  if (!gpu) return gpu.error();
  capacity = fitting(capacity, placed.config);
  Result<GpuBlock> block = gpu->allocate(batch_bytes(placed.config, capacity), "a session");
  if (!block) return block.error();
  const DeviceBatch batch = place_batch(placed.config, capacity, block->data());
  return CudaSession(std::unique_ptr<State>(new State{*std::move(gpu),
                                                      &placed,
                                                      capacity,
                                                      *std::move(block),
                                                      batch,
                                                      std::vector<std::byte>(batch_index_bytes(capacity)),
                                                      {}}));
} catch (const std::bad_alloc&) {
  return out_of_memory();
}

std::size_t CudaSession::memory_bytes() const { return state_->block.bytes(); }

Result<std::span<const float>> CudaSession::logits(const PackedTexts& texts) try {
  State& state = *state_;
  if (Status status = check_texts(texts, state.model->config); !status) return status.error();
  state.logits.resize(logit_rows(texts, state.model->config) * state.model->config.classes);
  Status status = state.gpu.enter();
  if (status) {
    status = run_chunks(state.gpu, *state.model, state.capacity, state.batch, texts, state.index.data(),
                        state.logits.data());
  }
  if (!status) return status.error();
  return std::span<const float>(state.logits);
} catch (const std::bad_alloc&) {
  return out_of_memory();
}

}  // namespace noggin::gpu
