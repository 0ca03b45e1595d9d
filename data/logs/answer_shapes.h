// Where an answer of a teacher keeps its text, its tokens and its reason to end, by who answered. One row of a table
// each (answer_shapes.cpp); a new shape is a new row.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "data/answers/logged_answer.h"
#include "data/json/json_path.h"

namespace noggin::data {

struct AnswerShape;

// The shape of a response, or null. A response may be a string, a message, or a conversation that ends with an answer.
// is_whole_row: the response is all that the row has; then a field that is merely called "text" or "content" is none.
const AnswerShape* find_answer_shape(JsonValue response, EmbeddedJson& inner, bool is_whole_row);
// For messages: "a chat completion".
std::string_view name_of(const AnswerShape& shape);
// Fills `answer`. Failures that the response itself reports (blocked, incomplete) are a Trouble.
Trouble read_shaped_answer(const AnswerShape& shape, JsonValue response, EmbeddedJson& inner, LoggedAnswer& answer);

}  // namespace noggin::data
