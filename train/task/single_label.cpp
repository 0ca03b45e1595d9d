// Task single_label: one of the classes, or none of them is sure enough.
#include <algorithm>
#include <cmath>
#include <iterator>

#include "data/metrics/classification_metrics.h"
#include "export/report/confusion.h"
#include "train/task/figures.h"
#include "train/task/kinds.h"

namespace noggin::train {
namespace {

using runtime::ClassAnswer;

class SingleLabelReader : public TaskReader {
 public:
  explicit SingleLabelReader(Parts parts) : TaskReader(std::move(parts)) {}

  const char* primary_metric_name() const override { return "accuracy"; }

  data::RowScore score(const data::ExampleTable& rows, std::size_t row, const Prediction& answer) const override {
    if (rows.label[row] < 0) return {};
    return {class_of(answer) == rows.label[row] ? 1.0 : 0.0, 1.0};
  }

  std::string describe(const data::ExampleTable&, std::size_t, const Prediction& answer) const override {
    const auto& given = std::get<ClassAnswer>(answer);
    std::string text = given.abstained ? "abstain: " : "";
    return text.append(task().labels[given.label]);
  }

  std::optional<std::int32_t> class_of(const Prediction& answer) const override {
    return static_cast<std::int32_t>(std::get<ClassAnswer>(answer).label);
  }

  void add_stated(const data::ExampleTable& rows, const ModelInputs& inputs, const DatasetLogits& logits,
                  std::size_t begin, std::size_t end, StatedFigures& stated) const override {
    const std::span<const std::int32_t> gold = rows.label;
    std::ranges::copy(
        data::confidences(logits.values, logits.classes, gold.subspan(begin, end - begin), task().temperature),
        std::back_inserter(stated.confidences));
    for (std::size_t row = begin; row < end; ++row) {
      stated.losses.push_back(data::mean_cross_entropy(logits.sequence(inputs.row_sequences[row]), logits.classes,
                                                       gold.subspan(row, 1), task().temperature));
    }
  }

  // Confusions and the worst rows.
  Figures figures(const data::ExampleTable& rows, const StatedFigures& stated, const std::vector<Prediction>& answers,
                  const exporter::BootstrapOptions&) const override {
    const std::vector<std::string>& labels = task().labels;
    std::vector<exporter::AnsweredRow> answered;
    for (std::size_t row = 0; row < rows.rows(); ++row) {
      if (rows.label[row] < 0) continue;
      const auto gold = static_cast<std::size_t>(rows.label[row]);
      answered.push_back({rows.id_of(row), rows.text_of(row), labels[gold],
                          labels[std::get<ClassAnswer>(answers[row]).label], std::exp(-stated.losses[row]),
                          stated.losses[row]});
    }
    const exporter::ConfusionReport report = exporter::confusion_report(answered, 10, 10);
    return {exporter::to_text(report), {{"confusions", exporter::to_json(report)}}};
  }
};

}  // namespace

std::unique_ptr<TaskReader> make_single_label(TaskReader::Parts parts) {
  return std::make_unique<SingleLabelReader>(std::move(parts));
}

}  // namespace noggin::train
