// The same held-out rows through every implementation of a model: the trainer's quantized forward (from the checkpoint,
// through the trainer's own modules), each CPU kernel set of the runtime and its CUDA backend (from the .nog file), and
// ONNX Runtime if present (from the .onnx file). Not one bit may differ between trainer and runtime. The rows pass
// through all of them chunk by chunk (comparison.h): logits are compared and dropped.
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "data/shards/example_table.h"
#include "export/verify/target_report.h"
#include "noggin/result.h"
#include "train/task/model_inputs.h"

namespace noggin::exporter {

struct VerifyRequest {
  std::string nog_path;
  std::string checkpoint_path;      // empty: only the runtime is checked, and the report says so
  std::string onnx_path;            // empty: ONNX Runtime is not run
  std::string onnxruntime_library;  // empty: NOGGIN_ONNXRUNTIME_DEFAULT, then the loader's search path
  // Held-out rows (token ids, texts, gold labels); must outlive the call.
  const data::ExampleTable* rows = nullptr;
  // Names of known_targets() (targets.h), or "all": every kernel set, cuda if it is built in, vulkan on hardware,
  // onnxruntime. Empty: all. A target requested by name that cannot run is an Error (kUnsupported); with "all" it is
  // reported as not run.
  std::vector<std::string> targets;
  std::vector<std::string> required_targets;  // what a gate requires: with "all" these are among them
  // Of the reference kernel set, which is scalar: it answers so many rows, evenly spread. 0: all, as the others do.
  std::uint64_t reference_rows = 0;
  std::function<void(std::uint64_t done, std::uint64_t total)> progress;  // in rows of each target
};

struct VerifyReport {
  std::string primary_metric_name;  // "accuracy", "span F1", ...
  bool trainer_checked = false;
  std::vector<train::Prediction> answers;  // per row, of the trainer; without one, of the first target
  TargetReport training;                   // the trainer's quantized forward
  train::StatedFigures stated;             // of the trainer
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

}  // namespace noggin::exporter
