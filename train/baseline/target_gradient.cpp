#include "train/baseline/target_gradient.h"

#include <Eigen/Core>
#include <algorithm>

namespace noggin::train {

Target target_of(const data::ExampleTable& rows, std::size_t row, std::size_t token) {
  const std::size_t first = token * rows.top_k;
  return {rows.label_of(row)[token], rows.gold_values_of(row), rows.teacher_classes_of(row).subspan(first, rows.top_k),
          rows.teacher_probabilities_of(row).subspan(first, rows.top_k)};
}

void TargetGradient::operator()(const Target& target, std::span<float> logits) {
  Eigen::Map<Eigen::VectorXf> values(logits.data(), static_cast<Eigen::Index>(logits.size()));
  if (one_vs_rest_) {
    values = (1.0F + (-values.array()).exp()).inverse();
    return subtract_values(target, logits);
  }
  values.array() -= values.maxCoeff();
  values = values.array().exp();
  values /= values.sum();
  subtract_distribution(target, logits);
}

void TargetGradient::subtract_values(const Target& target, std::span<float> probabilities) const {
  const std::span<const float> gold = target.gold_values;
  const float gold_fraction = gold.empty() ? 0.0F : (target.has_teacher() ? gold_weight_ : 1.0F);
  for (std::size_t c = 0; c < gold.size(); ++c) probabilities[c] -= gold_fraction * gold[c];
  for (std::size_t k = 0; k < target.teacher_classes.size(); ++k) {
    const std::int32_t c = target.teacher_classes[k];
    if (c >= 0) probabilities[static_cast<std::size_t>(c)] -= (1.0F - gold_fraction) * target.teacher_probabilities[k];
  }
}

void TargetGradient::subtract_distribution(const Target& target, std::span<float> probabilities) {
  const bool has_label = target.label != data::kNoLabel;
  const auto label = static_cast<std::size_t>(target.label);
  const float gold_fraction = !has_label ? 0.0F : (target.has_teacher() ? gold_weight_ : 1.0F);
  const float teacher_fraction = 1.0F - gold_fraction;
  if (!target.has_teacher() || teacher_fraction == 0.0F) {
    if (has_label) probabilities[label] -= 1.0F;
    return;
  }

  float teacher_mass = 0.0F, model_mass = 0.0F;  // of the listed classes
  for (std::size_t k = 0; k < target.teacher_classes.size(); ++k) {
    if (target.teacher_classes[k] < 0) continue;
    const auto c = static_cast<std::size_t>(target.teacher_classes[k]);
    teacher_mass += target.teacher_probabilities[k];
    model_mass += probabilities[c];
    listed_[c] = 1;
  }
  // Unlisted classes keep p - share * tail * p / p_unlisted, which is p times one factor.
  const float tail = std::max(0.0F, 1.0F - teacher_mass);
  const float unlisted_mass = std::max(1.0F - model_mass, 1e-6F);
  const float unlisted_factor = 1.0F - teacher_fraction * tail / unlisted_mass;
  for (std::size_t c = 0; c < probabilities.size(); ++c) {
    if (!listed_[c]) probabilities[c] *= unlisted_factor;
  }
  for (std::size_t k = 0; k < target.teacher_classes.size(); ++k) {
    if (target.teacher_classes[k] < 0) continue;
    const auto c = static_cast<std::size_t>(target.teacher_classes[k]);
    probabilities[c] -= teacher_fraction * target.teacher_probabilities[k];
    listed_[c] = 0;
  }
  if (has_label) probabilities[label] -= gold_fraction;
}

}  // namespace noggin::train
