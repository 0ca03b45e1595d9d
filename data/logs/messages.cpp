#include "data/logs/messages.h"

#include <fmt/format.h>

#include <algorithm>
#include <iterator>
#include <span>

namespace noggin::data {
namespace {

// Where a request holds its text: the first that it has. The last kOfEither may belong to an answer as well.
constexpr std::string_view kTextNames[] = {"messages",    "contents", "conversations", "conversation", "inputText",
                                           "input",       "inputs",   "prompt",        "query",        "question",
                                           "instruction", "text",     "content"};
constexpr std::size_t kOfEither = 2;

constexpr std::string_view kUserRoles[] = {"user", "human", "User", "Human", "prompter", "HumanMessage"};
constexpr std::string_view kAssistantRoles[] = {"assistant", "gpt",     "model",     "bot",      "ai",
                                                "AI",        "chatbot", "Assistant", "AIMessage"};
constexpr std::string_view kThinking[] = {"thinking", "redacted_thinking", "reasoning", "reasoning_content"};

template <std::size_t N>
bool is_one_of(std::string_view name, const std::string_view (&names)[N]) {
  return std::find(std::begin(names), std::end(names), name) != std::end(names);
}

std::optional<JsonValue> role_of(JsonValue message) {
  if (const auto role = field_of(message, "role")) return role;
  if (const auto from = field_of(message, "from")) return from;
  // LangChain's constructors: {"id": ["langchain", ..., "HumanMessage"], "kwargs": {"content"}}.
  if (const auto built = field_of(message, "kwargs")) {
    JsonArray names;
    std::optional<JsonValue> last = field_of(*built, "type");
    if (const auto id = field_of(message, "id"); !last && id && id->get_array().get(names) == simdjson::SUCCESS)
      for (const JsonValue name : names) last = name;
    return last;
  }
  const auto type = field_of(message, "type");  // LangChain: {"type": "human", "content"}; else the type of a part
  const bool is_role = type && (is_one_of(string_of(*type), kUserRoles) ||
                                is_one_of(string_of(*type), kAssistantRoles) || string_of(*type) == "system");
  return is_role ? type : std::nullopt;
}

// A message without a role is the user's.
bool is_user(JsonValue message) {
  const auto role = role_of(message);
  return role ? is_one_of(string_of(*role), kUserRoles) : message.is_object();
}

// What a part of a content says; nothing for parts without text.
std::optional<std::string_view> text_of_part(JsonValue part, bool& is_foreign) {
  if (part.is_string()) return string_of(part);
  const auto type = field_of(part, "type");
  if (type && is_one_of(string_of(*type), kThinking)) return std::nullopt;
  if (const auto thought = field_of(part, "thought"); thought && thought->is_bool() && bool(*thought))
    return std::nullopt;
  for (const std::string_view name : {"text", "content", "input_text", "output_text"}) {
    const auto text = field_of(part, name);
    if (text && text->is_string()) return string_of(*text);
  }
  is_foreign = true;
  return std::nullopt;
}

}  // namespace

std::optional<JsonValue> content_of(JsonValue message) {
  for (const std::string_view name : {"content", "parts", "value", "text"})
    if (const auto content = field_of(message, name)) return content;
  for (const std::string_view name : {"data", "kwargs"})  // LangChain's stored messages
    if (const auto data = field_of(message, name)) return field_of(*data, "content");
  return std::nullopt;
}

Trouble read_content(JsonValue content, std::string& text) {
  text.clear();
  if (content.is_string()) {
    text = string_of(content);
    return std::nullopt;
  }
  JsonArray parts;
  if (content.get_array().get(parts) != simdjson::SUCCESS) {
    bool is_foreign = false;
    const auto only = text_of_part(content, is_foreign);
    if (!only) return Rejection{Reason::kNotText, "its content"};
    text = *only;
    return std::nullopt;
  }
  bool first = true, is_foreign = false;
  for (const JsonValue part : parts) {
    const auto said = text_of_part(part, is_foreign);
    if (!said) continue;
    if (!first) text += '\n';
    text += *said;
    first = false;
  }
  if (is_foreign) return Rejection{Reason::kNotText, "a part of its content"};
  if (first) return Rejection{Reason::kNotText, "its content has no text"};
  return std::nullopt;
}

std::optional<JsonValue> call_of(JsonValue message) {
  JsonArray calls;
  if (const auto list = field_of(message, "tool_calls"); list && list->get_array().get(calls) == simdjson::SUCCESS) {
    if (calls.size() != 1) return std::nullopt;
    const auto function = field_of(calls.at(0).value_unsafe(), "function");
    return field_of(function ? *function : JsonValue(calls.at(0).value_unsafe()), function ? "arguments" : "args");
  }
  const auto function = field_of(message, "function_call");
  return function ? field_of(*function, "arguments") : std::nullopt;
}

bool is_conversation(JsonValue value) {
  JsonArray messages;
  if (value.get_array().get(messages) != simdjson::SUCCESS || messages.size() == 0) return false;
  return std::all_of(messages.begin(), messages.end(), [](JsonValue message) {
    return message.is_object() && role_of(message).has_value() &&
           (content_of(message).has_value() || call_of(message).has_value());
  });
}

Trouble read_last_user(JsonValue conversation, std::string& text) {
  std::optional<JsonValue> last;
  JsonArray messages;
  if (conversation.get_array().get(messages) != simdjson::SUCCESS)
    return Rejection{Reason::kWrongType, "messages must be an array"};
  for (const JsonValue message : messages)
    if (is_user(message)) last = message;
  if (!last) return Rejection{Reason::kMissingField, "a message with role \"user\""};
  const auto content = content_of(*last);
  if (!content) return Rejection{Reason::kMissingField, "content of the last user message"};
  return read_content(*content, text);
}

std::optional<JsonValue> last_assistant(JsonValue conversation) {
  JsonArray messages;
  if (conversation.get_array().get(messages) != simdjson::SUCCESS) return std::nullopt;
  std::optional<JsonValue> last;
  for (const JsonValue message : messages) last = message;
  if (!last) return std::nullopt;
  const auto role = role_of(*last);
  if (!role || !is_one_of(string_of(*role), kAssistantRoles)) return std::nullopt;
  return last;
}

Trouble read_request_text(JsonValue request, EmbeddedJson& inner, bool holds_answer, std::string& text) {
  const JsonValue value = inner.open(request);
  if (value.is_string()) return read_content(value, text);
  JsonArray array;
  if (value.get_array().get(array) == simdjson::SUCCESS) {
    if (array.size() == 1 && JsonValue(array.at(0)).is_string()) return read_content(array.at(0), text);
    const bool has_roles = std::any_of(array.begin(), array.end(),
                                       [](JsonValue item) { return item.is_object() && role_of(item).has_value(); });
    const bool has_parts = std::any_of(array.begin(), array.end(), [](JsonValue item) {
      return item.is_object() && field_of(item, "parts").has_value();
    });
    return has_roles || has_parts ? read_last_user(value, text) : read_content(value, text);
  }
  const std::size_t names = std::size(kTextNames) - (holds_answer ? kOfEither : 0);
  for (const std::string_view name : std::span(kTextNames).first(names)) {
    const auto field = field_of(value, name);
    if (!field || (field->is_string() && string_of(*field).empty())) continue;
    return field->is_string() ? read_content(*field, text) : read_request_text(*field, inner, false, text);
  }
  if (request.is_string()) return read_content(request, text);  // a text that is JSON by itself
  return Rejection{Reason::kMissingField, "a text, prompt or messages"};
}

}  // namespace noggin::data
