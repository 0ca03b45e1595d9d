// Counts of a model (noggin/counters.h) as one line of JSON: what a device sends home and `noggin drift` reads.
#pragma once

#include <string>

#include "noggin/counts.h"
#include "noggin/engine.h"

namespace noggin::runtime {

// {"counters": 1, "model_content_hash": "16 hexadecimal digits", "task", "requests", "unanswered", "errors",
//  "labels": [names], "answers": [one count each], "probability": [20 counts], "tokens": [20], "unknown_words": [11]}
// and a line feed. labels: for tag and edit the types of spans.
std::string counts_json(const Counts& counts, const Model& model);

// What `answers` counts, for this model.
std::span<const std::string_view> counted_labels(const Model& model);

}  // namespace noggin::runtime
