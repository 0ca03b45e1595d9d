// Task edit: the text without the words to delete.
#include "data/metrics/edit_metrics.h"
#include "engine/span_text.h"
#include "train/task/figures.h"
#include "train/task/kinds.h"
#include "train/task/span_reader.h"

namespace noggin::train {
namespace {

// Texts against their targets.
struct TextFigures {
  std::vector<data::RowScore> same_words, errors;

  void add(const data::WordFolder& folder, std::string_view answer, std::string_view target) {
    const data::WordErrors found = data::word_errors(answer, target);
    same_words.push_back({data::same_words(folder, answer, target) ? 1.0 : 0.0, 1.0});
    errors.push_back({static_cast<double>(found.errors), static_cast<double>(found.reference_words)});
  }
};

class EditReader : public SpanReader {
 public:
  explicit EditReader(Parts parts) : SpanReader(std::move(parts)) {}

  const char* primary_metric_name() const override { return "exact match"; }

  data::RowScore score(const data::ExampleTable& rows, std::size_t row, const Prediction& answer) const override {
    if (rows.target_of(row).empty()) return {};
    return {edited(rows, row, answer) == rows.target_of(row) ? 1.0 : 0.0, 1.0};
  }

  std::string describe(const data::ExampleTable& rows, std::size_t row, const Prediction& answer) const override {
    return edited(rows, row, answer);
  }

  // Against the target, and against the text as it was.
  Figures figures(const data::ExampleTable& rows, const StatedFigures&, const std::vector<Prediction>& answers,
                  const exporter::BootstrapOptions& options) const override {
    const data::WordFolder folder;
    TextFigures changed, unchanged;
    for (std::size_t row = 0; row < rows.rows(); ++row) {
      if (rows.target_of(row).empty()) continue;
      changed.add(folder, edited(rows, row, answers[row]), rows.target_of(row));
      unchanged.add(folder, rows.text_of(row), rows.target_of(row));
    }
    FigureTable table("edited text");
    table.add("same words (case and punctuation aside)", exporter::bootstrap_ratio(changed.same_words, options));
    table.add("same words, text unchanged", exporter::bootstrap_ratio(unchanged.same_words, options));
    table.add("word error rate", exporter::bootstrap_ratio(changed.errors, options));
    table.add("word error rate, text unchanged", exporter::bootstrap_ratio(unchanged.errors, options));
    return table.take();
  }

 private:
  static std::string edited(const data::ExampleTable& rows, std::size_t row, const Prediction& answer) {
    return runtime::edited_text(rows.text_of(row), spans_of(answer));
  }
};

}  // namespace

std::unique_ptr<TaskReader> make_edit(TaskReader::Parts parts) {
  return std::make_unique<EditReader>(std::move(parts));
}

}  // namespace noggin::train
