// What Counters hold; for counters.cpp, session.cpp and session_tags.cpp only. Two tables, so that a text costs two
// additions: what was asked (length x unknown words) and what was answered (label x probability).
#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "format/decision.h"
#include "noggin/counters.h"

namespace noggin {

struct [[gnu::visibility("hidden")]] Counters::State {
  using Count = std::atomic<std::uint64_t>;
  State(std::uint64_t hash, std::size_t answers, bool of_spans)
      : content_hash(hash),
        spans(of_spans),
        answered((answers + 1) * kProbabilityBins),
        asked(kTokenBins * kUnknownBins) {}

  // A text of so many tokens, of which `unknown` are the unknown word; neither counts special tokens of `special`.
  void add_text(std::size_t tokens, std::size_t special, std::size_t unknown);
  void add_answer(std::size_t answer, float probability) { add(answered[cell(answer, probability)]); }
  void add_unanswered(float probability) { add_answer(answers(), probability); }
  void add_error() { add(errors); }
  // The answer of one text by its logits' probability, or the probability of each class.
  void add_decision(std::uint32_t label, float probability, const format::Decision& decision);
  void add_decisions(std::span<const float> probabilities, const format::Decision& decision);

  std::size_t answers() const { return answered.size() / kProbabilityBins - 1; }
  template <typename Take>
  Counts collect(const Take& take);

  std::uint64_t content_hash;
  bool spans;                   // a text without an answer has no probability
  std::vector<Count> answered;  // [answers + 1, kProbabilityBins]; the last row: unanswered
  std::vector<Count> asked;     // [kTokenBins, kUnknownBins]
  Count errors{0};

 private:
  static void add(Count& count) { count.fetch_add(1, std::memory_order_relaxed); }
  static std::size_t cell(std::size_t answer, float probability);
};

}  // namespace noggin
