#include "export/compare/measures.h"

#include <algorithm>
#include <cmath>
#include <functional>

#include "data/metrics/binary_metrics.h"
#include "data/metrics/calibration.h"
#include "data/metrics/classification_metrics.h"
#include "data/metrics/edit_metrics.h"
#include "data/metrics/span_metrics.h"
#include "engine/span_text.h"
#include "train/task/span_reader.h"

namespace noggin::exporter {
namespace {

using train::Prediction;

std::vector<data::RowScore> picked(const std::vector<data::RowScore>& scores, std::span<const std::uint32_t> rows) {
  std::vector<data::RowScore> result;
  for (const std::uint32_t row : rows) result.push_back(scores[row]);
  return result;
}

// Collects the measures of one comparison.
class Measures {
 public:
  Measures(const CompareInput& input, const JudgedRows& judged) : input_(input), judged_(judged) {}

  std::vector<MeasureDifference> all() {
    if (judged_.gold.empty()) return {};
    const spec::TaskTraits& task = input_.reader.traits();
    add_ratio(input_.reader.primary_metric_name(), judged_.gold, judged_.score_before, judged_.score_after);
    if (task.is_classification()) {
      of_classes();
    } else if (task.has_target) {
      of_edits();
    } else if (task.per_token()) {
      of_spans();
    } else {
      of_probabilities();
    }
    return std::move(measures_);
  }

 private:
  // A score of each row of one model.
  using Score = std::function<data::RowScore(std::uint32_t row, const Prediction& answer)>;

  MeasureDifference& add_ratio(const std::string& name, std::span<const std::uint32_t> rows,
                               const std::vector<data::RowScore>& before, const std::vector<data::RowScore>& after) {
    std::vector<std::uint32_t> clusters;
    const BootstrapOptions options = resampling(input_, rows, clusters);
    const std::vector<data::RowScore> old_scores = picked(before, rows), new_scores = picked(after, rows);
    MeasureDifference measure;
    measure.name = name;
    measure.rows = rows.size();
    measure.before = data::ratio(old_scores);
    measure.after = data::ratio(new_scores);
    measure.difference = bootstrap_drop(new_scores, old_scores, options);
    return measures_.emplace_back(std::move(measure));
  }

  MeasureDifference& add_scores(const std::string& name, std::span<const std::uint32_t> rows, const Score& score) {
    std::vector<data::RowScore> before(input_.rows.rows()), after(input_.rows.rows());
    for (const std::uint32_t row : rows) {
      before[row] = score(row, input_.before.predictions[row]);
      after[row] = score(row, input_.after.predictions[row]);
    }
    return add_ratio(name, rows, before, after);
  }

  // figure(model, rows drawn): of rows with gold.
  MeasureDifference& add_figure(
      const std::string& name,
      const std::function<double(const ModelAnswers&, std::span<const std::uint32_t> rows)>& figure) {
    std::vector<std::uint32_t> clusters, drawn_rows;
    const BootstrapOptions options = resampling(input_, judged_.gold, clusters);
    MeasureDifference measure;
    measure.name = name;
    measure.rows = judged_.gold.size();
    measure.before = figure(input_.before, judged_.gold);
    measure.after = figure(input_.after, judged_.gold);
    measure.difference = bootstrap_figure(judged_.gold.size(), options, [&](std::span<const std::uint32_t> drawn) {
      drawn_rows.clear();
      for (const std::uint32_t i : drawn) drawn_rows.push_back(judged_.gold[i]);
      return figure(input_.after, drawn_rows) - figure(input_.before, drawn_rows);
    });
    return measures_.emplace_back(std::move(measure));
  }

