#include "gpu/vulkan/loaded_model.h"

#include <algorithm>
#include <utility>

#include "gpu/chunks.h"
#include "gpu/vulkan/arithmetic.h"
#include "gpu/vulkan/stream.h"

namespace noggin::gpu {
namespace {

// What one pass of a session holds: less than was asked for where many classes would make the logits many megabytes, or
// where the scratch memory would be more than a shader sees at once.
BatchCapacity capacity_of(const GpuOptions& options, const spec::ModelConfig& config, std::uint64_t largest_block) {
  constexpr std::size_t kMostLogitBytes = std::size_t{64} << 20;
  const std::size_t texts_of_logits = std::max<std::size_t>(kMostLogitBytes / (config.classes * sizeof(float)), 1);
  BatchCapacity capacity = {
      std::clamp<std::size_t>(options.batch_texts, 1, std::min(kMostBatchTokens, texts_of_logits)),
      std::clamp<std::size_t>(options.batch_tokens, config.max_tokens, kMostBatchTokens)};
  const BatchCapacity least = {1, config.max_tokens};
  while (batch_bytes(config, capacity) > largest_block && (capacity.tokens > least.tokens || capacity.texts > 1)) {
    capacity = {std::max(capacity.texts / 2, least.texts), std::max(capacity.tokens / 2, least.tokens)};
  }
  return capacity;
}

DeviceBatch batch_from_base(const spec::ModelConfig& config, const BatchCapacity& capacity) {
  return place_batch(config, capacity, const_cast<std::byte*>(kBase));
}

// Makes ready the shader of each kernel that a forward pass launches: a `Device` of gpu/forward.h that computes
// nothing.
class Preparation {
 public:
  explicit Preparation(Pipelines& pipelines) : pipelines_(pipelines) {}
  template <typename Kernel>
  Status launch(const Kernel& kernel) {
    return pipelines_.prepare(launch_of(kernel).shader);
  }

 private:
  Pipelines& pipelines_;
};

// After its first failure the CPU computes: a device that was lost does not come back.
class VulkanForward : public runtime::ForwardDevice {
 public:
  VulkanForward(std::shared_ptr<LoadedModel> loaded, const BatchCapacity& capacity, std::unique_ptr<Stream> stream)
      : loaded_(std::move(loaded)),
        capacity_(capacity),
        batch_(batch_from_base(loaded_->placed().config, capacity)),
        stream_(std::move(stream)) {}
  const char* name() const override { return "vulkan"; }
  runtime::ChunkLimits limits() const override { return {capacity_.tokens, capacity_.texts, 1}; }
  bool run(const runtime::Workspace& w, std::size_t texts) override {
    if (failed_) return false;
    const PackedTexts packed = {{w.token_ids, w.text_starts[texts]}, {w.text_starts, texts + 1}};
    const Status status =
        run_chunks(*stream_, loaded_->placed(), capacity_, batch_, packed, stream_->index(), w.logits);
    if (status) return true;
    failed_ = true;
    loaded_->fail(status.error());
    return false;
  }

 private:
  std::shared_ptr<LoadedModel> loaded_;
  BatchCapacity capacity_;
  DeviceBatch batch_;
  std::unique_ptr<Stream> stream_;  // destroyed before what it uses
  bool failed_ = false;
};

}  // namespace

LoadedModel::LoadedModel(const Model& model, const GpuOptions& options, std::unique_ptr<Pipelines> pipelines)
    : model_(model),
      capacity_(capacity_of(options, model.view().config, pipelines->device()->info().largest_block)),
      time_out_(options.time_out_ms),
      pipelines_(std::move(pipelines)),
      placed_(place_model(model.view(), kBase)) {}

Result<std::shared_ptr<LoadedModel>> LoadedModel::load(std::shared_ptr<const Device> device, const Model& model,
                                                       const GpuOptions& options) {
  Result<std::unique_ptr<Pipelines>> pipelines = Pipelines::create(std::move(device));
  if (!pipelines) return pipelines.error();
  const std::shared_ptr<LoadedModel> loaded(new LoadedModel(model, options, *std::move(pipelines)));
  Status status = test_arithmetic(*loaded->pipelines_, loaded->time_out_);
  if (status) status = loaded->prepare();
  if (status) status = loaded->copy_weights();
  if (!status) return status.error();
  return loaded;
}

Status LoadedModel::prepare() {
  Preparation preparation(*pipelines_);
  return forward(preparation, placed_, batch_from_base(placed_.config, capacity_));
}

Status LoadedModel::copy_weights() {
  const std::vector<std::byte> image = model_image(model_.view());
  Result<Block> block = pipelines_->device()->allocate(image.size(), Memory::kDevice, "the model's weights");
  if (!block) return block.error();
  block_ = *std::move(block);
  constexpr std::size_t kPieceBytes = std::size_t{1} << 22;
  Result<std::unique_ptr<Stream>> stream =
      Stream::create(*pipelines_, block_, {kWordBytes, std::min(image.size(), kPieceBytes), kWordBytes}, time_out_,
                     shared_from_this());
  if (!stream) return stream.error();
  return (*stream)->fill(block_, image);
}

Result<std::unique_ptr<runtime::ForwardDevice>> LoadedModel::forward_device() {
  const spec::ModelConfig& config = placed_.config;
  const bool every_token = config.pooling == spec::Pooling::kEveryToken;
  const std::size_t logits = (every_token ? capacity_.tokens : capacity_.texts) * config.classes;
  Result<std::unique_ptr<Stream>> stream = Stream::create(
      *pipelines_, block_, {batch_bytes(config, capacity_), batch_index_bytes(capacity_), logits * sizeof(float)},
      time_out_, shared_from_this());
  if (!stream) return stream.error();
  return std::unique_ptr<runtime::ForwardDevice>(
      std::make_unique<VulkanForward>(shared_from_this(), capacity_, *std::move(stream)));
}

void LoadedModel::fail(const Error& error) {
  const std::lock_guard lock(mutex_);
  if (!failure_) failure_ = error;
}

Status LoadedModel::failure() const {
  const std::lock_guard lock(mutex_);
  return failure_ ? Status(*failure_) : Status();
}

}  // namespace noggin::gpu
