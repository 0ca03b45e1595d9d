// Rows to measure a finished model with, from a shard or a JSONL file, tokenized as the model does.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "data/encoding/row_encoder.h"
#include "data/rows/labels.h"
#include "data/rows/record.h"
#include "data/shards/example_table.h"
#include "format/frozen_model.h"
#include "noggin/engine.h"
#include "tokenizer/wordpiece.h"
#include "train/run/progress.h"

namespace noggin::tool {

// Key in a file's provenance: the recipe's data.score_threshold, so that the file alone can be measured like its run.
inline constexpr const char* kScoreThresholdKey = "score_threshold";

// From where gold of a score is positive: the recipe's threshold; if the file does not state it, the file's own.
float gold_threshold_of(const Model& model);

// How JSON lines are read. labels and tokenizer must outlive the call.
struct RowReading {
  const data::LabelSet& labels;
  spec::TaskKind task;
  std::uint32_t top_k = 1;  // most classes of the teacher that are kept of a row or token
  float gold_threshold = 0.5F;
  const runtime::WordPieceTokenizer* tokenizer = nullptr;  // null: rows have no tokens
  std::uint32_t max_tokens = 0;
};
// A table of records, read so.
class RowTable {
 public:
  explicit RowTable(const RowReading& reading);
  void add(const data::Record& record);
  data::ExampleTable take() { return std::move(table_); }
  data::AlignmentCounts alignment() const { return encoder_ ? encoder_->counts() : data::AlignmentCounts(); }

 private:
  data::ExampleTable table_;
  std::optional<data::RowEncoder> encoder_;
};

struct JsonRows {
  data::ExampleTable table;
  std::vector<std::uint64_t> lines;  // [N] of the file, from 1
  std::uint64_t rejected = 0;        // lines that are no rows; the first one of parity.jsonl is none of them
};
// Lines as for ingest ({"id"?, "text", "label"?}), logs, or parity.jsonl. Warns and throws as held_out_rows does.
JsonRows json_rows(const std::string& path, const RowReading& reading, train::Progress& progress);

// `path`: a .h5 shard, or JSON lines as for ingest ({"id"?, "text", "label"?}). Warns of lines that are rejected and of
// gold spans that are lost. Throws Failure (kBadData).
data::ExampleTable held_out_rows(const std::string& path, const format::TaskContents& task,
                                 const runtime::TokenizerContents& tokenizer, std::uint32_t max_tokens,
                                 train::Progress& progress);

// The same with the tokenizer and labels inside a .nog file.
data::ExampleTable held_out_rows(const std::string& path, const std::string& nog_path, train::Progress& progress);

}  // namespace noggin::tool
