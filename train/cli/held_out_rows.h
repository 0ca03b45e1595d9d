// Rows to measure a finished model with, from a shard or a JSONL file, tokenized as the model does.
#pragma once

#include <string>

#include "data/shards/example_table.h"
#include "format/frozen_model.h"
#include "train/run/progress.h"

namespace noggin::tool {

// Key in a file's provenance: the recipe's data.score_threshold, so that the file alone can be measured like its run.
inline constexpr const char* kScoreThresholdKey = "score_threshold";

// `path`: a .h5 shard, or JSON lines as for ingest ({"id"?, "text", "label"?}). Warns of lines that are rejected and of
// gold spans that are lost. Throws Failure (kBadData).
data::ExampleTable held_out_rows(const std::string& path, const format::TaskContents& task,
                                 const runtime::TokenizerContents& tokenizer, std::uint32_t max_tokens,
                                 train::Progress& progress);

// The same with the tokenizer and labels inside a .nog file.
data::ExampleTable held_out_rows(const std::string& path, const std::string& nog_path, train::Progress& progress);

}  // namespace noggin::tool
