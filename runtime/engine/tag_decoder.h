// From the logits of words to one class per word: the best sequence that the rules of BIO allow (A. J. Viterbi, 1967).
//
// The best sequence has the largest sum of logits, added in word order in binary32. It is also the most probable one,
// since what softmax would subtract from the logits of a word is the same for all its classes.
// TagScheme::may_follow says which class may follow which.
//   Ties: the last word takes the lowest of the classes that reach the largest sum. So does each word before it, among
//         the classes that reach the largest sum up to there and may be followed by the class that the next word took.
//   NaN:  a sum that is NaN counts as -infinity.
// Time O(words * C): all outside and begin classes have the same best predecessor, an inside class has two.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>

#include "spec/tag_scheme.h"

namespace noggin::runtime {

// The caller's memory; its content does not matter.
struct TagDecoderBuffers {
  std::span<float> sums;                 // [2 * C]
  std::span<std::uint32_t> best_before;  // [words]
  std::span<std::uint8_t> after_begin;   // [words * types]
};

// logits: rows [C]; word w uses row rows[w]. Writes classes[w] for each of rows.size() words. `from` is the class of
// the word before the first: scheme.outside at the start of a text. Expects the environment of float_environment.h.
void decode_tags(const spec::TagScheme& scheme, std::span<const float> logits, std::span<const std::uint32_t> rows,
                 std::uint32_t from, const TagDecoderBuffers& buffers, std::span<std::uint32_t> classes);

}  // namespace noggin::runtime
