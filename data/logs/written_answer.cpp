#include "data/logs/span_answer.h"

#include <algorithm>
#include <utility>
#include <vector>

#include "data/answers/class_in_text.h"
#include "data/answers/ending.h"
#include "data/answers/json_fields.h"
#include "data/rows/excerpt.h"

namespace noggin::data {

Checked<std::string> json_in_answer(const LoggedAnswer& answer) {
  if (Trouble ended = trouble_of_ending(answer)) return *std::move(ended);
  std::string joined;
  if (!answer.has_text)
    for (const TokenPosition& position : answer.positions) joined += position.token;
  bool unclosed = false;
  std::string_view text = without_reasoning(answer.has_text ? std::string_view(answer.text) : joined, unclosed);
  if (is_cut(answer)) return Rejection{Reason::kAnswerCut, excerpt(text)};
  text.remove_prefix(std::min(text.find_first_of("[{"), text.size()));
  std::vector<JsonField> fields;
  const std::size_t size = read_json_fields(text, fields);
  if (size == 0) return Rejection{Reason::kUnknownAnswerShape, "the answer has no JSON that lists spans"};
  return std::string(text.substr(0, size));
}

Checked<BuiltRow> SpanAnswer::read(std::string_view text, std::string_view json, const RowSchema& schema) {
  Checked<JsonValue> root = json_.parse_copy(json);
  if (auto* bad = std::get_if<Rejection>(&root)) return std::move(*bad);
  fields_.clear(TextUnit::kCodePoint);
  fields_.seen |= RowFields::kText;
  fields_.present |= RowFields::kText;
  fields_.text = text;
  if (Trouble trouble = read_field("spans", std::get<JsonValue>(root), schema, fields_)) return *std::move(trouble);
  Checked<BuiltRow> built = build_row(fields_, schema);
  if (auto* row = std::get_if<BuiltRow>(&built)) row->notes.reading = RowNotes::Reading::kText;
  return built;
}

}  // namespace noggin::data