  void of_classes() {
    const std::vector<std::int32_t>& gold = input_.rows.label;
    const std::vector<std::int32_t> before = *input_.reader.classes(input_.before.predictions),
                                    after = *input_.reader.classes(input_.after.predictions);
    add_figure("macro F1", [&](const ModelAnswers& model, std::span<const std::uint32_t> rows) {
      return data::macro_f1(&model == &input_.before ? before : after, gold, rows);
    });
    add_figure("calibration error", [&](const ModelAnswers& model, std::span<const std::uint32_t> rows) {
      std::vector<data::Confidence> stated;
      for (const std::uint32_t row : rows) {
        const auto& answer = std::get<runtime::ClassAnswer>(model.predictions[row]);
        stated.push_back({answer.probability, static_cast<std::int32_t>(answer.label) == gold[row]});
      }
      return data::expected_calibration_error(stated);
    }).smaller_is_better = true;
    if (input_.reader.task().none_class >= 0) of_scope(input_.reader.task().none_class);
    of_abstaining();
  }

  void of_scope(std::int32_t none_class) {
    std::vector<std::uint32_t> inside, outside;
    for (const std::uint32_t row : judged_.gold) {
      (input_.rows.label[row] == none_class ? outside : inside).push_back(row);
    }
    if (!inside.empty()) add_ratio("in-scope accuracy", inside, judged_.score_before, judged_.score_after);
    if (!outside.empty()) add_ratio("out-of-scope recall", outside, judged_.score_before, judged_.score_after);
  }

  // At the threshold that each file stores; of all rows, for coverage needs no gold.
  void of_abstaining() {
    const auto abstained = [](const Prediction& answer) { return std::get<runtime::ClassAnswer>(answer).abstained; };
    if (std::ranges::none_of(input_.before.predictions, abstained) &&
        std::ranges::none_of(input_.after.predictions, abstained)) {
      return;
    }
    std::vector<std::uint32_t> all(input_.rows.rows());
    for (std::uint32_t row = 0; row < all.size(); ++row) all[row] = row;
    add_scores("coverage at the stored threshold", all, [&](std::uint32_t, const Prediction& answer) {
      return data::RowScore{abstained(answer) ? 0.0 : 1.0, 1.0};
    }).neither_is_better = true;
    add_scores("accuracy of what is answered", judged_.gold, [&](std::uint32_t row, const Prediction& answer) {
      return abstained(answer) ? data::RowScore{} : input_.reader.score(input_.rows, row, answer);
    });
  }

  void of_probabilities() {
    const std::size_t C = input_.rows.classes;
    if (!input_.reader.traits().is_number()) {
      add_whole_answers();
      add_macro_f1("macro F1 over labels", C, [&](std::uint32_t row, const Prediction& answer, CountsByType& counts) {
        const auto wanted = input_.rows.gold_values_of(row);
        for (std::uint32_t c = 0; c < C; ++c) counts[c].expected += wanted[c] >= data::kGoldThreshold ? 1 : 0;
        for (const auto& given : std::get<runtime::LabelSetAnswer>(answer).labels) {
          ++counts[given.label].found;
          counts[given.label].right += wanted[given.label] >= data::kGoldThreshold ? 1 : 0;
        }
      });
    }
    add_figure("calibration error", [&](const ModelAnswers& model, std::span<const std::uint32_t> rows) {
      std::vector<float> stated, gold;
      for (const std::uint32_t row : rows) {
        const auto mine = std::span(model.probabilities).subspan(row * C, C);
        const auto wanted = input_.rows.gold_values_of(row);
        stated.insert(stated.end(), mine.begin(), mine.end());
        gold.insert(gold.end(), wanted.begin(), wanted.end());
      }
      return data::calibration_error(stated, gold);
    }).smaller_is_better = true;
    std::vector<data::RowScore> before, after;
    for (const auto& [model, scores] : {std::pair(&input_.before, &before), std::pair(&input_.after, &after)}) {
      for (std::size_t row = 0; row < input_.rows.rows(); ++row) scores->push_back(distance(*model, row));
    }
    add_ratio("mean absolute error", judged_.gold, before, after).smaller_is_better = true;
  }

  data::RowScore distance(const ModelAnswers& model, std::size_t row) const {
    const auto gold = input_.rows.gold_values_of(row);
    data::RowScore sum;
    for (std::size_t c = 0; c < gold.size(); ++c) {
      sum.right += std::abs(double{model.probabilities[row * gold.size() + c]} - double{gold[c]});
      sum.of += 1.0;
    }
    return sum;
  }

