// A teacher's answer that lists spans of the text it was asked about: [{"type": "PERSON", "text": "Anna"}, ...],
// {"entities": [...]}, {"PERSON": ["Anna"]} and what else read_spans (span_fields.h) takes; behind closed reasoning, in
// a code fence, among other words.
#pragma once

#include <string>
#include <string_view>

#include "data/answers/logged_answer.h"
#include "data/json/json_row.h"
#include "data/logs/log_row.h"
#include "data/logs/row_fields.h"
#include "data/rows/rejection.h"
#include "data/rows/row_schema.h"

namespace noggin::data {

// The JSON in an answer, or why it has none; kAnswerCut, kAnswerFiltered and kTeacherRefused by what the log says.
Checked<std::string> json_in_answer(const LoggedAnswer& answer);

// Reused from row to row; for one thread.
class SpanAnswer {
 public:
  // The row of a text and the JSON of its answer. The spans are gold: nothing is known of the teacher's doubts.
  Checked<BuiltRow> read(std::string_view text, std::string_view json, const RowSchema& schema);

 private:
  JsonRow json_;
  RowFields fields_;
};

}  // namespace noggin::data
