#include "data/decisions/linear_text.h"

#include <fmt/format.h>

#include <algorithm>
#include <optional>
#include <utility>
#include <vector>

#include "bytes/json_depth.h"
#include "bytes/line_limit.h"
#include "data/decisions/json_fields.h"
#include "data/decisions/number_text.h"
#include "data/json/json_repair.h"
#include "data/rows/class_name.h"
#include "data/rows/excerpt.h"

namespace noggin::data {
namespace {

constexpr std::string_view kReplacement = "\xEF\xBF\xBD";

bool is_object(JsonValue value) { return value.is_object(); }

bool is_text_part_type(std::string_view type) {
  return type == "text" || type == "input_text" || type == "output_text";
}

bool is_text_part(JsonValue value) {
  const std::optional<JsonValue> type = field_of(value, "type");
  return string_of(value, "text") && (!type || is_text_part_type(string_of(value, "type").value_or("")));
}

bool is_json_part(JsonValue value) {
  const std::string_view type = string_of(value, "type").value_or("");
  return type == "json" || type == "input_json";
}

// An image, sound or file, as OpenAI's types or Gemini's fields name it.
bool is_media_part(JsonValue value) {
  const std::string_view type = string_of(value, "type").value_or("");
  for (const std::string_view kind : {"image", "audio", "video", "file"})
    if (type == kind || type.starts_with(std::string(kind).append("_")) ||
        type.ends_with(std::string("_").append(kind)))
      return true;
  for (const std::string_view name : {"inline_data", "inlineData", "file_data", "fileData", "image_url"})
    if (field_of(value, name)) return true;
  return false;
}

bool is_part(JsonValue value) { return is_text_part(value) || is_json_part(value) || is_media_part(value); }

// What a call of a tool, or its result, is among OpenAI's messages.
bool is_tool_item(JsonValue value) {
  const std::string_view type = string_of(value, "type").value_or("");
  return type.ends_with("_call") || type.ends_with("_call_output");
}

bool are_messages(JsonArray array) {
  bool any = false;
  for (const JsonValue element : array) {
    const bool has_role = string_of(element, "role").has_value();
    if (!has_role && !is_tool_item(element)) return false;
    any = any || has_role;
  }
  return any;
}

template <typename Is>
bool are_all(JsonArray array, Is&& is) {
  return array.size() > 0 && std::all_of(array.begin(), array.end(), is);
}

void append_line(std::string& text, std::string_view line) {
  if (line.empty()) return;
  if (!text.empty()) text += '\n';
  text += line;
}

bool has_halves_of_pairs(std::string_view json) {
  std::string mended;
  if (!repair_json(json, mended)) return false;
  const auto replacements = [](std::string_view text) {
    std::size_t count = 0;
    for (std::size_t at = text.find("\\ufffd"); at < text.size(); at = text.find("\\ufffd", at + 1)) ++count;
    return count;
  };
  return replacements(mended) > replacements(json);  // the repair writes one for each half
}

// Visits an input once, in document order, so that its numbers come in the order in which they stood.
class Linearizer {
 public:
  explicit Linearizer(std::vector<std::string> numbers) : numbers_(std::move(numbers)) {}

  // Lines "path: value" of a value; `path` is its own.
  Trouble leaves(JsonValue value, std::string& path, int depth, std::string& text) {
    const bool opens_level = value.is_object() || value.is_array();
    if (opens_level && depth > kDeepestJson)
      return Rejection{Reason::kTooDeep, fmt::format("the input, at {}", path.substr(0, 60))};
    switch (value.type()) {
      case simdjson::dom::element_type::OBJECT:
        return object_leaves(JsonObject(value), path, depth, text);
      case simdjson::dom::element_type::ARRAY:
        return array_leaves(JsonArray(value), path, depth, text);
      case simdjson::dom::element_type::NULL_VALUE:
        return std::nullopt;
      default: {
        const std::string shown = scalar(value);
        if (!shown.empty()) append_line(text, fmt::format("{}: {}", path, shown));
        if (text.size() > kMaxLineBytes)  // a long key before many leaves
          return Rejection{Reason::kLineTooLong, "the input, with the path of each of its values"};
        return std::nullopt;
      }
    }
  }

  Trouble messages(JsonArray array, std::string& text) {
    std::vector<std::pair<std::string, std::string>> spoken;  // role, text
    bool only_user = true;
    for (const JsonValue element : array) {
      std::string said;
      std::string role(string_of(element, "role").value_or(string_of(element, "type").value_or("")));
      only_user = only_user && role == "user";
      if (Trouble trouble = message(element, said)) return trouble;
      if (!said.empty()) spoken.emplace_back(std::move(role), std::move(said));
    }
    for (const auto& [role, said] : spoken) {
      if (!text.empty()) text += "\n\n";
      if (!only_user) text.append(role).append(": ");
      text += said;
    }
    return std::nullopt;
  }

  // Text parts, and what else may stand beside them.
  Trouble parts(JsonArray array, std::string& text) {
    for (const JsonValue part : array)
      if (Trouble trouble = this->part(part, text)) return trouble;
    return std::nullopt;
  }

 private:
  Trouble part(JsonValue part, std::string& text) {
    if (is_json_part(part)) return json_part(part, text);
    if (!is_text_part(part))
      return Rejection{Reason::kMediaInput,
                       fmt::format("a part of type {}", excerpt(string_of(part, "type").value_or("")))};
    if (Trouble trouble = check_keys(JsonObject(part), "a part of the input")) return trouble;
    append_line(text, *string_of(part, "text"));
    skip(part);
    return std::nullopt;
  }

