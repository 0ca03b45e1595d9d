#include "prediction/answer_lines.h"

#include "cli/modes.h"

namespace noggin::run_tool {
namespace {

runtime::Form form_of(const Arguments& arguments) {
  if (arguments.mask) return runtime::Form::kMasked;
  return arguments.edit ? runtime::Form::kEdited : runtime::Form::kAnswer;
}

}  // namespace

Status answer_lines(const Arguments& arguments, const Model& model, Session& session, LineInput& input, Output& output,
                    const Warn& warn) {
  const runtime::Form form = form_of(arguments);
  // A rewritten text is printed alone: what was masked must not stand beside it.
  const runtime::PrintOptions print = {.form = form,
                                       .json = arguments.json,
                                       .text = form == runtime::Form::kAnswer,
                                       .logits = arguments.logits,
                                       .unit = text_unit_of(arguments.unit)};
  if (Status status = runtime::check_print_options(print, model); !status) return status;
  return runtime::answer_lines({print, arguments.objects, warn}, model, session, input, output);
}

}  // namespace noggin::run_tool
