#include "prediction/prediction_text.h"

#include <cstddef>

#include "prediction/json_writer.h"

namespace noggin::runtime {
namespace {

// "probability 0.41 below 0.7"
std::string reason_to_abstain(const ClassAnswer& answer, const Head& head) {
  if (answer.empty_text) return "the text is empty";
  std::string reason = "probability ";
  append_json_short(answer.probability, reason);
  reason += " below ";
  append_json_short(head.decision.abstain_below, reason);
  return reason;
}

const char* json_bool(bool value) { return value ? "true" : "false"; }

// Bytes of a text -> places in the text as JSON shows it. Asked for in ascending order.
class ShownPlaces {
 public:
  ShownPlaces(std::string_view text, TextUnit unit) : text_(text), unit_(unit) {}
  std::size_t of(std::size_t byte) {
    while (byte_ < byte && byte_ < text_.size()) {
      const JsonStep step = json_step(text_.substr(byte_));
      byte_ += step.taken;
      place_ += length_in(unit_, step.shown);
    }
    return place_;
  }

 private:
  std::string_view text_;
  TextUnit unit_;
  std::size_t byte_ = 0, place_ = 0;
};

// Adds the fields of an answer to an object.
class FieldWriter {
 public:
  FieldWriter(std::string_view text, TextUnit unit, const Head& head, JsonObject& object)
      : text_(text), unit_(unit), head_(head), object_(object) {}

  void operator()(const ClassAnswer& answer) const {
    if (answer.abstained) object_.raw("abstained", "true").text("reason", reason_to_abstain(answer, head_));
    object_.text("label", head_.labels[answer.label]).number("probability", answer.probability);
  }
  void operator()(const LabelSetAnswer& answer) const {
    std::string array = "[";
    for (const LabelSetAnswer::Label& label : answer.labels) {
      if (array.size() > 1) array += ',';
      JsonObject(array).text("label", head_.labels[label.label]).number("probability", label.probability).finish();
    }
    object_.raw("labels", array + "]");
  }
  void operator()(const ScoreAnswer& answer) const {
    object_.number("score", answer.score).raw("yes", json_bool(answer.positive));
  }
  void operator()(const SpanAnswer& answer) const {
    std::string array = "[";
    ShownPlaces places(text_, unit_);
    for (const TaggedSpan& span : answer.spans) {
      if (array.size() > 1) array += ',';
      const std::size_t start = places.of(span.place.begin), end = places.of(span.place.end);
      JsonObject(array)
          .integer("start", start)
          .integer("end", end)
          .text("type", head_.span_types[span.type])
          .text("text", text_.substr(span.place.begin, span.place.end - span.place.begin))
          .number("probability", span.probability)
          .finish();
    }
    array += ']';
    object_.text("unit", text_unit_name(unit_)).raw("spans", array);
  }
  void operator()(const TextAnswer& answer) const {
    object_.text(answer.kind == TextAnswer::Kind::kMasked ? "masked" : "edited", answer.text);
  }

 private:
  std::string_view text_;
  TextUnit unit_;
  const Head& head_;
  JsonObject& object_;
};

class LineWriter {
 public:
  LineWriter(const Head& head, std::string& out) : head_(head), out_(out) {}

  void operator()(const ClassAnswer& answer) {
    if (answer.abstained) {
      field("abstain");
      return field(reason_to_abstain(answer, head_));
    }
    field(head_.labels[answer.label]);
    number(answer.probability);
  }
  void operator()(const LabelSetAnswer& answer) {
    for (const LabelSetAnswer::Label& label : answer.labels) {
      field(head_.labels[label.label]);
      number(label.probability);
    }
  }
  void operator()(const ScoreAnswer& answer) {
    number(answer.score);
    field(answer.positive ? "yes" : "no");
  }
  void operator()(const SpanAnswer& answer) {
    for (const TaggedSpan& span : answer.spans) {
      field(head_.span_types[span.type]);
      field(std::to_string(span.place.begin));
      field(std::to_string(span.place.end));
      number(span.probability);
    }
  }
  void operator()(const TextAnswer& answer) { field(answer.text); }

  void field(std::string_view text) {
    separate();
    out_ += text;
  }

 private:
  void number(float value) {
    separate();
    append_json_fixed(value, 6, out_);
  }
  void separate() {
    if (!first_) out_ += '\t';
    first_ = false;
  }

  const Head& head_;
  std::string& out_;
  bool first_ = true;
};

}  // namespace

void append_json(std::string_view text, std::span<const Head> heads, std::span<const Prediction> predictions,
                 const JsonContents& contents, std::string& out) {
  JsonObject object(out);
  if (!contents.id.empty()) object.raw("id", contents.id);
  if (contents.text) object.text("text", text);
  if (heads.size() == 1 && heads[0].name.empty()) {
    std::visit(FieldWriter(text, contents.unit, heads[0], object), predictions[0]);
  } else {
    std::string answers;
    JsonObject named(answers);
    for (std::size_t i = 0; i < heads.size(); ++i) {
      std::string fields;
      JsonObject one(fields);
      std::visit(FieldWriter(text, contents.unit, heads[i], one), predictions[i]);
      one.finish();
      named.raw(heads[i].name, fields);
    }
    named.finish();
    object.raw("answers", answers);
  }
  if (contents.truncated) object.raw("truncated", "true");
  if (!contents.logits.empty()) object.floats("logits", contents.logits);
  object.finish();
}

void append_line(std::span<const Head> heads, std::span<const Prediction> predictions, std::string& out) {
  for (std::size_t i = 0; i < heads.size(); ++i) {
    if (i > 0) out += '\t';
    LineWriter line(heads[i], out);
    if (!heads[i].name.empty()) line.field(heads[i].name);
    std::visit(line, predictions[i]);
  }
}

}  // namespace noggin::runtime
