// The shape of a student, after pruning. A model family is a config, not a class tree: trainer, exporter, format and
// engine all build from this one value.
//
// Shape letters used throughout the project:
//   B batch   T tokens   D model width   H heads   W head width   F FFN width   V vocabulary   P positions   C classes
//   E width of the word table
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "noggin/result.h"

namespace noggin::spec {

enum class Family : std::uint32_t {
  kEncoder = 1,  // BERT-compatible, LayerNorm after each residual
  kNgram = 2,    // linear on the bag of a text's hashed n-grams; its "tokens" are the V n-grams it knows
};
// Over all real tokens, special ones included. kEveryToken: no pooling; the head answers for each token, logits [T, C].
enum class Pooling : std::uint32_t { kMean = 1, kFirstToken = 2, kEveryToken = 3 };

// What pruning may leave of one layer.
struct LayerConfig {
  std::uint32_t heads = 0;      // H >= 1
  std::uint32_t ffn_width = 0;  // F >= 1
  bool operator==(const LayerConfig&) const = default;
};

struct ModelConfig {
  Family family = Family::kEncoder;
  Pooling pooling = Pooling::kMean;
  std::uint32_t vocabulary_size = 0;  // V
  std::uint32_t max_tokens = 0;       // P, the longest input in tokens, special ones included
  std::uint32_t width = 0;            // D
  std::uint32_t head_width = 0;       // W, the same in every layer; not changed by pruning
  std::uint32_t classes = 0;          // C
  float layer_norm_epsilon = 1e-12F;
  // E, below D: the rows of the word table have this width and a matrix [D, E] widens them (Lan et al. 2020, section
  // 3.1), so that a small file holds many words. 0: rows are D wide.
  std::uint32_t embedding_width = 0;
  std::vector<LayerConfig> layers;
  bool operator==(const ModelConfig&) const = default;
};

// kNgram has vocabulary_size, max_tokens and classes; its pooling is kMean, and all else is zero or empty.
ModelConfig ngram_config(std::uint32_t ngrams, std::uint32_t classes, std::uint32_t max_tokens);

// A text may contain no n-gram that the model knows; an encoder always has the special tokens.
constexpr std::size_t min_tokens(const ModelConfig& config) { return config.family == Family::kNgram ? 0 : 1; }

constexpr std::uint32_t word_width(const ModelConfig& config) {
  return config.embedding_width == 0 ? config.width : config.embedding_width;
}

// How many rows of logits [C] a text of this many tokens gives: one per token, or one for the text.
constexpr std::size_t logit_rows(const ModelConfig& config, std::size_t tokens) {
  return config.pooling == Pooling::kEveryToken ? tokens : 1;
}

// Limits, so that every size computed from a config fits 32 bits and every integer sum is exact (NUMERICS.md).
inline constexpr std::uint32_t kMaxVocabulary = 1U << 20;
inline constexpr std::uint32_t kMaxTokens = 4096;
inline constexpr std::uint32_t kMaxWidth = 8192;
inline constexpr std::uint32_t kMaxHeadWidth = 256;
inline constexpr std::uint32_t kMaxFfnWidth = 32768;
inline constexpr std::uint32_t kMaxHeads = 128;
inline constexpr std::uint32_t kMaxClasses = 1U << 16;
inline constexpr std::uint32_t kMaxLayers = 128;

// Success when every field is inside its limit; otherwise names the field, its value and its range.
Status validate(const ModelConfig& config);

}  // namespace noggin::spec
