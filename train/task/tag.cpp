// Task tag: spans of a type.
#include <fmt/format.h>

#include "data/metrics/span_metrics.h"
#include "export/report/tag_errors.h"
#include "train/task/figures.h"
#include "train/task/kinds.h"
#include "train/task/span_reader.h"

namespace noggin::train {
namespace {

class TagReader : public SpanReader {
 public:
  explicit TagReader(Parts parts) : SpanReader(std::move(parts)) {}

  const char* primary_metric_name() const override { return "span F1"; }

  data::RowScore score(const data::ExampleTable& rows, std::size_t row, const Prediction& answer) const override {
    if (!rows.has_gold(row)) return {};
    return data::f1_score(data::count_spans(typed_spans(answer), rows.spans_of(row)));
  }

  std::string describe(const data::ExampleTable&, std::size_t, const Prediction& answer) const override {
    std::string text;
    for (const TaggedSpan& span : spans_of(answer)) {
      if (!text.empty()) text += ' ';
      text += fmt::format("{}[{},{})", types()[span.type], span.place.begin, span.place.end);
    }
    return text.empty() ? "nothing" : text;
  }

  // Recall and F1 by type, and kinds of error.
  Figures figures(const data::ExampleTable& rows, const StatedFigures&, const std::vector<Prediction>& answers,
                  const exporter::BootstrapOptions& options) const override {
    const std::vector<std::string> names(types().begin(), types().end());
    std::vector<std::vector<data::RowScore>> recall(names.size()), f1(names.size());
    std::vector<std::vector<data::TypedSpan>> gold, found;
    for (std::size_t row = 0; row < rows.rows(); ++row) {
      gold.push_back(rows.spans_of(row));
      found.push_back(typed_spans(answers[row]));
      const std::vector<data::SpanCounts> counts = data::count_spans_by_type(found[row], gold[row], names.size());
      for (std::size_t type = 0; type < names.size(); ++type) {
        recall[type].push_back({static_cast<double>(counts[type].right), static_cast<double>(counts[type].expected)});
        f1[type].push_back(data::f1_score(counts[type]));
      }
    }
    std::vector<exporter::TaggedText> texts;
    for (std::size_t row = 0; row < rows.rows(); ++row) texts.push_back({rows.id_of(row), gold[row], found[row]});
    exporter::TextTable table({"type", "gold spans", "recall % [95 %]", "F1 % [95 %]"});
    Figures figures;
    for (std::size_t type = 0; type < names.size(); ++type) {
      double expected = 0.0;
      for (const data::RowScore& score : recall[type]) expected += score.of;
      if (expected == 0.0 && data::ratio(f1[type]) == 0.0) continue;
      const exporter::Interval r = exporter::bootstrap_ratio(recall[type], options),
                               f = exporter::bootstrap_ratio(f1[type], options);
      table.add({names[type], fmt::format("{:.0f}", expected), percent(r), percent(f)});
      figures.json["types"][names[type]] = {{"gold", expected}, {"recall", interval_json(r)}, {"f1", interval_json(f)}};
    }
    const exporter::TagErrors errors = exporter::tag_errors(texts, names);
    figures.text = table.text() + "\n" + exporter::to_text(errors);
    figures.json["errors"] = exporter::to_json(errors);
    return figures;
  }
};

}  // namespace

std::unique_ptr<TaskReader> make_tag(TaskReader::Parts parts) { return std::make_unique<TagReader>(std::move(parts)); }

}  // namespace noggin::train
