#include "train/task/task_reader.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <iterator>

#include "data/metrics/binary_metrics.h"
#include "data/metrics/classification_metrics.h"
#include "data/metrics/span_metrics.h"
#include "engine/answer.h"
#include "engine/span_text.h"
#include "format/reader.h"
#include "kernels/float_environment.h"

namespace noggin::train {
namespace {

using spec::TaskKind;

constexpr double kThousand = 1000.0;

// One row's part of micro F1.
data::RowScore f1_score(const data::SpanCounts& counts) {
  return {2.0 * static_cast<double>(counts.right), static_cast<double>(counts.found + counts.expected)};
}

float threshold(std::span<const float> thresholds, std::size_t c) { return thresholds.empty() ? 0.5F : thresholds[c]; }

}  // namespace

format::TaskContents task_contents(const Model& model) {
  const format::ModelView& view = model.view();
  format::TaskContents task{{view.labels.begin(), view.labels.end()}, view.none_class};
  task.kind = view.decision.kind;
  task.temperature = view.decision.temperature;
  task.abstain_below = view.decision.abstain_below;
  task.thresholds.assign(view.decision.thresholds.begin(), view.decision.thresholds.end());
  return task;
}

TaskReader::TaskReader(const format::TaskContents& task, std::optional<runtime::WordPieceTokenizer> tokenizer,
                       std::uint32_t max_tokens)
    : task_(task), tokenizer_(tokenizer), names_(task_.labels.begin(), task_.labels.end()), max_tokens_(max_tokens) {}

Result<std::unique_ptr<const TaskReader>> TaskReader::create(const format::TaskContents& task,
                                                             const runtime::WordPieceTokenizer& tokenizer,
                                                             std::uint32_t max_tokens, std::vector<std::byte> section) {
  std::unique_ptr<TaskReader> reader(new TaskReader(task, tokenizer, max_tokens));
  reader->section_ = std::move(section);
  if (reader->per_token()) {
    Result<spec::TagScheme> scheme = spec::make_tag_scheme(task.kind, reader->names_);
    if (!scheme) return scheme.error();
    reader->scheme_ = *std::move(scheme);
  }
  return std::unique_ptr<const TaskReader>(std::move(reader));
}

Result<std::unique_ptr<const TaskReader>> TaskReader::create(const format::TaskContents& task,
                                                             const runtime::TokenizerContents& tokenizer,
                                                             std::uint32_t max_tokens) {
  Result<std::vector<std::byte>> section = runtime::serialize_tokenizer(tokenizer);
  if (!section) return section.error();
  const Result<runtime::WordPieceTokenizer> bound = runtime::WordPieceTokenizer::bind(*section);
  if (!bound) return bound.error();
  return create(task, *bound, max_tokens, *std::move(section));  // moving does not relocate its bytes
}

Result<std::unique_ptr<const TaskReader>> TaskReader::create(const format::TaskContents& task) {
  if (!spec::is_per_token(task.kind)) return std::unique_ptr<const TaskReader>(new TaskReader(task, std::nullopt, 0));
  return Error{ErrorCode::kInvalidArgument,
               fmt::format("a {} task reads words: it needs a tokenizer", spec::task_name(task.kind))};
}

const char* TaskReader::primary_metric_name() const {
  switch (task_.kind) {
    case TaskKind::kSingleLabel:
      return "accuracy";
    case TaskKind::kMultiLabel:
      return "micro F1";
    case TaskKind::kTag:
      return "span F1";
    case TaskKind::kScore:
      return "yes/no accuracy";
    case TaskKind::kEdit:
      return "exact match";
  }
  return "quality";
}

ModelInputs TaskReader::inputs(const data::ExampleTable& rows) const {
  return model_inputs(rows, task_.kind, tokenizer_.value(), max_tokens_);
}

std::vector<TaggedSpan> TaskReader::spans(const data::ExampleTable& rows, const ModelInputs& inputs,
                                          const DatasetLogits& logits, std::size_t row) const {
  std::size_t sequence = inputs.row_sequences[row];
  return runtime::tag_text({tokenizer_.value(), scheme_, task_.temperature, max_tokens_}, rows.text_of(row),
                           [&](std::span<const std::uint32_t>) { return logits.sequence(sequence++); });
}

RowAnswer TaskReader::from_spans(std::span<const TaggedSpan> spans) {
  RowAnswer answer;
  for (const TaggedSpan& span : spans) {
    answer.push_back(static_cast<std::int32_t>(span.place.begin));
    answer.push_back(static_cast<std::int32_t>(span.place.end));
    answer.push_back(static_cast<std::int32_t>(span.type));
  }
  return answer;
}

std::vector<data::TypedSpan> TaskReader::spans_of(const RowAnswer& answer) {
  std::vector<data::TypedSpan> spans;
  for (std::size_t i = 0; i + 2 < answer.size(); i += 3) {
    spans.push_back({static_cast<std::uint32_t>(answer[i]), static_cast<std::uint32_t>(answer[i + 1]),
                     static_cast<std::uint32_t>(answer[i + 2])});
  }
  return spans;
}

std::string TaskReader::edited(const data::ExampleTable& rows, std::size_t row, const RowAnswer& answer) {
  std::vector<TaggedSpan> spans;
  for (const data::TypedSpan& span : spans_of(answer)) spans.push_back({{span.begin, span.end}, span.type, 1.0F});
  return runtime::edited_text(rows.text_of(row), spans);
}

RowAnswer TaskReader::from_score(float probability, std::span<const float> thresholds) {
  return {static_cast<std::int32_t>(std::lround(kThousand * probability)),
          probability >= threshold(thresholds, 0) ? 1 : 0};
}

RowAnswer TaskReader::above_thresholds(std::span<const float> probabilities, std::span<const float> thresholds) {
  RowAnswer answer;
  for (std::size_t c = 0; c < probabilities.size(); ++c) {
    if (probabilities[c] >= threshold(thresholds, c)) answer.push_back(static_cast<std::int32_t>(c));
  }
  return answer;
}

RowAnswer TaskReader::answer(const data::ExampleTable& rows, const ModelInputs& inputs, const DatasetLogits& logits,
                             std::size_t row) const {
  if (!per_token()) return answer_of_text(logits.sequence(inputs.row_sequences[row]));
  const runtime::FloatEnvironment environment;
  return from_spans(spans(rows, inputs, logits, row));
}

RowAnswer TaskReader::answer_of_text(std::span<const float> mine) const {
  const runtime::FloatEnvironment environment;
  if (task_.kind == TaskKind::kSingleLabel) {
    const Answer answer = runtime::answer_of(mine, format::decision_of(task_));
    return {static_cast<std::int32_t>(answer.label), answer.abstained ? 1 : 0};
  }
  std::vector<float> probabilities(mine.size());
  runtime::probabilities_of(mine, format::decision_of(task_), probabilities.data());
  if (task_.kind == TaskKind::kScore) return from_score(probabilities[0], task_.thresholds);
  return above_thresholds(probabilities, task_.thresholds);
}

std::vector<RowAnswer> TaskReader::answers(const data::ExampleTable& rows, const ModelInputs& inputs,
                                           const DatasetLogits& logits) const {
  std::vector<RowAnswer> result;
  for (std::size_t row = 0; row < rows.rows(); ++row) result.push_back(answer(rows, inputs, logits, row));
  return result;
}

std::vector<std::int32_t> TaskReader::classes_of(const std::vector<RowAnswer>& answers) {
  std::vector<std::int32_t> classes;
  for (const RowAnswer& answer : answers) classes.push_back(answer[0]);
  return classes;
}

std::optional<std::vector<RowAnswer>> TaskReader::teacher_answers(const data::ExampleTable& rows) const {
  // Stands in for the logit of a class that the log does not list.
  constexpr float kUnlisted = -30.0F;
  const ModelInputs given = inputs(rows);
  DatasetLogits logits;  // of one row
  std::vector<RowAnswer> result;
  for (std::size_t row = 0; row < rows.rows(); ++row) {
    logits.make_room(given, given.row_sequences[row], given.row_sequences[row + 1], rows.classes, per_token());
    std::ranges::fill(logits.values, kUnlisted);
    const bool has_words = given.row_sequences[row] != given.row_sequences[row + 1];
    if (!has_words) {
      result.push_back(answer(rows, given, logits, row));
      continue;
    }
    const std::span<float> mine = logits.sequence(given.row_sequences[row]);
    const auto classes = rows.teacher_classes_of(row);
    const auto probabilities = rows.teacher_probabilities_of(row);
    if (!rows.has_teacher(row) || mine.size() != rows.label_of(row).size() * rows.classes) return std::nullopt;
    for (std::size_t k = 0; k < classes.size(); ++k) {
      if (classes[k] < 0) continue;
      float& logit = mine[k / rows.top_k * rows.classes + static_cast<std::size_t>(classes[k])];
      const double p = std::clamp(double{probabilities[k]}, 1e-12, 1.0 - 1e-12);
      logit = static_cast<float>(rows.has_values() ? std::log(p / (1.0 - p)) : std::log(p));
    }
    result.push_back(answer(rows, given, logits, row));
  }
  return result;
}

data::RowScore TaskReader::score(const data::ExampleTable& rows, std::size_t row, const RowAnswer& answer) const {
  switch (task_.kind) {
    case TaskKind::kSingleLabel:
      if (rows.label[row] < 0) return {};
      return {answer[0] == rows.label[row] ? 1.0 : 0.0, 1.0};
    case TaskKind::kScore: {
      if (rows.label[row] < 0) return {};
      return {(answer[1] != 0) == rows.gold_yes(row) ? 1.0 : 0.0, 1.0};
    }
    case TaskKind::kMultiLabel: {
      if (rows.label[row] < 0) return {};
      return f1_score(data::count_labels(answer, rows.gold_values_of(row)));
    }
    case TaskKind::kTag: {
      if (!rows.has_gold(row)) return {};
      return f1_score(data::count_spans(spans_of(answer), rows.spans_of(row)));
    }
    case TaskKind::kEdit: {
      if (rows.target_of(row).empty()) return {};
      return {edited(rows, row, answer) == rows.target_of(row) ? 1.0 : 0.0, 1.0};
    }
  }
  return {};
}

std::vector<data::RowScore> TaskReader::scores(const data::ExampleTable& rows,
                                               const std::vector<RowAnswer>& answers) const {
  std::vector<data::RowScore> result;
  for (std::size_t row = 0; row < rows.rows(); ++row) result.push_back(score(rows, row, answers[row]));
  return result;
}

std::string TaskReader::describe(const data::ExampleTable& rows, std::size_t row, const RowAnswer& answer) const {
  std::string text;
  const auto add = [&](const std::string& part) { text += (text.empty() ? "" : " ") + part; };
  switch (task_.kind) {
    case TaskKind::kSingleLabel:
      return (answer[1] != 0 ? "abstain: " : "") + task_.labels[static_cast<std::size_t>(answer[0])];
    case TaskKind::kScore:
      return fmt::format("{:.3f} {}", answer[0] / kThousand, answer[1] != 0 ? "yes" : "no");
    case TaskKind::kEdit:
      return edited(rows, row, answer);
    case TaskKind::kMultiLabel:
      for (const std::int32_t c : answer) add(task_.labels[static_cast<std::size_t>(c)]);
      break;
    case TaskKind::kTag:
      for (std::size_t i = 0; i + 2 < answer.size(); i += 3) {
        add(fmt::format("{}[{},{})", scheme_.types[static_cast<std::size_t>(answer[i + 2])], answer[i], answer[i + 1]));
      }
      break;
  }
  return text.empty() ? "nothing" : text;
}

Decisions TaskReader::decisions(const data::ExampleTable& rows, const ModelInputs& inputs,
                                const DatasetLogits& logits) const {
  Decisions decisions;
  const std::size_t C = logits.classes;
  for (std::size_t row = 0; row < rows.rows(); ++row) {
    if (inputs.row_sequences[row + 1] - inputs.row_sequences[row] != 1) continue;
    const auto mine = logits.sequence(inputs.row_sequences[row]);
    const auto labels = rows.label_of(row);
    if (mine.size() != labels.size() * C) continue;
    for (std::size_t r = 0; r < labels.size(); ++r) {
      if (labels[r] < 0) continue;
      std::ranges::copy(mine.subspan(r * C, C), std::back_inserter(decisions.logits));
      decisions.gold.push_back(labels[r]);
    }
  }
  return decisions;
}

double TaskReader::cross_entropy(const data::ExampleTable& rows, const ModelInputs& inputs,
                                 const DatasetLogits& logits) const {
  if (rows.has_values()) {
    return data::mean_binary_cross_entropy(logits.values, rows.gold_values, rows.label, logits.classes,
                                           task_.temperature);
  }
  const Decisions all = decisions(rows, inputs, logits);
  return data::mean_cross_entropy(all.logits, logits.classes, all.gold, task_.temperature);
}

}  // namespace noggin::train
