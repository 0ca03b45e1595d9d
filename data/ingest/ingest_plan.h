// All of `ingest`: logs and labelled files -> checked shards, a vocabulary and a report.
//
// <output_folder>/
//   parts/                       what each file, or piece, of the logs holds, so that it is read once (log_parts.h)
//   shards/train-00000.h5, ...   one series per split (shard.h)
//   vocab.txt                    one piece per line
//   quarantine.jsonl             rejected lines (quarantine.h); also of an ingest that fails by them
//   disagreements.jsonl          rows whose teacher and gold differ, when there are any (disagreements.h)
//   ingest_report.json           counts, hashes of inputs and outputs; written last: a folder without it is unfinished
//
// Equal plans over equal files produce equal bytes.
#pragma once

#include <array>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "data/encoding/align.h"
#include "data/ingest/disagreements.h"
#include "data/ingest/ingest.h"
#include "data/ingest/repeated_rows.h"
#include "data/ingest/split_contents.h"
#include "data/parts/log_parts.h"
#include "data/rows/labels.h"
#include "data/vocabulary/vocabulary.h"
#include "data/vocabulary/vocabulary_trim.h"
#include "noggin/result.h"
#include "tokenizer/contents.h"

namespace noggin::data {

struct IngestProgress {
  std::string split;  // "train", ...
  std::string stage;  // "logs" (of all splits), "vocabulary" (counting words) or "shards"
  std::uint64_t rows = 0;
};

struct IngestPlan {
  spec::TaskKind task = spec::TaskKind::kSingleLabel;
  LabelSet labels;                 // made for the task
  std::vector<SplitInput> splits;  // exactly one with training = true; it is read first
  IngestOptions options;
  float gold_threshold = 0.5F;  // score: ExampleTable::gold_threshold
  // Train a vocabulary on the training texts, use this one, or trim this one to what the training texts use.
  struct Trimmed {
    runtime::TokenizerContents full;
    std::uint32_t size = 8000, min_frequency = 1;  // vocabulary_trim.h
    bool fill = false;
  };
  std::variant<VocabularyOptions, runtime::TokenizerContents, Trimmed> tokenizer;
  std::uint32_t max_tokens = 64;  // per row, special tokens included; longer texts are cut
  std::string output_folder;
  std::uint64_t rows_per_shard = 1U << 18;  // rows, or tokens for tag and edit; ShardWriter::kMostBytes at most
  unsigned threads = 1;                     // that read logs, each another file or piece of one
  std::function<Result<std::uint64_t>(const std::string& path)> hash_of{};  // LogPartsOptions
  std::uint64_t piece_bytes = kPieceBytes;                                  // LogPartsOptions
  bool replace = false;  // a finished ingest in output_folder: replace it (else kExists)
  // Called every few thousand rows; false stops the ingest (kIo), leaving no report. May be empty.
  std::function<bool(const IngestProgress&)> progress;
};

// Lengths in tokens: bucket i counts rows of (2^(i-1), 2^i] tokens: 1, 2, 3-4, 5-8, ... up to 4096.
inline constexpr std::size_t kLengthBuckets = 13;

struct SplitSummary {
  std::string name;
  SplitReport counts;
  std::uint64_t tokens = 0;          // special ones included
  std::uint64_t content_tokens = 0;  // without special ones
  std::uint64_t words = 0;           // as the normalizer splits them: a punctuation mark is one
  std::uint64_t unknown_tokens = 0;  // [UNK] among the content tokens: one for each word that the pieces cannot spell
  std::uint64_t truncated = 0;       // rows cut to max_tokens
  std::uint32_t longest = 0;         // tokens of the longest row as stored
  std::array<std::uint64_t, kLengthBuckets> lengths{};
  AgreementCounts agreement;  // between teacher and gold
  AlignmentCounts alignment;  // tag, edit
  TargetCounts targets;
  ClassCounts classes;
  AnswerSpread spread;  // of rows with one text
  std::vector<FileFingerprint> shards;
};

struct IngestReport {
  std::vector<SplitSummary> splits;      // in the plan's order
  runtime::TokenizerContents tokenizer;  // as used
  std::uint64_t vocabulary_hash = 0;
  std::optional<TrimCoverage> coverage;  // when the plan's vocabulary was trimmed
  std::vector<std::string> findings;     // split_findings.h
  std::string vocabulary_path, report_path, quarantine_path;
  std::string disagreements_path;  // empty when there is no such file
  // Not in the JSON, which is reproducible: files of logs, and those of which something had to be read; the parts that
  // these are read in (log_parts.h), and those that had to be read.
  std::uint64_t log_files = 0, read_files = 0, log_parts = 0, read_parts = 0;
  double seconds = 0;
};

// Errors: kBadData when a split exceeds options.quarantine_budget or has no usable row (shards are removed, the
// quarantine file stays), kExists, kInvalidArgument for a bad plan, kIo and others from files.
Result<IngestReport> ingest(const IngestPlan& plan);
// Where in IngestPlan::output_folder the part files are (log_parts.h).
std::string parts_folder(const std::string& output_folder);

// The content of ingest_report.json: inputs named as in the plan, outputs relative to the output folder.
std::string to_json(const IngestReport& report, const IngestPlan& plan);

}  // namespace noggin::data
