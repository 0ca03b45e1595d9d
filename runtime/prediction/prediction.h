// What a model answers to a text, as one type for every kind of task: for tools, servers and the trainer's reports. A
// Session's own calls return the parts of it and allocate nothing.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "format/decision.h"
#include "noggin/engine.h"
#include "noggin/text_span.h"

namespace noggin::runtime {

// One of the classes: single_label.
struct ClassAnswer {
  std::uint32_t label = 0;  // index into Head::labels
  float probability = 0.0F;
  bool abstained = false;   // less probable than Decision::abstain_below: hand the text on
  bool empty_text = false;  // abstained, because there is nothing to decide on
};

// Any of the classes, in class order: multi_label.
struct LabelSetAnswer {
  struct Label {
    std::uint32_t label;
    float probability;
  };
  std::vector<Label> labels;  // those that reach their threshold
};

// A number from 0 to 1: score.
struct ScoreAnswer {
  float score = 0.0F;
  bool positive = false;  // it reaches the threshold
};

// Places in the text, in order: tag, edit.
struct SpanAnswer {
  std::vector<TaggedSpan> spans;  // types: indices into Head::span_types
};

// A text made from the text.
struct TextAnswer {
  enum class Kind : std::uint8_t { kMasked, kEdited };
  Kind kind = Kind::kMasked;
  std::string text;
};

using Prediction = std::variant<ClassAnswer, LabelSetAnswer, ScoreAnswer, SpanAnswer, TextAnswer>;

// What one answer of a model is made of: its kind, classes, temperature and thresholds. Views of the model.
struct Head {
  std::string_view name;  // empty: the only answer of its model
  format::Decision decision;
  std::span<const std::string_view> labels;      // [C]
  std::span<const std::string_view> span_types;  // of tag and edit
};
Head head_of(const Model& model);

// From the logits [C] of a text, or of one token. Not for spans, which need all tokens (engine/tag_text.h). Expects the
// environment of kernels/float_environment.h.
Prediction prediction_of(std::span<const float> logits, const format::Decision& decision);
// The same from what a Session returns. Answer: of single_label and score. probabilities [C]: of multi_label.
Prediction prediction_of(const Answer& answer, const format::Decision& decision);
LabelSetAnswer labels_above(std::span<const float> probabilities, const format::Decision& decision);

// A score as reports show it, rounded half up.
std::int32_t thousandths(float score);

// Do both decide the same? Compares classes, labels, places with types, texts, and whether a model abstains, but not
// probabilities. Of a score: its thousandths and whether it is positive.
bool same_decision(const Prediction& a, const Prediction& b);

}  // namespace noggin::runtime
