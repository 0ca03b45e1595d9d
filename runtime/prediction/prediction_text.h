// Predictions as JSON and as lines: what noggin-run and `noggin predict` print, with the same digits.
#pragma once

#include <span>
#include <string>
#include <string_view>

#include "bytes/text_unit.h"
#include "prediction/prediction.h"

namespace noggin::runtime {

struct JsonContents {
  std::string_view id{};            // a JSON value: the first field, unless empty
  bool text = true;                 // the text itself
  bool truncated = false;           // adds "truncated": true
  std::span<const float> logits{};  // as the last field unless empty
  TextUnit unit = TextUnit::kByte;  // of the places of spans
};

// Appends one JSON object without a line feed. Numbers have nine digits: reading them back gives the same bits. A model
// with one answer:
//   single_label {"text","label","probability"}, with "abstained": true and "reason" before them if it abstains
//   multi_label {"text","labels":[{"label","probability"}]}      score {"text","score","yes"}
//   tag, edit {"text","unit","spans":[{"start","end","type","text","probability"}]}: places count "byte", "code_point"
//             or "utf16" of the text as it is printed, with U+FFFD for what is not UTF-8
//   rewritten {"masked"} or {"edited"}
// "id" stands before these; "truncated" behind them if the answer is for the beginning of the text only.
// With several, named: {"text","answers":{NAME: {as above, without "text"}}}.
// predictions: one for each of heads, made from `text`.
void append_json(std::string_view text, std::span<const Head> heads, std::span<const Prediction> predictions,
                 const JsonContents& contents, std::string& out);

// Appends one line without its line feed. Fields are separated by tabs, probabilities have six digits:
//   single_label label, probability; or "abstain", reason     score  score, "yes" or "no"
//   multi_label label, probability, ...                       tag, edit  type, start, end, probability, ...
//   rewritten the text
// With several answers, each begins with its name.
void append_line(std::span<const Head> heads, std::span<const Prediction> predictions, std::string& out);

}  // namespace noggin::runtime
