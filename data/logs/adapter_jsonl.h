// JSON lines: one object per line, with the fields of its task (row_fields.h). Other fields are skipped.
//   id        string or whole number; absent: "<file stem>-<line>". Unique in its file
//   text      string, not empty
//   logprobs, probs, logits   one of them: an object {word: value}, or an array [C] in class order, or null. Natural
//   logarithm
#pragma once

#include <optional>
#include <string_view>

#include "data/logs/row_sink.h"
#include "data/logs/source.h"
#include "data/rows/rejection.h"
#include "data/rows/row_schema.h"

namespace noggin::data {

Status read_jsonl(const Source& source, const RowSchema& schema, RowSink& sink);

// Shared by the adapters: rejects an empty text and one with a NUL in it.
std::optional<Rejection> check_text(std::string_view text);

}  // namespace noggin::data
