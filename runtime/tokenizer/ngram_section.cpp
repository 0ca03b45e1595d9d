// The tokenizer section of an n-gram model: written, checked and bound. Runs once per model.
#include <bit>

#include "bytes/little_endian.h"
#include "bytes/message.h"
#include "tokenizer/ngram_features.h"
#include "tokenizer/ngram_tokenizer.h"

namespace noggin::runtime {
namespace {

constexpr std::uint32_t kVersion = 1;
constexpr std::size_t kHeaderBytes = 12;

std::size_t words_for(std::uint32_t buckets) { return (std::size_t{buckets} + 31) / 32; }

Status check_buckets(std::uint32_t buckets, ErrorCode code) {
  if (buckets >= kMinBuckets && buckets <= kMaxBuckets) return {};
  return Error{code, message({"tokenizer section: ", buckets, " buckets, must be ", kMinBuckets, " to ", kMaxBuckets})};
}

Error corrupt(MessageParts what) {
  return {ErrorCode::kCorrupt, "tokenizer section: " + message(what) + ". Fix: export the model again"};
}

}  // namespace

Result<std::vector<std::byte>> serialize_ngrams(const runtime::NgramContents& contents) {
  if (Status status = check_buckets(contents.buckets, ErrorCode::kInvalidArgument); !status) return status.error();
  std::vector<std::uint32_t> known(words_for(contents.buckets));
  for (const std::uint32_t bucket : contents.known_buckets) {
    if (bucket >= contents.buckets) {
      return Error{ErrorCode::kInvalidArgument, message({"tokenizer section: known bucket ", bucket,
                                                         " is not below the number of buckets, ", contents.buckets})};
    }
    known[bucket / 32] |= 1U << (bucket % 32);
  }
  std::vector<std::byte> bytes;
  append_little_endian(bytes, kVersion);
  append_little_endian(bytes, contents.buckets);
  append_little_endian(bytes, static_cast<std::uint32_t>(contents.known_buckets.size()));
  for (const std::uint32_t word : known) append_little_endian(bytes, word);
  return bytes;
}

Result<NgramTokenizer> NgramTokenizer::bind(std::span<const std::byte> section) {
  if (section.size() < kHeaderBytes)
    return corrupt({"has ", section.size(), " bytes, at least ", kHeaderBytes, " are needed"});
  const auto field = [&](std::size_t index) { return load_little_endian<std::uint32_t>(&section[4 * index]); };
  if (field(0) != kVersion) {
    return Error{ErrorCode::kUnsupported, message({"tokenizer section: n-gram version ", field(0),
                                                   " is unknown to this version; use a newer runtime"})};
  }
  NgramTokenizer tokenizer;
  tokenizer.buckets_ = field(1);
  tokenizer.vocabulary_size_ = field(2);
  if (Status status = check_buckets(tokenizer.buckets_, ErrorCode::kCorrupt); !status) return status.error();
  const std::size_t words = words_for(tokenizer.buckets_);
  if (section.size() != kHeaderBytes + 4 * words)
    return corrupt({section.size(), " bytes do not fit ", tokenizer.buckets_, " buckets"});
  tokenizer.known_ = section.data() + kHeaderBytes;
  tokenizer.known_before_.reserve((words + kWordsPerBlock - 1) / kWordsPerBlock);
  std::uint32_t known = 0;
  for (std::size_t i = 0; i < words; ++i) {
    if (i % kWordsPerBlock == 0) tokenizer.known_before_.push_back(known);
    known += static_cast<std::uint32_t>(std::popcount(tokenizer.word(i)));
  }
  if (known != tokenizer.vocabulary_size_)
    return corrupt({known, " buckets are known, ", tokenizer.vocabulary_size_, " are declared"});
  const std::uint32_t used = tokenizer.buckets_ % 32;  // of the last word
  if (used != 0 && tokenizer.word(words - 1) >> used != 0) return corrupt({"a bucket beyond the last is known"});
  return tokenizer;
}

}  // namespace noggin::runtime
