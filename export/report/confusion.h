// Where a model errs: the answers it confuses, and the rows it was most wrong about. Pure functions over plain values.
#pragma once

#include <cstdint>
#include <nlohmann/json_fwd.hpp>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace noggin::exporter {

// One dev or test row with its gold answer, as words: a label, or for a score its number.
struct AnsweredRow {
  std::string_view id, text, gold, answered;
  double gold_probability = 0.0;  // the model's, of the gold answer
  double loss = 0.0;              // orders the worst rows; usually -log gold_probability, from the logits
};

// Rows of gold class `gold` that were answered with another one.
struct ConfusionPair {
  std::string gold, answered;
  std::uint64_t count = 0;
  std::uint64_t gold_count = 0;  // all rows (or spans) of this gold class
  std::string example_id;        // of the row with the largest loss; the first of equals

  double fraction() const { return static_cast<double>(count) / static_cast<double>(gold_count); }
};

struct WorstRow {
  std::string id, text, gold, answered;
  double gold_probability = 0.0, loss = 0.0;
};

struct ConfusionReport {
  std::uint64_t rows = 0, wrong = 0;
  std::vector<ConfusionPair> pairs;  // by descending count; then by gold and answered, alphabetically
  std::vector<WorstRow> worst;       // by descending loss, wrong or not; equals in the given order. NaN first
};

// At most this many of each.
ConfusionReport confusion_report(std::span<const AnsweredRow> rows, std::size_t max_pairs = 20,
                                 std::size_t max_rows = 20);

std::string to_text(const ConfusionReport& report);  // texts cut to one line of 72 characters; complete in the JSON
nlohmann::ordered_json to_json(const ConfusionReport& report);

// A table of pairs; empty if there are none. `title` heads its first column.
std::string to_text(std::span<const ConfusionPair> pairs, const std::string& title);
nlohmann::ordered_json to_json(std::span<const ConfusionPair> pairs);

}  // namespace noggin::exporter
