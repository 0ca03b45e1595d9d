#include "cli/json_writer.h"
#include "cli/modes.h"
#include "cli/tag_answers.h"
#include "spec/task.h"

namespace noggin::run_tool {
namespace {

// "probability 0.41 below 0.7"
std::string reason_to_abstain(const Answer& answer, const Model& model) {
  std::string reason = "probability ";
  append_json_short(answer.probability, reason);
  reason += " below ";
  append_json_short(model.abstain_below(), reason);
  return reason;
}

bool is_yes(const Model& model, const Answer& score) { return score.probability >= model.threshold(0); }

void append_fields(const Model& model, const Answer& answer, JsonObject& object) {
  if (model.task() == TaskKind::kScore) {
    object.number("score", answer.probability).raw("yes", is_yes(model, answer) ? "true" : "false");
    return;
  }
  if (answer.abstained) object.raw("abstained", "true").text("reason", reason_to_abstain(answer, model));
  object.text("label", model.labels()[answer.label]).number("probability", answer.probability);
}

void append_line(const Model& model, const Answer& answer, std::string& out) {
  if (model.task() == TaskKind::kScore) {
    append_json_fixed(answer.probability, 6, out);
    out += is_yes(model, answer) ? "\tyes" : "\tno";
    return;
  }
  if (answer.abstained) {
    out += "abstain\t" + reason_to_abstain(answer, model);
    return;
  }
  out += model.labels()[answer.label];
  out += '\t';
  append_json_fixed(answer.probability, 6, out);
}

// Calls use(label, probability) for each class that is probable enough, in class order.
template <typename Use>
void for_each_given(const Model& model, std::span<const float> probabilities, const Use& use) {
  for (std::size_t c = 0; c < probabilities.size(); ++c) {
    if (probabilities[c] >= model.threshold(c)) use(model.labels()[c], probabilities[c]);
  }
}

// kMultiLabel: [{"label","probability"},...]
void append_fields(const Model& model, std::span<const float> probabilities, JsonObject& object) {
  std::string labels = "[";
  for_each_given(model, probabilities, [&](std::string_view label, float probability) {
    if (labels.size() > 1) labels += ',';
    JsonObject(labels).text("label", label).number("probability", probability).finish();
  });
  object.raw("labels", labels + "]");
}

void append_line(const Model& model, std::span<const float> probabilities, std::string& out) {
  bool first = true;
  for_each_given(model, probabilities, [&](std::string_view label, float probability) {
    if (!first) out += '\t';
    first = false;
    out += label;
    out += '\t';
    append_json_fixed(probability, 6, out);
  });
}

template <typename Found>
void append_answer(const Arguments& arguments, const Model& model, std::string_view text, const Found& found,
                   std::span<const float> logits, std::string& out) {
  if (arguments.json) {
    JsonObject object(out);
    object.text("text", text);
    append_fields(model, found, object);
    if (arguments.logits) object.floats("logits", logits);
    object.finish();
  } else {
    append_line(model, found, out);
  }
  out += '\n';
}

// Lines in the input's buffer, answered together.
class PendingLines {
 public:
  PendingLines(const Arguments& arguments, const Model& model, Session& session, Output& output)
      : arguments_(arguments),
        model_(model),
        session_(session),
        output_(output),
        tags_(arguments, model, session),
        answers_(kTextsAtOnce) {
    texts_.reserve(kTextsAtOnce);
    if (arguments.logits) logits_.resize(kTextsAtOnce * model.labels().size());
  }

  void add(std::string_view text) {
    texts_.push_back(text);
    if (texts_.size() == kTextsAtOnce) answer();
  }
  void answer() {
    if (spec::is_per_token(model_.task())) return answer_with_tags();
    if (model_.task() == TaskKind::kMultiLabel) return answer_one_by_one();
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
  void answer_one_by_one() {
    for (const std::string_view text : texts_) {
      const Result<std::span<const float>> probabilities = session_.probabilities(text);
      if (!probabilities) {
        status_ = probabilities.error();
        break;
      }
      append_answer(arguments_, model_, text, *probabilities, session_.last_logits(), output_.buffer());
      output_.settle();
    }
    texts_.clear();
  }

  void answer_with_tags() {
    for (std::size_t i = 0; i < texts_.size() && status_; ++i) {
      status_ = tags_.append(texts_[i], output_.buffer());
      output_.settle();
    }
    texts_.clear();
  }

  const Arguments& arguments_;
  const Model& model_;
  Session& session_;
  Output& output_;
  TagAnswers tags_;
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
  if (Status status = check_tag_arguments(arguments, model); !status) return status;
  PendingLines pending(arguments, model, session, output);
  input.before_waiting([&] {
    pending.answer();
    output.flush();
  });
  std::string_view text;
  while (pending.status() && output.usable() && input.next(text)) pending.add(text);
  if (!pending.status()) return pending.status();
  pending.answer();
  return pending.status() ? input.status() : pending.status();
}

}  // namespace noggin::run_tool
