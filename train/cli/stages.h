// The stages of a run: ingest -> baseline -> train -> export -> verify -> table; `train` alone has the baseline last.
// Decisions are made on dev, so dev is what they measure on, until `--final` asks for test. Each takes the results
// of earlier ones, is skipped if nothing it reads has changed, and writes to the run directory. No LibTorch here.
#pragma once

#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "data/ingest/ingest_report.h"
#include "data/rows/labels.h"
#include "data/shards/example_table.h"
#include "export/report/result_table.h"
#include "export/verify/verify.h"
#include "format/frozen_model.h"
#include "train/cli/arguments.h"
#include "train/cli/console.h"
#include "train/recipe/recipe.h"
#include "train/run/run_directory.h"
#include "train/run/stage_cache.h"

namespace noggin::tool {

enum class HeldOut { kDev, kTest };
const char* name_of(HeldOut split);  // "dev", "test"
// A split by its name. Throws Failure (kUsage) for another one.
HeldOut held_out_of(const std::string& name);

struct RunContext {
  train::Recipe recipe;
  train::RunDirectory run;
  train::StageCache cache;
  Console& console;
  bool force = false;
  std::string reuse{};               // checkpoints/ of the run that --reuse names
  HeldOut measured = HeldOut::kDev;  // what export, baseline, verification and tables measure on
};

// Reads and checks the recipe, opens and locks the run directory for `verb`, and starts its log. Throws Failure.
RunContext open_run(const Arguments& arguments, Console& console, const std::string& verb);
// The run directory of an earlier command, with its resolved recipe, for reading.
RunContext existing_run(const std::string& folder, Console& console);
// The same, locked for `verb`, which writes to it.
RunContext existing_run_to_write(const std::string& folder, Console& console, const std::string& verb);
// The run directory that `path` is or is inside of, or "".
std::string run_of(const std::string& path);

struct IngestedData {
  std::vector<std::string> train_shards, dev_shards, test_shards;
  runtime::TokenizerContents tokenizer;
  format::TaskContents task;
  data::IngestFacts facts;
  std::vector<std::string> outputs;
  std::string text;  // what happened to the lines, as a table

  const std::vector<std::string>& held_out(HeldOut split) const {
    return split == HeldOut::kDev ? dev_shards : test_shards;
  }
};

// The rows of dev, beside those of context.measured: the same table if that is dev, else read. `rows`, those of
// context.measured, must outlive it.
class DevRows {
 public:
  DevRows(const RunContext& context, const IngestedData& data, const data::ExampleTable& rows);
  const data::ExampleTable& operator*() const { return read_ ? *read_ : measured_; }
  bool are_measured() const { return !read_; }

