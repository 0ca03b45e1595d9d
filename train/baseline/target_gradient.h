// The target of an example, and the gradient of its loss.
//
// The teacher's listed classes keep their probabilities; its tail, 1 - sum, is one bucket, so that the loss of the
// unlisted classes is -tail * ln(sum of their model probabilities), as in distill/. The gradient is that of a target
// that divides the tail among them in proportion to the model's current probabilities. A gold label is mixed in:
// (1 - gold_weight) * teacher + gold_weight * one_hot; an example without a teacher has only the one_hot. One-vs-rest
// mixes in the gold values of the classes in the same way; there a class that the teacher does not list has 0.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "data/shards/example_table.h"

namespace noggin::train {

struct Target {
  std::int32_t label = data::kNoLabel;              // exclusive classes
  std::span<const float> gold_values{};             // [C] multi_label, score; empty without gold
  std::span<const std::int32_t> teacher_classes{};  // [K], -1: unused, those last
  std::span<const float> teacher_probabilities{};   // [K]

  bool has_teacher() const { return !teacher_classes.empty() && teacher_classes.front() >= 0; }
  bool says_something() const { return has_teacher() || label != data::kNoLabel; }
};

// The target of a row, or for tag and edit of a token of a row. A view of `rows`.
Target target_of(const data::ExampleTable& rows, std::size_t row, std::size_t token = 0);

// Logits [C] -> gradient, in place. One object serves one thread.
class TargetGradient {
 public:
  // one_vs_rest: a sigmoid for each class; else one softmax.
  TargetGradient(std::uint32_t classes, float gold_weight, bool one_vs_rest)
      : gold_weight_(gold_weight), one_vs_rest_(one_vs_rest), listed_(classes) {}
  void operator()(const Target& target, std::span<float> logits);

 private:
  void subtract_values(const Target& target, std::span<float> probabilities) const;
  void subtract_distribution(const Target& target, std::span<float> probabilities);

  float gold_weight_;
  bool one_vs_rest_;
  std::vector<char> listed_;  // [C], scratch, zero between calls
};

}  // namespace noggin::train
