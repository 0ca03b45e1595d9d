// Turns what a log lists into probabilities over classes.
#pragma once

#include <cstdint>
#include <span>

#include "data/answers/read_answer.h"
#include "data/rows/record.h"
#include "data/rows/rejection.h"

namespace noggin::data {

enum class ValueKind { kLogprobs, kProbs, kLogits };

// One listed word (or one class of an array) with its value.
struct ListedWord {
  std::int32_t class_index;  // -1: no class claims the word
  double value;
};

struct BuiltDistribution {
  TeacherDistribution teacher;
  std::uint32_t unmapped_words = 0;
  bool renormalized = false;
};

// logprobs: exp. probs: as they are. logits: softmax over everything listed; a class that is not listed counts as
// absent (probability 0), because its logit cannot be guessed. A logarithm of -infinity is no mass. Words of one class
// are added; words of no class join the tail. Sum rule: a sum above 1 and up to kMaxSum, or for probs up to what
// rounding to their number of decimals explains (decimals.h), is divided out; a larger one is rejected.
Checked<BuiltDistribution> build_distribution(ValueKind kind, std::span<const ListedWord> words, std::uint32_t top_k);

// The same for classes that do not exclude each other (multi_label): logprobs: exp. probs: as they are. logits:
// sigmoid. No sum rule; if a class has several words, the most probable counts, and a class at 0 is kept: it is a
// negative answer of the teacher.
Checked<BuiltDistribution> build_independent(ValueKind kind, std::span<const ListedWord> words, std::uint32_t top_k);

// Of masses that are probabilities already; those of one class are added.
TeacherDistribution distribution_of(std::span<const ClassMass> classes, std::uint32_t top_k);
// The same of an answer as read_answer() has settled it: the most probable first, no class twice.
void settled_distribution(std::span<const ClassMass> classes, TeacherDistribution& teacher);

}  // namespace noggin::data
