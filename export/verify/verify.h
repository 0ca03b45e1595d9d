// The same held-out rows through every implementation of a model: the trainer's quantized forward (from the checkpoint,
// through the trainer's own modules), each CPU kernel set of the runtime and its CUDA backend (from the .nog file), and
// ONNX Runtime if present (from the .onnx file). Not one bit may differ between trainer and runtime.
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "data/metrics/classification_metrics.h"
#include "data/metrics/row_score.h"
#include "data/shards/example_table.h"
#include "noggin/result.h"
#include "train/task/task_reader.h"

namespace noggin::exporter {

struct PredictionChange {
  std::string id, text;
  std::string expected, got;  // answers of the trainer (of the first target if there is no trainer) and of this target
};

struct TargetReport {
  std::string name;  // "reference", "avx2", ..., "cuda", "onnxruntime"
  bool ran = false;
  std::string why_not;  // why it did not run
  std::uint64_t rows = 0;
  double primary_metric = 0.0;                 // VerifyReport::primary_metric_name, over rows with gold
  data::ClassificationMetrics classification;  // single_label only
  std::uint64_t prediction_changes = 0;        // rows whose answer, abstaining included, differs from the trainer's
  std::uint64_t differing_bits_rows = 0;
  double max_abs_logit_diff = 0.0;
  std::string first_differing_layer;  // a step of engine/trace.h, empty when nothing differs (or onnxruntime)
  std::vector<PredictionChange> changed_predictions;  // all of them
  std::vector<train::RowAnswer> answers;              // per row
  std::vector<data::RowScore> scores;                 // per row
  double median_microseconds = 0.0;  // per text, token ids to logits; one thread, on a GPU in batches (cuda_target.h)
};

struct VerifyRequest {
  std::string nog_path;
  std::string checkpoint_path;      // empty: only the runtime is checked, and the report says so
  std::string onnx_path;            // empty: ONNX Runtime is not run
  std::string onnxruntime_library;  // empty: NOGGIN_ONNXRUNTIME_DEFAULT, then the loader's search path
  data::ExampleTable rows;          // held-out rows (token ids, texts, gold labels)
  // Names of known_targets() (targets.h), or "all": every kernel set, cuda if it is built in, onnxruntime. Empty: all.
  // A target requested by name that cannot run is an Error (kUnsupported); with "all" it is reported as not run.
  std::vector<std::string> targets;
  std::function<void(const std::string& stage, std::uint64_t done, std::uint64_t total)> progress;
};

struct VerifyReport {
  std::string primary_metric_name;  // "accuracy", "span F1", ...
  float temperature = 1.0F;         // the file's divisor of logits
  bool trainer_checked = false;
  TargetReport training;                           // metrics of the trainer's quantized forward
  std::vector<train::RowAnswer> training_answers;  // per row
  std::vector<data::RowScore> training_scores;     // per row
  train::DatasetLogits training_logits;
  std::vector<TargetReport> targets;
  std::uint64_t tokenization_differences = 0;  // rows that the .nog file's own tokenizer splits differently
  // The independent oracle (oracle.h) over the first rows: every step of the trainer's quantized forward compared with
  // plain ATen in float64.
  std::uint64_t oracle_rows = 0, oracle_values = 0, oracle_violations = 0;
  std::string oracle_worst_step;
};

Result<VerifyReport> verify(const VerifyRequest& request);

// The gates decide `passed`. Each has a name and its numbers.
struct GateResult {
  std::string name;  // "trainer and runtime agree", "required target ran", "not inferior to the float student", ...
  bool passed = false;
  std::string detail;
};
struct GateLimits {
  double max_prediction_changes = 0;
  std::vector<std::string> required_targets;
  double min_primary_metric = 0.0;
  double max_drop_from_float = 0.01;
  std::vector<data::RowScore>
      float_scores;  // of the float student, per row; empty: that gate is not judged, and says so
};
std::vector<GateResult> judge(const VerifyReport& report, const GateLimits& limits);

// {"training": {"rows", "accuracy"}, "targets": [{"name", "rows", "accuracy", "flips", "differing_bits_rows",
//  "max_abs_logit_diff", "first_differing_layer"}], "passed", ...} for programs; and a table for people.
std::string to_json(const VerifyReport& report, const std::vector<GateResult>& gates);
std::string to_table(const VerifyReport& report, const std::vector<GateResult>& gates);

// parity.jsonl: {"id", "text", "label" (or null), "logits": [nine significant digits]} per row, from the trainer's
// quantized forward; noggin-run --verify reads it. Leaves out texts that need several windows, whose logits are those
// of the windows.
// Atomic.
Status write_parity(const std::string& path, const data::ExampleTable& rows, const train::ModelInputs& inputs,
                    const std::vector<std::string>& labels, const train::DatasetLogits& logits);

}  // namespace noggin::exporter
