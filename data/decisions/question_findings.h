// What is wrong with the log of one question, over all its rows.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "data/decisions/question_ledger.h"

namespace noggin::data {

struct QuestionFinding {
  std::string code;       // stable snake_case; of rows without a teacher: reason_code
  std::string text;       // what, on how many rows, and what to do
  bool is_error = false;  // a run that trains the question must not begin
};

// Errors first. Nothing is said of what every sound log has.
std::vector<QuestionFinding> question_findings(const QuestionLedger& ledger, std::string_view question);

}  // namespace noggin::data
