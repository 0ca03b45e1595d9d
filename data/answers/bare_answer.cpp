#include "data/answers/bare_answer.h"

#include <algorithm>
#include <vector>

#include "data/answers/class_in_text.h"
#include "data/answers/json_fields.h"
#include "data/answers/word_marks.h"

namespace noggin::data {
namespace {

constexpr std::size_t kMostWords = 8;
constexpr std::string_view kDecidingNames[] = {"label", "class", "category", "answer", "intent", "result"};

std::string_view without_marks(std::string_view text) {
  while (const std::size_t front = mark_in_front(text)) text.remove_prefix(front);
  while (const std::size_t behind = mark_behind(text)) text.remove_suffix(behind);
  return text;
}

std::string deciding_value(const std::vector<JsonField>& fields) {
  for (const std::string_view name : kDecidingNames)
    for (const JsonField& field : fields)
      if (equal_without_case(field.name, name)) return field.value;
  return fields.size() == 1 ? fields.front().value : std::string();
}

}  // namespace

std::string bare_answer(std::string_view text) {
  bool unclosed = false;
  std::string_view rest = without_reasoning(text, unclosed);
  if (unclosed) return {};
  const std::size_t brace = rest.find('{');
  if (brace != std::string_view::npos) {
    std::vector<JsonField> fields;
    if (read_json_fields(rest.substr(brace), fields) > 0) return std::string(without_marks(deciding_value(fields)));
  }
  rest = without_marks(rest);
  rest = without_marks(rest.substr(0, rest.find('\n')));
  const auto spaces = static_cast<std::size_t>(std::count(rest.begin(), rest.end(), ' '));
  return spaces < kMostWords ? std::string(rest) : std::string();
}

}  // namespace noggin::data
