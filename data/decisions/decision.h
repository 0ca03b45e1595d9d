// One row of a log of typed decisions: a request (one input, typed questions) and its response (a distribution over the
// options of each). The wire formats are told apart by fields, never by path or by who wrote the log.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "data/decisions/answer.h"
#include "data/decisions/linear_text.h"
#include "data/decisions/question.h"
#include "data/json/json_row.h"

namespace noggin::data {

enum class DecisionShape { kSystemOne, kOpenAi, kSgLang, kOpenRouter, kGemini };
std::string_view name_of(DecisionShape shape);  // "system_one", "openai", "sglang", "openrouter", "gemini"

struct DecisionOptions {
  LinearTextOptions text{};
  double min_class_mass = 0.5;                // see DecisionAnswerOptions
  bool choice_as_label = false;               // see DecisionAnswerOptions
  std::vector<std::string> teacher_models{};  // answers of other models are no teacher; empty: all are
};

// What stands in a log for one row.
struct DecisionPair {
  JsonValue request;
  std::string_view request_json{};      // the JSON document that holds the request (a line, or the string it was in)
  std::optional<JsonValue> response{};  // nothing: never answered
  std::int64_t status = 200;            // HTTP
  std::string_view failure{};           // why the request failed, if the log says that beside the response
};

struct QuestionAnswer : Question, Answer {};

struct DecisionUsage {
  std::optional<std::int64_t> input_tokens{}, output_tokens{};
  std::optional<double> cost{};  // in the teacher's currency, as logged
};

struct DecisionRow {
  DecisionShape shape = DecisionShape::kSystemOne;
  std::string text{};                       // linear_text.h
  std::string model{};                      // which answered; the one asked if the response names none
  std::vector<QuestionAnswer> questions{};  // in the order asked
  bool answered = false;                    // the response has answers, whatever they are
  std::uint32_t unasked = 0;  // answers to questions that the request does not ask: another request's, perhaps
  DecisionUsage usage{};

  const QuestionAnswer* find(std::string_view name) const;  // or nullptr
};

bool is_decision_request(JsonValue request);
// True also for a response that says that the input was blocked.
bool is_decision_response(JsonValue response);

// The row, or why there is none: no request of typed questions, or no text. Whatever concerns one question (refused,
// not answered, inconsistent) or all answers (failed, blocked, another teacher) is its `missing`, and the row stays.
Checked<DecisionRow> read_decision(const DecisionPair& pair, const DecisionOptions& options);

}  // namespace noggin::data
