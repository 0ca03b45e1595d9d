// A large vocabulary cut down to what a corpus uses: a pretrained encoder's 30,000 embeddings are most of its size, and
// a task reads a few thousand of them.
#pragma once

#include <cstdint>
#include <memory>
#include <string_view>
#include <vector>

#include "data/vocabulary/vocabulary.h"
#include "tokenizer/contents.h"
#include "noggin/result.h"

namespace noggin::data {

// What a trimmed vocabulary still says of the corpus that it was made for.
struct TrimCoverage {
  std::uint64_t full_pieces = 0, kept_pieces = 0;
  std::uint64_t corpus_tokens = 0;  // of the corpus, by the full vocabulary; special ones left out
  std::uint64_t kept_tokens = 0;    // of those, the ones whose piece was kept; the rest is spelt with smaller pieces
};

// Counts the pieces that texts are made of, then keeps the special ones, every single ASCII character (beginning and
// continuing a word), and the most frequent others. A word whose piece was cut is spelt with smaller pieces that are kept.
// Pieces stay in their old order. Memory: a number a piece.
class VocabularyTrimmer {
 public:
  // kInvalidArgument when the contents are no tokenizer.
  static Result<VocabularyTrimmer> create(runtime::TokenizerContents full);
  // The first spec::kMaxTokens tokens of a text count: no student reads further.
  void add(std::string_view text);
  // At most `size` pieces, none of the counted ones seen less often than min_frequency times. fill: room that is left goes to
  // the first pieces of the full vocabulary with more than one character, which such vocabularies list by how often a large
  // corpus has them: for texts whose words the corpus at hand does not foretell. kInvalidArgument when `size` has no room for
  // what is always kept.
  Result<runtime::TokenizerContents> trim(std::uint32_t size, std::uint32_t min_frequency, bool fill = false) const;
  // Of a vocabulary that trim() gave.
  TrimCoverage coverage(const runtime::TokenizerContents& trimmed) const;

 private:
  struct State;
  explicit VocabularyTrimmer(std::shared_ptr<State> state) : state_(std::move(state)) {}
  std::shared_ptr<State> state_;
};

}  // namespace noggin::data
