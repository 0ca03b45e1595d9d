// Batches of random texts for the CUDA backend, and the engine's logits for them.
#pragma once

#include "gpu/batch.h"
#include "tests/support/engine_model.h"

namespace noggin::test {

struct Texts {
  std::vector<std::uint32_t> ids, offsets{0};
  gpu::PackedTexts packed() const { return {ids, offsets}; }
};

// All lengths, including the shortest and the longest.
inline Texts random_texts(const spec::ModelConfig& config, std::size_t count, std::uint64_t seed) {
  Random random(seed);
  Texts texts;
  for (std::size_t b = 0; b < count; ++b) {
    const std::size_t tokens = b == 0 ? 1 : b == 1 ? config.max_tokens : 1 + random.below(config.max_tokens);
    for (std::size_t t = 0; t < tokens; ++t) {
      texts.ids.push_back(static_cast<std::uint32_t>(random.below(config.vocabulary_size)));
    }
    texts.offsets.push_back(static_cast<std::uint32_t>(texts.ids.size()));
  }
  return texts;
}

// [B, C] or [N, C], text by text.
inline std::vector<float> reference_logits(const Model& model, const Texts& texts) {
  Result<Session> session = Session::create(model, "reference");
  std::vector<float> all;
  for (std::size_t b = 0; b + 1 < texts.offsets.size(); ++b) {
    const std::size_t first = texts.offsets[b], tokens = texts.offsets[b + 1] - first;
    const auto logits = session->logits(std::span(texts.ids).subspan(first, tokens));
    EXPECT_TRUE(logits);
    all.insert(all.end(), logits->begin(), logits->end());
  }
  return all;
}

}  // namespace noggin::test
