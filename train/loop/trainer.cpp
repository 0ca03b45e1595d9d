#include "train/loop/trainer.h"

#include <fmt/format.h>

#include <filesystem>

#include "data/shards/shard.h"
#include "train/loop/process_settings.h"
#include "train/loop/training.h"
#include "train/recipe/recipe_fields.h"
#include "train/run/event_file.h"
#include "train/run/failure.h"

namespace noggin::train {

Trainer::Trainer(const TrainJob& job, Progress& progress)
    : job_(job),
      recipe_(job.recipe),
      progress_(progress),
      distributed_(Distributed::from_environment(patience())),
      device_(resolve_device(job.recipe.train.device)),
      reader_(value_or_throw(TaskReader::create(job.task, job.tokenizer, job.recipe.tokenizer.max_tokens))),
      augmentation_(tag_augmentation(recipe_, job.train_shards, job.task.labels, job.tokenizer)),
      online_teacher_(OnlineTeacher::read(recipe_, job.tokenizer, device_)),
      shipped_(ShippedAnswers::open(recipe_, job.task)),
      batches_(BatchStream(job.train_shards)),
      dev_(value_or_throw(data::read_shards(job.dev_shards))),
      dev_inputs_(reader_->inputs(dev_)),
      steps_per_epoch_(batches_.stream().steps_per_epoch(recipe_.train.batch_rows)),
      fingerprints_(fingerprints_of(job)),
      files_(job.folder + "/checkpoints", phase_files(), [&progress](const std::string& line) { progress.warn(line); }),
      metrics_(distributed_.is_rank_zero() ? job.folder + "/metrics.jsonl" : std::string(), fingerprint().text()) {
  prepare_process(recipe_.train.threads);
  std::filesystem::create_directories(job.folder + "/checkpoints");
}

TrainOutcome Trainer::run() {
  if (as_rank_0(distributed_.is_rank_zero() && !job_.fresh && files_.finished())) {
    keep_start();
    return outcome_after(recipe_.phases.size());
  }
  if (distributed_.is_rank_zero()) {
    if (job_.begins) job_.begins();
    if (job_.fresh) files_.discard();
  }
  start();
  expect_equal_states();
  TrainOutcome outcome = outcome_after(state_.phase);
  while (state_.phase < recipe_.phases.size()) {
    outcome.stopped_by_signal = !run_phase();
    if (!outcome.stopped_by_signal) outcome.phases.push_back(finish_phase());
    show_in_tensorboard();
    if (outcome.stopped_by_signal) break;
  }
  return outcome;
}

void Trainer::show_in_tensorboard() const {
  if (recipe_.train.tensorboard && distributed_.is_rank_zero()) write_event_file(job_.folder, fingerprint().text());
}

GroupPatience Trainer::patience() {
  GroupPatience patience;
  patience.limit = std::chrono::duration<double>(60.0 * recipe_.train.group_minutes);
  patience.warn = [this](const std::string& line) { progress_.warn(line); };
  return patience;
}

std::vector<PhaseFile> Trainer::phase_files() const {
  std::vector<PhaseFile> files;
  for (const Phase& phase : recipe_.phases)
    files.push_back(
        {fmt::format("{}-{}.ckpt", files.size(), phase_kind_name(phase.kind)), fingerprints_[files.size()]});
  return files;
}

bool Trainer::run_phase() {
  const PhaseLength length = length_of(phase());
  const std::uint64_t total = length.steps;
  phase_start_ = Clock::now();
  Clock::time_point last_save = phase_start_;
  progress_.begin(
      fmt::format("train {} ({}/{})", phase_kind_name(phase().kind), state_.phase + 1, recipe_.phases.size()), total,
      "steps", later_steps());
  progress_.resume_at(state_.step);
  for (bool over = out_of_patience(); state_.step < total && !over;) {
    training_step();
    if (state_.step % length.evaluation_interval == 0 || state_.step == total) {
      evaluate();
      over = out_of_patience();
      if (over) {
        progress_.note(fmt::format("{} ends: dev has not become better for {} evaluations",
                                   phase_kind_name(phase().kind), phase().patience));
      }
    }
    if (stop_) {
      save();
      return false;
    }
    if (seconds_since(last_save) > 60.0 * recipe_.train.checkpoint_minutes) {
      save();
      last_save = Clock::now();
    }
  }
  progress_.end();
  return true;
}

TrainOutcome train(const TrainJob& job, Progress& progress) {
  Trainer trainer(job, progress);
  try {
    return trainer.run();
  } catch (const MemberLost& lost) {
    throw trainer.failure_after(lost);
  }
}

}  // namespace noggin::train
