// A teacher's answer that is more than the name of a class, and is read beside the text it was asked about:
//   tag   spans of the text: [{"type": "PERSON", "text": "Anna"}, ...], {"entities": [...]}, {"PERSON": ["Anna"]} and
//         what else read_spans (span_fields.h) takes; behind closed reasoning, in a code fence, among other words
//   edit  the text without the words that go; behind closed reasoning, in a code fence, in quotes
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

// Whether answers of the task are read so.
bool has_written_answers(spec::TaskKind task);

// What an answer of such a task writes: json_in_answer() or text_in_answer(). Or why it writes nothing; kAnswerCut,
// kAnswerFiltered and kTeacherRefused by what the log says.
Checked<std::string> written_in_answer(const LoggedAnswer& answer, spec::TaskKind task);
Checked<std::string> json_in_answer(const LoggedAnswer& answer);
Checked<std::string> text_in_answer(const LoggedAnswer& answer);

// Reused from row to row; for one thread.
class WrittenAnswer {
 public:
  // The row of a text and what written_in_answer() gave. It counts as gold, since nothing is known of the teacher's
  // doubts, until another row has gold of the same text (Record::is_written).
  Checked<BuiltRow> read(std::string_view text, std::string_view written, const RowSchema& schema);

 private:
  JsonRow json_;
  RowFields fields_;
};

}  // namespace noggin::data
