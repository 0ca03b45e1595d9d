// Opt-in counts of what a model is asked and answers: histograms, no text, no ids, nothing of a single request. A host
// attaches counters to its sessions, reads them now and then, and may send them home; `noggin drift` compares them with
// the counts of the rows that the model was judged on, which lie in its file.
//
//   auto counters = noggin::Counters::create(*model);          // Result<Counters>
//   session->set_counters(&*counters);                         // any number of sessions, on any threads
//   noggin::Counts counts = counters->take();                  // and begin again at 0
//
// Cost of an answer: two relaxed atomic additions, and a look at each of its token ids.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <vector>

#include "noggin/export.h"
#include "noggin/result.h"

namespace noggin {

class Model;
class Session;

inline constexpr std::size_t kProbabilityBins = 20, kTokenBins = 20, kUnknownBins = 11;
// Bin i of `tokens` has the texts of at most this many tokens that are in no bin before it; the last bin has the rest.
inline constexpr std::array<std::uint32_t, kTokenBins - 1> kMostTokensOfBin = {
    2, 4, 6, 8, 10, 12, 14, 16, 20, 24, 28, 32, 48, 64, 96, 128, 256, 512, 2048};

struct Counts {
  std::uint64_t requests = 0;    // texts that were answered
  std::uint64_t unanswered = 0;  // of them: abstained (single_label), no positive label (multi_label, score), no span
  std::uint64_t errors = 0;      // calls that ended with an error
  // single_label: answers that did not abstain, by label; multi_label, score: positive labels; tag, edit: spans by type.
  std::vector<std::uint64_t> answers;
  // Bin i: probabilities from i / 20 to below (i + 1) / 20; 1 is in the last. Of each text's answer, abstained or not
  // (single_label, score), of each positive label, or of the most probable one where there is none (multi_label), or of
  // each span (tag, edit).
  std::array<std::uint64_t, kProbabilityBins> probability{};
  std::array<std::uint64_t, kTokenBins> tokens{};  // special ones included; of all windows of a tagger together
  // Bin 0: no token of the text is the unknown word; bin i: at most i / 10 of its tokens are, and more than (i - 1) / 10;
  // special tokens do not count. All texts are in bin 0 for a model on n-grams, which has no such word.
  std::array<std::uint64_t, kUnknownBins> unknown{};

  NOGGIN_EXPORT Counts& operator+=(const Counts& other);  // of the same model
  bool operator==(const Counts&) const = default;
};

// All functions may be called from several threads, also while sessions count. Counts of one text may fall into two
// readings, half into each, because nothing is locked.
class NOGGIN_EXPORT Counters {
 public:
  // For this model alone, which need not outlive it. Takes (labels + 1) * 160 + 1,760 bytes. Error: kOutOfSpace.
  static Result<Counters> create(const Model& model);
  Counters(Counters&&) noexcept;
  Counters& operator=(Counters&&) noexcept;
  ~Counters();

  std::uint64_t model_content_hash() const;
  Counts read() const;
  Counts take();  // reads and sets to 0; nothing that is counted meanwhile is lost

 private:
  struct State;
  explicit Counters(std::unique_ptr<State> state);
  std::unique_ptr<State> state_;
  friend class Session;
};

}  // namespace noggin
