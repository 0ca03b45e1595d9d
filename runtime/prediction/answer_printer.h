// Texts in, printed answers out: the loop body of noggin-run and `noggin predict`.
#pragma once

#include <functional>
#include <span>
#include <string>
#include <string_view>

#include "bytes/text_unit.h"
#include "noggin/engine.h"
#include "noggin/result.h"
#include "prediction/predictor.h"

namespace noggin::runtime {

struct PrintOptions {
  Form form = Form::kAnswer;
  bool json = false;
  bool text = true;                 // JSON: the text stands beside its answer. False where it was masked
  bool logits = false;              // JSON: the logits, too; not for per-token tasks
  TextUnit unit = TextUnit::kByte;  // JSON: what places of spans count
};

// Model and session must outlive it; one thread.
class AnswerPrinter {
 public:
  AnswerPrinter(const Model& model, Session& session, const PrintOptions& options)
      : predictor_(model, session, options.form), options_(options) {}

  // Appends a line for each text, and calls after_line() after each. On failure, including lack of memory, no part of
  // the line that failed is appended: no output shows part of an answer. Errors: those of Predictor::predict.
  Status print(std::span<const std::string_view> texts, std::string& out, const std::function<void()>& after_line);

 private:
  void append(std::string_view text, const Prediction& prediction, std::span<const float> logits, std::string& out);

  Predictor predictor_;
  PrintOptions options_;
};

}  // namespace noggin::runtime
