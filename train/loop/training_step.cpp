// One step: batch, forward, loss, backward, sum over the group, update, and what a prune phase removes after it.
#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "train/loop/phase_loss.h"
#include "train/loop/training.h"
#include "train/recipe/recipe_fields.h"
#include "train/run/failure.h"
#include "train/run/stop_signal.h"

namespace noggin::train {
namespace {

constexpr std::uint64_t kDropoutStream = 0x4D41534BULL;
constexpr std::uint64_t kRemovals = 8;  // masking steps of a prune phase
constexpr std::uint64_t kStepsPerLogLine = 25;

}  // namespace

void Trainer::training_step() {
  const TrainingBatch batch = batches_.take(batch_request(state_.step));
  if (state_.step + 1 < phase_steps()) batches_.prefetch(batch_request(state_.step + 1));
  torch::manual_seed(data::random_bits(recipe_.seed ^ kDropoutStream, state_.phase,
                                       state_.step * distributed_.world_size() + distributed_.rank()));
  // In a group another process may touch other rows, so every row is updated in every step.
  if (distributed_.world_size() == 1) state_.optimizer->look_up(batch.packed.token_ids);
  const LossTotals totals = group_totals(batch);
  Tensor loss_value = torch::zeros({}, torch::kFloat64);
  if (batch.packed.texts > 0) {  // a short last batch may leave a process without rows
    const bool asked = asks_online_teacher(phase());
    LastLayer seen;
    const Tensor logits = forward(state_.student, batch.packed, *arithmetic_, recipe_.student.dropout,
                                  asked ? &seen : nullptr);  // [R, C]
    const double phase_progress = static_cast<double>(state_.step) / static_cast<double>(phase_steps());
    Tensor loss = phase_loss(phase(), phase_progress, logits, batch, totals);
    if (asked) loss = loss + online_teacher_->loss(phase(), state_.student, seen, batch.packed, totals);
    loss.backward();
    loss_value = loss.detach().to(torch::kCPU, torch::kFloat64);
  }
  sum_over_group(loss_value);
  if (state_.importance) state_.importance->add_gradients(state_.student);
  const double rate =
      phase().learning_rate * lr_multiplier(state_.step, phase_steps(), phase().warmup, phase().final_learning_rate);
  const double gradient_norm = state_.optimizer->step(rate);
  ++state_.step;
  record_step(loss_value.item<double>(), rate, gradient_norm);
  if (state_.importance) prune_when_due();
}

LossTotals Trainer::group_totals(const TrainingBatch& batch) {
  if (distributed_.world_size() == 1) return {};
  std::vector<Tensor> counts{loss_counts(batch)};
  distributed_.sum(counts);
  return loss_totals(counts[0]);
}

void Trainer::sum_over_group(Tensor& loss) {
  std::vector<Tensor> sums = state_.optimizer->gradients();
  if (state_.importance) std::ranges::copy(mask_gradients(state_.student), std::back_inserter(sums));
  sums.push_back(loss);
  stop_ = distributed_.sum(sums, StopSignal::requested());
}

void Trainer::record_step(double loss, double rate, double gradient_norm) {
  if (!std::isfinite(loss)) {
    throw Failure(ExitCode::kFailure,
                  fmt::format("the loss became {} in phase {} ({}) at step {}. Fix: lower phases.{}.learning_rate, or "
                              "set train.clip_norm",
                              loss, state_.phase, phase_kind_name(phase().kind), state_.step, state_.phase));
  }
  state_.loss_sum += loss;
  ++state_.loss_count;
  progress_.update(state_.step, state_.loss_sum / static_cast<double>(state_.loss_count));
  if (state_.step % kStepsPerLogLine == 0) {
    metrics_.append({{"phase", phase_kind_name(phase().kind)},
                     {"phase_index", state_.phase},
                     {"step", state_.step},
                     {"loss", loss},
                     {"learning_rate", rate},
                     {"gradient_norm", gradient_norm}});
  }
}

void Trainer::prune_when_due() {
  const std::uint64_t removals = std::min(kRemovals, removal_steps());
  const std::uint64_t due_before = (state_.step - 1) * removals / removal_steps();
  const std::uint64_t due = state_.step * removals / removal_steps();
  if (due == due_before) return;
  const double removed_fraction = static_cast<double>(due) / static_cast<double>(removals);
  mask_least_important(state_.student, *state_.importance, removed_fraction * phase().heads_fraction,
                       removed_fraction * phase().ffn_fraction);
  state_.importance = std::make_unique<ImportanceScores>(state_.student);
  state_.optimizer->restart_average();
  if (state_.step >= removal_steps()) {
    state_.importance.reset();
    set_mask_gradients(state_.student, false);
  }
}

}  // namespace noggin::train
