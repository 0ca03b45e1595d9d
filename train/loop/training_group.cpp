// What the processes of a group agree on, and the state that they save and go on from.
#include <fmt/format.h>

#include "train/loop/training.h"
#include "train/recipe/recipe_fields.h"
#include "train/run/failure.h"

namespace noggin::train {

void Trainer::synchronise(Student& student) {
  std::vector<Tensor> tensors;
  visit_tensors(student, [&](const std::string&, Tensor& tensor, TensorRole) { tensors.push_back(tensor); });
  distributed_.broadcast(tensors);
}

std::size_t Trainer::as_rank_0(std::size_t mine) {
  std::vector<Tensor> choice{torch::full({1}, static_cast<float>(mine))};
  distributed_.broadcast(choice);
  return static_cast<std::size_t>(choice[0].item<float>());
}

void Trainer::expect_equal_states() {
  const Tensor mine = torch::tensor({static_cast<float>(state_.phase), static_cast<float>(state_.step)});
  std::vector<Tensor> sums{mine.clone()};
  distributed_.sum(sums);
  if (torch::equal(sums[0], mine * static_cast<double>(distributed_.world_size()))) return;
  throw Failure(ExitCode::kFailure,
                job_.folder +
                    ": the processes of this training read different states. Fix: give all of them the "
                    "same run folder, on a file system that they share");
}

void Trainer::save() {
  if (!distributed_.is_rank_zero()) return;
  files_.rotate();
  throw_unless_written(save_state(state_, fingerprint().text(), files_.newest()));
}

void Trainer::start() {
  TrainingStart start;
  if (distributed_.is_rank_zero()) {
    const std::size_t most = most_phases_to_reuse();
    start = files_.prepare(most);
    if (!start.from_state && !job_.reuse.empty()) start.phases_done = files_.adopt(job_.reuse, start.phases_done, most);
  }
  keep_start();  // the first phase may learn from it
  if (as_rank_0(start.from_state)) return resume();
  metrics_.forget();
  begin_after(as_rank_0(start.phases_done));
}

void Trainer::resume() {
  LoadedState loaded = load_state(files_.newest(), device_);
  if (loaded.fingerprint != fingerprint().text()) {  // rank 0 has judged it: this process reads another
    throw Failure(ExitCode::kOutput, files_.newest() +
                                         ": belongs to another recipe or other data than this process has. Fix: give "
                                         "every process the same recipe, data and run directory");
  }
  state_ = std::move(loaded.state);
  prepare_phase();
  state_.optimizer->load_state(loaded.optimizer_state);
  metrics_.forget_after(state_.phase, state_.step);
  progress_.note(
      fmt::format("resumed at phase {} ({}), step {}", state_.phase + 1, phase_kind_name(phase().kind), state_.step));
}

std::string Trainer::last_saved() const {
  const Result<Checkpoint> saved = read_checkpoint(files_.newest());
  if (!saved) return "Nothing is saved yet";
  const std::size_t index = saved->meta.value("phase", std::size_t{0});
  return fmt::format("It will continue from what was saved last, step {} of phase {} ({})",
                     saved->meta.value("phase_step", std::uint64_t{0}), index + 1,
                     index < recipe_.phases.size() ? phase_kind_name(recipe_.phases[index].kind) : "unknown");
}

Failure Trainer::failure_after(const MemberLost& lost) const {
  return {
      ExitCode::kFailure,
      fmt::format("{} has ended or cannot be reached, so this training cannot go on. {}. Fix: see what that process "
                  "said, then start all processes again with the same command",
                  lost.what(), last_saved())};
}

}  // namespace noggin::train
