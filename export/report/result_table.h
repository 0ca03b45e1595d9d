// The final table of a run: baseline, teacher, and the student at each step on its way to the device, over the same
// rows.
#pragma once

#include <cstdint>
#include <nlohmann/json_fwd.hpp>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "export/report/statistics.h"

namespace noggin::exporter {

// One row: "baseline", "teacher", "float student", "pruned", "quantized", ".nog (avx2)", "ONNX Runtime".
struct TargetResult {
  std::string name;
  std::uint64_t rows = 0;                     // scored rows
  std::optional<Interval> primary_metric;     // ResultTable::primary_metric_name
  std::optional<Interval> in_scope_accuracy;  // rows whose gold label is not the none class; argmax over all classes
  std::optional<Interval> none_recall;        // rows of the none class that were answered with it
  std::optional<Interval> macro_f1;
  std::optional<Interval> calibration_error;  // expected calibration error of its probabilities
  std::optional<std::uint64_t> size_bytes;
  std::optional<double> latency_us;  // median of one text, tokenization included, one thread
  std::string note;                  // "not run: ..." and the like
};

struct ResultTable {
  std::string primary_metric_name = "accuracy";  // the measure of all targets
  std::string name;                              // of the recipe
  std::string split = "test";
  std::uint64_t rows = 0;
  std::vector<TargetResult> targets;
  std::vector<std::string> warnings;
};

// Quality of one target, from the scores of its rows.
TargetResult score(const std::string& name, std::span<const data::RowScore> rows, const BootstrapOptions& options = {});
// Adds the metrics of a classifier. predicted, gold: one class per row. none_class: -1 if the task has none; the two
// in-scope columns then stay empty.
void add_classification(TargetResult& target, std::span<const std::int32_t> predicted,
                        std::span<const std::int32_t> gold, std::int32_t none_class,
                        const BootstrapOptions& options = {});

// The warning if the student is not better than the linear baseline; empty if it clearly is.
std::string baseline_warning(std::span<const data::RowScore> baseline, std::span<const data::RowScore> student,
                             const BootstrapOptions& options = {});

// Leaves out columns that no target fills.
std::string to_text(const ResultTable& table);
nlohmann::ordered_json to_json(const ResultTable& table);

}  // namespace noggin::exporter
