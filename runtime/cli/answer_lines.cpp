#include "cli/json_writer.h"
#include "cli/modes.h"

namespace noggin::cli {
namespace {

void append_answer(const Arguments& arguments, const Model& model, const Session& session, std::string_view text,
                   const Answer& answer, std::string& out) {
  const std::string_view label = model.labels()[answer.label];
  if (arguments.json) {
    JsonObject object(out);
    object.text("text", text).text("label", label).number("probability", answer.probability);
    if (arguments.logits) object.floats("logits", session.last_logits());
    object.finish();
  } else {
    out += label;
    out += '\t';
    append_json_fixed(answer.probability, 6, out);
  }
  out += '\n';
}

}  // namespace

Status answer_lines(const Arguments& arguments, const Model& model, Session& session, LineInput& input,
                    Output& output) {
  input.before_waiting([&output] { output.flush(); });
  std::string_view text;
  while (output.usable() && input.next(text)) {
    const Answer answer = session.classify(text);
    append_answer(arguments, model, session, text, answer, output.buffer());
    output.settle();
  }
  return input.status();
}

}  // namespace noggin::cli
