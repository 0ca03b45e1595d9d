// The rows of a log in the order in which they stand there, repeats included: what its course and a teacher's agreement
// with itself are measured on. Ingest merges repeats, and shards hold no time.
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "data/ingest/ingest.h"
#include "noggin/result.h"
#include "train/assess/log_facts.h"
#include "train/assess/stability.h"

namespace noggin::assess {

struct LogRow {
  std::uint64_t key = 0;                // of the text (data/rows/content_key.h)
  std::int32_t answer = 0;              // which bin of answers, gold before the teacher's (log_rows.cpp)
  std::uint32_t bytes = 0;              // of the text
  std::optional<std::uint64_t> said{};  // a hash of what the teacher answered, first classes only; nothing: no teacher
  std::optional<double> time{};         // seconds since 1970
};

struct LogRows {
  static constexpr std::uint64_t kMostRows = 1'000'000;  // the first ones
  std::vector<LogRow> rows;
  bool is_whole = true;
};

// All rows of the split's sources, whatever share of them the split is. The errors of data::read_split.
Result<LogRows> read_log_rows(data::SplitInput split, const data::LabelSet& labels, data::IngestOptions options,
                              spec::TaskKind task, const LogFacts& facts);

// Texts that the teacher answered several times, and how many of these answers are their text's most frequent one.
struct SelfAgreement {
  std::uint64_t texts = 0, answers = 0, same = 0;
};
SelfAgreement self_agreement(const std::vector<LogRow>& rows);

// Three parts of the log with equally many rows.
struct Course {
  bool by_time = false;  // else in the order of the files
  bool sorted = false;   // by answers: then the order of the files is not one of time, and nothing else is measured
  double days = 0.0;     // between the first and the last row; by time only
  Stability answers[2], lengths[2];  // first third to second, second to third; lengths in bytes, bins by powers of two
};
// Nothing for fewer than kFewestRows rows. By time if nine of ten rows have one and these are not all the same.
inline constexpr std::size_t kFewestRows = 300;
std::optional<Course> course_of(std::vector<LogRow> rows);

}  // namespace noggin::assess
