#include "data/logs/batch_answer.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

namespace noggin::data {
namespace {

using Value = JsonRow::Value;

// What decides between success and failure, collected in any order of fields.
struct Outcome {
  Trouble error;  // "error" is not null
  std::optional<double> status;
  bool has_choices = false, has_choice = false;
};

struct Token {
  std::string_view word;
  double logprob = 0;
  bool has_word = false, has_logprob = false;
};

Trouble read_token_field(std::string_view key, Value& value, Token& token) {
  if (key == "token") {
    const Checked<std::string_view> word = read_string(value, "token");
    if (const auto* bad = std::get_if<Rejection>(&word)) return *bad;
    token.word = std::get<std::string_view>(word);
    token.has_word = true;
  } else if (key == "logprob") {
    const Checked<double> logprob = read_number(value, "logprob");
    if (const auto* bad = std::get_if<Rejection>(&logprob)) return *bad;
    token.logprob = std::get<double>(logprob);
    token.has_logprob = true;
  }
  return std::nullopt;
}

Trouble check_token(const Token& token) {
  if (token.has_word && token.has_logprob) return std::nullopt;
  return Rejection{Reason::kMissingField, token.has_word ? "logprob of a token" : "token of a logprob"};
}

// Leaves the position's words in answer.words if one of them belongs to a class, else clears them.
Trouble read_position(Value& value, const LabelSet& labels, BatchAnswer& answer) {
  ++answer.positions;
  answer.words.clear();
  Token sampled;
  std::vector<std::string_view> listed;
  bool maps = false;
  const auto list = [&](const Token& token) {
    const std::int32_t index = labels.find(token.word);
    maps = maps || index >= 0;
    answer.words.push_back({index, token.logprob});
  };
  Trouble trouble = for_each_field(value, "logprobs.content[]", [&](std::string_view key, Value field) -> Trouble {
    if (key != "top_logprobs") return read_token_field(key, field, sampled);
    return for_each_element(field, "top_logprobs", [&](Value& item) -> Trouble {
      Token token;
      Trouble bad = for_each_field(item, "top_logprobs[]", [&](std::string_view name, Value part) {
        return read_token_field(name, part, token);
      });
      if (!bad) bad = check_token(token);
      if (bad) return bad;
      list(token);
      listed.push_back(token.word);
      return std::nullopt;
    });
  });
  if (!trouble) trouble = check_token(sampled);
  if (trouble) return trouble;
  if (std::find(listed.begin(), listed.end(), sampled.word) == listed.end()) list(sampled);
  if (!maps) answer.words.clear();
  return std::nullopt;
}

Trouble read_logprobs(Value& value, const LabelSet& labels, BatchAnswer& answer) {
  if (is_null(value)) return std::nullopt;
  return for_each_field(value, "choices[0].logprobs", [&](std::string_view key, Value field) -> Trouble {
    if (key != "content" || is_null(field)) return std::nullopt;
    answer.has_logprobs = true;
    return for_each_element(field, "logprobs.content", [&](Value& position) -> Trouble {
      return answer.words.empty() ? read_position(position, labels, answer) : std::nullopt;
    });
  });
}

Trouble read_choice(Value& value, const LabelSet& labels, BatchAnswer& answer) {
  return for_each_field(value, "choices[0]", [&](std::string_view key, Value field) -> Trouble {
    if (key == "logprobs") return read_logprobs(field, labels, answer);
    if (key != "message") return std::nullopt;
    return for_each_field(field, "choices[0].message", [&](std::string_view name, Value part) -> Trouble {
      if (name != "content" || is_null(part)) return std::nullopt;
      const Checked<std::string_view> content = read_string(part, "choices[0].message.content");
      if (const auto* bad = std::get_if<Rejection>(&content)) return *bad;
      answer.content = std::get<std::string_view>(content);
      return std::nullopt;
    });
  });
}

Trouble read_choices(Value& value, const LabelSet& labels, BatchAnswer& answer, Outcome& outcome) {
  outcome.has_choices = true;
  return for_each_element(value, "choices", [&](Value& choice) -> Trouble {
    if (std::exchange(outcome.has_choice, true)) return std::nullopt;  // only the first counts
    return read_choice(choice, labels, answer);
  });
}

Trouble read_error(Value& value) {
  if (is_null(value)) return std::nullopt;
  std::string_view message;
  if (value.is_object()) {
    Trouble fatal = for_each_field(value, "error", [&](std::string_view key, Value field) -> Trouble {
      std::string_view text;
      if ((key == "message" || (key == "code" && message.empty())) && field.get_string().get(text) == simdjson::SUCCESS)
        message = text;
      return std::nullopt;
    });
    if (is_fatal(fatal)) return fatal;
  }
  return Rejection{Reason::kTeacherError, std::string(message.substr(0, 200))};
}

Trouble read_response(Value& value, const LabelSet& labels, BatchAnswer& answer, Outcome& outcome) {
  if (is_null(value)) return std::nullopt;
  return for_each_field(value, "response", [&](std::string_view key, Value field) -> Trouble {
    if (key == "status_code") {
      const Checked<double> status = read_number(field, "response.status_code");
      if (const auto* bad = std::get_if<Rejection>(&status)) return *bad;
      outcome.status = std::get<double>(status);
      return std::nullopt;
    }
    if (key != "body" || is_null(field)) return std::nullopt;
    return for_each_field(field, "response.body", [&](std::string_view name, Value part) -> Trouble {
      if (name == "choices") return read_choices(part, labels, answer, outcome);
      if (name == "error") outcome.error = read_error(part);
      return is_fatal(outcome.error) ? outcome.error : std::nullopt;
    });
  });
}

}  // namespace

Trouble read_answer(JsonRow& row, const Line& line, const LabelSet& labels, BatchAnswer& answer) {
  answer = BatchAnswer{};
  Outcome outcome;
  Trouble trouble = row.read(line, [&](std::string_view key, Value value) -> Trouble {
    if (key == "custom_id") {
      const Checked<std::string_view> id = read_string(value, "custom_id");
      if (const auto* bad = std::get_if<Rejection>(&id)) return *bad;
      answer.has_custom_id = true;
      answer.custom_id = std::get<std::string_view>(id);
      return std::nullopt;
    }
    if (key == "response") return read_response(value, labels, answer, outcome);
    if (key == "choices") return read_choices(value, labels, answer, outcome);
    if (key == "error") outcome.error = read_error(value);
    return key == "error" && is_fatal(outcome.error) ? outcome.error : std::nullopt;
  });
  if (is_fatal(trouble) || (trouble && trouble->reason == Reason::kCutLastLine)) return trouble;
  if (!answer.has_custom_id) return trouble ? trouble : Rejection{Reason::kMissingField, "custom_id"};
  if (outcome.error) return outcome.error;
  if (outcome.status && *outcome.status != 200.0)
    return Rejection{Reason::kTeacherError, fmt::format("status_code {}", *outcome.status)};
  if (trouble) return trouble;
  if (!outcome.has_choices) return Rejection{Reason::kMissingField, "choices"};
  if (!outcome.has_choice) return Rejection{Reason::kNoChoice, {}};
  return std::nullopt;
}

}  // namespace noggin::data
