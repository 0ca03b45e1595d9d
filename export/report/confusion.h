// Where a model errs: which answers it confuses, and the rows it was most wrong about. Pure functions over plain values.
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
  double loss = 0.0;              // what orders the worst rows; usually -log gold_probability, from the logits
};

// Rows of gold class `gold` that were answered with another one.
struct ConfusionPair {
  std::string gold, answered;
  std::uint64_t count = 0;
  std::uint64_t gold_count = 0;   // all rows (or spans) of this gold class
  std::string example_id;         // of the one with the largest loss; equal ones: the first

  double share() const { return static_cast<double>(count) / static_cast<double>(gold_count); }
};

struct WorstRow {
  std::string id, text, gold, answered;
  double gold_probability = 0.0, loss = 0.0;
};

struct ConfusionReport {
  std::uint64_t rows = 0, wrong = 0;
  std::vector<ConfusionPair> pairs;  // by falling count; then by gold and answered, alphabetically
  std::vector<WorstRow> worst;       // by falling loss, wrong or not; equal ones as given. A loss that is not a number first
};

// At most these many of each.
ConfusionReport confusion_report(std::span<const AnsweredRow> rows, std::size_t most_pairs = 20, std::size_t most_rows = 20);

std::string to_text(const ConfusionReport& report);  // texts cut to one line of 72 characters; the JSON has them whole
nlohmann::ordered_json to_json(const ConfusionReport& report);

// A table of pairs; empty without any. `title` heads its first column.
std::string to_text(std::span<const ConfusionPair> pairs, const std::string& title);
nlohmann::ordered_json to_json(std::span<const ConfusionPair> pairs);

}  // namespace noggin::exporter
