// Which words to delete to turn a text into its target: gold for the edit task.
#pragma once

#include <optional>
#include <string_view>
#include <vector>

#include "data/rows/record.h"
#include "data/vocabulary/folded_words.h"

namespace noggin::data {

// Words are compared without case (folded_words.h). Punctuation is ignored: it neither makes nor breaks a deletion, and
// whatever the target keeps of it is kept.
class DeletionFinder {
 public:
  // Deleted words as spans of bytes (type 0, adjacent ones merged); nothing when the target's words (without
  // punctuation) are not a subsequence of the text's. Where several subsequences match, the latest words are kept: a
  // speaker repeats and corrects what came before ("on Monday, on Friday").
  //
  // The longest common subsequence of a text and a subsequence of it is the latter, so walking backwards and taking
  // each target word at its first match finds it in linear time; no words x words table is needed.
  std::optional<std::vector<TypedSpan>> find(std::string_view text, std::string_view target) const;

 private:
  WordFolder folder_;
};

}  // namespace noggin::data
