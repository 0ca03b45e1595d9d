#include "data/decisions/decision.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "data/decisions/answer_finder.h"
#include "data/decisions/json_fields.h"
#include "data/decisions/redaction.h"
#include "data/rows/excerpt.h"

namespace noggin::data {
namespace {

constexpr std::int64_t kSuccess = 200;

// The map or array of questions: objects, of which one at least has a type.
std::optional<JsonValue> questions_of(JsonValue request) {
  const std::optional<JsonValue> questions = field_of(request, "questions");
  if (!questions) return std::nullopt;
  const auto is_typed = [](JsonValue asked) { return string_of(asked, "type").has_value(); };
  bool any = false;
  if (questions->is_array())
    any = std::ranges::any_of(JsonArray(*questions), is_typed);
  else if (questions->is_object())
    any = std::ranges::any_of(JsonObject(*questions), [&](const auto& field) { return is_typed(field.value); });
  return any ? questions : std::nullopt;
}

bool asks_with(JsonValue questions, std::string_view field) {
  JsonArray array;
  if (questions.get_array().get(array) != simdjson::SUCCESS) return false;
  return std::any_of(array.begin(), array.end(),
                     [field](JsonValue asked) { return field_of(asked, field).has_value(); });
}

DecisionShape shape_of(JsonValue request, JsonValue questions, std::optional<JsonValue> response) {
  if (questions.is_array()) {
    const bool is_sglang = asks_with(questions, "question") || asks_with(questions, "options");
    return is_sglang ? DecisionShape::kSgLang : DecisionShape::kOpenAi;
  }
  if (!field_of(request, "state")) return DecisionShape::kGemini;
  const std::optional<JsonValue> usage = response ? field_of(*response, "usage") : std::nullopt;
  const bool is_routed = field_of(request, "provider") || (response && field_of(*response, "provider")) ||
                         (usage && field_of(*usage, "cost"));
  return is_routed ? DecisionShape::kOpenRouter : DecisionShape::kSystemOne;
}

bool is_blocked(JsonValue response) {
  const std::optional<JsonValue> feedback = field_of(response, "prompt_feedback");
  return feedback && field_of(*feedback, "block_reason");
}

bool looks_like_answer(JsonValue answer) {
  if (is_null(answer)) return true;
  for (const std::string_view name : {"type", "noul", "probability", "choice", "score", "probabilities"})
    if (field_of(answer, name)) return true;
  return false;
}

// The answers of a response: a map by name, or an array in the order asked.
std::optional<JsonValue> answers_of(JsonValue response) {
  const std::optional<JsonValue> answers = field_of(response, "answers");
  return answers && (answers->is_object() || answers->is_array()) ? answers : std::nullopt;
}

// The message of an error body, whoever wrote it: {"error": {"message"}}, {"error": ""}, {"detail": ...}.
std::string error_text(JsonValue body) {
  for (const std::string_view name : {"error", "detail"}) {
    const std::optional<JsonValue> error = field_of(body, name);
    if (error) return plain_text(field_of(*error, "message").value_or(*error));
  }
  return {};
}

// Why no question of the row has an answer, or nothing. kNotADecision: the response is something else.
Trouble why_unanswered(const DecisionPair& pair) {
  const auto failed = [](std::string_view detail) { return Rejection{Reason::kTeacherError, excerpt(detail, 200)}; };
  const std::string error = pair.response ? error_text(*pair.response) : std::string();
  if (!pair.failure.empty()) return failed(pair.failure);
  if (pair.status != kSuccess)
    return failed(fmt::format("status {}{}{}", pair.status, error.empty() ? "" : ": ", error));
  if (!pair.response || is_null(*pair.response)) return failed("no response");
  if (is_blocked(*pair.response)) return Rejection{Reason::kInputBlocked, {}};
  if (answers_of(*pair.response)) return std::nullopt;
  if (!error.empty()) return failed(error);
  JsonObject object;
  if (pair.response->get_object().get(object) == simdjson::SUCCESS && object.size() == 0)
    return failed("an empty response");
  return Rejection{Reason::kNotADecision, "the response has no answers to typed questions"};
}

bool was_truncated(JsonValue response) {
  const auto says_so = [](JsonValue where) {
    const std::optional<JsonValue> truncated = field_of(where, "truncated");
    const std::optional<JsonValue> dropped = field_of(where, "state_tokens_dropped");
    bool is_truncated = false;
    std::int64_t tokens = 0;
    return (truncated && truncated->get_bool().get(is_truncated) == simdjson::SUCCESS && is_truncated) ||
           (dropped && dropped->get_int64().get(tokens) == simdjson::SUCCESS && tokens > 0);
  };
  const std::optional<JsonValue> usage = field_of(response, "usage");
  return says_so(response) || (usage && says_so(*usage));
}

std::optional<std::int64_t> count_of(JsonValue usage, std::initializer_list<std::string_view> names) {
  for (const std::string_view name : names) {
    std::int64_t count = 0;
    const std::optional<JsonValue> value = field_of(usage, name);
    if (value && value->get_int64().get(count) == simdjson::SUCCESS) return count;
  }
  return std::nullopt;
}

DecisionUsage usage_of(std::optional<JsonValue> response) {
  const std::optional<JsonValue> usage = response ? field_of(*response, "usage") : std::nullopt;
  if (!usage) return {};
  DecisionUsage read{.input_tokens = count_of(*usage, {"input_tokens", "prompt_tokens", "total_input_tokens"}),
                     .output_tokens = count_of(*usage, {"output_tokens", "completion_tokens", "total_output_tokens"})};
  double cost = 0;
  if (const auto value = field_of(*usage, "cost"); value && value->get_double().get(cost) == simdjson::SUCCESS)
    read.cost = cost;
  return read;
}

Trouble check_request(JsonValue request) {
  if (!is_decision_request(request))
    return Rejection{Reason::kNotADecision, "the request has no questions, or no state or input"};
  if (Trouble trouble = check_keys(JsonObject(request), "the request")) return trouble;
  for (const std::string_view name : {"images", "assets"}) {
    const std::optional<JsonValue> media = field_of(request, name);
    const bool is_empty = media && ((media->is_array() && JsonArray(*media).size() == 0) ||
                                    (media->is_object() && JsonObject(*media).size() == 0));
    if (media && !is_empty) return Rejection{Reason::kMediaInput, std::string(name)};
  }
  return std::nullopt;
}

Checked<std::string> read_text(const DecisionPair& pair, const DecisionOptions& options) {
  const std::optional<JsonValue> state = field_of(pair.request, "state");
  Checked<std::string> text = linear_text(state ? *state : *field_of(pair.request, "input"), pair.request_json,
                                          state ? InputField::kState : InputField::kInput, options.text);
  if (const auto* built = std::get_if<std::string>(&text); built != nullptr && is_redacted(*built))
    return Rejection{Reason::kRedactedText, excerpt(*built)};
  return text;
}

// Why the answers of a response are no teacher, though they are there.
Trouble why_unwanted(const DecisionRow& row, JsonValue response, const DecisionOptions& options) {
  if (was_truncated(response)) return Rejection{Reason::kInputTruncated, {}};
  const std::vector<std::string>& wanted = options.teacher_models;
  if (!wanted.empty() && std::find(wanted.begin(), wanted.end(), row.model) == wanted.end())
    return Rejection{Reason::kOtherTeacher, excerpt(row.model)};
  return std::nullopt;
}

Answer answer_to(const Question& question, const Checked<std::optional<JsonValue>>& found,
                 const DecisionAnswerOptions& options) {
  if (const auto* bad = std::get_if<Rejection>(&found)) return {.missing = *bad};
  return read_answer(question, std::get<std::optional<JsonValue>>(found), options);
}

Trouble read_answers(const DecisionPair& pair, const DecisionOptions& options, std::vector<AskedQuestion> asked,
                     DecisionRow& row) {
  Trouble none = why_unanswered(pair);
  if (none && none->reason == Reason::kNotADecision) return none;
  std::optional<AnswerFinder> finder;
  if (!none) {
    std::vector<std::string> names;
    for (const AskedQuestion& entry : asked) names.push_back(entry.question.name);
    finder.emplace(*answers_of(*pair.response), std::move(names));
    row.answered = true;
    row.unasked = finder->unasked();
    none = check_keys(JsonObject(*pair.response), "the response");
    if (!none) none = why_unwanted(row, *pair.response, options);
  }
  const DecisionAnswerOptions answer_options{.min_class_mass = options.min_class_mass,
                                             .choice_as_label = options.choice_as_label,
                                             .yes_no_is_clipped = row.shape == DecisionShape::kGemini};
  for (std::size_t i = 0; i < asked.size(); ++i) {
    Answer answer{.missing = asked[i].unread ? asked[i].unread : none};
    if (!answer.missing) answer = answer_to(asked[i].question, finder->find(i), answer_options);
    row.questions.push_back({std::move(asked[i].question), std::move(answer)});
  }
  return std::nullopt;
}

}  // namespace

std::string_view name_of(DecisionShape shape) {
  switch (shape) {
    case DecisionShape::kSystemOne:
      return "system_one";
    case DecisionShape::kOpenAi:
      return "openai";
    case DecisionShape::kSgLang:
      return "sglang";
    case DecisionShape::kOpenRouter:
      return "openrouter";
    case DecisionShape::kGemini:
      return "gemini";
  }
  return "";
}

const QuestionAnswer* DecisionRow::find(std::string_view name) const {
  const auto found = std::ranges::find_if(questions, [name](const QuestionAnswer& q) { return q.name == name; });
  return found == questions.end() ? nullptr : &*found;
}

bool is_decision_request(JsonValue request) {
  return questions_of(request) && (field_of(request, "state") || field_of(request, "input"));
}

bool is_decision_response(JsonValue response) {
  const std::optional<JsonValue> answers = answers_of(response);
  if (!answers) return is_blocked(response);
  if (answers->is_array())
    return JsonArray(*answers).size() == 0 || std::ranges::any_of(JsonArray(*answers), looks_like_answer);
  const auto is_answer = [](const auto& field) { return looks_like_answer(field.value); };
  return JsonObject(*answers).size() == 0 || std::ranges::any_of(JsonObject(*answers), is_answer);
}

Checked<DecisionRow> read_decision(const DecisionPair& pair, const DecisionOptions& options) {
  if (Trouble trouble = check_request(pair.request)) return *std::move(trouble);
  Checked<std::string> text = read_text(pair, options);
  if (auto* bad = std::get_if<Rejection>(&text)) return std::move(*bad);
  const JsonValue questions = *questions_of(pair.request);
  Checked<std::vector<AskedQuestion>> asked = read_questions(questions);
  if (auto* bad = std::get_if<Rejection>(&asked)) return std::move(*bad);

  DecisionRow row;
  row.shape = shape_of(pair.request, questions, pair.response);
  row.text = std::get<std::string>(std::move(text));
  const std::optional<std::string_view> answered = pair.response ? string_of(*pair.response, "model") : std::nullopt;
  row.model = answered ? *answered : string_of(pair.request, "model").value_or("");
  row.usage = usage_of(pair.response);
  if (Trouble trouble = read_answers(pair, options, std::get<std::vector<AskedQuestion>>(std::move(asked)), row))
    return *std::move(trouble);
  return row;
}

}  // namespace noggin::data
