#include <algorithm>
#include <chrono>
#include <fstream>

#include "format/writer.h"
#include "train/baseline/linear_ngram.h"
#include "train/cli/stages.h"
#include "train/loop/failure.h"

namespace noggin::cli {
namespace {

using Clock = std::chrono::steady_clock;

Predictions predict_all(const train::LinearNgram& model, const data::RowBlock& rows) {
  Predictions result;
  std::vector<double> microseconds;
  for (std::size_t i = 0; i < rows.rows(); ++i) {
    const Clock::time_point start = Clock::now();
    result.classes.push_back(model.predict(rows.text_of(i)));
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
  return {json.at("predictions"), json.at("size_bytes"), json.at("latency_us")};
}

}  // namespace

Predictions baseline_stage(RunContext& context, const IngestedData& data, const data::RowBlock& test) {
  train::Progress& progress = context.console.progress();
  train::Recipe part;
  part.seed = context.recipe.seed;
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
  const data::RowBlock rows = train::value_or_throw(data::read_shards(data.train_shards));
  const Predictions result = predict_all(train::LinearNgram::train(rows, options), test);
  const Json json = {{"size_bytes", result.size_bytes}, {"latency_us", result.latency_us}, {"predictions", result.classes}};
  const std::string text = json.dump() + "\n";
  train::throw_unless_ok(format::write_file_atomically(path, text.data(), text.size()));
  context.cache.record("baseline", key, {path}, std::chrono::duration<double>(Clock::now() - start).count());
  return result;
}

}  // namespace noggin::cli
