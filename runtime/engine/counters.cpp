#include "noggin/counters.h"

#include <algorithm>
#include <new>
#include <utility>

#include "engine/answer.h"
#include "engine/counters_state.h"
#include "format/reader.h"
#include "noggin/engine.h"
#include "spec/task.h"

namespace noggin {
namespace {

std::size_t token_bin(std::size_t tokens) {
  return static_cast<std::size_t>(std::lower_bound(kMostTokensOfBin.begin(), kMostTokensOfBin.end(), tokens) -
                                  kMostTokensOfBin.begin());
}

// The tenths are rounded up.
std::size_t unknown_bin(std::size_t tokens, std::size_t unknown) {
  return tokens == 0 ? 0 : std::min((unknown * 10 + tokens - 1) / tokens, kUnknownBins - 1);
}

}  // namespace

std::size_t Counters::State::cell(std::size_t answer, float probability) {
  const float scaled = probability * static_cast<float>(kProbabilityBins);
  const std::size_t bin = scaled > 0.0F ? static_cast<std::size_t>(std::min(scaled, kProbabilityBins - 1.0F)) : 0;
  return answer * kProbabilityBins + bin;
}

void Counters::State::add_text(std::size_t tokens, std::size_t special, std::size_t unknown) {
  add(asked[token_bin(tokens) * kUnknownBins + unknown_bin(tokens - std::min(tokens, special), unknown)]);
}

void Counters::State::add_decision(std::uint32_t label, float probability, const format::Decision& decision) {
  const bool no = spec::traits_of(decision.kind).has_thresholds ? probability < decision.threshold(label)
                                                                : probability < decision.abstain_below;
  add_answer(no ? answers() : label, probability);
}

void Counters::State::add_decisions(std::span<const float> probabilities, const format::Decision& decision) {
  const std::uint32_t best = runtime::argmax(probabilities);
  if (!spec::traits_of(decision.kind).has_thresholds) return add_decision(best, probabilities[best], decision);
  bool any = false;
  for (std::uint32_t label = 0; label < probabilities.size(); ++label) {
    if (probabilities[label] < decision.threshold(label)) continue;
    add_answer(label, probabilities[label]);
    any = true;
  }
  if (!any) add_unanswered(probabilities[best]);
}

// take(count) gives the value of one count.
template <typename Take>
Counts Counters::State::collect(const Take& take) {
  Counts counts;
  for (std::size_t i = 0; i < asked.size(); ++i) {
    const std::uint64_t texts = take(asked[i]);
    counts.requests += texts;
    counts.tokens[i / kUnknownBins] += texts;
    counts.unknown[i % kUnknownBins] += texts;
  }
  counts.answers.resize(answers());
  for (std::size_t i = 0; i < answered.size(); ++i) {
    const std::uint64_t times = take(answered[i]);
    const bool answer = i / kProbabilityBins < answers();
    (answer ? counts.answers[i / kProbabilityBins] : counts.unanswered) += times;
    if (answer || !spans) counts.probability[i % kProbabilityBins] += times;
  }
  counts.errors = take(errors);
  return counts;
}

Counters::Counters(std::unique_ptr<State> state) : state_(std::move(state)) {}
Counters::Counters(Counters&&) noexcept = default;
Counters& Counters::operator=(Counters&&) noexcept = default;
Counters::~Counters() = default;

Result<Counters> Counters::create(const Model& model) try {
  const bool spans = spec::traits_of(model.task()).per_token();
  const std::size_t answers = spans ? model.span_types().size() : model.labels().size();
  return Counters(std::make_unique<State>(model.content_hash(), answers, spans));
} catch (const std::bad_alloc&) {
  return Error{ErrorCode::kOutOfSpace, "out of memory"};  // short enough to need no allocation
}

std::uint64_t Counters::model_content_hash() const { return state_->content_hash; }

Counts Counters::read() const {
  return state_->collect([](State::Count& count) { return count.load(std::memory_order_relaxed); });
}

Counts Counters::take() {
  return state_->collect([](State::Count& count) { return count.exchange(0, std::memory_order_relaxed); });
}

}  // namespace noggin
