#include "prediction/predictor.h"

#include <new>
#include <utility>

namespace noggin::runtime {

Status Predictor::predict(std::span<const std::string_view> texts, const Use& use, bool with_logits) try {
  const spec::TaskTraits& task = spec::traits_of(head_.decision.kind);
  if (task.answers(spec::Call::kClassify)) return classify(texts, use, with_logits);
  for (std::size_t i = 0; i < texts.size(); ++i) {
    if (Status status = predict_one(texts[i]); !status) return status;
    use(i, prediction_, with_logits && !task.per_token() ? session_.last_logits() : std::span<const float>());
  }
  return {};
} catch (const std::bad_alloc&) {
  return Error{ErrorCode::kOutOfSpace, "out of memory"};  // short enough to need no allocation
}

// All texts in one batch.
Status Predictor::classify(std::span<const std::string_view> texts, const Use& use, bool with_logits) {
  const std::size_t C = head_.labels.size();
  answers_.resize(texts.size());
  logits_.resize(with_logits ? texts.size() * C : 0);
  if (Status status = session_.classify_batch(texts, answers_, logits_); !status) return status;
  for (std::size_t i = 0; i < texts.size(); ++i) {
    prediction_ = prediction_of(answers_[i], head_.decision);
    use(i, prediction_, with_logits ? std::span<const float>(logits_).subspan(i * C, C) : std::span<const float>());
  }
  return {};
}

Status Predictor::predict_one(std::string_view text) {
  const spec::TaskTraits& task = spec::traits_of(head_.decision.kind);
  if (form_ != Form::kAnswer) {
    const bool mask = form_ == Form::kMasked;
    Result<std::string> rewritten = mask ? session_.mask(text) : session_.edit(text);
    if (!rewritten) return rewritten.error();
    prediction_ = TextAnswer{mask ? TextAnswer::Kind::kMasked : TextAnswer::Kind::kEdited, *std::move(rewritten)};
    return {};
  }
  if (task.per_token()) return find_spans(text);
  const Result<std::span<const float>> probabilities = session_.probabilities(text);
  if (!probabilities) return probabilities.error();
  prediction_ = labels_above(*probabilities, head_.decision);
  return {};
}

// All spans: asks again if there are more than fit.
Status Predictor::find_spans(std::string_view text) {
  if (!std::holds_alternative<SpanAnswer>(prediction_)) prediction_ = SpanAnswer{};
  std::vector<TaggedSpan>& spans = std::get<SpanAnswer>(prediction_).spans;
  spans.resize(spans.capacity());
  for (;;) {
    const Result<std::size_t> count = session_.tag(text, spans);
    if (!count) return count.error();
    const bool all = *count <= spans.size();
    spans.resize(*count);
    if (all) return {};
  }
}

Result<std::vector<Prediction>> all_predictions(const Model& model, Session& session,
                                                std::span<const std::string_view> texts) {
  std::vector<Prediction> all;
  Status status =
      Predictor(model, session).predict(texts, [&](std::size_t, const Prediction& prediction, std::span<const float>) {
        all.push_back(prediction);
      });
  if (!status) return status.error();
  return all;
}

}  // namespace noggin::runtime
