// Plain JSON lines: {"id"?, "text", "label"?, "logprobs" | "probs" | "logits"?}.
//   id        string or whole number; absent: "<file stem>-<line>". Unique in its file
//   text      string, not empty
//   label     class name or word, or null
//   logprobs, probs, logits   one of them: an object {word: value}, or an array [C] in class order, or null. Natural
//   logarithm
// Other fields are skipped.
#pragma once

#include <optional>
#include <string>

#include "data/labels.h"
#include "data/row_sink.h"

namespace noggin::data {

// top_k: teacher classes kept per row at most.
Status read_jsonl(const std::string& path, const LabelSet& labels, std::uint32_t top_k, RowSink& sink);

// Shared by the adapters: an empty text or a NUL in it.
std::optional<Rejection> check_text(std::string_view text);

}  // namespace noggin::data
