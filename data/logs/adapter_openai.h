// An OpenAI batch (or chat completions logged with a custom_id): requests joined to answers.
//
// Request file: {"custom_id", "body": {"messages": [...]}}; the text is the last user message, a string or an array of
// text parts. Output file: see batch_answer.h; any order. The distribution is the first token position of the
// answer where a listed word belongs to a class: words of one class are added, words of no class join the tail. A class
// name of several tokens is not found this way: give the class a single-token word (data.label_words) and make the
// prompt ask for it.
//
// Retries: if several rows share a custom_id, the first usable one counts; the others are superseded. A request
// that only failed counts once, with its first failure. Requests without any answer are kNoAnswer. Records come in
// output order and carry no gold label.
#pragma once

#include <string>

#include "data/logs/row_sink.h"
#include "data/logs/source.h"
#include "data/rows/labels.h"

namespace noggin::data {

Status read_openai_batch(const std::string& requests_path, const std::string& output_path, const LabelSet& labels,
                         const IngestOptions& options, RowSink& sink);

}  // namespace noggin::data
