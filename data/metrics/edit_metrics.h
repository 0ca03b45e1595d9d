// Metrics of edited texts against their targets: the one home of exact match and word error. Pure functions of one
// row each; means over rows, and a bootstrap of them, are sums.
#pragma once

#include <cstdint>
#include <string_view>

#include "data/vocabulary/folded_words.h"

namespace noggin::data {

// The same words in the same order; case, punctuation and white space do not matter. (Strict exact match is ==.)
bool same_words(const WordFolder& folder, std::string_view answer, std::string_view target);

// Word error rate = errors / reference_words, each summed over rows. errors: the fewest insertions, deletions and
// replacements of words that turn the target into the answer (Levenshtein 1966); words are separated by ASCII white
// space and compared as they are.
struct WordErrors {
  std::uint64_t errors = 0, reference_words = 0;
  double rate() const {
    return reference_words == 0 ? 0.0 : static_cast<double>(errors) / static_cast<double>(reference_words);
  }
  WordErrors& operator+=(const WordErrors& other) {
    errors += other.errors;
    reference_words += other.reference_words;
    return *this;
  }
  bool operator==(const WordErrors&) const = default;
};
// Time grows with the product of both lengths.
WordErrors word_errors(std::string_view answer, std::string_view target);

}  // namespace noggin::data
