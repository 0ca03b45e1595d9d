#include "train/recipe/phase_targets.h"

#include <fmt/format.h>

#include <algorithm>

#include "train/recipe/recipe_fields.h"

namespace noggin::train {
namespace {

// A weight of a phase and what it learns from.
struct LossSource {
  const char *key, *needs, *fix;
  double weight;
  std::uint64_t count;
};

class PhaseChecker {
 public:
  PhaseChecker(const Recipe& recipe, const data::TargetCounts& targets) : recipe_(recipe), targets_(targets) {}

  PhaseFindings run() {
    bool classifier_learns = recipe_.init.from_classifier;  // it has learnt before
    for (std::size_t i = 0; i < recipe_.phases.size(); ++i) {
      if (recipe_.phases[i].epochs > 0.0) classifier_learns |= check(i);
    }
    if (!classifier_learns && findings_.problems.empty()) {
      findings_.problems.push_back(
          "no phase trains the classifier: hidden_weight, attention_weight and relation_weight train the encoder "
          "alone. "
          "Fix: give a phase teacher_weight or gold_weight");
    }
    return std::move(findings_);
  }

 private:
  const char* unit() const { return spec::traits_of(recipe_.task).per_token() ? "words" : "texts"; }
  // "0 of 90 training texts (0.0 %)"
  std::string share(std::uint64_t count) const {
    const double percent =
        targets_.all == 0 ? 0.0 : 100.0 * static_cast<double>(count) / static_cast<double>(targets_.all);
    return fmt::format("{} of {} training {} ({:.1f} %)", count, targets_.all, unit(), percent);
  }

  // Whether the phase teaches the classifier anything.
  bool check(std::size_t index) {
    const Phase& phase = recipe_.phases[index];
    const std::string name = fmt::format("phases.{} ({})", index, phase_kind_name(phase.kind));
    const LossSource teacher{"teacher_weight", "an answer of the teacher",
                             "log the teacher's probabilities, or set gold_weight above 0 and teacher_weight: 0",
                             phase.teacher_weight, targets_.teacher};
    const LossSource gold{"gold_weight", "gold", "label rows, or set gold_weight: 0", phase.gold_weight, targets_.gold};
    const bool by_teacher = teacher.weight > 0.0 && teacher.count > 0, by_gold = gold.weight > 0.0 && gold.count > 0;
    const bool by_float = phase.float_weight > 0.0 && targets_.teacher + targets_.gold > 0;
    const bool by_online_teacher = asks_online_teacher(phase);
    if (!by_teacher && !by_gold && !by_float && !by_online_teacher) {
      refuse(name, teacher, gold);
      return false;
    }
    for (const LossSource* source : {&teacher, &gold}) {
      if (source->weight <= 0.0 || source->count > 0) continue;
      findings_.warnings.push_back(fmt::format("{}: {} is {}, but {} have {}: this weight teaches nothing{}. Fix: {}",
                                               name, source->key, source->weight, share(0), source->needs,
                                               rest(by_teacher, by_gold, phase), source->fix));
    }
    if (!by_online_teacher && !by_float) warn_of_silent_rows(name, by_teacher, by_gold);
    if (phase.keep_weight > 0.0 && recipe_.shipped.model.empty()) {
      findings_.warnings.push_back(
          fmt::format("{}: keep_weight is {}, but there is no shipped.model whose answers it could keep. Fix: set it "
                      "to the .nog file "
                      "that is on devices (`noggin nightly` does), or remove keep_weight",
                      name, phase.keep_weight));
    }
    return by_teacher || by_gold || by_float;
  }

  void refuse(const std::string& name, const LossSource& teacher, const LossSource& gold) {
    std::string text = name + ": nothing to learn from: no training row gives a loss.";
    for (const LossSource* source : {&teacher, &gold}) {
      text +=
          fmt::format(" {} is {}, and {} have {}.", source->key, source->weight, share(source->count), source->needs);
    }
    text += " Fix: ";
    text += gold.count > 0      ? "set gold_weight above 0 in this phase, or log the teacher's probabilities"
            : teacher.count > 0 ? "set teacher_weight above 0 in this phase, or label rows"
                                : "check the fields of data.train";
    findings_.problems.push_back(std::move(text));
  }

  // What the phase learns from instead.
  std::string rest(bool by_teacher, bool by_gold, const Phase& phase) const {
    if (by_gold) return fmt::format("; gold_weight {} learns from {}", phase.gold_weight, share(targets_.gold));
    if (by_teacher)
      return fmt::format("; teacher_weight {} learns from {}", phase.teacher_weight, share(targets_.teacher));
    return phase.float_weight > 0.0 ? "; the float student is imitated" : "; only the live teacher is imitated";
  }

  void warn_of_silent_rows(const std::string& name, bool by_teacher, bool by_gold) {
    const std::uint64_t taught = by_teacher && by_gold ? targets_.teacher + targets_.gold - targets_.both
                                 : by_teacher          ? targets_.teacher
                                                       : targets_.gold;
    const std::uint64_t silent = targets_.all - std::min(targets_.all, taught);
    if (silent * 100 < targets_.all || silent == 0) return;
    std::string text = fmt::format("{}: {} give no loss: they have no {}", name, share(silent),
                                   by_teacher && by_gold ? "gold and no answer of the teacher"
                                   : by_teacher          ? "answer of the teacher, and gold_weight is 0"
                                                         : "gold, and teacher_weight is 0");
    if (by_teacher && !by_gold && targets_.gold > targets_.both)
      text += fmt::format(". {} have gold alone. Fix: set gold_weight above 0", share(targets_.gold - targets_.both));
    if (by_gold && !by_teacher && targets_.teacher > targets_.both)
      text += fmt::format(". {} have the teacher's answer alone. Fix: set teacher_weight above 0",
                          share(targets_.teacher - targets_.both));
    findings_.warnings.push_back(std::move(text));
  }

  const Recipe& recipe_;
  const data::TargetCounts& targets_;
  PhaseFindings findings_;
};

}  // namespace

PhaseFindings check_phase_targets(const Recipe& recipe, const data::TargetCounts& targets) {
  return PhaseChecker(recipe, targets).run();
}

}  // namespace noggin::train