  Trouble object_leaves(JsonObject object, std::string& path, int depth, std::string& text) {
    if (Trouble trouble = check_keys(object, path.empty() ? "the input" : path)) return trouble;
    const std::size_t length = path.size();
    for (const auto field : object) {
      if (length > 0) path += '.';
      path += field.key;
      if (Trouble trouble = leaves(field.value, path, depth + 1, text)) return trouble;
      path.resize(length);
    }
    return std::nullopt;
  }

  Trouble array_leaves(JsonArray array, std::string& path, int depth, std::string& text) {
    const std::size_t length = path.size();
    std::size_t index = 0;
    for (const JsonValue element : array) {
      if (length > 0) path += '.';
      path += std::to_string(index++);
      if (Trouble trouble = leaves(element, path, depth + 1, text)) return trouble;
      path.resize(length);
    }
    return std::nullopt;
  }

  std::string scalar(JsonValue value) {
    if (!value.is_number()) return plain_text(value);
    const std::size_t at = next_number_++;
    return at < numbers_.size() ? numbers_[at] : simdjson::minify(value);
  }

  // One message, or a call of a tool: its content, then what it calls. Names, ids and states are no text.
  Trouble message(JsonValue spoken, std::string& text) {
    const JsonObject object(spoken);
    if (Trouble trouble = check_keys(object, "a message")) return trouble;
    const bool has_role = string_of(spoken, "role").has_value();
    std::string calls;
    for (const auto field : object) {
      const bool is_call = field.key == "tool_calls" || field.key == "function_call" || field.key == "name" ||
                           field.key == "arguments" || field.key == "output";
      if (field.key == "content" || field.key == "parts") {
        if (Trouble trouble = content(field.value, text)) return trouble;
      } else if (is_call && !(has_role && field.key == "name")) {
        std::string path(field.key);
        if (Trouble trouble = leaves(field.value, path, 1, calls)) return trouble;
      } else {
        skip(field.value);
      }
    }
    append_line(text, calls);
    return std::nullopt;
  }

  Trouble content(JsonValue value, std::string& text) {
    if (is_null(value)) return std::nullopt;
    if (value.is_string()) {
      text += plain_text(value);
      return std::nullopt;
    }
    if (value.is_array() && are_all(JsonArray(value), is_object)) return parts(JsonArray(value), text);
    std::string path;
    return leaves(value, path, 1, text);
  }

  // What it holds beside its type.
  Trouble json_part(JsonValue part, std::string& text) {
    if (Trouble trouble = check_keys(JsonObject(part), "a part of the input")) return trouble;
    return for_each_field(JsonObject(part), [&](std::string_view key, JsonValue value) -> Trouble {
      if (key == "type") return std::nullopt;
      std::string path = value.is_object() || value.is_array() ? "" : std::string(key);
      return leaves(value, path, 1, text);
    });
  }

  // Its numbers are passed over.
  void skip(JsonValue value) {
    if (value.is_object())
      for (const auto field : JsonObject(value)) skip(field.value);
    else if (value.is_array())
      for (const JsonValue element : JsonArray(value)) skip(element);
    else if (value.is_number())
      ++next_number_;
  }

  std::vector<std::string> numbers_;
  std::size_t next_number_ = 0;
};

bool holds_number(JsonValue value) {
  if (value.is_object())
    return std::ranges::any_of(JsonObject(value), [](const auto& field) { return holds_number(field.value); });
  if (value.is_array()) return std::ranges::any_of(JsonArray(value), holds_number);
  return value.is_number();
}

Checked<std::string> text_of_tree(JsonValue input, std::string_view json, InputField field) {
  std::vector<std::string> numbers;
  if (holds_number(input)) numbers = numbers_as_written(input, json, field == InputField::kState ? "state" : "input");
  Linearizer linearizer(std::move(numbers));
  std::string text, path;
  Trouble trouble;
  if (input.is_array() && are_messages(JsonArray(input)))
    trouble = linearizer.messages(JsonArray(input), text);
  else if (field == InputField::kInput && input.is_array() && are_all(JsonArray(input), is_part))
    trouble = linearizer.parts(JsonArray(input), text);
  else
    trouble = linearizer.leaves(input, path, 1, text);
  if (trouble) return *std::move(trouble);
  return text;
}

Checked<std::string> text_of_string(std::string_view text, InputField field, const LinearTextOptions& options) {
  const std::string_view bare = trimmed_name(text);
  const bool may_be_tree = bare.starts_with('{') || bare.starts_with('[');
  if (field != InputField::kInput || !options.parse_json || !may_be_tree) return std::string(text);
  if (is_nested_too_deeply(bare)) return Rejection{Reason::kTooDeep, "the JSON text of input"};
  simdjson::dom::parser parser;
  JsonValue root;
  if (parser.parse(bare.data(), bare.size()).get(root) != simdjson::SUCCESS) return std::string(text);
  return text_of_tree(root, bare, field);
}

}  // namespace

Checked<std::string> linear_text(JsonValue input, std::string_view json, InputField field,
                                 const LinearTextOptions& options) {
  const char* name = field == InputField::kState ? "state" : "input";
  Checked<std::string> text;
  std::string_view string;
  if (input.get_string().get(string) == simdjson::SUCCESS)
    text = text_of_string(string, field, options);
  else if (input.is_object() || input.is_array())
    text = text_of_tree(input, json, field);
  else
    return Rejection{Reason::kWrongType, fmt::format("{} must be a string, an object or an array", name)};
  if (const auto* built = std::get_if<std::string>(&text)) {
    if (trimmed_name(*built).empty()) return Rejection{Reason::kEmptyText, name};
    if (built->find(kReplacement) != std::string::npos && has_halves_of_pairs(json))
      return Rejection{Reason::kLoneSurrogate, name};
  }
  return text;
}

}  // namespace noggin::data
