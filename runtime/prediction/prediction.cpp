#include "prediction/prediction.h"

#include <algorithm>
#include <cstddef>

#include "engine/answer.h"
#include "format/reader.h"

namespace noggin::runtime {
namespace {

bool same(const ClassAnswer& a, const ClassAnswer& b) { return a.label == b.label && a.abstained == b.abstained; }
bool same(const LabelSetAnswer& a, const LabelSetAnswer& b) {
  return std::ranges::equal(a.labels, b.labels, {}, &LabelSetAnswer::Label::label, &LabelSetAnswer::Label::label);
}
bool same(const ScoreAnswer& a, const ScoreAnswer& b) {
  return a.positive == b.positive && thousandths(a.score) == thousandths(b.score);
}
bool same(const SpanAnswer& a, const SpanAnswer& b) {
  return std::ranges::equal(a.spans, b.spans, [](const TaggedSpan& x, const TaggedSpan& y) {
    return x.place == y.place && x.type == y.type;
  });
}
bool same(const TextAnswer& a, const TextAnswer& b) { return a.kind == b.kind && a.text == b.text; }

}  // namespace

Head head_of(const Model& model) { return {{}, model.view().decision, model.labels(), model.span_types()}; }

LabelSetAnswer labels_above(std::span<const float> probabilities, const format::Decision& decision) {
  LabelSetAnswer answer;
  for (std::size_t c = 0; c < probabilities.size(); ++c) {
    if (probabilities[c] < decision.threshold(c)) continue;
    answer.labels.push_back({static_cast<std::uint32_t>(c), probabilities[c]});
  }
  return answer;
}

Prediction prediction_of(const Answer& answer, const format::Decision& decision) {
  if (spec::traits_of(decision.kind).activation == spec::Activation::kSoftmax) {
    return ClassAnswer{answer.label, answer.probability, answer.abstained};
  }
  return ScoreAnswer{answer.probability, answer.probability >= decision.threshold(0)};
}

Prediction prediction_of(std::span<const float> logits, const format::Decision& decision) {
  const spec::TaskTraits& task = spec::traits_of(decision.kind);
  if (task.per_token() || task.answers(spec::Call::kClassify)) {
    return prediction_of(answer_of(logits, decision), decision);
  }
  std::vector<float> probabilities(logits.size());
  probabilities_of(logits, decision, probabilities.data());
  return labels_above(probabilities, decision);
}

std::int32_t thousandths(float score) {
  return static_cast<std::int32_t>(1000.0 * double{score} + 0.5);  // scores are not negative
}

bool same_decision(const Prediction& a, const Prediction& b) {
  return std::visit(
      [&b](const auto& mine) {
        const auto* const theirs = std::get_if<std::decay_t<decltype(mine)>>(&b);
        return theirs != nullptr && same(mine, *theirs);
      },
      a);
}

}  // namespace noggin::runtime
