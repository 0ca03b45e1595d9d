#include "data/logs/written_answer.h"

#include <algorithm>
#include <utility>
#include <vector>

#include "data/answers/class_in_text.h"
#include "data/answers/ending.h"
#include "data/answers/json_fields.h"
#include "data/rows/excerpt.h"

namespace noggin::data {
namespace {

constexpr std::string_view kBlanks = " \t\r\n";

// said_in() an answer that ended as it should.
Checked<std::string> said_in_answer(const LoggedAnswer& answer) {
  if (Trouble ended = trouble_of_ending(answer)) return *std::move(ended);
  std::string said = said_in(answer);
  if (is_cut(answer)) return Rejection{Reason::kAnswerCut, excerpt(said)};
  return said;
}

Checked<std::string> json_in(std::string_view text) {
  text.remove_prefix(std::min(text.find_first_of("[{"), text.size()));
  std::vector<JsonField> fields;
  const std::size_t size = read_json_fields(text, fields);
  if (size == 0) return Rejection{Reason::kUnknownAnswerShape, "the answer has no JSON that lists spans"};
  return std::string(text.substr(0, size));
}

std::string_view trimmed(std::string_view text) {
  text.remove_prefix(std::min(text.find_first_not_of(kBlanks), text.size()));
  return text.substr(0, text.find_last_not_of(kBlanks) + 1);
}

Checked<std::string> edited_text_in(std::string_view text) {
  text = trimmed(without_fence(trimmed(text)));
  if (text.empty()) return Rejection{Reason::kOtherTask, "the answer is empty"};
  return std::string(text);
}

// Quotes around the whole answer are the teacher's, unless the text that it was asked about begins with one.
std::string_view without_quotes(std::string_view answer, std::string_view asked) {
  const bool quoted = answer.size() > 2 && answer.front() == '"' && answer.back() == '"' &&
                      answer.find('"', 1) == answer.size() - 1 && !trimmed(asked).starts_with('"');
  return quoted ? trimmed(answer.substr(1, answer.size() - 2)) : answer;
}

}  // namespace

bool has_written_answers(spec::TaskKind task) { return spec::traits_of(task).per_token(); }

Checked<std::string> json_in_answer(const LoggedAnswer& answer) {
  Checked<std::string> said = said_in_answer(answer);
  return std::holds_alternative<std::string>(said) ? json_in(std::get<std::string>(said)) : said;
}

Checked<std::string> text_in_answer(const LoggedAnswer& answer) {
  Checked<std::string> said = said_in_answer(answer);
  return std::holds_alternative<std::string>(said) ? edited_text_in(std::get<std::string>(said)) : said;
}

Checked<std::string> written_in_answer(const LoggedAnswer& answer, spec::TaskKind task) {
  return spec::traits_of(task).has_target ? text_in_answer(answer) : json_in_answer(answer);
}

Checked<BuiltRow> WrittenAnswer::read(std::string_view text, std::string_view written, const RowSchema& schema) {
  fields_.clear(TextUnit::kCodePoint);
  fields_.seen |= RowFields::kText;
  fields_.present |= RowFields::kText;
  fields_.text = text;
  if (spec::traits_of(schema.task).has_target) {
    fields_.seen |= RowFields::kTarget;
    fields_.present |= RowFields::kTarget;
    fields_.target = without_quotes(written, text);
  } else {
    Checked<JsonValue> root = json_.parse_copy(written);
    if (auto* bad = std::get_if<Rejection>(&root)) return std::move(*bad);
    if (Trouble trouble = read_field("spans", std::get<JsonValue>(root), schema, fields_)) return *std::move(trouble);
  }
  Checked<BuiltRow> built = build_row(fields_, schema);
  if (auto* row = std::get_if<BuiltRow>(&built)) {
    row->record.is_written = true;
    row->notes.reading = RowNotes::Reading::kText;
  }
  return built;
}

}  // namespace noggin::data
