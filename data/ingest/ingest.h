// Teacher logs and labelled files -> records. Streams: memory does not grow with the log, except for hashes per row
// (text and id: up to 33 and 22 bytes) and, for batch logs, 25 bytes per request (request_index.h).
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <string>
#include <vector>

#include "data/ingest/text_index.h"
#include "data/logs/source.h"
#include "data/rows/labels.h"
#include "data/rows/record.h"
#include "noggin/result.h"
#include "spec/task.h"

namespace noggin::data {

// A file that was read to its end.
struct FileFingerprint {
  std::string path;
  std::uint64_t bytes = 0;
  std::uint64_t hash = 0;  // XXH3-64 of the file as stored (compressed)
};

// Every line is counted exactly once: lines = accepted + rejected + retried + filtered + duplicates dropped (training
// only).
struct SplitReport {
  std::uint64_t lines = 0, accepted = 0, renormalized = 0, duplicates = 0, with_label = 0, with_teacher = 0;
  std::uint64_t unmapped_words = 0;                // listed teacher words that no class claims; their mass is tail
  std::uint64_t filtered = 0, filtered_words = 0;  // by IngestOptions::min_teacher_probability
  std::uint64_t normalized_tags = 0;               // I-x that followed no x, read as B-x
  std::uint64_t retried = 0;                       // batch rows superseded by another row of the same custom_id
  std::map<std::string, std::uint64_t> rejected;   // reason code (rejection.h) -> count
  std::vector<FileFingerprint> files;
  std::map<std::string, Repeats> repeats;  // split -> rows whose text it has; its own name: rows repeated within it

  std::uint64_t rejected_lines() const;
  std::uint64_t repeated_from(const std::string& split) const;  // rows of Repeats
  // Lines that count against IngestOptions::quarantine_budget: all except rows that are valid but cannot be learnt
  // (not_a_deletion).
  std::uint64_t faulty_lines() const;
};

struct SplitInput {
  std::string name;  // "train", "dev", "test"
  std::vector<Source> sources;
  bool training = false;
};

// The texts of the splits read so far, by their names, so that each is compared with all before it.
using SplitTexts = std::map<std::string, TextIndex>;

// Reads all sources of one split in order and hands every accepted record to `accept`; an Error from it stops the
// reading. Rejected lines are appended to `quarantine_path` (quarantine.h); empty discards them. Exact duplicate
// texts after the first are dropped from training splits and kept in others (counted in both). texts: compared with
// this split, whose own texts are added; null: only duplicates within the split are found. If the first kHopelessLines
// lines hold nothing usable, it stops with kBadData. task: how rows are read (row_fields.h).
inline constexpr std::uint64_t kHopelessLines = 1000;
Result<SplitReport> read_split(const SplitInput& input, const LabelSet& labels, const IngestOptions& options,
                               const std::string& quarantine_path, const std::function<Status(Record&&)>& accept,
                               SplitTexts* texts = nullptr, spec::TaskKind task = spec::TaskKind::kSingleLabel);

// kBadData if a split has no usable row, or more faulty ones than options.quarantine_budget. see: where to look,
// appended to the message.
Status check_split(const std::string& split, const SplitReport& counts, const IngestOptions& options,
                   const std::string& see = {});
// kBadData if no row of a split that measures has gold.
Status check_has_gold(const std::string& split, std::uint64_t rows, std::uint64_t with_gold);

// "120 x missing_logprobs, 3 x bad_json": the most frequent first, at most `max_count` of them, and how many
// kinds are left out.
std::string top_reasons(const SplitReport& report, std::size_t max_count = 3);

}  // namespace noggin::data
