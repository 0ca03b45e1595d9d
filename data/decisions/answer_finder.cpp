#include "data/decisions/answer_finder.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>

#include "data/decisions/json_fields.h"
#include "data/rows/excerpt.h"

namespace noggin::data {

AnswerFinder::AnswerFinder(JsonValue answers, std::vector<std::string> asked) : asked_(std::move(asked)) {
  if (answers.is_object()) {
    for (const auto field : JsonObject(answers)) answers_.emplace_back(field.key, field.value);
  } else {
    is_list_ = true;
    for (const JsonValue answer : JsonArray(answers))
      answers_.emplace_back(string_of(answer, "name").value_or(""), answer);
    const bool is_complete = answers_.size() == asked_.size();
    for (std::size_t i = 0; is_complete && i < answers_.size(); ++i)
      if (answers_[i].first.empty()) answers_[i].first = asked_[i];
  }
  std::stable_sort(answers_.begin(), answers_.end(), [](const auto& a, const auto& b) { return a.first < b.first; });
}

Checked<std::optional<JsonValue>> AnswerFinder::find(std::size_t position) const {
  std::vector<JsonValue> found = named(asked_[position]);
  if (found.empty() && !is_list_) found = named(std::to_string(position));
  if (found.size() > 1)
    return Rejection{Reason::kRepeatedField, fmt::format("{} answers to {}", found.size(), excerpt(asked_[position]))};
  return found.empty() || is_null(found[0]) ? std::nullopt : std::optional(found[0]);
}

std::uint32_t AnswerFinder::unasked() const {
  std::vector<std::string_view> names(asked_.begin(), asked_.end());
  std::sort(names.begin(), names.end());
  const auto is_unasked = [&](const auto& answer) {
    return !answer.first.empty() && !std::binary_search(names.begin(), names.end(), answer.first) &&
           !is_position(answer.first);
  };
  return static_cast<std::uint32_t>(std::count_if(answers_.begin(), answers_.end(), is_unasked));
}

std::vector<JsonValue> AnswerFinder::named(std::string_view name) const {
  std::vector<JsonValue> found;
  auto answer = std::lower_bound(answers_.begin(), answers_.end(), name,
                                 [](const auto& entry, std::string_view wanted) { return entry.first < wanted; });
  for (; answer != answers_.end() && answer->first == name; ++answer) found.push_back(answer->second);
  return found;
}

bool AnswerFinder::is_position(std::string_view name) const {
  std::size_t position = 0;
  const auto [end, code] = std::from_chars(name.data(), name.data() + name.size(), position);
  return code == std::errc() && end == name.data() + name.size() && position < asked_.size();
}

}  // namespace noggin::data
