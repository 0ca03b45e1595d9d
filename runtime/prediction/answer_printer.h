// Texts in, printed answers out: the loop body of noggin-run and `noggin predict`.
#pragma once

#include <functional>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "bytes/text_unit.h"
#include "noggin/engine.h"
#include "noggin/result.h"
#include "prediction/prediction_text.h"
#include "prediction/predictor.h"

namespace noggin::runtime {

struct PrintOptions {
  Form form = Form::kAnswer;
  bool json = false;
  bool text = true;                // JSON: the text stands beside its answer. False where it was masked
  bool logits = false;             // JSON: the logits, too; not for per-token tasks
  std::optional<TextUnit> unit{};  // JSON: what places of spans count; bytes if nobody asked
};

// White space only, or nothing.
bool is_blank(std::string_view text);

// A text whose line has been appended.
struct Printed {
  std::size_t index;  // among the texts
  bool cut;           // it is longer than the model reads, and the answer is for its beginning; "truncated" in JSON
  bool blank;         // is_blank(): a model of the task single_label abstains from it
};

// Model and session must outlive it; one thread.
class AnswerPrinter {
 public:
  AnswerPrinter(const Model& model, Session& session, const PrintOptions& options)
      : model_(model), predictor_(model, session, options.form), options_(options), ids_(model.max_tokens() + 1) {}

  // Appends a line for each text, and calls after_line() after each. ids: empty, or for each text a JSON value that
  // stands first in its answer (empty: none). On failure, including lack of memory, no part of the line that failed is
  // appended: no output shows part of an answer. Errors: those of Predictor::predict.
  Status print(std::span<const std::string_view> texts, std::span<const std::string> ids, std::string& out,
               const std::function<void(const Printed&)>& after_line);

 private:
  bool is_cut(std::string_view text);
  void append(std::string_view text, const Prediction& prediction, const JsonContents& contents, std::string& out);

  const Model& model_;
  Predictor predictor_;
  PrintOptions options_;
  std::vector<std::uint32_t> ids_;  // [max_tokens + 1]
};

}  // namespace noggin::runtime
