#include "data/answers/listed_classes.h"

#include <algorithm>
#include <string>
#include <string_view>

#include "data/answers/class_in_text.h"
#include "data/answers/ending.h"
#include "data/answers/json_fields.h"
#include "data/answers/prose.h"
#include "data/answers/word_marks.h"
#include "data/rows/excerpt.h"

namespace noggin::data {
namespace {

constexpr std::string_view kNone[] = {"none", "none of these", "no label", "no labels", "n/a", "nothing"};

std::string_view trimmed(std::string_view text) {
  text = without_marks_in_front(text);
  while (!text.empty()) {
    const std::size_t mark = mark_behind(text);
    if (mark == 0) break;
    text.remove_suffix(mark);
  }
  return text;
}

bool is_none(std::string_view word) {
  return std::ranges::any_of(kNone, [word](std::string_view name) { return equal_without_case(word, name); });
}

// Where a list goes on: behind a comma, semicolon, line end or bar, or a word that joins.
std::size_t next_word(std::string_view text, std::size_t& length) {
  const std::size_t mark = std::min(text.find_first_of(",;\n|"), text.size());
  length = mark;
  std::size_t next = std::min(mark + 1, text.size());
  for (const std::string_view joint : {" and ", " & ", " + "})
    if (const std::size_t at = text.find(joint); at < length) {
      length = at;
      next = at + joint.size();
    }
  return next;
}

class ListReader {
 public:
  explicit ListReader(const LabelSet& labels) : labels_(labels) {}

  // One class, or a list of them: a class's own word may hold a comma.
  Trouble read(std::string_view text) {
    if (const auto whole = whole_word(text, labels_)) return add(*whole);
    const std::string_view core = trimmed(text);
    if (core.empty() || is_none(core)) return std::nullopt;
    for (std::size_t length = 0; !text.empty();) {
      const std::size_t next = next_word(text, length);
      const std::string_view word = text.substr(0, length);
      if (next == text.size() && length == text.size() && word.size() == core.size()) return unknown(word);
      if (!trimmed(word).empty()) {
        const auto found = whole_word(word, labels_);
        if (!found) return unknown(word);
        if (Trouble trouble = add(*found)) return trouble;
      }
      text.remove_prefix(next);
    }
    return std::nullopt;
  }
  std::vector<std::int32_t> take() {
    std::ranges::sort(classes_);
    classes_.erase(std::ranges::unique(classes_).begin(), classes_.end());
    return std::move(classes_);
  }

 private:
  Trouble add(const ClassInText& found) {
    classes_.push_back(found.class_index);
    return std::nullopt;
  }
  static Rejection unknown(std::string_view word) { return {Reason::kNoClassInAnswer, excerpt(word)}; }

  const LabelSet& labels_;
  std::vector<std::int32_t> classes_;
};

// A field whose name says that it holds something else ("reason", "confidence").
bool names_classes(const JsonField& field, const LabelSet& labels) {
  return field.is_string &&
         (field.name.empty() || whole_word(field.value, labels).has_value() ||
          field.name.find("label") != std::string_view::npos || field.name.find("class") != std::string_view::npos ||
          field.name.find("categor") != std::string_view::npos || field.name == "answer" || field.name == "tags" ||
          field.name == "topics" || field.name == "intents");
}

}  // namespace

Checked<std::vector<std::int32_t>> read_listed_classes(const LoggedAnswer& answer, const LabelSet& labels) {
  if (Trouble ended = trouble_of_ending(answer)) return *std::move(ended);
  if (is_cut(answer)) return Rejection{Reason::kAnswerCut, excerpt(answer.text)};
  const std::string said = said_in(answer);
  const std::string_view text = said;
  ListReader reader(labels);
  const std::size_t open = text.find_first_of("[{");
  std::vector<JsonField> fields;
  if (open != std::string_view::npos && read_json_fields(text.substr(open), fields) > 0) {
    for (const JsonField& field : fields)
      if (names_classes(field, labels))
        if (Trouble trouble = reader.read(field.value)) return *std::move(trouble);
    return reader.take();
  }
  if (begins_with_refusal(text)) return Rejection{Reason::kTeacherRefused, excerpt(text)};
  if (Trouble trouble = reader.read(text)) return *std::move(trouble);
  return reader.take();
}

}  // namespace noggin::data
