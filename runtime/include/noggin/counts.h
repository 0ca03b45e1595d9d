// What Counters (counters.h) have counted: histograms of what a model was asked and answered.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <vector>

namespace noggin {

inline constexpr std::size_t kProbabilityBins = 20, kTokenBins = 20, kUnknownBins = 11;
// Bin i of `tokens` has the texts of at most this many tokens that are in no bin before it; the last bin has the rest.
inline constexpr std::array<std::uint32_t, kTokenBins - 1> kMostTokensOfBin = {
    2, 4, 6, 8, 10, 12, 14, 16, 20, 24, 28, 32, 48, 64, 96, 128, 256, 512, 2048};

struct Counts {
  std::uint64_t requests = 0;    // texts that were answered
  std::uint64_t unanswered = 0;  // of them: abstained (single_label), no positive label (multi_label, score), no span
  std::uint64_t errors = 0;      // calls that ended with an error
  // single_label: answers that did not abstain, by label; multi_label, score: positive labels; tag, edit: spans by
  // type.
  std::vector<std::uint64_t> answers;
  // Bin i: probabilities from i / 20 to below (i + 1) / 20; 1 is in the last. Of each text's answer, abstained or not
  // (single_label, score), of each positive label, or of the most probable one where there is none (multi_label), or of
  // each span (tag, edit).
  std::array<std::uint64_t, kProbabilityBins> probability{};
  std::array<std::uint64_t, kTokenBins> tokens{};  // special ones included; of all windows of a tagger together
  // Bin 0: no token of the text is the unknown word; bin i: at most i / 10 of its tokens are, and more than (i - 1) /
  // 10; special tokens do not count. All texts are in bin 0 for a model on n-grams, which has no such word.
  std::array<std::uint64_t, kUnknownBins> unknown{};

  Counts& operator+=(const Counts& other) {  // of the same model
    const auto add = [](auto& to, const auto& from) {
      for (std::size_t i = 0; i < from.size(); ++i) to[i] += from[i];
    };
    requests += other.requests;
    unanswered += other.unanswered;
    errors += other.errors;
    if (answers.size() < other.answers.size()) answers.resize(other.answers.size());
    add(answers, other.answers);
    add(probability, other.probability);
    add(tokens, other.tokens);
    add(unknown, other.unknown);
    return *this;
  }
  bool operator==(const Counts&) const = default;
};

}  // namespace noggin
