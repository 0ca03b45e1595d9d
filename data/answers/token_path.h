// The distribution over classes along the tokens of one answer.
//
// The tokens are laid beside the answer's text by bytes to find the one in which the class's word begins. From there
// the sampled path is followed, multiplying, until the word is complete and no word of another class goes on from it
// ("refund" may still become "refund_status": the next position decides, if it was logged). At every position each
// alternative branches off; a branch is read as what was sampled since the start of the word and the alternative. Its
// mass goes to the class
//   - whose word it is ("refund": also where another class's word goes on from it, since the log does not show whether
//     this one would have), or
//   - if it is the beginning of words of one class only, to that class, or
//   - whose word it begins with, at a word's end ("A.", "refund</s>"); the longest such word;
// and to the tail otherwise. So mass that the log does not show is tail, never another class's.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "data/answers/class_in_text.h"
#include "data/answers/logged_answer.h"
#include "data/answers/read_answer.h"

namespace noggin::data {

// Where a class's word stands among the tokens.
struct WordPlace {
  std::size_t position = 0;  // of the token in which it begins
  std::size_t offset = 0;    // its first byte in that token
  std::size_t bytes = 0;     // its length
  bool plain = false;        // in tokens whose piece marks are taken for the characters that they stand for
  // The tokens are no text ("token_id:362"): the one at `position` is a word of the class by itself.
  bool alone = false;
};

// text: the answer's, in which found.word stands. Nothing if no token spells the word.
std::optional<WordPlace> find_word(const LoggedAnswer& answer, std::string_view text, const ClassInText& found,
                                   const LabelSet& labels);

// Appends a token's text; plain: "▁" and "Ġ" as a space, "Ċ" as a line end, "##" in front as nothing.
void append_token(std::string_view token, bool plain, std::string& text);

// Adds each class's mass to `classes` (none twice, in no order), and what was listed beside them to `other`. known:
// reused from answer to answer. Reasons of refusal: kTokensDoNotSpellAnswer (the sampled token contradicts its own
// list), kProbabilitiesAsLogprobs, kPositiveLogprob, kNotFinite, kSumAboveOne.
Trouble add_masses(const LoggedAnswer& answer, const WordPlace& place, std::int32_t text_class, const LabelSet& labels,
                   BranchClasses& known, std::vector<ClassMass>& classes, double& other);

}  // namespace noggin::data
