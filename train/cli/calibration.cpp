#include "train/cli/calibration.h"

#include <fmt/format.h>

#include <algorithm>
#include <nlohmann/json.hpp>

#include "data/metrics/binary_metrics.h"
#include "data/metrics/classification_metrics.h"
#include "engine/answer.h"
#include "export/report/cascade.h"
#include "train/run/failure.h"

namespace noggin::tool {
namespace {

// The score threshold with the most right decisions on dev; unchanged without gold.
void fit_score_threshold(const data::ExampleTable& dev, std::span<const float> predictions,
                         format::TaskContents& task) {
  std::vector<char> yes(dev.rows());
  for (std::size_t row = 0; row < yes.size(); ++row) yes[row] = dev.label[row] >= 0 && dev.gold_yes(row) ? 1 : 0;
  if (const auto threshold = data::best_score_threshold(predictions, yes, dev.label)) task.thresholds = {*threshold};
}

// 1 where the teacher's first class is gold; empty unless the teacher answered every row with a gold label.
std::vector<std::uint8_t> teacher_right(const data::ExampleTable& dev) {
  std::vector<std::uint8_t> right;
  for (std::size_t row = 0; row < dev.rows(); ++row) {
    if (dev.label[row] < 0) continue;
    if (!dev.has_teacher(row)) return {};
    right.push_back(dev.teacher_classes_of(row)[0] == dev.label[row]);
  }
  return right;
}

// The recipe's target as a threshold, with what it and its neighbours cost.
void choose_threshold(const train::CascadeRecipe& wish, const data::ExampleTable& dev,
                      const train::DatasetLogits& logits, Calibration& result) {
  const std::vector<data::Confidence> answers =
      data::confidences(logits.values, logits.classes, dev.label, result.task.temperature);
  exporter::CascadeWishes wishes;
  wishes.accuracies = {0.95, 0.97, 0.99};
  wishes.escalation_rates = {0.05, 0.1, 0.2};
  if (wish.accuracy > 0.0) wishes.accuracies = {wish.accuracy};
  if (wish.escalation > 0.0) wishes.escalation_rates = {wish.escalation};
  wishes.prices = exporter::Prices{wish.student_price / 1000.0, wish.teacher_price / 1000.0};
  const exporter::CascadeReport report = exporter::cascade_report(answers, teacher_right(dev), wishes);
  result.cascade_text = exporter::to_text(report);
  result.cascade_json = exporter::to_json(report);
  std::optional<exporter::OperatingPoint> chosen;
  if (wish.accuracy > 0.0) {
    chosen = exporter::threshold_for_accuracy(answers, wish.accuracy, wishes.rule);
    if (!chosen) {
      throw train::Failure(
          train::ExitCode::kGate,
          fmt::format("cascade.accuracy {}: no threshold reaches it on dev ({} rows, 95 % lower bound). Fix: lower "
                      "it, or give more dev rows",
                      wish.accuracy, answers.size()));
    }
  } else if (wish.escalation > 0.0) {
    chosen = exporter::threshold_for_escalation(answers, wish.escalation);
  }
  if (chosen) result.task.abstain_below = chosen->abstain_below;
}

}  // namespace

void calibrate_values(const data::ExampleTable& dev, const train::DatasetLogits& logits, format::TaskContents& task) {
  task.temperature =
      static_cast<float>(data::fit_sigmoid_temperature(logits.values, dev.gold_values, dev.label, logits.classes));
  std::vector<float> probabilities(logits.values.size());
  runtime::probabilities_of(logits.values, format::decision_of(task), probabilities.data());
  if (spec::traits_of(task.kind).is_number()) return fit_score_threshold(dev, probabilities, task);
  task.thresholds = data::best_thresholds(probabilities, dev.gold_values, dev.label, logits.classes);
}

Calibration calibrate(const train::Recipe& recipe, const train::TaskReader& reader, const data::ExampleTable& dev,
                      const train::ModelInputs& inputs, const train::DatasetLogits& logits) {
  Calibration result{reader.task(), {}, {}};
  const train::Decisions decisions = dev.has_values() ? train::Decisions{} : reader.decisions(dev, inputs, logits);
  if (recipe.cascade.calibrate && dev.has_values()) {
    calibrate_values(dev, logits, result.task);
  } else if (recipe.cascade.calibrate && !decisions.gold.empty()) {
    result.task.temperature =
        static_cast<float>(data::fit_temperature(decisions.logits, logits.classes, decisions.gold));
  }
  if (reader.traits().abstains) choose_threshold(recipe.cascade, dev, logits, result);
  return result;
}

}  // namespace noggin::tool
