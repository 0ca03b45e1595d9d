// Trims a large vocabulary to what a corpus uses: a pretrained encoder's 30,000 embeddings are most of its size, and
// a task uses a few thousand of them.
#pragma once

#include <cstdint>
#include <memory>
#include <string_view>
#include <vector>

#include "data/vocabulary/vocabulary.h"
#include "noggin/result.h"
#include "tokenizer/contents.h"

namespace noggin::data {

// How much of its corpus a trimmed vocabulary covers.
struct TrimCoverage {
  std::uint64_t full_pieces = 0, kept_pieces = 0;
  std::uint64_t corpus_tokens = 0;  // tokens of the corpus by the full vocabulary, without special ones
  std::uint64_t kept_tokens = 0;    // those whose piece was kept; the rest is spelt with smaller pieces
};

// Counts the pieces of texts, then keeps the special ones, every single ASCII character (beginning and
// continuing a word), and the most frequent others. A word whose piece was cut is spelt with smaller pieces that are
// kept. Pieces stay in their old order. Memory: one number per piece.
class VocabularyTrimmer {
 public:
  // kInvalidArgument if the contents are not a tokenizer.
  static Result<VocabularyTrimmer> create(runtime::TokenizerContents full);
  // The first spec::kMaxTokens tokens of a text count: no student reads further.
  void add(std::string_view text);
  // At most `size` pieces; counted pieces seen fewer than min_frequency times are dropped. fill: remaining places go to
  // the first pieces of the full vocabulary with more than one character, which such vocabularies list by their
  // frequency in a large corpus: for texts whose words this corpus does not predict. kInvalidArgument if `size` is too
  // small for what is always kept.
  Result<runtime::TokenizerContents> trim(std::uint32_t size, std::uint32_t min_frequency, bool fill = false) const;
  // `trimmed`: a result of trim().
  TrimCoverage coverage(const runtime::TokenizerContents& trimmed) const;

 private:
  struct State;
  explicit VocabularyTrimmer(std::shared_ptr<State> state) : state_(std::move(state)) {}
  std::shared_ptr<State> state_;
};

}  // namespace noggin::data
