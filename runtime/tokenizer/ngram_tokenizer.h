// Text -> ids of the n-grams that a linear model knows: what WordPiece is to an encoder. An n-gram is identified by the
// bucket that ngram_features.h hashes it to; the ids number the known buckets in ascending order.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>
#include <vector>

#include "bytes/little_endian.h"
#include "noggin/result.h"
#include "noggin/text_span.h"
#include "tokenizer/contents.h"

namespace noggin::runtime {

// The tokenizer section of an n-gram model. Fails (kInvalidArgument) on buckets outside kMinBuckets..kMaxBuckets.
// `contents` must be valid (format::validate).
//
// Little-endian, no holes:
//   uint32 version = 1 | uint32 buckets | uint32 vocabulary_size V
//   uint32 known [ceil(buckets / 32)]   bit b % 32 of word b / 32 is set if bucket b is known: V bits, none beyond
Result<std::vector<std::byte>> serialize_ngrams(const NgramContents& contents);

// Bound to serialized bytes, which it validates and does not own: the bytes must outlive it. Const and thread-safe.
class NgramTokenizer {
 public:
  // Safe on any bytes; kCorrupt or kUnsupported says what is wrong with them. Needs no alignment; allocates an eighth
  // of the section's size. Throws std::bad_alloc only.
  static Result<NgramTokenizer> bind(std::span<const std::byte> section);

  std::uint32_t vocabulary_size() const { return vocabulary_size_; }
  // Writes the ids of the known n-grams of `text` in the order of ngram_features.h, repeated ones each time; returns
  // how many. Those beyond ids.size() are dropped. spans: as large as ids, the position of each in the text; or empty.
  // Allocates nothing.
  std::size_t encode(std::string_view text, std::span<std::uint32_t> ids, std::span<TextSpan> spans = {}) const;

 private:
  static constexpr std::size_t kWordsPerBlock = 8;  // 256 buckets: four bit counts per lookup, one number per 32 bytes
  NgramTokenizer() = default;
  std::uint32_t word(std::size_t index) const { return load_little_endian<std::uint32_t>(known_ + 4 * index); }

  std::uint32_t buckets_ = 0, vocabulary_size_ = 0;
  const std::byte* known_ = nullptr;
  std::vector<std::uint32_t> known_before_;  // [ceil(words / kWordsPerBlock)]: set bits before each block of words
};

}  // namespace noggin::runtime
