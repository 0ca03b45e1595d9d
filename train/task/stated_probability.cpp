#include "train/task/stated_probability.h"

#include <cmath>

#include "data/metrics/calibration.h"
#include "engine/answer.h"
#include "kernels/float_environment.h"

namespace noggin::train {

void add_stated_probabilities(const format::TaskContents& task, const DatasetLogits& logits, StatedFigures& stated) {
  const runtime::FloatEnvironment environment;
  const std::size_t before = stated.probabilities.size();
  stated.probabilities.resize(before + logits.values.size());
  runtime::probabilities_of(logits.values, format::decision_of(task), stated.probabilities.data() + before);
}

StatedProbability::StatedProbability(const data::ExampleTable& rows, const StatedFigures& stated) {
  for (std::size_t row = 0; row < rows.rows(); ++row) {
    if (rows.label[row] < 0) continue;
    const auto mine = std::span(stated.probabilities).subspan(row * rows.classes, rows.classes);
    const auto wanted = rows.gold_values_of(row);
    stated_.insert(stated_.end(), mine.begin(), mine.end());
    gold_.insert(gold_.end(), wanted.begin(), wanted.end());
  }
}

FigureTable StatedProbability::table(const exporter::BootstrapOptions& options) const {
  std::vector<float> drawn_stated, drawn_gold;
  const auto error_of = [&](std::span<const std::uint32_t> picks) {
    drawn_stated.clear();
    drawn_gold.clear();
    for (const std::uint32_t pick : picks) {
      drawn_stated.push_back(stated_[pick]);
      drawn_gold.push_back(gold_[pick]);
    }
    return data::calibration_error(drawn_stated, drawn_gold);
  };
  FigureTable table("stated probability");
  table.add("calibration error", exporter::bootstrap_figure(stated_.size(), options, error_of));
  std::vector<data::RowScore> distance(stated_.size());
  for (std::size_t i = 0; i < distance.size(); ++i) {
    distance[i] = {std::abs(double{stated_[i]} - double{gold_[i]}), 1.0};
  }
  table.add("mean absolute error", exporter::bootstrap_ratio(distance, options));
  return table;
}

}  // namespace noggin::train
