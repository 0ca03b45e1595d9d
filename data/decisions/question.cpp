#include "data/decisions/question.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "data/decisions/json_fields.h"
#include "data/rows/excerpt.h"

namespace noggin::data {
namespace {

constexpr std::size_t kFewestOptions = 2;

// What the question says of each option, by option.
using Descriptions = std::vector<std::pair<std::string, std::string>>;

std::string text_or_nothing(JsonValue value) { return is_null(value) ? std::string() : plain_text(value); }

void append_description(Descriptions& descriptions, std::string_view option, std::string description) {
  if (!description.empty()) descriptions.emplace_back(option, std::move(description));
}

Trouble check_options_differ(const Question& question) {
  std::vector<std::pair<std::string_view, bool>> options;
  for (const Option& option : question.options) options.emplace_back(option.name, option.is_boolean);
  std::sort(options.begin(), options.end());
  const auto repeated = std::adjacent_find(options.begin(), options.end());
  if (repeated == options.end()) return std::nullopt;
  return Rejection{Reason::kRepeatedField,
                   fmt::format("the option {} of {}", excerpt(repeated->first), excerpt(question.name))};
}

// System One, OpenRouter, Gemini: a map option -> description.
Trouble read_option_map(JsonObject map, Question& question, Descriptions& descriptions) {
  if (Trouble trouble = check_keys(map, question.name)) return trouble;
  for (const auto field : map) {
    question.options.push_back({std::string(field.key), false});
    append_description(descriptions, field.key, text_or_nothing(field.value));
  }
  return std::nullopt;
}

// OpenAI: {value, description?}; SGLang: {name, description?}.
Trouble read_option_list(JsonValue list, Question& question, Descriptions& descriptions) {
  Trouble trouble = for_each_element(list, question.name, [&](JsonValue entry) -> Trouble {
    std::optional<JsonValue> value = field_of(entry, "value");
    if (!value) value = field_of(entry, "name");
    if (!value || !(value->is_string() || value->is_bool()))
      return Rejection{Reason::kWrongType, fmt::format("an option of {} has no value", excerpt(question.name))};
    question.options.push_back({plain_text(*value), value->is_bool()});
    if (const std::optional<JsonValue> description = field_of(entry, "description"))
      append_description(descriptions, question.options.back().name, plain_text(*description));
    return std::nullopt;
  });
  return trouble ? trouble : check_options_differ(question);
}

Trouble read_choice_options(JsonValue asked, Question& question, Descriptions& descriptions) {
  if (const auto criteria = field_of(asked, "criteria")) {
    JsonObject map;
    if (criteria->get_object().get(map) != simdjson::SUCCESS)
      return Rejection{Reason::kWrongType, fmt::format("criteria of {} must be an object", excerpt(question.name))};
    return read_option_map(map, question, descriptions);
  }
  for (const std::string_view field : {"choices", "options"})
    if (const auto list = field_of(asked, field)) return read_option_list(*list, question, descriptions);
  return std::nullopt;
}

// Levels are texts, objects or arrays; OpenAI's are {label, description?}.
Trouble read_levels(JsonValue asked, Question& question, Descriptions& descriptions) {
  std::optional<JsonValue> levels = field_of(asked, "criteria");
  if (!levels) levels = field_of(asked, "levels");
  if (!levels) return std::nullopt;
  return for_each_element(*levels, question.name, [&](JsonValue level) -> Trouble {
    if (is_null(level))
      return Rejection{Reason::kWrongType, fmt::format("a level of {} is null", excerpt(question.name))};
    const std::optional<JsonValue> label = field_of(level, "label");
    question.options.push_back({plain_text(label ? *label : level), false});
    std::string described = question.options.back().name;
    if (const auto description = label ? field_of(level, "description") : std::nullopt)
      described.append(": ").append(plain_text(*description));
    append_description(descriptions, std::to_string(question.options.size() - 1), std::move(described));
    return std::nullopt;
  });
}

void read_yes_no(JsonValue asked, Question& question, Descriptions& descriptions) {
  question.options = {{"no", false}, {"yes", false}};
  const JsonValue sides = field_of(asked, "criteria").value_or(asked);  // SGLang: beside the question
  const bool in_criteria = field_of(asked, "criteria").has_value();
  if (const auto side = field_of(sides, in_criteria ? "false" : "no"))
    append_description(descriptions, "no", plain_text(*side));
  if (const auto side = field_of(sides, in_criteria ? "true" : "yes"))
    append_description(descriptions, "yes", plain_text(*side));
}

std::string wording_of(JsonValue asked, QuestionType type, Descriptions descriptions) {
  std::optional<JsonValue> instructions = field_of(asked, "instructions");
  if (!instructions) instructions = field_of(asked, "question");
  std::string wording = instructions ? plain_text(*instructions) : std::string();
  if (type == QuestionType::kChoice) std::sort(descriptions.begin(), descriptions.end());
  for (const auto& [option, description] : descriptions) {
    if (!wording.empty()) wording += '\n';
    wording.append(option).append(": ").append(description);
  }
  return wording;
}

Trouble read_options(JsonValue asked, Question& question, Descriptions& descriptions) {
  JsonObject object;
  if (asked.get_object().get(object) != simdjson::SUCCESS)
    return Rejection{Reason::kWrongType, fmt::format("{} must be an object", excerpt(question.name))};
  if (Trouble trouble = check_keys(object, question.name)) return trouble;
  const std::string_view type = string_of(asked, "type").value_or("");
  question.type = question_type(type);
  Trouble trouble;
  if (question.type == QuestionType::kOther) return Rejection{Reason::kQuestionType, excerpt(type)};
  if (question.type == QuestionType::kChoice) trouble = read_choice_options(asked, question, descriptions);
  if (question.type == QuestionType::kScore) trouble = read_levels(asked, question, descriptions);
  if (question.type == QuestionType::kYesNo) read_yes_no(asked, question, descriptions);
  if (!trouble && question.options.size() < kFewestOptions)
    return Rejection{Reason::kQuestionType, fmt::format("{} option", question.options.size())};
  return trouble;
}

AskedQuestion read_question(std::string name, JsonValue asked) {
  AskedQuestion read{Question{std::move(name)}, std::nullopt};
  Descriptions descriptions;
  read.unread = read_options(asked, read.question, descriptions);
  read.question.wording = wording_of(asked, read.question.type, std::move(descriptions));
  return read;
}

void refuse_repeated_names(std::vector<AskedQuestion>& asked) {
  std::vector<std::string_view> names;
  for (const AskedQuestion& entry : asked) names.push_back(entry.question.name);
  std::sort(names.begin(), names.end());
  for (AskedQuestion& entry : asked) {
    const auto [first, last] = std::equal_range(names.begin(), names.end(), std::string_view(entry.question.name));
    if (last - first > 1)
      entry.unread =
          Rejection{Reason::kRepeatedField, fmt::format("two questions are named {}", excerpt(entry.question.name))};
  }
}

}  // namespace

QuestionType question_type(std::string_view name) {
  if (name == "choice") return QuestionType::kChoice;
  if (name == "noul" || name == "predicate" || name == "yes_no") return QuestionType::kYesNo;
  if (name == "score") return QuestionType::kScore;
  return QuestionType::kOther;
}

Checked<std::vector<AskedQuestion>> read_questions(JsonValue questions) {
  std::vector<AskedQuestion> asked;
  if (JsonObject map; questions.get_object().get(map) == simdjson::SUCCESS) {
    if (Trouble trouble = check_keys(map, "questions")) return *std::move(trouble);
    for (const auto field : map) asked.push_back(read_question(std::string(field.key), field.value));
    return asked;
  }
  JsonArray list;
  if (questions.get_array().get(list) != simdjson::SUCCESS)
    return Rejection{Reason::kWrongType, "questions must be an object or an array"};
  for (const JsonValue entry : list) {
    std::string_view name = string_of(entry, "name").value_or("");
    if (name.empty()) name = string_of(entry, "id").value_or("");
    asked.push_back(read_question(name.empty() ? std::to_string(asked.size()) : std::string(name), entry));
  }
  refuse_repeated_names(asked);
  return asked;
}

std::string_view name_of(QuestionType type) {
  switch (type) {
    case QuestionType::kChoice:
      return "choice";
    case QuestionType::kYesNo:
      return "yes/no";
    case QuestionType::kScore:
      return "score";
    case QuestionType::kOther:
      return "other";
  }
  return "other";
}

}  // namespace noggin::data
