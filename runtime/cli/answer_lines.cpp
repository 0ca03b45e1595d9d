#include "cli/json_writer.h"
#include "cli/modes.h"

namespace noggin::cli {
namespace {

void append_answer(const Arguments& arguments, const Model& model, std::string_view text, const Answer& answer,
                   std::span<const float> logits, std::string& out) {
  const std::string_view label = model.labels()[answer.label];
  if (arguments.json) {
    JsonObject object(out);
    object.text("text", text).text("label", label).number("probability", answer.probability);
    if (arguments.logits) object.floats("logits", logits);
    object.finish();
  } else {
    out += label;
    out += '\t';
    append_json_fixed(answer.probability, 6, out);
  }
  out += '\n';
}

// Lines that lie in the input's buffer, answered together.
class Waiting {
 public:
  Waiting(const Arguments& arguments, const Model& model, Session& session, Output& output)
      : arguments_(arguments), model_(model), session_(session), output_(output), answers_(kTextsAtOnce) {
    texts_.reserve(kTextsAtOnce);
    if (arguments.logits) logits_.resize(kTextsAtOnce * model.labels().size());
  }

  void add(std::string_view text) {
    texts_.push_back(text);
    if (texts_.size() == kTextsAtOnce) answer();
  }
  void answer() {
    const std::size_t classes = model_.labels().size();
    const std::span<float> logits = std::span(logits_).first(arguments_.logits ? texts_.size() * classes : 0);
    status_ = session_.classify_batch(texts_, std::span(answers_).first(texts_.size()), logits);
    if (!status_) return texts_.clear();
    for (std::size_t i = 0; i < texts_.size(); ++i) {
      append_answer(arguments_, model_, texts_[i], answers_[i],
                    logits.empty() ? logits : logits.subspan(i * classes, classes), output_.buffer());
      output_.settle();
    }
    texts_.clear();
  }
  const Status& status() const { return status_; }

 private:
  const Arguments& arguments_;
  const Model& model_;
  Session& session_;
  Output& output_;
  std::vector<std::string_view> texts_;
  std::vector<Answer> answers_;
  std::vector<float> logits_;
  Status status_;
};

}  // namespace

SessionOptions session_options(const Arguments& arguments) {
  constexpr std::size_t kBatchTokens = 512;
  return {arguments.kernels, arguments.threads, kBatchTokens};
}

Status answer_lines(const Arguments& arguments, const Model& model, Session& session, LineInput& input,
                    Output& output) {
  Waiting waiting(arguments, model, session, output);
  input.before_waiting([&] {
    waiting.answer();
    output.flush();
  });
  std::string_view text;
  while (waiting.status() && output.usable() && input.next(text)) waiting.add(text);
  if (!waiting.status()) return waiting.status();
  waiting.answer();
  return waiting.status() ? input.status() : waiting.status();
}

}  // namespace noggin::cli
