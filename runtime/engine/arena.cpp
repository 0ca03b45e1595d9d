#include "engine/arena.h"

#include <algorithm>
#include <cstring>
#include <utility>

#include "bytes/message.h"
#include "engine/families/ngram/forward.h"
#include "engine/tag_text.h"
#include "kernels/kernel_set.h"

namespace noggin::runtime {
namespace {

constexpr std::align_val_t kAlignment{spec::kTensorAlignment};

// Allocates aligned pieces of a block, one after the other. With a null block it only counts, so that the size and the
// pieces come from the same lines of code.
class Carver {
 public:
  explicit Carver(std::byte* block) : block_(block) {}

  template <typename T>
  T* take(std::size_t count) {
    T* piece = block_ == nullptr ? nullptr : reinterpret_cast<T*>(block_ + used_);
    used_ += spec::round_up(count * sizeof(T), spec::kTensorAlignment);
    return piece;
  }
  std::size_t used() const { return used_; }
  void rewind(std::size_t used) { used_ = used; }

 private:
  std::byte* block_;
  std::size_t used_ = 0;
};

// Panels are padded to 16 outputs and 8 inputs; a whole cache line serves both.
std::size_t row_stride(std::size_t width) { return spec::round_up(width, spec::kTensorAlignment); }

Workspace carve(const spec::ModelConfig& config, const ChunkLimits& limits, Carver& carver) {
  std::size_t attention_width = 0, ffn_width = 0;  // of the widest layer
  for (const spec::LayerConfig& layer : config.layers) {
    attention_width = std::max<std::size_t>(attention_width, std::size_t{layer.heads} * config.head_width);
    ffn_width = std::max<std::size_t>(ffn_width, layer.ffn_width);
  }
  const std::size_t tokens = limits.tokens;
  Workspace w{};
  w.input_stride = row_stride(config.width);
  w.qkv_stride = row_stride(3 * attention_width);
  w.context_stride = row_stride(attention_width);
  w.hidden_stride = row_stride(ffn_width);
  w.thread_scratch_stride =
      row_stride(config.family == spec::Family::kNgram ? ngram_scratch_bytes(config)
                                                       : attention_scratch_bytes(config.max_tokens, config.head_width));

  w.token_ids = carver.take<std::uint32_t>(tokens + config.max_tokens);
  w.text_starts = carver.take<std::uint32_t>(limits.texts + 1);
  w.x = carver.take<float>(tokens * config.width);
  w.y = carver.take<float>(tokens * config.width);
  w.input = carver.take<std::int8_t>(tokens * w.input_stride);
  w.pooled = carver.take<float>(limits.texts * config.width);
  const bool every_token = config.pooling == spec::Pooling::kEveryToken;
  w.logits = carver.take<float>((every_token ? tokens : limits.texts) * config.classes);
  w.probabilities = carver.take<float>(config.classes);
  w.tag_scratch = carver.take<std::byte>(every_token ? tag_scratch_bytes(config.classes, config.max_tokens) : 0);
  w.thread_scratch = carver.take<std::byte>(limits.threads * w.thread_scratch_stride);

  // A single thread is done with qkv and context before it writes hidden; with several, one may be ahead.
  const std::size_t shared = carver.used();
  w.hidden = carver.take<std::int8_t>(tokens * w.hidden_stride);
  const std::size_t after_hidden = carver.used();
  if (limits.threads == 1) carver.rewind(shared);
  w.qkv = carver.take<std::int8_t>(tokens * w.qkv_stride);
  w.context = carver.take<std::int8_t>(tokens * w.context_stride);
  carver.rewind(std::max(carver.used(), after_hidden));
  return w;
}

}  // namespace

ChunkLimits chunk_limits(const spec::ModelConfig& config, std::size_t tokens, std::size_t threads) {
  constexpr std::size_t kMaxChunkTexts = 64, kTokensPerText = 4;  // shorter texts just take one more pass
  constexpr std::size_t kMaxChunkTokens = 256;                    // per thread: the activations of more do not fit its
                                                                  // cache
  tokens = std::max<std::size_t>(std::min(tokens, kMaxChunkTokens * threads), config.max_tokens);
  return {tokens, std::min(kMaxChunkTexts, tokens / kTokensPerText + 1), threads};
}

std::size_t Arena::size_bytes(const spec::ModelConfig& config, const ChunkLimits& limits) {
  Carver counter(nullptr);
  carve(config, limits, counter);
  return counter.used();
}

Result<Arena> Arena::create(const spec::ModelConfig& config, const ChunkLimits& limits) {
  Arena arena;
  arena.size_ = size_bytes(config, limits);
  arena.block_ = ::operator new(arena.size_, kAlignment, std::nothrow);
  if (arena.block_ == nullptr) {
    return Error{ErrorCode::kOutOfSpace,
                 message({"session: no memory for its ", arena.size_,
                          " bytes of scratch space. Free memory, ask for a smaller batch, or export a model with "
                          "a smaller max_tokens"})};
  }
  std::memset(arena.block_, 0, arena.size_);
  Carver carver(static_cast<std::byte*>(arena.block_));
  arena.workspace_ = carve(config, limits, carver);
  return arena;
}

Arena::Arena(Arena&& other) noexcept
    : block_(std::exchange(other.block_, nullptr)), size_(other.size_), workspace_(other.workspace_) {}

Arena& Arena::operator=(Arena&& other) noexcept {
  std::swap(block_, other.block_);
  std::swap(size_, other.size_);
  std::swap(workspace_, other.workspace_);
  return *this;
}

Arena::~Arena() {
  if (block_ != nullptr) ::operator delete(block_, kAlignment);
}

}  // namespace noggin::runtime
