// Which words must go to turn a text into its target: gold for the edit task.
#pragma once

#include <optional>
#include <string_view>
#include <vector>

#include "data/vocabulary/folded_words.h"
#include "data/rows/record.h"

namespace noggin::data {

// Words are compared without case (folded_words.h). Punctuation stands apart: it neither makes nor breaks a deletion, and
// what of it the target keeps is kept.
class DeletionFinder {
 public:
  // Deleted words as spans of bytes (type 0, neighbours are one span); nothing when the target's words (without
  // punctuation) are not a subsequence of the text's. Where several subsequences match, the latest words are kept: a
  // speaker repeats and corrects what came before ("on Monday, on Friday").
  //
  // The longest common subsequence of a text and a subsequence of it is the latter, so walking backwards and taking each
  // target word where it is first met finds it in linear time; no table of size words x words is needed.
  std::optional<std::vector<TypedSpan>> find(std::string_view text, std::string_view target) const;

 private:
  WordFolder folder_;
};

}  // namespace noggin::data
