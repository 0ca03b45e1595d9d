#include "train/cli/measured_rows.h"

#include <fmt/format.h>

#include <algorithm>
#include <filesystem>
#include <numeric>

#include "bytes/hex.h"
#include "export/compare/judged_rows.h"
#include "export/plan/planned_model.h"
#include "format/reader.h"
#include "noggin/engine.h"
#include "prediction/predictor.h"
#include "train/cli/checkpoint_file.h"
#include "train/run/failure.h"
#include "train/task/span_reader.h"
#include "train/task/stated_probability.h"

namespace noggin::tool {
namespace {

constexpr std::size_t kWorstRows = 10;

// Answers of a model, and for tasks of values what it states for each class.
struct ModelAnswers {
  std::vector<train::Prediction> answers;
  train::StatedFigures stated;
};

ModelAnswers answers_of(const std::string& nog_path, const train::TaskReader& reader, const data::ExampleTable& rows) {
  const Model model = train::value_or_throw(Model::open(nog_path));
  Session session = train::value_or_throw(Session::create(model));
  runtime::Predictor predictor(model, session);
  std::vector<std::string_view> texts;
  for (std::size_t row = 0; row < rows.rows(); ++row) texts.push_back(rows.text_of(row));
  ModelAnswers result;
  train::DatasetLogits logits;
  const auto keep = [&](std::size_t, const train::Prediction& answer, std::span<const float> values) {
    result.answers.push_back(answer);
    if (!rows.has_values()) return;
    logits.values.assign(values.begin(), values.end());
    train::add_stated_probabilities(reader.task(), logits, result.stated);
  };
  train::throw_unless_ok(predictor.predict(texts, keep, rows.has_values()));
  return result;
}

// Rows of which most is wrong; of equal ones the first.
std::vector<exporter::WorstRow> worst_rows(const train::TaskReader& reader, const data::ExampleTable& rows,
                                           const std::vector<train::Prediction>& answers,
                                           const std::vector<data::RowScore>& scores) {
  std::vector<std::size_t> order;
  for (std::size_t row = 0; row < scores.size(); ++row)
    if (scores[row].right < scores[row].of) order.push_back(row);
  std::ranges::stable_sort(order, std::ranges::greater(),
                           [&](std::size_t row) { return scores[row].of - scores[row].right; });
  if (order.size() > kWorstRows) order.resize(kWorstRows);
  std::vector<exporter::WorstRow> worst;
  for (const std::size_t row : order)
    worst.push_back({std::string(rows.id_of(row)), std::string(rows.text_of(row)),
                     exporter::describe_gold(reader, rows, row), reader.describe(rows, row, answers[row]), -1.0,
                     scores[row].of - scores[row].right});
  return worst;
}

// single_label: the answer's probability and whether it is right. Others: each class's probability and gold.
void add_reliability(const train::TaskReader& reader, const data::ExampleTable& rows, const ModelAnswers& model,
                     exporter::MeasuredRows& measured) {
  if (rows.has_values()) {
    const train::StatedProbability probability(rows, model.stated);
    measured.reliability = data::calibration_bins(probability.stated(), probability.gold());
    measured.outcomes_are_counts = !reader.traits().is_number();
    return;
  }
  std::vector<data::Confidence> confidences;
  std::vector<float> stated, right;
  for (std::size_t row = 0; row < rows.rows(); ++row) {
    if (rows.label[row] < 0) continue;
    const auto& answer = std::get<runtime::ClassAnswer>(model.answers[row]);
    const bool is_right = static_cast<std::int32_t>(answer.label) == rows.label[row];
    confidences.push_back({answer.probability, is_right});
    stated.push_back(answer.probability);
    right.push_back(is_right ? 1.0F : 0.0F);
  }
  measured.reliability = data::calibration_bins(stated, right);
  if (!reader.traits().abstains) return;
  measured.risk = exporter::risk_coverage(confidences);
  if (const float threshold = format::decision_of(reader.task()).abstain_below; threshold > 0.0F)
    measured.stored = exporter::operating_point(confidences, threshold);
}

// Taggers: each span that is found, and whether gold has it.
std::vector<data::CalibrationBin> reliability_of_spans(const data::ExampleTable& rows,
                                                       const std::vector<train::Prediction>& answers) {
  std::vector<float> stated, right;
  for (std::size_t row = 0; row < rows.rows(); ++row) {
    if (!rows.has_gold(row)) continue;
    const std::vector<data::TypedSpan> gold = rows.spans_of(row);
    const std::vector<data::TypedSpan> found = train::typed_spans(answers[row]);
    for (std::size_t i = 0; i < found.size(); ++i) {
      stated.push_back(std::get<runtime::SpanAnswer>(answers[row]).spans[i].probability);
      right.push_back(std::ranges::find(gold, found[i]) != gold.end() ? 1.0F : 0.0F);
    }
  }
  return stated.empty() ? std::vector<data::CalibrationBin>() : data::calibration_bins(stated, right);
}

}  // namespace

exporter::MeasuredRows measured_rows(const std::string& nog_path, const data::ExampleTable& rows) {
  const auto reader = reader_of(nog_path);
  const ModelAnswers model = answers_of(nog_path, *reader, rows);
  const std::vector<data::RowScore> scores = reader->scores(rows, model.answers);
  exporter::MeasuredRows measured;
  measured.rows = rows.rows();
  measured.rows_with_gold =
      static_cast<std::uint64_t>(std::ranges::count_if(scores, [](const auto& score) { return score.of > 0.0; }));
  measured.answers_quote_texts = reader->traits().has_target;
  if (const std::int32_t none = reader->task().none_class; none >= 0 && !reader->per_token())
    measured.none_rows = static_cast<std::uint64_t>(std::ranges::count(rows.label, none));
  if (measured.rows_with_gold == 0) return measured;
  if (reader->per_token()) {
    measured.reliability = reliability_of_spans(rows, model.answers);
    measured.reliability_of = "spans that are found";
  } else {
    add_reliability(*reader, rows, model, measured);
  }
  if (const auto classes = reader->classes(model.answers))
    measured.confusions = exporter::confusion_matrix(*classes, rows.label, reader->task().labels);
  measured.worst = worst_rows(*reader, rows, model.answers, scores);
  return measured;
}

exporter::ModelFile model_file(const std::string& nog_path) {
  const Model model = train::value_or_throw(Model::open(nog_path));
  const std::filesystem::path path(nog_path);
  exporter::ModelFile file;
  file.name = path.filename().string();
  file.bytes = std::filesystem::file_size(path);
  file.content_hash = hex(model.content_hash());
  file.classes = model.labels().size();
  file.max_tokens = model.max_tokens();
  file.vocabulary = model.view().config.vocabulary_size;
  const exporter::FileParts parts =
      exporter::file_parts(model.view().config, model.view().tokenizer.size(), file.bytes);
  file.parts = {{"words", parts.words},
                {"layers", parts.layers},
                {"classifier", parts.classifier},
                {"vocabulary", parts.vocabulary},
                {"positions, classes, golden vectors, provenance", parts.rest}};
  return file;
}

}  // namespace noggin::tool
