// Gold spans as rows and tag tools write them. Part of row_fields.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>
#include <vector>

#include "data/json/json_row.h"
#include "data/logs/row_fields.h"
#include "data/rows/row_schema.h"

namespace noggin::data {

// Appends the spans of a row:
//   [{"start": 0, "end": 4, "type": "PERSON", "text": "Anna"}, ...]    start and end, or the text, or all of them
//   [[0, 4, "PERSON"], ...]
//   {"PERSON": ["Anna", ...], ...}
//   {"spans": one of the above}, also under entities, ents or labels
// with the other names that span_fields.cpp lists, in any case and with or without "_": "BeginOffset". Also start and
// length; the place in an object inside, as {"location": {"range": {"start", "end"}}}; {"name": "PERSON"} for a type.
// An entry of a list may keep these fields in its "value", as Label Studio does; its entries that are no spans
// (choices, relations) are skipped.
Trouble read_spans(JsonValue value, const RowSchema& schema, std::vector<LoggedSpan>& spans);

// The types of a list of spans that say their places; nothing for any other value. For guesses.
std::optional<std::vector<std::string_view>> list_of_spans(JsonValue value);
// The texts that the spans of such a list state to have, as far as they do.
std::vector<std::string_view> texts_of_spans(JsonValue value);
// The types for the JSON of a teacher's answer: all that read_spans takes, also spans that give their text alone.
std::optional<std::vector<std::string_view>> spans_in_answer(JsonValue value);

// The index of a span's type: that of "B-type" in a tag task, "delete" in an edit task.
Trouble find_span_type(std::string_view type, const RowSchema& schema, std::uint32_t& index);

}  // namespace noggin::data
