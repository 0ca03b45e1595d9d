#include "export/compare/judged_rows.h"

#include <map>

#include "data/metrics/binary_metrics.h"

namespace noggin::exporter {
namespace {

using train::Prediction;

bool row_has_gold(const data::ExampleTable& rows, std::size_t row) {
  return spec::traits_of(rows.task).has_target ? !rows.target_of(row).empty() : rows.has_gold(row);
}

// A row's best class and its probability, of a task that answers per text.
Prediction text_teacher(const data::ExampleTable& rows, std::size_t row) {
  const auto classes = rows.teacher_classes_of(row);
  const auto probabilities = rows.teacher_probabilities_of(row);
  if (!rows.has_values()) {
    return runtime::ClassAnswer{static_cast<std::uint32_t>(classes[0]), probabilities[0]};
  }
  if (spec::traits_of(rows.task).is_number()) {
    return runtime::ScoreAnswer{probabilities[0], probabilities[0] >= rows.gold_threshold};
  }
  std::map<std::uint32_t, float> given;  // in class order
  for (std::size_t k = 0; k < classes.size(); ++k) {
    if (classes[k] >= 0 && probabilities[k] >= data::kGoldThreshold)
      given[static_cast<std::uint32_t>(classes[k])] = probabilities[k];
  }
  runtime::LabelSetAnswer answer;
  for (const auto& [label, probability] : given) answer.labels.push_back({label, probability});
  return answer;
}

// Of a tagger only if the log answers every word of every row, in this reader's tokens.
std::vector<std::optional<Prediction>> teacher_of(const CompareInput& input) {
  const data::ExampleTable& rows = input.rows;
  std::vector<std::optional<Prediction>> answers(rows.rows());
  if (rows.top_k == 0) return answers;
  if (!rows.per_token()) {
    for (std::size_t row = 0; row < rows.rows(); ++row) {
      if (rows.has_teacher(row)) answers[row] = text_teacher(rows, row);
    }
    return answers;
  }
  for (std::size_t row = 0; row < rows.rows(); ++row) {
    if (!rows.has_teacher(row)) return answers;
  }
  if (auto all = input.reader.teacher_answers(rows)) {
    for (std::size_t row = 0; row < answers.size(); ++row) answers[row] = std::move((*all)[row]);
  }
  return answers;
}

}  // namespace

JudgedRows judge_rows(const CompareInput& input) {
  const data::ExampleTable& rows = input.rows;
  JudgedRows judged;
  judged.score_before = input.reader.scores(rows, input.before.predictions);
  judged.score_after = input.reader.scores(rows, input.after.predictions);
  judged.teacher = teacher_of(input);
  const auto is_right = [](const data::RowScore& score) { return score.right == score.of; };
  for (std::uint32_t row = 0; row < rows.rows(); ++row) {
    const bool gold = row_has_gold(rows, row);
    if (gold) judged.gold.push_back(row);
    judged.is_gold.push_back(gold);
    judged.right_before.push_back(gold && is_right(judged.score_before[row]));
    judged.right_after.push_back(gold && is_right(judged.score_after[row]));
    judged.changed.push_back(!runtime::same_decision(input.before.predictions[row], input.after.predictions[row]));
  }
  return judged;
}

PairedRows paired_rows(const JudgedRows& judged, std::span<const std::uint32_t> rows) {
  PairedRows counts;
  for (const std::uint32_t row : rows) {
    if (!judged.has_gold(row)) continue;
    ++counts.rows;
    if (judged.mended(row)) {
      ++counts.discordant.mended;
    } else if (judged.broken(row)) {
      ++counts.discordant.broken;
    } else {
      ++(judged.right_after[row] != 0 ? counts.both_right : counts.both_wrong);
      if (judged.changed[row] != 0) ++counts.changed_alike;
    }
  }
  return counts;
}

McNemar paired_test(const CompareInput& input, const JudgedRows& judged, std::span<const std::uint32_t> rows) {
  if (input.groups.empty()) return mcnemar(paired_rows(judged, rows).discordant);
  std::map<std::uint32_t, std::int64_t> sums;
  for (const std::uint32_t row : rows) {
    sums[input.groups[row]] += int{judged.mended(row)} - int{judged.broken(row)};
  }
  std::vector<std::int64_t> terms;
  for (const auto& [group, sum] : sums) terms.push_back(sum);
  return sign_flip(terms);
}

Prediction gold_answer(const data::ExampleTable& rows, std::size_t row) {
  if (rows.per_token()) {
    runtime::SpanAnswer answer;
    for (const data::TypedSpan& span : rows.spans_of(row))
      answer.spans.push_back({{span.begin, span.end}, span.type, 1.0F});
    return answer;
  }
  if (!rows.has_values()) return runtime::ClassAnswer{static_cast<std::uint32_t>(rows.label[row]), 1.0F};
  const auto values = rows.gold_values_of(row);
  if (spec::traits_of(rows.task).is_number()) return runtime::ScoreAnswer{values[0], rows.gold_yes(row)};
  runtime::LabelSetAnswer answer;
  for (std::uint32_t c = 0; c < values.size(); ++c) {
    if (values[c] >= data::kGoldThreshold) answer.labels.push_back({c, values[c]});
  }
  return answer;
}

std::string describe_gold(const train::TaskReader& reader, const data::ExampleTable& rows, std::size_t row) {
  if (!row_has_gold(rows, row)) return {};
  if (spec::traits_of(rows.task).has_target) return std::string(rows.target_of(row));
  return reader.describe(rows, row, gold_answer(rows, row));
}

BootstrapOptions resampling(const CompareInput& input, std::span<const std::uint32_t> rows,
                            std::vector<std::uint32_t>& clusters) {
  clusters.clear();
  if (!input.groups.empty()) {
    for (const std::uint32_t row : rows) clusters.push_back(input.groups[row]);
  }
  return {.seed = input.seed, .resamples = input.resamples, .level = 0.95, .clusters = clusters};
}

}  // namespace noggin::exporter
