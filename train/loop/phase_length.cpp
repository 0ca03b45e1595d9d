#include "train/loop/phase_length.h"

#include <algorithm>

namespace noggin::train {

PhaseLength phase_length(const Phase& phase, std::uint64_t steps_per_epoch, std::uint32_t evaluations_per_epoch) {
  if (phase.epochs <= 0.0) return {};
  const auto steps_of = [&](double epochs, double stretch) {
    const double steps = epochs * static_cast<double>(steps_per_epoch) * stretch;
    return std::max<std::uint64_t>(1, static_cast<std::uint64_t>(steps + 0.5));
  };
  PhaseLength length;
  const std::uint64_t own = steps_of(phase.epochs, 1.0);
  length.steps = std::max<std::uint64_t>(own, phase.min_steps);
  const double stretch = static_cast<double>(length.steps) / static_cast<double>(own);
  const bool removes = phase.heads_fraction > 0.0 || phase.ffn_fraction > 0.0;  // word rows are cut before all steps
  if (phase.kind == PhaseKind::kPrune && removes)
    length.removal_steps = std::min(steps_of(phase.removal_epochs, stretch), length.steps);
  // A share of a step until it is stretched: an epoch of few rows has fewer steps than evaluations.
  const double interval = static_cast<double>(steps_per_epoch) / evaluations_per_epoch * stretch;
  length.evaluation_interval = std::max<std::uint64_t>(1, static_cast<std::uint64_t>(interval));
  return length;
}

}  // namespace noggin::train
