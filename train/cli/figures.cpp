#include "train/cli/figures.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "data/metrics/calibration.h"
#include "data/metrics/edit_metrics.h"
#include "export/report/confusion.h"
#include "export/report/tag_errors.h"
#include "export/report/text_table.h"

namespace noggin::tool {
namespace {

using exporter::Interval;
using Json = nlohmann::ordered_json;

std::string percent(const Interval& interval) {
  return fmt::format("{:.2f} [{:.2f}, {:.2f}]", 100.0 * interval.value, 100.0 * interval.low, 100.0 * interval.high);
}
Json to_json(const Interval& interval) {
  return {{"value", interval.value}, {"low", interval.low}, {"high", interval.high}};
}

// Figures with their intervals, in order.
class FigureTable {
 public:
  explicit FigureTable(const std::string& title) : table_({title, "% [95 %]"}) {}
  void add(const std::string& name, const Interval& interval) {
    table_.add({name, percent(interval)});
    json_[name] = to_json(interval);
  }
  Figures take() { return {table_.text(), std::move(json_)}; }

 private:
  exporter::TextTable table_;
  Json json_ = Json::object();
};

// --- tag -------------------------------------------------------------------------------------------------------------

Figures tag_figures(const train::TaskReader& reader, const data::ExampleTable& rows,
                    const std::vector<train::RowAnswer>& answers, const exporter::BootstrapOptions& options) {
  const std::vector<std::string> types(reader.types().begin(), reader.types().end());
  std::vector<std::vector<data::TypedSpan>> gold, found;
  std::vector<std::vector<data::RowScore>> recall(types.size()), f1(types.size());
  for (std::size_t row = 0; row < rows.rows(); ++row) {
    gold.push_back(rows.spans_of(row));
    found.push_back(train::TaskReader::spans_of(answers[row]));
    const std::vector<data::SpanCounts> counts = data::count_spans_by_type(found[row], gold[row], types.size());
    for (std::size_t type = 0; type < types.size(); ++type) {
      const auto right = static_cast<double>(counts[type].right), expected = static_cast<double>(counts[type].expected);
      recall[type].push_back({right, expected});
      f1[type].push_back({2.0 * right, static_cast<double>(counts[type].found) + expected});
    }
  }
  std::vector<exporter::TaggedText> texts;
  for (std::size_t row = 0; row < rows.rows(); ++row) texts.push_back({rows.id_of(row), gold[row], found[row]});
  exporter::TextTable table({"type", "gold spans", "recall % [95 %]", "F1 % [95 %]"});
  Figures figures;
  for (std::size_t type = 0; type < types.size(); ++type) {
    double expected = 0.0;
    for (const data::RowScore& score : recall[type]) expected += score.of;
    if (expected == 0.0 && data::ratio(f1[type]) == 0.0) continue;
    const Interval r = exporter::bootstrap_ratio(recall[type], options),
                   f = exporter::bootstrap_ratio(f1[type], options);
    table.add({types[type], fmt::format("{:.0f}", expected), percent(r), percent(f)});
    figures.json["types"][types[type]] = {{"gold", expected}, {"recall", to_json(r)}, {"f1", to_json(f)}};
  }
  const exporter::TagErrors errors = exporter::tag_errors(texts, types);
  figures.text = table.text() + "\n" + exporter::to_text(errors);
  figures.json["errors"] = exporter::to_json(errors);
  return figures;
}

// --- edit ------------------------------------------------------------------------------------------------------------

Figures edit_figures(const data::ExampleTable& rows, const std::vector<train::RowAnswer>& answers,
                     const exporter::BootstrapOptions& options) {
  const data::WordFolder folder;
  struct Way {
    std::vector<data::RowScore> same_words, errors;
  } edited, unchanged;
  const auto add = [&](Way& way, std::string_view answer, std::string_view target) {
    const data::WordErrors errors = data::word_errors(answer, target);
    way.same_words.push_back({data::same_words(folder, answer, target) ? 1.0 : 0.0, 1.0});
    way.errors.push_back({static_cast<double>(errors.errors), static_cast<double>(errors.reference_words)});
  };
  for (std::size_t row = 0; row < rows.rows(); ++row) {
    if (rows.target_of(row).empty()) continue;
    add(edited, train::TaskReader::edited(rows, row, answers[row]), rows.target_of(row));
    add(unchanged, rows.text_of(row), rows.target_of(row));
  }
  FigureTable table("edited text");
  table.add("same words (case and punctuation aside)", exporter::bootstrap_ratio(edited.same_words, options));
  table.add("same words, text unchanged", exporter::bootstrap_ratio(unchanged.same_words, options));
  table.add("word error rate", exporter::bootstrap_ratio(edited.errors, options));
  table.add("word error rate, text unchanged", exporter::bootstrap_ratio(unchanged.errors, options));
  return table.take();
}

// --- score, multi_label ----------------------------------------------------------------------------------------------

Figures value_figures(const data::ExampleTable& rows, std::span<const float> probabilities,
                      const exporter::BootstrapOptions& options) {
  std::vector<float> stated, gold;
  for (std::size_t row = 0; row < rows.rows(); ++row) {
    if (rows.label[row] < 0) continue;
    const auto mine = probabilities.subspan(row * rows.classes, rows.classes);
    const auto wanted = rows.gold_values_of(row);
    stated.insert(stated.end(), mine.begin(), mine.end());
    gold.insert(gold.end(), wanted.begin(), wanted.end());
  }
  std::vector<float> drawn_stated, drawn_gold;
  const auto drawn = [&](std::span<const std::uint32_t> picks) {
    drawn_stated.clear();
    drawn_gold.clear();
    for (const std::uint32_t pick : picks) {
      drawn_stated.push_back(stated[pick]);
      drawn_gold.push_back(gold[pick]);
    }
  };
  FigureTable table("stated probability");
  table.add("calibration error",
            exporter::bootstrap_figure(stated.size(), options, [&](std::span<const std::uint32_t> picks) {
              drawn(picks);
              return data::calibration_error(drawn_stated, drawn_gold);
            }));
  std::vector<data::RowScore> distance(stated.size());
  for (std::size_t i = 0; i < distance.size(); ++i) distance[i] = {std::abs(double{stated[i]} - double{gold[i]}), 1.0};
  table.add("mean absolute error", exporter::bootstrap_ratio(distance, options));
  if (rows.task == spec::TaskKind::kScore) {
    std::vector<data::RowScore> right(stated.size());
    for (std::size_t i = 0; i < right.size(); ++i) {
      right[i] = {(stated[i] >= rows.gold_threshold) == (gold[i] >= rows.gold_threshold) ? 1.0 : 0.0, 1.0};
    }
    table.add(fmt::format("accuracy if a yes began at {:.2f}, as for gold", rows.gold_threshold),
              exporter::bootstrap_ratio(right, options));
  }
  return table.take();
}

// --- single_label ----------------------------------------------------------------------------------------------------

Figures class_figures(const train::TaskReader& reader, const data::ExampleTable& rows, std::span<const double> losses,
                      const std::vector<train::RowAnswer>& answers) {
  const std::vector<std::string>& labels = reader.task().labels;
  std::vector<exporter::AnsweredRow> answered;
  for (std::size_t row = 0; row < rows.rows(); ++row) {
    if (rows.label[row] < 0) continue;
    const auto gold = static_cast<std::size_t>(rows.label[row]);
    answered.push_back({rows.id_of(row), rows.text_of(row), labels[gold],
                        labels[static_cast<std::size_t>(answers[row][0])], std::exp(-losses[row]), losses[row]});
  }
  const exporter::ConfusionReport report = exporter::confusion_report(answered, 10, 10);
  return {exporter::to_text(report), {{"confusions", exporter::to_json(report)}}};
}

}  // namespace

Figures figures_of(const train::TaskReader& reader, const data::ExampleTable& rows,
                   const exporter::StatedFigures& stated, const std::vector<train::RowAnswer>& answers,
                   const exporter::BootstrapOptions& options) {
  switch (reader.task().kind) {
    case spec::TaskKind::kTag:
      return tag_figures(reader, rows, answers, options);
    case spec::TaskKind::kEdit:
      return edit_figures(rows, answers, options);
    case spec::TaskKind::kMultiLabel:
    case spec::TaskKind::kScore:
      return value_figures(rows, stated.probabilities, options);
    case spec::TaskKind::kSingleLabel:
      break;
  }
  return class_figures(reader, rows, stated.losses, answers);
}

}  // namespace noggin::tool
