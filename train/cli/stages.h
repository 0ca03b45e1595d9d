// The stages of a run, in order: ingest -> train -> baseline -> export -> verify -> table. Each takes what the one
// before gives, is skipped when nothing it reads has changed, and leaves its files in the run directory. No LibTorch
// here.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "data/labels.h"
#include "data/shard.h"
#include "export/report/result_table.h"
#include "export/verify/verify.h"
#include "format/frozen_model.h"
#include "train/cli/arguments.h"
#include "train/cli/console.h"
#include "train/loop/run_directory.h"
#include "train/loop/stage_cache.h"
#include "train/recipe/recipe.h"

namespace noggin::cli {

struct RunContext {
  train::Recipe recipe;
  train::RunDirectory run;
  train::StageCache cache;
  Console& console;
  bool force = false;
};

// Reads and checks the recipe, opens the run directory, starts its log. Throws Failure.
RunContext open_run(const Arguments& arguments, Console& console);
// The run directory of an earlier command, with its resolved recipe.
RunContext existing_run(const std::string& folder, Console& console);

struct IngestedData {
  std::vector<std::string> train_shards, dev_shards, test_shards;
  format::TokenizerContents tokenizer;
  format::TaskContents task;
  std::vector<std::string> outputs;
  std::string text;  // what happened to the lines, as a table
};
IngestedData ingest_stage(RunContext& context);
// What an earlier ingest left. Throws Failure (kBadData) when there is none.
IngestedData ingested(const RunContext& context);

struct TrainedPhase {
  std::string name;        // "distil", "prune", "qat"
  double dev_quality = 0.0, loss = 0.0, seconds = 0.0;
  std::uint64_t steps = 0;
  std::string checkpoint;
};
struct TrainedStudent {
  std::vector<TrainedPhase> phases;
  std::string float_checkpoint, pruned_checkpoint, final_checkpoint;  // pruned: empty without a prune phase
  bool stopped = false;                                               // by a signal; the state is saved
  std::vector<std::string> outputs() const;
};
TrainedStudent train_stage(RunContext& context, const IngestedData& data);
// A further process of a shared training (loop/distributed.h): takes part and writes nothing; rank 0 runs train_stage.
void join_training(RunContext& context, const IngestedData& data);
// What an earlier training left, from stages.json. Throws Failure (kBadData) when it is not finished.
TrainedStudent trained(const RunContext& context);

struct ExportedModel {
  std::string nog, onnx, parity;  // onnx: empty when the recipe wants none
  std::string cascade{};          // what abstaining costs and saves; empty for tasks that do not abstain
  std::vector<std::string> outputs() const;
};
// The texts of a model's golden vectors, by the recipe: made up of its vocabulary's words, or rows of `test`.
std::vector<std::string> golden_texts(const train::ExportRecipe& recipe, const format::FrozenModel& model,
                                      const data::RowBlock& test);
// Reads answers of this run's task: from what training knows of the model, before calibration.
std::unique_ptr<const train::TaskReader> reader_of(const RunContext& context, const IngestedData& data);
ExportedModel export_stage(RunContext& context, const IngestedData& data, const TrainedStudent& student);

// The float student, from before pruning, as a folder that `transformers` loads (train/pretrained/bert_folder.h).
// Returns the files. Throws Failure (kOutput) when the folder holds something and `replace` is false.
std::vector<std::string> write_hugging_face(RunContext& context, const TrainedStudent& student, const std::string& folder,
                                            bool replace);

// Answers of a model on a set of rows.
struct Predictions {
  std::vector<train::RowAnswer> answers;  // per row
  std::uint64_t size_bytes = 0;
  double latency_us = 0.0;            // median per text; 0: not measured
};
// A shipped model through the runtime, text by text, as a device would.
Predictions model_predictions(const std::string& path, const data::RowBlock& rows);

struct Baseline {
  Predictions predictions;                  // of the exported file where there is one
  std::string nog{}, parity{};              // empty: not exported
  std::vector<exporter::GateResult> gates{};  // of the exported file
};
// The linear model that a student has to beat: on n-grams of the text, or for tasks that answer per token on each word.
Baseline baseline_stage(RunContext& context, const IngestedData& data, const data::RowBlock& test);
// A checkpoint's float forward, or its exact quantized forward if its qat phase has run. Within a run, multi_label and
// score first fit their decision parameters on the run's dev rows, as the shipped file does; otherwise the rules
// compared would differ. context: null for a checkpoint that belongs to no run.
Predictions checkpoint_predictions(const RunContext* context, const std::string& checkpoint, const data::RowBlock& rows);

struct VerifiedModel {
  exporter::VerifyReport report;
  std::vector<exporter::GateResult> gates;
  bool passed() const;
};
// `targets`: see VerifyRequest; empty is all.
VerifiedModel verify_stage(RunContext& context, const TrainedStudent& student, const ExportedModel& model,
                           const data::RowBlock& test, const Predictions& float_student,
                           const std::vector<std::string>& targets = {});

exporter::ResultTable result_table(const RunContext& context, const IngestedData& data, const TrainedStudent& student,
                                   const ExportedModel& model, const data::RowBlock& test, const Baseline& baseline,
                                   const Predictions& float_student, const VerifiedModel& verified);

}  // namespace noggin::cli
