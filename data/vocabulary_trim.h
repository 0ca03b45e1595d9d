// A large vocabulary cut down to what a corpus uses: a pretrained encoder's 30,000 embeddings are most of its size, and
// a task reads a few thousand of them.
#pragma once

#include <cstdint>
#include <memory>
#include <string_view>
#include <vector>

#include "data/vocabulary.h"
#include "format/frozen_model.h"
#include "noggin/result.h"

namespace noggin::data {

// Counts the pieces that texts are made of, then keeps the special ones, every single ASCII character (beginning and
// continuing a word), and the most frequent others. A word whose piece was cut is spelt with smaller pieces that are kept.
// Pieces stay in their old order. Memory: a number a piece.
class VocabularyTrimmer {
 public:
  // kInvalidArgument when the contents are no tokenizer.
  static Result<VocabularyTrimmer> create(format::TokenizerContents full);
  void add(std::string_view text);
  // At most `size` pieces, none of the counted ones seen less often than min_frequency times.
  Result<format::TokenizerContents> trim(std::uint32_t size, std::uint32_t min_frequency) const;

 private:
  struct State;
  explicit VocabularyTrimmer(std::shared_ptr<State> state) : state_(std::move(state)) {}
  std::shared_ptr<State> state_;
};

}  // namespace noggin::data
