// A typed question as a request asks it, in whichever of the wire formats.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "data/json/json_row.h"

namespace noggin::data {

// kOther: a box, or a type that is not known; it is never answered here.
enum class QuestionType { kChoice, kYesNo, kScore, kOther };

struct Option {
  std::string name;
  bool is_boolean = false;  // the JSON value true or false, which is not the string of that name
  bool operator==(const Option&) const = default;
};

struct Question {
  std::string name;  // as asked; one without a name has its position ("0", "1", ...)
  QuestionType type = QuestionType::kOther;
  // In the order asked. Yes/no: "no", "yes". Score: the levels, lowest first, by their texts.
  std::vector<Option> options{};
  // Instructions and criteria as one text, the same for every order of the options and every wire format.
  std::string wording{};
};

// A question, and why it cannot be read (kQuestionType, kRepeatedField, kWrongType).
struct AskedQuestion {
  Question question;
  std::optional<Rejection> unread;
};

// `questions`: the map or the array of a request. The Rejection is one of the whole request: no map and no array, or a
// name that stands twice in a map. In an array, each question of a name that stands twice is unread.
Checked<std::vector<AskedQuestion>> read_questions(JsonValue questions);

// Of a question or an answer, by the name that any of the formats has for it.
QuestionType question_type(std::string_view name);
std::string_view name_of(QuestionType type);  // "choice", "yes/no", "score", "other"

}  // namespace noggin::data