  void of_spans() {
    add_whole_answers();
    const std::size_t types = input_.reader.types().size();
    add_macro_f1("macro F1 over types", types, [&](std::uint32_t row, const Prediction& answer, CountsByType& counts) {
      counts = data::count_spans_by_type(train::typed_spans(answer), input_.rows.spans_of(row), types);
    });
  }

  // Of one row: what gold expects of each label or span type, what the answer has of it, and what of that is right.
  using CountsByType = std::vector<data::SpanCounts>;
  using CountRow = std::function<void(std::uint32_t row, const Prediction& answer, CountsByType& counts)>;

  void add_macro_f1(const std::string& name, std::size_t types, const CountRow& count) {
    std::vector<CountsByType> before(input_.rows.rows()), after(input_.rows.rows());
    for (const std::uint32_t row : judged_.gold) {
      for (const auto& [model, counts] : {std::pair(&input_.before, &before), std::pair(&input_.after, &after)}) {
        (*counts)[row].resize(types);
        count(row, model->predictions[row], (*counts)[row]);
      }
    }
    add_figure(name, [&](const ModelAnswers& model, std::span<const std::uint32_t> rows) {
      return macro_f1(&model == &input_.before ? before : after, rows, types);
    });
  }

  // The mean over the labels or types that occur in gold or answers.
  static double macro_f1(const std::vector<CountsByType>& counts, std::span<const std::uint32_t> rows,
                         std::size_t types) {
    CountsByType sums(types);
    for (const std::uint32_t row : rows) {
      for (std::size_t type = 0; type < types; ++type) sums[type] += counts[row][type];
    }
    double total = 0.0, occurring = 0.0;
    for (const data::SpanCounts& sum : sums) {
      if (sum.found + sum.expected == 0) continue;
      total += sum.f1();
      occurring += 1.0;
    }
    return occurring > 0.0 ? total / occurring : 0.0;
  }

  void of_edits() {
    const data::WordFolder folder;
    const auto edited = [&](std::uint32_t row, const Prediction& answer) {
      return runtime::edited_text(input_.rows.text_of(row), std::get<runtime::SpanAnswer>(answer).spans);
    };
    add_scores("same words (case and punctuation aside)", judged_.gold,
               [&](std::uint32_t row, const Prediction& answer) {
                 const bool same = data::same_words(folder, edited(row, answer), input_.rows.target_of(row));
                 return data::RowScore{same ? 1.0 : 0.0, 1.0};
               });
    add_scores("word error rate", judged_.gold, [&](std::uint32_t row, const Prediction& answer) {
      const data::WordErrors found = data::word_errors(edited(row, answer), input_.rows.target_of(row));
      return data::RowScore{static_cast<double>(found.errors), static_cast<double>(found.reference_words)};
    }).smaller_is_better = true;
  }

  // The share of rows of which everything is right.
  void add_whole_answers() {
    const auto whole = [](const std::vector<char>& right) {
      std::vector<data::RowScore> scores;
      for (const char row : right) scores.push_back({row != 0 ? 1.0 : 0.0, 1.0});
      return scores;
    };
    add_ratio("whole answer right", judged_.gold, whole(judged_.right_before), whole(judged_.right_after));
  }

  const CompareInput& input_;
  const JudgedRows& judged_;
  std::vector<MeasureDifference> measures_;
};

}  // namespace

std::vector<MeasureDifference> measure_rows(const CompareInput& input, const JudgedRows& judged) {
  return Measures(input, judged).all();
}

Interval primary_difference(const CompareInput& input, const JudgedRows& judged, double level) {
  std::vector<std::uint32_t> clusters;
  BootstrapOptions options = resampling(input, judged.gold, clusters);
  options.level = level;
  return bootstrap_drop(picked(judged.score_after, judged.gold), picked(judged.score_before, judged.gold), options);
}

}  // namespace noggin::exporter
