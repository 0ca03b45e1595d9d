#include "engine/arena.h"

#include <algorithm>
#include <cstring>
#include <utility>

#include "bytes/message.h"
#include "engine/carver.h"
#include "engine/family_ops.h"
#include "engine/tag_text.h"

namespace noggin::runtime {
namespace {

constexpr std::align_val_t kAlignment{spec::kTensorAlignment};

Workspace carve(const spec::ModelConfig& config, const ChunkLimits& limits, Carver& carver) {
  Workspace w{};
  w.token_ids = carver.take<std::uint32_t>(limits.tokens + config.max_tokens);
  w.text_starts = carver.take<std::uint32_t>(limits.texts + 1);
  const bool every_token = config.pooling == spec::Pooling::kEveryToken;
  w.logits = carver.take<float>((every_token ? limits.tokens : limits.texts) * config.classes);
  w.probabilities = carver.take<float>(config.classes);
  w.tag_scratch = carver.take<std::byte>(every_token ? tag_scratch_bytes(config.classes, config.max_tokens) : 0);
  family_ops(config.family).carve(config, limits, carver, w);
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
