#include <algorithm>
#include <chrono>
#include <cmath>
#include <fstream>

#include "format/writer.h"
#include "train/baseline/linear_ngram.h"
#include "train/cli/stages.h"
#include "train/loop/failure.h"

namespace noggin::cli {
namespace {

using Clock = std::chrono::steady_clock;

// A number from 0 to 1 as the probability of the second of two classes.
data::RowBlock as_two_classes(const data::RowBlock& rows) {
  data::RowBlock block = rows;
  block.task = spec::TaskKind::kSingleLabel;
  block.classes = 2;
  block.top_k = 2;
  block.gold_values.clear();
  block.teacher_classes.clear();
  block.teacher_probabilities.clear();
  for (std::size_t i = 0; i < rows.rows(); ++i) {
    const auto gold = rows.gold_values_of(i);
    block.label[i] = data::kNoLabel;  // the soft target says it all
    block.teacher_classes.insert(block.teacher_classes.end(), {gold.empty() ? -1 : 1, gold.empty() ? -1 : 0});
    const float yes = gold.empty() ? 0.0F : gold[0];
    block.teacher_probabilities.insert(block.teacher_probabilities.end(), {yes, gold.empty() ? 0.0F : 1.0F - yes});
  }
  return block;
}

train::RowAnswer answer_of(const train::LinearNgram& model, spec::TaskKind task, std::string_view text) {
  if (task == spec::TaskKind::kSingleLabel) return {model.predict(text), 0};
  const std::vector<float> logits = model.logits(text);
  return train::TaskReader::from_score(1.0F / (1.0F + std::exp(logits[0] - logits[1])));
}

Predictions predict_all(const train::LinearNgram& model, spec::TaskKind task, const data::RowBlock& rows) {
  Predictions result;
  std::vector<double> microseconds;
  for (std::size_t i = 0; i < rows.rows(); ++i) {
    const Clock::time_point start = Clock::now();
    result.answers.push_back(answer_of(model, task, rows.text_of(i)));
    microseconds.push_back(std::chrono::duration<double, std::micro>(Clock::now() - start).count());
  }
  if (!microseconds.empty()) {
    const auto middle = microseconds.begin() + static_cast<std::ptrdiff_t>(microseconds.size() / 2);
    std::nth_element(microseconds.begin(), middle, microseconds.end());
    result.latency_us = *middle;
  }
  result.size_bytes = model.nonzero_weights() * sizeof(float);
  return result;
}

Predictions read(const std::string& path) {
  std::ifstream file(path);
  const Json json = Json::parse(file);
  return {json.at("answers"), json.at("size_bytes"), json.at("latency_us")};
}

}  // namespace

std::optional<Predictions> baseline_stage(RunContext& context, const IngestedData& data, const data::RowBlock& test) {
  if (context.recipe.task != spec::TaskKind::kSingleLabel && context.recipe.task != spec::TaskKind::kScore) return std::nullopt;
  train::Progress& progress = context.console.progress();
  train::Recipe part;
  part.seed = context.recipe.seed;
  part.task = context.recipe.task;
  part.baseline = context.recipe.baseline;
  const std::string path = context.run.file("baseline.json");
  const std::uint64_t key = train::StageCache::key("baseline", {data.outputs, train::to_yaml(part)});
  if (context.cache.is_current("baseline", key)) {
    progress.note("baseline: unchanged, skipped");
    return read(path);
  }
  progress.note("baseline: training the linear n-gram model");
  const Clock::time_point start = Clock::now();
  train::LinearNgramOptions options;
  options.buckets = part.baseline.buckets;
  options.epochs = part.baseline.epochs;
  options.seed = part.seed;
  data::RowBlock rows = train::value_or_throw(data::read_shards(data.train_shards));
  if (rows.has_values()) rows = as_two_classes(rows);
  const Predictions result = predict_all(train::LinearNgram::train(rows, options), test.task, test);
  const Json json = {{"size_bytes", result.size_bytes}, {"latency_us", result.latency_us}, {"answers", result.answers}};
  const std::string text = json.dump() + "\n";
  train::throw_unless_ok(format::write_file_atomically(path, text.data(), text.size()));
  context.cache.record("baseline", key, {path}, std::chrono::duration<double>(Clock::now() - start).count());
  return result;
}

}  // namespace noggin::cli
