#include <vector>

#include "cli/modes.h"
#include "prediction/answer_printer.h"

namespace noggin::run_tool {
namespace {

// A rewritten text is printed alone: what was masked must not stand beside it.
runtime::PrintOptions print_options(const Arguments& arguments) {
  const bool rewritten = arguments.mask || arguments.edit;
  return {.form = rewritten ? runtime::Form::kRewritten : runtime::Form::kAnswer,
          .json = arguments.json,
          .text = !rewritten,
          .logits = arguments.logits,
          .unit = text_unit_of(arguments.unit).value_or(TextUnit::kByte)};
}

// Lines in the input's buffer, answered together.
class PendingLines {
 public:
  PendingLines(const Arguments& arguments, const Model& model, Session& session, Output& output)
      : printer_(model, session, print_options(arguments)), output_(output) {
    texts_.reserve(kTextsAtOnce);
  }

  void add(std::string_view text) {
    texts_.push_back(text);
    if (texts_.size() == kTextsAtOnce) answer();
  }
  void answer() {
    status_ = printer_.print(texts_, output_.buffer(), [this] { output_.settle(); });
    texts_.clear();
  }
  const Status& status() const { return status_; }

 private:
  runtime::AnswerPrinter printer_;
  Output& output_;
  std::vector<std::string_view> texts_;
  Status status_;
};

Error unsuitable(const char* option, const char* wanted, const Model& model) {
  return {ErrorCode::kInvalidArgument, std::string(option) + " is for models of the task " + wanted +
                                           ", this model's is " + spec::task_name(model.task())};
}

// If options and model do not fit each other: kInvalidArgument before any line is read.
Status check_options(const Arguments& arguments, const Model& model) {
  const spec::TaskTraits& task = spec::traits_of(model.task());
  if (arguments.mask && !task.answers(spec::Call::kMask)) return unsuitable("--mask", "tag", model);
  if (arguments.edit && !task.answers(spec::Call::kEdit)) return unsuitable("--edit", "edit", model);
  if (!arguments.unit.empty() && !task.per_token()) return unsuitable("--unit", "tag or edit", model);
  if (arguments.logits && task.per_token()) return unsuitable("--logits", "single_label, multi_label or score", model);
  return {};
}

}  // namespace

SessionOptions session_options(const Arguments& arguments) {
  constexpr std::size_t kBatchTokens = 512;
  return {arguments.kernels, arguments.threads, kBatchTokens};
}

Status answer_lines(const Arguments& arguments, const Model& model, Session& session, LineInput& input,
                    Output& output) {
  if (Status status = check_options(arguments, model); !status) return status;
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
