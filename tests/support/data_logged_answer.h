// A logged answer for tests, written as text and positions of probabilities.
#pragma once

#include <cmath>
#include <limits>
#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "data/answers/logged_answer.h"
#include "data/answers/read_answer.h"

namespace noggin::tests {

struct Alternative {
  std::string token;
  double probability;
};
struct Position {
  std::string sampled;
  std::vector<Alternative> listed;         // the sampled token usually among them
  std::optional<double> probability = {};  // of the sampled token; else the listed one's, else 0
};

inline double logprob_of(double probability) {
  return probability > 0 ? std::log(probability) : -std::numeric_limits<double>::infinity();
}

// The views go to strings of its own.
inline data::LoggedAnswer logged(const std::optional<std::string>& text, const std::vector<Position>& positions = {},
                                 std::string_view finish_reason = "stop") {
  data::LoggedAnswer answer;
  answer.has_text = text.has_value();
  answer.text = text.value_or("");
  answer.has_tokens = !positions.empty();
  answer.finish_reason = finish_reason;
  for (const Position& position : positions) {
    data::TokenPosition entry{answer.keep(position.sampled), 0, answer.alternatives.size(), position.listed.size()};
    double probability = 0;
    for (const Alternative& alternative : position.listed) {
      if (alternative.token == position.sampled) probability = alternative.probability;
      answer.alternatives.emplace_back(answer.keep(alternative.token), logprob_of(alternative.probability));
    }
    entry.logprob = logprob_of(position.probability.value_or(probability));
    answer.positions.push_back(entry);
  }
  return answer;
}

// By class name; or {"refused: CODE": 1}.
inline std::map<std::string, double> masses(const data::LoggedAnswer& answer, const data::LabelSet& labels,
                                            const data::AnswerOptions& options = {}) {
  const data::Checked<data::AnswerReading> reading = data::read_answer(answer, labels, options);
  if (const auto* bad = std::get_if<data::Rejection>(&reading))
    return {{"refused: " + std::string(data::reason_code(bad->reason)), 1}};
  std::map<std::string, double> by_name;
  for (const data::ClassMass& entry : std::get<data::AnswerReading>(reading).classes)
    by_name[labels.names()[static_cast<std::size_t>(entry.class_index)]] = entry.probability;
  return by_name;
}

}  // namespace noggin::tests
