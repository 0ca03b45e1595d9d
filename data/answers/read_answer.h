// From one logged answer to a distribution over classes.
//
// The answer's own text decides the class (class_in_text.h); the tokens that spell it are found by bytes, and the
// distribution is read along them (token_path.h). A row whose class is not certain is refused by name; nothing is
// guessed.
#pragma once

#include <cstdint>
#include <variant>
#include <vector>

#include "data/answers/branch_classes.h"
#include "data/answers/logged_answer.h"
#include "data/rows/labels.h"
#include "data/rows/rejection.h"

namespace noggin::data {

struct AnswerOptions {
  // Of the probability that the log shows where the answer stands, the least share that must be on classes: else the
  // teacher said something else, and what it lists of classes is noise under that. 0.5: it was more likely to name a
  // class than not. What the log does not show does not count, so that a teacher that is flat over 77 classes, of which
  // five were logged, is not taken for one that answers something else.
  double min_class_mass = 0.5;
  // Where the log has no tokens, or none that spell the answer, its text's class is taken as a label.
  bool labels_only_allowed = false;
  std::uint32_t top_k = 32;  // the most probable classes that are kept
};

struct ClassMass {
  std::int32_t class_index;
  double probability;
};

struct AnswerReading {
  enum class From : std::uint8_t { kTokens, kText, kConfidence };
  From from = From::kTokens;
  std::int32_t text_class = kNoClass;  // the class that the text names
  std::vector<ClassMass> classes;      // most probable first, at most top_k; their sum is at most 1, the rest is tail
  double mass = 0;                     // of all classes, also of those beyond top_k
  double other_mass = 0;               // that the log shows on words of no class, in their place
  std::uint32_t position = 0;          // kTokens: the token position, from 0, in which the class's word begins
  // The most probable class is the one in the text. Else the answer was sampled against the odds (temperature).
  bool agrees = true;
  bool confidence_unread = false;  // the answer names a confidence that is no probability ("high", 7)
  BranchClasses known_branches;    // no part of the answer: what is worth keeping for the next one
};

// Fills `reading` anew, which may be reused from row to row: nothing is then allocated for an answer of one token. Any
// thread; `labels` is shared.
Trouble read_answer(const LoggedAnswer& answer, const LabelSet& labels, const AnswerOptions& options,
                    AnswerReading& reading);

inline Checked<AnswerReading> read_answer(const LoggedAnswer& answer, const LabelSet& labels,
                                          const AnswerOptions& options) {
  AnswerReading reading;
  if (Trouble trouble = read_answer(answer, labels, options, reading)) return *std::move(trouble);
  return reading;
}

}  // namespace noggin::data
