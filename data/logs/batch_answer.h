// One row of a batch's output file: what the teacher answered to one request.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "data/json/json_row.h"
#include "data/logs/teacher_distribution.h"
#include "data/rows/labels.h"

namespace noggin::data {

struct BatchAnswer {
  bool has_custom_id = false;
  std::string custom_id;
  std::string content;            // choices[0].message.content
  bool has_logprobs = false;      // choices[0].logprobs.content is present
  std::vector<ListedWord> words;  // at the first token position where a listed word belongs to a class; else empty
  std::uint32_t positions = 0;    // token positions looked at
};

// Reads {"custom_id", "response": {"status_code", "body": {"choices"}}, "error"} or a chat completion with "custom_id"
// next to its "choices". The sampled token counts as listed even if top_logprobs leaves it out. When the row reports a
// failure or is malformed, the Trouble says so; custom_id is still set if it could be read.
Trouble read_answer(JsonRow& row, const Line& line, const LabelSet& labels, BatchAnswer& answer);

}  // namespace noggin::data