 private:
  const data::ExampleTable& measured_;
  std::optional<data::ExampleTable> read_;
};
IngestedData ingest_stage(RunContext& context);
// The result of an earlier ingest. Throws Failure (kBadData) if there is none, or if a file of it is not as recorded;
// of training shards only the names are compared, for training compares their hashes itself.
IngestedData ingested(const RunContext& context);

// Records in another run directory, whose `data` is that of `context`, what ingest has left there.
void share_ingest(const RunContext& context, const IngestedData& data, RunContext& to);

// The result of an earlier ingest in `folder`, if it was made from what this recipe reads; nothing if there is none.
std::optional<IngestedData> current_ingest(const train::Recipe& recipe, const std::string& folder, Console& console);

struct TrainedPhase {
  std::string name;                                              // "distil", "prune", "qat"
  double dev_primary_metric = 0.0, first_primary_metric = -1.0;  // of its best student; before its first step, -1: none
  double loss = 0.0, seconds = 0.0;
  std::uint64_t steps = 0, best_step = 0;
  std::string checkpoint;
};
struct TrainedStudent {
  std::vector<TrainedPhase> phases;
  std::string start_checkpoint;                                       // what init.from gave; else empty
  std::string float_checkpoint, pruned_checkpoint, final_checkpoint;  // pruned: empty without a prune phase
  std::string best_float_checkpoint;  // what quantization is compared with (TrainOutcome)
  bool stopped = false;               // by a signal; the state is saved
  std::string fingerprint;            // TrainOutcome::fingerprint
  std::vector<std::string> outputs() const;
};
TrainedStudent train_stage(RunContext& context, const IngestedData& data);
// A process other than rank 0 of a distributed training (loop/distributed.h): trains and writes nothing. Rank 0 runs
// train_stage. False: a signal has stopped the training, here or in another process.
bool join_training(RunContext& context, const IngestedData& data);
// The result of an earlier training, from stages.json. Throws Failure (kBadData) if it is not finished, or if a
// checkpoint is not as recorded.
TrainedStudent trained(const RunContext& context);

struct ExportedModel {
  std::string nog, onnx, parity;  // onnx: empty if the recipe turns it off
  std::string cascade{};          // what abstaining costs and saves; empty for tasks that do not abstain
  std::vector<std::string> outputs() const;
};
// The texts of a model's golden vectors, as the recipe says: made of the words of its vocabulary
// (export/plan/golden_texts.h), or rows of dev, whatever is measured on.
std::vector<std::string> golden_texts(const train::ExportRecipe& recipe, const std::vector<std::string>& vocabulary,
                                      std::size_t max_tokens, const data::ExampleTable& dev);
// An answer reader for this run's task, from what training knows of the model, before calibration.
std::unique_ptr<const train::TaskReader> reader_of(const RunContext& context, const IngestedData& data);
ExportedModel export_stage(RunContext& context, const IngestedData& data, const TrainedStudent& student);

// Writes the float student, as it was before pruning, as a folder that `transformers` loads
// (train/pretrained/bert_folder.h). Returns the files. Throws Failure (kOutput) if the folder is not empty and
// `replace` is false.
std::vector<std::string> write_hugging_face(RunContext& context, const TrainedStudent& student,
                                            const std::string& folder, bool replace);

// Answers of a model on a set of rows.
struct Predictions {
  std::vector<train::Prediction> answers;  // per row
  std::uint64_t size_bytes = 0;
  double latency_us = 0.0;  // median per text; 0: not measured
};
// Runs a shipped model through the runtime, text by text, as a device would.
Predictions model_predictions(const std::string& path, const data::ExampleTable& rows);

struct Baseline {
  Predictions predictions{};                  // of the exported file if there is one
  double dev_quality = 0.0;                   // the primary metric on dev
  std::string nog{}, parity{};                // empty: not exported
  std::vector<exporter::GateResult> gates{};  // of the exported file
};
// The linear model that a student has to beat: on n-grams of the text, or on each word for tasks that answer per token.
// `rows`: those of context.measured.
Baseline baseline_stage(RunContext& context, const IngestedData& data, const data::ExampleTable& rows);
// The same model as a verified file, for a recipe that did not ask for it. Only for tasks that answer per text.
Baseline exported_baseline(RunContext& context, const IngestedData& data, const data::ExampleTable& rows);
// A checkpoint's float forward, or its exact quantized forward if its qat phase has run. For a checkpoint of a run,
// multi_label and score use thresholds fitted on the run's dev rows, as the shipped file does, so that both are
// compared by the same rules. context: null for a checkpoint outside any run.
Predictions checkpoint_predictions(const RunContext* context, const std::string& checkpoint,
                                   const data::ExampleTable& rows);
// Those of a run's checkpoints on one set of rows, each computed once. Context and rows must outlive it.
class CheckpointAnswers {
 public:
  CheckpointAnswers(const RunContext& context, const data::ExampleTable& rows) : context_(context), rows_(rows) {}
  const Predictions& of(const std::string& checkpoint);

 private:
  const RunContext& context_;
  const data::ExampleTable& rows_;
  std::map<std::string, Predictions> known_;
};

// Whether a file is within budget.size_mb.
exporter::GateResult size_gate(const train::BudgetRecipe& budget, const std::string& nog);

struct VerifiedModel {
  exporter::VerifyReport report;
  std::vector<exporter::GateResult> gates;
  Json subject = Json::object();  // what was verified (certificate.h)
  bool passed() const;
};
// `floats`: of the same rows. `targets`: see VerifyRequest; empty: all.
VerifiedModel verify_stage(RunContext& context, const TrainedStudent& student, const ExportedModel& model,
                           const data::ExampleTable& rows, CheckpointAnswers& floats,
                           const std::vector<std::string>& targets = {});

// Names of rows of the table.
inline constexpr const char* kStudentRow = "quantized (trainer)";
inline constexpr const char* kBaselineFileRow = "baseline.nog";
inline constexpr const char* kStaticRow = "static student";
exporter::ResultTable result_table(const RunContext& context, const IngestedData& data, const TrainedStudent& student,
                                   const ExportedModel& model, const data::ExampleTable& rows, const Baseline& baseline,
                                   CheckpointAnswers& floats, const VerifiedModel& verified);

}  // namespace noggin::tool
