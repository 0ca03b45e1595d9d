#include "cli/tag_answers.h"

#include <new>

#include "cli/json_writer.h"
#include "spec/task.h"

namespace noggin::run_tool {
namespace {

// type<TAB>begin<TAB>end<TAB>probability, the same for the next span, ...
void append_line(const Model& model, std::span<const TaggedSpan> spans, std::string& out) {
  for (std::size_t i = 0; i < spans.size(); ++i) {
    if (i > 0) out += '\t';
    out += model.span_types()[spans[i].type];
    out += '\t' + std::to_string(spans[i].place.begin) + '\t' + std::to_string(spans[i].place.end) + '\t';
    append_json_fixed(spans[i].probability, 6, out);
  }
}

// {"text","spans":[{"start","end","type","text","probability"}]}
void append_json(const Model& model, std::string_view text, std::span<const TaggedSpan> spans, std::string& out) {
  std::string array = "[";
  for (const TaggedSpan& span : spans) {
    if (array.size() > 1) array += ',';
    JsonObject(array)
        .integer("start", span.place.begin)
        .integer("end", span.place.end)
        .text("type", model.span_types()[span.type])
        .text("text", text.substr(span.place.begin, span.place.end - span.place.begin))
        .number("probability", span.probability)
        .finish();
  }
  JsonObject(out).text("text", text).raw("spans", array + "]").finish();
}

Error unsuitable(const char* option, const char* wanted, const Model& model) {
  return {ErrorCode::kInvalidArgument, std::string(option) + " is for models of the task " + wanted +
                                           ", this model's is " + spec::task_name(model.task())};
}

}  // namespace

Status check_tag_arguments(const Arguments& arguments, const Model& model) {
  if (arguments.mask && model.task() != TaskKind::kTag) return unsuitable("--mask", "tag", model);
  if (arguments.edit && model.task() != TaskKind::kEdit) return unsuitable("--edit", "edit", model);
  if (arguments.logits && spec::is_per_token(model.task())) {
    return unsuitable("--logits", "single_label, multi_label or score", model);
  }
  return {};
}

Status TagAnswers::append(std::string_view text, std::string& out) {
  const std::size_t before = out.size();
  try {
    Status status = arguments_.mask || arguments_.edit ? append_rewritten(text, out) : append_spans(text, out);
    if (status) out += '\n';
    return status;
  } catch (const std::bad_alloc&) {
    out.resize(before);
    return Error{ErrorCode::kOutOfSpace, "out of memory"};
  }
}

Status TagAnswers::append_spans(std::string_view text, std::string& out) {
  const Result<std::span<const TaggedSpan>> spans = spans_of(text);
  if (!spans) return spans.error();
  if (arguments_.json) {
    append_json(model_, text, *spans, out);
  } else {
    append_line(model_, *spans, out);
  }
  return {};
}

// The text itself is not part of this answer, not even as JSON.
Status TagAnswers::append_rewritten(std::string_view text, std::string& out) {
  const Result<std::string> rewritten = arguments_.mask ? session_.mask(text) : session_.edit(text);
  if (!rewritten) return rewritten.error();
  if (arguments_.json) {
    JsonObject(out).text(arguments_.mask ? "masked" : "edited", *rewritten).finish();
  } else {
    out += *rewritten;
  }
  return {};
}

// All spans: asks again if there are more than expected.
Result<std::span<const TaggedSpan>> TagAnswers::spans_of(std::string_view text) {
  for (;;) {
    const Result<std::size_t> count = session_.tag(text, spans_);
    if (!count) return count.error();
    if (*count <= spans_.size()) return std::span<const TaggedSpan>(spans_).first(*count);
    spans_.resize(*count);
  }
}

}  // namespace noggin::run_tool
