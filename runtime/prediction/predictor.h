// Texts in, predictions out, through the calls of a Session that suit its model's task.
#pragma once

#include <cstddef>
#include <functional>
#include <span>
#include <string_view>
#include <vector>

#include "noggin/engine.h"
#include "noggin/result.h"
#include "prediction/prediction.h"

namespace noggin::runtime {

// kMasked, kEdited: the text itself, rewritten.
enum class Form : std::uint8_t { kAnswer, kMasked, kEdited };

// Reuses its memory from text to text. Model and session must outlive it; one thread.
class Predictor {
 public:
  // kMasked needs a model of the task tag, kEdited one of the task edit.
  Predictor(const Model& model, Session& session, Form form = Form::kAnswer)
      : head_(head_of(model)), session_(session), form_(form) {}

  const Head& head() const { return head_; }

  // Calls use(index, prediction, logits) for each text, in order. logits [C]: of the text; empty for per-token tasks
  // and unless `with_logits`. The prediction is valid during the call. Errors: those of the session, and kOutOfSpace;
  // every text before the one that failed has been used.
  using Use = std::function<void(std::size_t index, const Prediction& prediction, std::span<const float> logits)>;
  Status predict(std::span<const std::string_view> texts, const Use& use, bool with_logits = false);

 private:
  Status classify(std::span<const std::string_view> texts, const Use& use, bool with_logits);
  Status predict_one(std::string_view text);
  Status find_spans(std::string_view text);

  Head head_;
  Session& session_;
  Form form_;
  Prediction prediction_;
  std::vector<Answer> answers_;
  std::vector<float> logits_;
};

// All of them.
Result<std::vector<Prediction>> all_predictions(const Model& model, Session& session,
                                                std::span<const std::string_view> texts);

}  // namespace noggin::runtime
