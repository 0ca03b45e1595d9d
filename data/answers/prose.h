// Class words in running text: where they stand, and what is said of them.
#pragma once

#include <cstddef>
#include <string_view>
#include <vector>

#include "data/rows/labels.h"

namespace noggin::data {

struct Mention {
  std::int32_t class_index;
  std::size_t begin, end;  // bytes of the text
  bool negated = false;    // "not billing", "rather than billing", or denied
  bool denied = false;     // negated by what follows: "billing is wrong"
  bool announced = false;  // "the answer is billing", "Category: billing"
  bool counts = true;      // false: a word of one letter that may be an article or a pronoun (class_in_text.h)
  bool doubtful = false;   // does not count, but can be nothing else than a letter that is meant
  bool leads = false;      // the text's first word, before punctuation or a dash
};

// Every class word of the text, in order, none overlapping another; at each place the longest.
std::vector<Mention> mentions_in(std::string_view text, const LabelSet& labels);

// Whether nothing but marks, commas and joining words stands between two mentions, a before b: "billing, delivery", "A
// or B".
bool are_joined(std::string_view text, const Mention& a, const Mention& b);

// Whether the text sets out to refuse: "I cannot help with that", "As an AI ...".
bool begins_with_refusal(std::string_view text);
// Whether it takes something back: "wait", "actually", "correction".
bool has_correction(std::string_view text);

}  // namespace noggin::data
