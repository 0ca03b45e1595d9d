#include "data/answers/stated_score.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <cmath>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "data/answers/class_in_text.h"
#include "data/answers/ending.h"
#include "data/answers/json_fields.h"
#include "data/answers/word_marks.h"
#include "data/rows/excerpt.h"

namespace noggin::data {
namespace {

constexpr std::string_view kScoreFields[] = {"score", "rating", "probability", "value"};

void skip_blanks(std::string_view& text) {
  text.remove_prefix(std::min(text.find_first_not_of(" \t\r\n"), text.size()));
}

std::optional<double> take_number(std::string_view& text) {
  double number = 0.0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number, std::chars_format::fixed);
  if (error != std::errc() || !std::isfinite(number)) return std::nullopt;
  text.remove_prefix(static_cast<std::size_t>(end - text.data()));
  return number;
}

bool take(std::string_view& text, std::string_view word) {
  if (text.size() < word.size() || !equal_without_case(text.substr(0, word.size()), word)) return false;
  text.remove_prefix(word.size());
  return true;
}

// A number that is all of the text, but for marks.
std::optional<double> whole_number(std::string_view text) {
  text = without_marks_in_front(text);
  const std::optional<double> number = take_number(text);
  if (!number) return std::nullopt;
  skip_blanks(text);
  double whole = 1.0;
  if (take(text, "%") || take(text, "percent")) {
    whole = 100.0;
  } else if (take(text, "/") || take(text, "out of")) {
    skip_blanks(text);
    const std::optional<double> of = take_number(text);
    if (!of || *of <= 0.0) return std::nullopt;
    whole = *of;
  }
  while (const std::size_t mark = mark_behind(text)) text.remove_suffix(mark);
  if (!text.empty()) return std::nullopt;
  return *number / whole;
}

std::optional<double> number_in_json(std::string_view text, bool& has_json) {
  std::vector<JsonField> fields;
  has_json = text.find_first_of("[{") != std::string_view::npos &&
             read_json_fields(text.substr(text.find_first_of("[{")), fields) > 0;
  if (!has_json) return std::nullopt;
  for (const std::string_view name : kScoreFields)
    for (const JsonField& field : fields)
      if (equal_without_case(field.name, name)) return whole_number(field.value);
  return fields.size() == 1 ? whole_number(fields.front().value) : std::nullopt;
}

// Behind a colon or "=": "Score: 0.8".
std::optional<double> announced_number(std::string_view text) {
  const std::size_t mark = text.find_first_of(":=");
  if (mark == std::string_view::npos || text.substr(0, mark).find_first_of("0123456789") != std::string_view::npos)
    return std::nullopt;
  return whole_number(text.substr(mark + 1));
}

}  // namespace

Checked<double> read_stated_score(const LoggedAnswer& answer) {
  if (Trouble ended = trouble_of_ending(answer)) return *std::move(ended);
  const std::string said = said_in(answer);
  const std::string_view text = without_fence(said);
  bool has_json = false;
  std::optional<double> score = number_in_json(text, has_json);
  if (!score && !has_json) score = whole_number(text);
  if (!score && !has_json) score = announced_number(text);
  if (!score && is_cut(answer)) return Rejection{Reason::kAnswerCut, excerpt(text)};
  if (!score) return Rejection{Reason::kOtherTask, "no number is stated in " + excerpt(text)};
  if (*score < 0.0 || *score > 1.0) return Rejection{Reason::kScoreOutOfRange, fmt::format("{}", *score)};
  return *score;
}

}  // namespace noggin::data
