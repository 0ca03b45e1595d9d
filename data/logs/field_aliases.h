// Other names under which logs keep the fields of row_fields.h: read where a row lacks the field's own name.
#pragma once

#include <functional>
#include <string_view>

#include "data/json/json_row.h"
#include "data/logs/row_fields.h"
#include "data/rows/row_schema.h"

namespace noggin::data {

// Names that logs use for our fields, the usual ones first.
inline constexpr std::string_view kUsualTextNames[] = {
    "text",     "sentence", "utterance", "query", "question", "input", "content", "message",
    "document", "review",   "tweet",     "title", "prompt",   "body",  "comment", "sequence"};
inline constexpr std::string_view kUsualLabelNames[] = {"label",       "intent", "category", "class",      "label_text",
                                                        "labels_text", "answer", "target",   "topic",      "sentiment",
                                                        "tag",         "gold",   "y",        "prediction", "output"};

// Of a class's number each: {"A": 0.9, "B": 0.1}.
inline constexpr std::string_view kUsualDistributionNames[] = {"probs", "logprobs", "logits", "probabilities",
                                                               "scores"};
inline constexpr std::string_view kUsualIdNames[] = {"id", "uid", "uuid", "custom_id", "request_id", "requestId"};

// Whether a row has a text under one of the usual names.
bool has_usual_text(JsonValue row);
// Whether it has, under one of the usual names, an object of numbers.
bool has_usual_distribution(JsonValue row);

// Whether a field is called like what a model said: "prediction", "output". Beside a distribution it is the
// distribution's best class once more, and no gold.
bool names_an_answer(std::string_view name);

// Reads what `row` does not have yet. is_named(field): the source says itself where this field stands. A value of
// another shape than the field's is something else and is left alone.
Trouble read_other_names(JsonObject object, const RowSchema& schema, RowFields& row,
                         const std::function<bool(std::string_view)>& is_named);

}  // namespace noggin::data
