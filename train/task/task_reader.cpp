#include "train/task/task_reader.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <iterator>

#include "data/metrics/binary_metrics.h"
#include "data/metrics/classification_metrics.h"
#include "format/reader.h"
#include "kernels/float_environment.h"
#include "train/task/kinds.h"

namespace noggin::train {
namespace {

using spec::TaskKind;

struct Maker {
  TaskKind kind;
  MakeReader* make;
};
constexpr Maker kMakers[] = {{TaskKind::kSingleLabel, make_single_label},
                             {TaskKind::kMultiLabel, make_multi_label},
                             {TaskKind::kTag, make_tag},
                             {TaskKind::kScore, make_score},
                             {TaskKind::kEdit, make_edit}};

}  // namespace

format::TaskContents task_contents(const Model& model) {
  const format::ModelView& view = model.view();
  format::TaskContents task{{view.labels.begin(), view.labels.end()}, view.none_class};
  task.kind = view.decision.kind;
  task.temperature = view.decision.temperature;
  task.abstain_below = view.decision.abstain_below;
  task.thresholds.assign(view.decision.thresholds.begin(), view.decision.thresholds.end());
  task.checks.assign(view.decision.checks.begin(), view.decision.checks.end());
  return task;
}

TaskReader::TaskReader(Parts parts)
    : parts_(std::move(parts)), names_(parts_.task.labels.begin(), parts_.task.labels.end()) {}

Result<std::unique_ptr<const TaskReader>> TaskReader::make(Parts parts) {
  const auto* const maker = std::ranges::find(kMakers, parts.task.kind, &Maker::kind);
  if (maker == std::end(kMakers)) return Error{ErrorCode::kInvalidArgument, "unknown kind of task"};
  std::unique_ptr<TaskReader> reader = maker->make(std::move(parts));
  Result<spec::TagScheme> scheme = spec::make_tag_scheme(reader->task().kind, reader->names_);
  if (!scheme) return scheme.error();
  reader->scheme_ = *std::move(scheme);
  return std::unique_ptr<const TaskReader>(std::move(reader));
}

Result<std::unique_ptr<const TaskReader>> TaskReader::create(const format::TaskContents& task,
                                                             const runtime::WordPieceTokenizer& tokenizer,
                                                             std::uint32_t max_tokens, std::vector<std::byte> section) {
  return make(Parts{task, tokenizer, max_tokens, std::move(section)});
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
  if (!spec::traits_of(task.kind).per_token()) return make(Parts{task, std::nullopt});
  return Error{ErrorCode::kInvalidArgument,
               fmt::format("a {} task reads words: it needs a tokenizer", spec::task_name(task.kind))};
}

ModelInputs TaskReader::inputs(const data::ExampleTable& rows) const {
  return model_inputs(rows, per_token(), parts_.tokenizer.value(), parts_.max_tokens);
}

Prediction TaskReader::answer(const data::ExampleTable&, const ModelInputs& inputs, const DatasetLogits& logits,
                              std::size_t row) const {
  return answer_of_text(logits.sequence(inputs.row_sequences[row]));
}

Prediction TaskReader::answer_of_text(std::span<const float> logits) const {
  const runtime::FloatEnvironment environment;
  return runtime::prediction_of(logits, format::decision_of(task()));
}

std::vector<Prediction> TaskReader::answers(const data::ExampleTable& rows, const ModelInputs& inputs,
                                            const DatasetLogits& logits) const {
  std::vector<Prediction> result;
  for (std::size_t row = 0; row < rows.rows(); ++row) result.push_back(answer(rows, inputs, logits, row));
  return result;
}

void TaskReader::add_stated(const data::ExampleTable&, const ModelInputs&, const DatasetLogits&, std::size_t,
                            std::size_t, StatedFigures&) const {}

std::optional<std::int32_t> TaskReader::class_of(const Prediction&) const { return std::nullopt; }

std::optional<std::vector<std::int32_t>> TaskReader::classes(const std::vector<Prediction>& answers) const {
  if (!traits().is_classification()) return std::nullopt;
  std::vector<std::int32_t> classes;
  for (const Prediction& answer : answers) classes.push_back(*class_of(answer));
  return classes;
}

std::vector<data::RowScore> TaskReader::scores(const data::ExampleTable& rows,
                                               const std::vector<Prediction>& answers) const {
  std::vector<data::RowScore> result;
  for (std::size_t row = 0; row < rows.rows(); ++row) result.push_back(score(rows, row, answers[row]));
  return result;
}

std::optional<std::vector<Prediction>> TaskReader::teacher_answers(const data::ExampleTable& rows) const {
  // Stands in for the logit of a class that the log does not list.
  constexpr float kUnlisted = -30.0F;
  const ModelInputs given = inputs(rows);
  DatasetLogits logits;  // of one row
  std::vector<Prediction> result;
  for (std::size_t row = 0; row < rows.rows(); ++row) {
    logits.make_room(given, given.row_sequences[row], given.row_sequences[row + 1], rows.classes, per_token());
    std::ranges::fill(logits.values, kUnlisted);
    const bool has_words = given.row_sequences[row] != given.row_sequences[row + 1];
    if (!has_words) {
      result.push_back(answer_of_logits(rows, given, logits, row));
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
    result.push_back(answer_of_logits(rows, given, logits, row));
  }
  return result;
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
                                           task().temperature);
  }
  const Decisions all = decisions(rows, inputs, logits);
  return data::mean_cross_entropy(all.logits, logits.classes, all.gold, task().temperature);
}

}  // namespace noggin::train
