#include "data/answers/read_answer.h"

namespace noggin::data {

Checked<AnswerReading> read_answer(const LoggedAnswer& answer, const LabelSet& labels, const AnswerOptions&) {
  const std::int32_t found = labels.find(answer.text);
  if (found < 0) return Rejection{Reason::kUnknownAnswer, answer.text.substr(0, 60)};
  AnswerReading reading;
  reading.classes = {{found, 1.0}};
  reading.mass = 1.0;
  return reading;
}

}  // namespace noggin::data
