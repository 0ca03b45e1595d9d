// Teacher logs and labelled files -> records -> shards. Streams: memory does not grow with the log, except for one
// 64-bit content key per row (duplicate detection) and, for batch logs, the request texts being joined.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <string>
#include <vector>

#include "data/labels.h"
#include "data/record.h"
#include "noggin/result.h"

namespace noggin::data {

enum class Adapter { kJsonl, kOpenAiBatch };
enum class OnMissingLogprobs { kReject, kHardLabel };

// One input of a split.
struct Source {
  Adapter adapter = Adapter::kJsonl;
  std::string path;           // jsonl: the file; openai_batch: the output file. Plain, .gz or .zst
  std::string requests_path;  // openai_batch only: the request file
};

struct IngestOptions {
  OnMissingLogprobs on_missing_logprobs = OnMissingLogprobs::kReject;
  bool use_gold_labels = true;          // false: gold labels of training rows are dropped (dev and test keep theirs)
  double quarantine_budget = 0.01;      // share of rejected lines above which ingest fails (kBadData)
  std::uint32_t top_k = 32;             // teacher classes kept per row at most; the rest joins the tail
};

struct SplitReport {
  std::uint64_t lines = 0, accepted = 0, renormalised = 0, duplicates = 0, with_label = 0, with_teacher = 0;
  std::uint64_t unmapped_words = 0;                 // listed teacher words that no class claims; their mass is tail
  std::uint64_t retried = 0;                        // batch rows answered more than once; the first success is kept
  std::map<std::string, std::uint64_t> rejected;    // reason -> count
  std::uint64_t overlap_with_train = 0;             // dev/test rows whose text is also in train
};

// Reads all sources of one split in order and hands every accepted record to `accept`. Rejected lines are appended to
// `quarantine_path` as JSON lines {"file", "line", "reason", "fix", "content"}. Exact duplicate texts after the first
// are dropped from training splits and kept in others (counted in both).
// Sum rule: sum <= 1 + 1e-3 is accepted (renormalised to 1 and counted when above 1); larger sums are rejected.
struct SplitInput {
  std::string name;  // "train", "dev", "test"
  std::vector<Source> sources;
  bool training = false;
};
Result<SplitReport> read_split(const SplitInput& input, const LabelSet& labels, const IngestOptions& options,
                               const std::string& quarantine_path, const std::function<Status(Record&&)>& accept);

// XXH3-64 of the text: the content key stored with each row and used for duplicates and overlap.
std::uint64_t content_key(std::string_view text);

}  // namespace noggin::data
