#include <fmt/format.h>

#include <filesystem>
#include <fstream>
#include <nlohmann/json.hpp>

#include "data/pretrained/pretrained_folder.h"
#include "train/checkpoint/resume_files.h"
#include "train/cli/budget.h"
#include "train/cli/recipe_check.h"
#include "train/cli/shell_words.h"
#include "train/cli/stages.h"
#include "train/loop/phase_history.h"
#include "train/loop/trainer.h"
#include "train/recipe/recipe_fields.h"
#include "train/recipe/stage_sections.h"
#include "train/run/event_file.h"
#include "train/run/stale_results.h"
#include "train/run/stop_signal.h"
#include "train/start/start_source.h"

namespace noggin::tool {
namespace {

// Not the test rows: they change nothing.
std::vector<std::string> inputs_of(const RunContext& context, const IngestedData& data) {
  std::vector<std::string> files = data.train_shards;
  files.insert(files.end(), data.dev_shards.begin(), data.dev_shards.end());
  files.push_back(context.run.data() + "/vocab.txt");
  for (const std::string& folder : {context.recipe.init.folder, context.recipe.online_teacher.folder}) {
    if (folder.empty()) continue;
    const std::vector<std::string> weights = train::value_or_throw(data::list_pretrained_files(folder)).weights;
    files.insert(files.end(), weights.begin(), weights.end());
  }
  if (train::asks_shipped_model(context.recipe)) files.push_back(context.recipe.shipped.model);
  if (!context.recipe.init.from.empty()) {
    const train::StartSource start = train::value_or_throw(train::find_start(context.recipe.init.from));
    files.insert(files.end(), start.files.begin(), start.files.end());
  }
  return files;
}

// Refuses to train where no row gives a loss.
void check_targets(RunContext& context, const IngestedData& data) {
  if (!data.facts.training) return;
  const train::PhaseFindings findings = train::check_phase_targets(context.recipe, *data.facts.training);
  for (const std::string& warning : findings.warnings) context.console.progress().warn(warning);
  throw_if_any(context.recipe, findings);
}

// Refuses to train a shape that cannot meet the budget. with_time: measures it on this machine, too.
void check_budget(RunContext& context, const IngestedData& data, bool with_time) {
  const train::Recipe& recipe = context.recipe;
  const bool of_time = with_time && recipe.budget.latency_us > 0.0;
  if (recipe.budget.size_mb <= 0.0 && !of_time) return;
  const data::LabelSet labels = train::value_or_throw(labels_of(recipe));
  const KnownTexts known = texts_of(recipe, data, of_time);
  ModelPlan plan = plan_model(recipe, labels, known);
  if (of_time) time_plan(recipe, known, plan);
  const BudgetFindings findings = judge_budget(recipe, labels, known, plan);
  for (const std::string& warning : findings.warnings) context.console.progress().warn(warning);
  std::vector<RecipeFault> faults;
  for (const BudgetFindings::Problem& problem : findings.problems)
    faults.emplace_back(train::ExitCode::kUsage, problem.message);
  throw_if_any(recipe.path, std::move(faults));
}

std::string settings_of(const RunContext& context, const IngestedData& data) {
  std::string settings = train::stage_settings(train::Stage::kTrain, context.recipe);
  for (const std::string& label : data.task.labels) settings += "\nclass " + label;
  return settings + fmt::format("\nnone class {}", data.task.none_class);
}

std::uint64_t key_of(const RunContext& context, const IngestedData& data) {
  return train::StageCache::key("train", {inputs_of(context, data), settings_of(context, data)});
}

TrainedStudent summarize(const train::TrainOutcome& outcome) {
  TrainedStudent student;
  for (const train::PhaseResult& phase : outcome.phases) {
    student.phases.push_back({phase.phase, phase.dev.primary_metric, phase.first_primary_metric, phase.loss,
                              phase.seconds, phase.steps, phase.best_step, phase.checkpoint});
  }
  student.start_checkpoint = outcome.start;
  student.float_checkpoint = outcome.float_checkpoint();
  student.best_float_checkpoint = outcome.best_float_checkpoint();
  student.pruned_checkpoint = outcome.pruned_checkpoint();
  student.final_checkpoint = outcome.final_checkpoint();
  student.stopped = outcome.stopped_by_signal;
  student.fingerprint = outcome.fingerprint;
  return student;
}

train::TrainOutcome outcome_of(const std::vector<std::string>& checkpoints) {
  train::TrainOutcome outcome;
  for (const std::string& path : checkpoints) {
    if (std::filesystem::path(path).filename() == train::kStartFile) {
      outcome.start = path;
      continue;
    }
    const train::StudentBundle bundle = train::value_or_throw(train::read_bundle(path));
    outcome.fingerprint = bundle.history.at("fingerprint");
    outcome.phases.push_back(train::phase_result(bundle.history, path));
  }
  return outcome;
}

// Before training changes checkpoints: what was made from the former ones is of the past.
void outdate_results(RunContext& context) {
  for (const char* stage : {"train", "export"}) context.cache.forget(stage);
  train::mark_stale(context.run, "a new training has begun in this run directory");
}

}  // namespace

std::vector<std::string> TrainedStudent::outputs() const {
  std::vector<std::string> paths;
  if (!start_checkpoint.empty()) paths.push_back(start_checkpoint);
  for (const TrainedPhase& phase : phases) paths.push_back(phase.checkpoint);
  return paths;
}

TrainedStudent trained(const RunContext& context) {
  const std::vector<std::string> checkpoints = context.cache.outputs("train");
  if (checkpoints.empty()) {
    const std::string& damage = context.cache.damage();
    throw train::Failure(
        train::ExitCode::kBadData,
        fmt::format("{} holds no finished training: {} {}. Fix: {}, which goes on from what is saved",
                    context.run.path(), context.run.stages(), damage.empty() ? "records none" : damage,
                    shell_command({"noggin", "train", context.run.recipe(), "--out", context.run.path()})));
  }
  context.cache.check("train", checkpoints);
  return summarize(outcome_of(checkpoints));
}

bool join_training(RunContext& context, const IngestedData& data) {
  if (context.cache.is_current("train", key_of(context, data))) return true;  // as rank 0 sees it, too
  check_targets(context, data);
  check_budget(context, data, false);
  const train::TrainOutcome outcome = train::train(
      {context.recipe, data.train_shards, data.dev_shards, data.tokenizer, data.task, context.run.path(), false},
      context.console.progress());
  return !outcome.stopped_by_signal;
}

TrainedStudent train_stage(RunContext& context, const IngestedData& data) {
  train::Progress& progress = context.console.progress();
  const std::uint64_t key = key_of(context, data);
  if (context.cache.is_current("train", key)) {
    progress.note("train: unchanged, skipped");
    TrainedStudent student = trained(context);
    std::error_code error;
    if (context.recipe.train.tensorboard && !std::filesystem::exists(train::event_path(context.run.path()), error))
      train::write_event_file(context.run.path(), student.fingerprint);  // asked for since
    return student;
  }
  check_targets(context, data);
  check_budget(context, data, true);
  const train::TrainJob job{.recipe = context.recipe,
                            .train_shards = data.train_shards,
                            .dev_shards = data.dev_shards,
                            .tokenizer = data.tokenizer,
                            .task = data.task,
                            .folder = context.run.path(),
                            .fresh = context.force,
                            .reuse = context.reuse,
                            .begins = [&context] { outdate_results(context); }};
  const train::TrainOutcome outcome = train::train(job, progress);
  progress.end();
  TrainedStudent student = summarize(outcome);
  if (student.stopped) return student;
  double seconds = 0.0;
  for (const TrainedPhase& phase : student.phases) seconds += phase.seconds;
  context.cache.record("train", key, student.outputs(), seconds);
  return student;
}

}  // namespace noggin::tool
