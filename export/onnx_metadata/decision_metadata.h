// How the logits of an .onnx file become answers, as metadata properties: everything that a .nog file keeps in its
// decision and label sections. Values are text; lists and objects are JSON.
//   noggin.labels      ["...", ...], class = index
//   noggin.none_class  the "none of these" class, or -1
//   noggin.decision    {"task": "single_label" | "multi_label" | "tag" | "score" | "edit",
//                       "activation": "softmax" | "sigmoid",
//                       "temperature": t,                    divides the logits before the activation
//                       "logits_of": "text" | "token",       what a row of the logits belongs to
//                       "answer": "...",                     the rule in words
//     single_label      "abstain_below": p,                  a less probable answer abstains; 0: never
//     multi_label       "thresholds": [p, ...],              per class: given from here up
//     score             "thresholds": [p], "range": [0, 1],  positive from here up
//     tag, edit         "outside_class": c,
//                       "spans": [{"type": "...", "begins": [c, ...], "continues": c}, ...]}
//                                                            the classes that begin a span of a type, and continue it
//     tag, perhaps      "checks": [{"kind": "card", "type": "..."}, ...]
//                                                            spans that are found in the text, not in the logits: by
//                                                            the rules of runtime/checks, which the reader must have
#pragma once

#include <string>
#include <vector>

#include "format/frozen_model.h"
#include "noggin/result.h"

namespace noggin::exporter {

inline constexpr const char* kLabelsKey = "noggin.labels";
inline constexpr const char* kNoneClassKey = "noggin.none_class";
inline constexpr const char* kDecisionKey = "noggin.decision";

// The values of these keys.
struct DecisionMetadata {
  std::string labels, none_class, decision;
};

// task: of a valid model.
DecisionMetadata decision_metadata(const format::TaskContents& task);

// What the values state. kBadData names the key and the rule that a value violates; a rule that follows from others
// ("spans" from the labels, "activation" from the task) must be stated as it follows.
Result<format::TaskContents> read_decision_metadata(const DecisionMetadata& metadata);

// Each value in which `stated` differs from `wanted`, in words; empty: both make the same answers of the same logits.
std::vector<std::string> decision_differences(const format::TaskContents& stated, const format::TaskContents& wanted);

}  // namespace noggin::exporter
