#include "train/cli/static_student.h"

#include <fmt/format.h>

#include <algorithm>

#include "data/pretrained/pretrained_folder.h"
#include "data/shards/shard.h"
#include "train/cli/part_of_run.h"
#include "train/run/failure.h"
#include "train/run/stop_signal.h"

namespace noggin::tool {
namespace {

using train::Phase;
using train::PhaseKind;

// Few weights, and the rows begin as what words mean: a high rate, and an end as soon as dev says so.
std::vector<Phase> phases_of(const train::Recipe& recipe) {
  Phase distil = recipe.phases.front();  // what the rows are learnt from
  distil.kind = PhaseKind::kDistil;
  distil.epochs = 3;
  distil.min_steps = 2000;
  distil.patience = 8;
  distil.learning_rate = 1e-3;
  distil.token_dropout = 0.0;
  distil.hidden_weight = distil.attention_weight = distil.relation_weight = 0.0;
  if (distil.teacher_weight + distil.gold_weight <= 0.0) distil.teacher_weight = 1.0;
  Phase calibration = distil;
  calibration.kind = PhaseKind::kQat;
  calibration.epochs = 0;
  calibration.min_steps = 0;
  return {distil, calibration};
}

// How many pieces leave a file within the budget, by bytes of a row, its scale and its text; the rest is what the other
// parts of a small model take.
std::uint32_t affordable_pieces(const train::Recipe& recipe, std::uint32_t width, std::size_t classes) {
  constexpr double kTextOfPiece = 22.0, kRest = 50'000.0;
  if (recipe.budget.size_mb <= 0.0) return recipe.static_student.pieces;
  const double left = recipe.budget.size_mb * 1e6 - kRest - 1.2 * (width + 40.0) * static_cast<double>(classes);
  const double most = std::max(1000.0, left / (width / 2.0 + 4.0 + kTextOfPiece));
  return static_cast<std::uint32_t>(std::min<double>(recipe.static_student.pieces, most));
}

// The run directory of the static student. Whatever it held of another recipe is made anew.
RunContext open_static_run(RunContext& context, std::size_t classes) {
  train::Recipe recipe = static_recipe(context.recipe, classes);
  const Rows rows = static_has_own_rows(context.recipe) ? Rows::kOwn : Rows::kOfTheRun;
  return open_part(context, "static", std::move(recipe), rows, "run");
}

StaticStudent trained_and_verified(RunContext& context, const IngestedData& data) {
  const train::Recipe& recipe = context.recipe;
  RunContext own = open_static_run(context, data.task.labels.size());
  if (!static_has_own_rows(recipe)) share_ingest(context, data, own);
  const IngestedData own_data = static_has_own_rows(recipe) ? ingest_stage(own) : ingested(own);
  StaticStudent made;
  const TrainedStudent student = train_stage(own, own_data);
  made.stopped = student.stopped;
  if (made.stopped) return made;
  made.dev_quality = student.phases.back().dev_primary_metric;
  made.model = export_stage(own, own_data, student);
  const data::ExampleTable rows = train::value_or_throw(data::read_shards(own_data.held_out(own.measured)));
  CheckpointAnswers floats(own, rows);
  made.verified = verify_stage(own, student, made.model, rows, floats);
  if (recipe.budget.size_mb > 0.0) made.verified.gates.push_back(size_gate(recipe.budget, made.model.nog));
  made.predictions = model_predictions(made.model.nog, rows);
  return made;
}

}  // namespace

bool static_has_own_rows(const train::Recipe& recipe) {
  return !recipe.init.folder.empty() && recipe.static_student.pieces > 0;
}

train::Recipe static_recipe(const train::Recipe& recipe, std::size_t classes) {
  train::Recipe made = recipe;
  made.name = recipe.name + "-static";
  made.static_student.trained = false;
  made.init.keep_layers.clear();
  if (!made.init.from.empty()) {  // the words of a student with layers are no features by themselves
    made.init = {};
    made.tokenizer.trim = made.tokenizer.fill = false;  // its data is that of the run, vocabulary included
  }
  made.online_teacher = {};
  made.student = {};
  made.student.layers = 0;
  made.student.heads = 1;
  made.student.width = recipe.static_student.width;
  if (!recipe.init.folder.empty()) {
    const data::PretrainedFolder folder = train::value_or_throw(data::read_pretrained_folder(recipe.init.folder));
    made.student.width = std::min(made.student.width, folder.width);
  }
  if (static_has_own_rows(recipe)) {
    made.tokenizer.trim = made.tokenizer.fill = true;
    made.tokenizer.training.size = affordable_pieces(recipe, made.student.width, classes);
  }
  made.quantize = {};
  made.quantize.embedding_bits = 4;    // half the bytes, and as good: experiments/few_rows
  made.student.initial_range = 0.002;  // of the classifier: features are large (pretrained/static_start.h)
  made.phases = phases_of(recipe);
  made.gates.must_beat_baseline = false;
  made.budget = {};  // judged when it is there: a run does not fail because its second candidate is too large
  return made;
}

std::optional<StaticStudent> static_stage(RunContext& context, const IngestedData& data) {
  const train::Recipe& recipe = context.recipe;
  train::Progress& progress = context.console.progress();
  if (!recipe.static_student.trained || recipe.student.layers == 0) return std::nullopt;
  if (spec::traits_of(recipe.task).per_token()) return std::nullopt;
  progress.note("static student: a student without layers, in " + context.run.file("static"));
  try {
    return trained_and_verified(context, data);
  } catch (const train::Failure& failure) {
    if (train::StopSignal::requested()) throw;
    // Such as a cascade's accuracy that it cannot reach: the student may.
    progress.warn(fmt::format("static student: {}; it is no candidate", failure.what()));
    return std::nullopt;
  }
}

}  // namespace noggin::tool
