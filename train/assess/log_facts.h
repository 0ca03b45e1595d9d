// What documents of a log say about themselves beside text and answer: tokens used, what they cost, and when they were
// written. The readers of rows (data/logs) have no use for these.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "noggin/result.h"

namespace noggin::assess {

struct MeanOf {
  std::uint64_t documents = 0;  // that say it
  double sum = 0.0;

  double mean() const { return documents > 0 ? sum / static_cast<double>(documents) : 0.0; }
};

struct LogFacts {
  static constexpr std::uint64_t kMostDocuments = 1'000'000;  // the first ones; more say no more about a mean
  std::uint64_t documents = 0;                                // that were looked at
  bool is_whole = true;
  MeanOf input_tokens, output_tokens, cost;
  // Of each file: line of a document, and seconds since 1970. Lines ascend.
  std::map<std::string, std::vector<std::pair<std::uint64_t, double>>> times;

  std::optional<double> time_of(const std::string& file, std::uint64_t line) const;
};

// Seconds since 1970 of a number (seconds, or thousands, millions, milliards of them per second, told by size) or of an
// ISO 8601 date with or without a time, taken as UTC whatever its zone; nothing for other texts.
std::optional<double> seconds_of(std::string_view text);

// files: logs of JSON documents or tables, as a recipe names them. What is no JSON is passed over: the reader of rows
// says so. The errors of LineReader.
Result<LogFacts> read_log_facts(const std::vector<std::string>& files);

}  // namespace noggin::assess
