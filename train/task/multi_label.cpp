// Task multi_label: any of the classes, each from a threshold of its own up.
#include "data/metrics/binary_metrics.h"
#include "train/task/figures.h"
#include "train/task/kinds.h"
#include "train/task/stated_probability.h"

namespace noggin::train {
namespace {

using runtime::LabelSetAnswer;

class MultiLabelReader : public TaskReader {
 public:
  explicit MultiLabelReader(Parts parts) : TaskReader(std::move(parts)) {}

  const char* primary_metric_name() const override { return "micro F1"; }

  data::RowScore score(const data::ExampleTable& rows, std::size_t row, const Prediction& answer) const override {
    if (rows.label[row] < 0) return {};
    std::vector<std::int32_t> classes;
    for (const LabelSetAnswer::Label& given : std::get<LabelSetAnswer>(answer).labels) {
      classes.push_back(static_cast<std::int32_t>(given.label));
    }
    return data::f1_score(data::count_labels(classes, rows.gold_values_of(row)));
  }

  std::string describe(const data::ExampleTable&, std::size_t, const Prediction& answer) const override {
    std::string text;
    for (const LabelSetAnswer::Label& given : std::get<LabelSetAnswer>(answer).labels) {
      if (!text.empty()) text += ' ';
      text += task().labels[given.label];
    }
    return text.empty() ? "nothing" : text;
  }

  void add_stated(const data::ExampleTable&, const ModelInputs&, const DatasetLogits& logits, std::size_t, std::size_t,
                  StatedFigures& stated) const override {
    add_stated_probabilities(task(), logits, stated);
  }

  Figures figures(const data::ExampleTable& rows, const StatedFigures& stated, const std::vector<Prediction>&,
                  const exporter::BootstrapOptions& options) const override {
    return StatedProbability(rows, stated).table(options).take();
  }
};

}  // namespace

std::unique_ptr<TaskReader> make_multi_label(TaskReader::Parts parts) {
  return std::make_unique<MultiLabelReader>(std::move(parts));
}

}  // namespace noggin::train
