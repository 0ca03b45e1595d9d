// What a finished run has left, as pages about it need it. The JSON is that of the files in the run directory
// (train/README.md has a table of them); an object that is null is a file that the run does not have.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "data/metrics/calibration.h"
#include "export/pages/json_values.h"
#include "export/report/cascade.h"
#include "export/report/confusion.h"
#include "export/report/confusion_matrix.h"

namespace noggin::exporter {

// What the shipped file answers to the measured rows, read again.
struct MeasuredRows {
  std::uint64_t rows = 0, rows_with_gold = 0;
  std::uint64_t none_rows = 0;                      // whose gold is the class "none of these"
  std::vector<data::CalibrationBin> reliability{};  // empty: no row has gold, or nothing is stated
  std::string reliability_of = "answers";           // what is right or wrong there
  bool outcomes_are_counts = true;                  // false: gold is a number between 0 and 1 (score)
  std::optional<RiskCoverage> risk{};               // tasks that abstain
  std::optional<OperatingPoint> stored{};           // at the threshold in the file; none: it answers everything
  std::optional<ConfusionMatrix> confusions{};
  std::vector<WorstRow> worst{};
  bool answers_quote_texts = false;  // gold and answers of the worst rows are texts themselves (edit)
};

struct ModelFile {
  std::string name;  // "model.nog", "model.rejected.nog"
  std::uint64_t bytes = 0;
  std::vector<std::pair<std::string, std::uint64_t>> parts{};
  std::string content_hash;
  std::uint64_t classes = 0, max_tokens = 0, vocabulary = 0;
  bool rejected = false;  // it failed its gates
};

// What the author says about a model; empty: not stated. As in the recipe's section `card`.
struct CardTexts {
  std::string description, intended_use, limits, license, language, teacher, teacher_terms, data_source;
};

struct RunRecord {
  std::string name, task;  // of the recipe; "single_label", ...
  Json results, certificate, ingest, environment, cascade;
  std::vector<Json> metrics{};                                  // lines of this training
  std::vector<std::pair<std::string, std::string>> settings{};  // of the recipe, in words
  MeasuredRows measured{};
  ModelFile file{};
  CardTexts card{};
};

// The row of the result table that is the shipped student: the trainer's quantized forward, which the file equals.
const Json& student_row(const RunRecord& run);
// Its measures that have an interval, by their keys there.
std::vector<std::pair<std::string, Interval>> student_measures(const RunRecord& run);
// How many rows such a measure is of.
std::uint64_t rows_of(const RunRecord& run, std::string_view measure);
// "accuracy", "span_f1": the key of the measure of the task.
std::string quality_key(const RunRecord& run);

}  // namespace noggin::exporter
