// One step: batch, forward, loss, backward, sum over the group, update, and what a prune phase removes after it.
#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "train/compress/neuron_moments.h"
#include "train/loop/phase_loss.h"
#include "train/loop/training.h"
#include "train/recipe/recipe_fields.h"
#include "train/run/failure.h"
#include "train/run/stop_signal.h"

namespace noggin::train {
namespace {

constexpr std::uint64_t kDropoutStream = 0x4D41534BULL;
constexpr std::uint64_t kStepsPerLogLine = 25;
constexpr std::uint64_t kMomentBatches = 16;  // 1,024 texts have many more tokens than a layer has neurons

// Which share of what a prune phase removes is gone after the fraction x of its removals.
double removed_share(RemovalCurve curve, double x) {
  return curve == RemovalCurve::kLinear ? x : 1.0 - (1.0 - x) * (1.0 - x) * (1.0 - x);
}

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
    if (float_student_) loss = loss + float_student_->loss(phase(), phase_progress, logits, batch, totals);
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
  const std::uint64_t removals = std::min<std::uint64_t>(phase().removals, removal_steps());
  const std::uint64_t due_before = (state_.step - 1) * removals / removal_steps();
  const std::uint64_t due = state_.step * removals / removal_steps();
  if (due == due_before) return;
  remove_parts(removed_share(phase().removal_curve, static_cast<double>(due) / static_cast<double>(removals)));
  state_.importance = std::make_unique<ImportanceScores>(state_.student);
  state_.optimizer->restart_average();
  if (state_.step >= removal_steps()) {
    state_.importance.reset();
    set_mask_gradients(state_.student, false);
  }
}

void Trainer::remove_parts(double share) {
  const double heads = share * phase().heads_fraction, neurons = share * phase().ffn_fraction;
  if (phase().importance == Importance::kSecondOrder) return remove_and_refit(heads, neurons);
  const bool by_size = phase().importance == Importance::kMagnitude;
  mask_least_important(state_.student, by_size ? magnitude_scores(state_.student) : *state_.importance, heads, neurons);
}

// First-order importance says how many neurons each layer loses, because it compares layers by the loss; which ones
// they are is then a question of the layer alone.
void Trainer::remove_and_refit(double heads, double neurons) {
  torch::NoGradGuard no_grad;
  std::vector<Tensor> masks;
  for (const EncoderLayer& layer : state_.student.layers) masks.push_back(layer.ffn_mask.detach().clone());
  mask_least_important(state_.student, *state_.importance, heads, neurons);
  std::vector<std::int64_t> counts;
  for (std::size_t i = 0; i < masks.size(); ++i) {
    counts.push_back((masks[i] - state_.student.layers[i].ffn_mask).sum().item<std::int64_t>());
    state_.student.layers[i].ffn_mask.copy_(masks[i]);
  }
  NeuronMoments moments(state_.student);
  observe(Observed::kMoments, kMomentBatches,
          [&](const TrainingBatch& batch) { forward(state_.student, batch.packed, moments); });
  moments.remove(state_.student, counts);
  synchronise(state_.student);
}

}  // namespace noggin::train
