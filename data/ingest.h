// Teacher logs and labelled files -> records. Streams: memory does not grow with the log, except for hashes per row
// (text and id: up to 22 bytes each) and, for batch logs, 25 bytes per request (request_index.h).
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <string>
#include <vector>

#include "data/content_hash.h"
#include "data/key_set.h"
#include "data/labels.h"
#include "data/record.h"
#include "noggin/result.h"
#include "spec/task.h"

namespace noggin::data {

enum class Adapter { kJsonl, kOpenAiBatch, kJsonObject, kTsv };
enum class OnMissingLogprobs { kReject, kHardLabel };

// One input of a split. Files may be plain, gzip or Zstandard.
struct Source {
  Adapter adapter = Adapter::kJsonl;
  std::string path{};           // the file; openai_batch: the output file (adapter_openai.h)
  std::string requests_path{};  // openai_batch only: the request file
  // What a field of row_fields.h is called in this log, if it has another name: {"text": "disfluent"}. A field renamed
  // this way is not looked for under its own name.
  std::map<std::string, std::string> fields{};
  std::vector<std::string> columns{};  // tsv only: the names of its columns, in order
};

struct IngestOptions {
  OnMissingLogprobs on_missing_logprobs = OnMissingLogprobs::kReject;
  bool use_gold_labels = true;      // false: gold labels of training rows are dropped (dev and test keep theirs)
  double quarantine_budget = 0.01;  // fraction of a split's lines that may be rejected before ingest fails (kBadData)
  std::uint32_t top_k = 32;         // at most this many teacher classes per row or token; the rest joins the tail
  // Training rows without gold whose teacher gives its best class less than this are left out, and counted (tag, edit:
  // words, and rows with no word left; multi_label: by the class the teacher is least sure of, max(p, 1 - p)). 0: none.
  // Not for score, where a probability of 0.5 is an answer.
  double min_teacher_probability = 0.0;
};

// A file that was read to its end.
struct FileFingerprint {
  std::string path;
  std::uint64_t bytes = 0;
  std::uint64_t hash = 0;  // XXH3-64 of the file as stored (compressed)
};

// Every line is counted exactly once: lines = accepted + rejected + retried + filtered + duplicates dropped (training
// only).
struct SplitReport {
  std::uint64_t lines = 0, accepted = 0, renormalised = 0, duplicates = 0, with_label = 0, with_teacher = 0;
  std::uint64_t unmapped_words = 0;               // listed teacher words that no class claims; their mass is tail
  std::uint64_t filtered = 0, filtered_words = 0;  // by IngestOptions::min_teacher_probability
  std::uint64_t normalised_tags = 0;              // I-x that followed no x, read as B-x
  std::uint64_t retried = 0;                      // batch rows superseded by another row of the same custom_id
  std::map<std::string, std::uint64_t> rejected;  // reason code (rejection.h) -> count
  std::uint64_t overlap_with_train = 0;           // dev/test rows whose text is also in train
  std::vector<FileFingerprint> files;

  std::uint64_t rejected_lines() const;
  // Lines that count against IngestOptions::quarantine_budget: all except rows that are valid but cannot be learnt
  // (not_a_deletion).
  std::uint64_t faulty_lines() const;
};

struct SplitInput {
  std::string name;  // "train", "dev", "test"
  std::vector<Source> sources;
  bool training = false;
};

// Reads all sources of one split in order and hands every accepted record to `accept`; an Error from it stops the
// reading. Rejected lines are appended to `quarantine_path` (quarantine.h); empty discards them. Exact duplicate
// texts after the first are dropped from training splits and kept in others (counted in both). training_keys: texts of
// the training split, for overlap_with_train, or null. own_keys: gains the texts of this split, or null. If the first
// kHopelessLines lines hold nothing usable, it stops with kBadData. task: how rows are read (row_fields.h).
inline constexpr std::uint64_t kHopelessLines = 1000;
Result<SplitReport> read_split(const SplitInput& input, const LabelSet& labels, const IngestOptions& options,
                               const std::string& quarantine_path, const std::function<Status(Record&&)>& accept,
                               const KeySet* training_keys = nullptr, KeySet* own_keys = nullptr,
                               spec::TaskKind task = spec::TaskKind::kSingleLabel);

// "120 x missing_logprobs, 3 x bad_json": the most frequent first, at most `most` of them.
std::string top_reasons(const SplitReport& report, std::size_t most = 3);

}  // namespace noggin::data
