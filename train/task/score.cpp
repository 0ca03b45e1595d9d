// Task score: a number from 0 to 1, positive from a threshold up.
#include <fmt/format.h>

#include "train/task/figures.h"
#include "train/task/kinds.h"
#include "train/task/stated_probability.h"

namespace noggin::train {
namespace {

using runtime::ScoreAnswer;

class ScoreReader : public TaskReader {
 public:
  explicit ScoreReader(Parts parts) : TaskReader(std::move(parts)) {}

  const char* primary_metric_name() const override { return "yes/no accuracy"; }

  // 1 when answer and gold are both positive or both negative.
  data::RowScore score(const data::ExampleTable& rows, std::size_t row, const Prediction& answer) const override {
    if (rows.label[row] < 0) return {};
    return {std::get<ScoreAnswer>(answer).positive == rows.gold_yes(row) ? 1.0 : 0.0, 1.0};
  }

  std::string describe(const data::ExampleTable&, std::size_t, const Prediction& answer) const override {
    const auto& given = std::get<ScoreAnswer>(answer);
    return fmt::format("{:.3f} {}", runtime::thousandths(given.score) / 1000.0, given.positive ? "yes" : "no");
  }

  void add_stated(const data::ExampleTable&, const ModelInputs&, const DatasetLogits& logits, std::size_t, std::size_t,
                  StatedFigures& stated) const override {
    add_stated_probabilities(task(), logits, stated);
  }

  Figures figures(const data::ExampleTable& rows, const StatedFigures& stated, const std::vector<Prediction>&,
                  const exporter::BootstrapOptions& options) const override {
    const StatedProbability probability(rows, stated);
    FigureTable table = probability.table(options);
    const float from = rows.gold_threshold;
    std::vector<data::RowScore> right;
    for (std::size_t i = 0; i < probability.stated().size(); ++i) {
      const bool positive = probability.stated()[i] >= from, gold = probability.gold()[i] >= from;
      right.push_back({positive == gold ? 1.0 : 0.0, 1.0});
    }
    table.add(fmt::format("accuracy if a yes began at {:.2f}, as for gold", from),
              exporter::bootstrap_ratio(right, options));
    return table.take();
  }
};

}  // namespace

std::unique_ptr<TaskReader> make_score(TaskReader::Parts parts) {
  return std::make_unique<ScoreReader>(std::move(parts));
}

}  // namespace noggin::train
