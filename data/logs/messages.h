// Texts and conversations, in whatever shape a log holds them.
#pragma once

#include <optional>
#include <string>

#include "data/json/json_path.h"

namespace noggin::data {

// What a message says: its content, parts, value or text; nothing without one.
std::optional<JsonValue> content_of(JsonValue message);

// The arguments of a message's one call of a tool; nothing without one, or with several.
std::optional<JsonValue> call_of(JsonValue message);

// The text of a message's content: a string, or the text parts of an array, joined by newlines. Parts that show how the
// model thought are left out. An image, a sound or a file is kNotText; so is content without any text.
Trouble read_content(JsonValue content, std::string& text);

// Whether `value` is a conversation: a list of objects with "role" (or "from").
bool is_conversation(JsonValue value);

// What the user said last in a conversation. kMissingField if no user spoke.
Trouble read_last_user(JsonValue conversation, std::string& text);

// The last message, if it is the assistant's; else nothing.
std::optional<JsonValue> last_assistant(JsonValue conversation);

// The text to learn from in a request, or in what stands for one: a string, a conversation, or an object that holds one
// of them under a usual name (messages.cpp). kMissingField if there is none. holds_answer: the same object holds the
// answer, so that "text" and "content" may be the answer's.
Trouble read_request_text(JsonValue request, EmbeddedJson& inner, bool holds_answer, std::string& text);

}  // namespace noggin::data
