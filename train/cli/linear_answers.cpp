#include "train/cli/linear_answers.h"

#include <fmt/format.h>

#include "tokenizer/wordpiece.h"
#include "train/baseline/linear_tagger.h"
#include "train/cli/calibration.h"
#include "train/run/failure.h"
#include "train/run/stop_signal.h"
#include "train/search/training_plan.h"

namespace noggin::tool {
namespace {

using Clock = std::chrono::steady_clock;
using train::value_or_throw;

// The same for a linear tagger: one pass per window of a text.
TextLogits logits_of_words(const data::ExampleTable& rows, const train::LinearTagger& tagger,
                           const train::TaskReader& reader) {
  TextLogits all;
  all.inputs = reader.inputs(rows);
  all.logits = train::DatasetLogits::make(all.inputs, rows.classes, true);
  std::vector<double> microseconds;
  for (std::size_t row = 0; row < rows.rows(); ++row) {
    stop_linear_if_told();
    const Clock::time_point start = Clock::now();
    const std::vector<std::vector<float>> windows = tagger.logits(rows.text_of(row));
    microseconds.push_back(std::chrono::duration<double, std::micro>(Clock::now() - start).count());
    std::size_t sequence = all.inputs.row_sequences[row];
    for (const std::vector<float>& logits : windows) std::ranges::copy(logits, all.logits.sequence(sequence++).begin());
  }
  all.median_us = exporter::median(std::move(microseconds));
  return all;
}

template <typename Options>
Options options_of(const train::Recipe& recipe) {
  Options options;
  options.gold_weight = static_cast<float>(gold_share_of(recipe));
  options.buckets = recipe.baseline.buckets;
  options.epochs = recipe.baseline.epochs;
  options.seed = recipe.seed;
  options.between_steps = stop_linear_if_told;
  return options;
}

std::vector<Predictions> ngram_predictions(const LinearSetting& setting, const data::ExampleTable& training,
                                           const data::ExampleTable& dev,
                                           const std::vector<const data::ExampleTable*>& tables) {
  const train::LinearNgram model = learn_ngrams(setting.recipe, training, 0);
  const auto logits_of = [&](std::string_view text) { return model.logits(text); };
  format::TaskContents task = setting.task;
  if (dev.has_values()) task = calibrated(setting, dev, logits_of_texts(dev, logits_of));
  const auto reader = value_or_throw(train::TaskReader::create(task));
  std::vector<Predictions> all;
  for (const data::ExampleTable* rows : tables) {
    const TextLogits found = logits_of_texts(*rows, logits_of);
    all.push_back(
        {reader->answers(*rows, found.inputs, found.logits), model.nonzero_weights() * sizeof(float), found.median_us});
  }
  return all;
}

std::vector<Predictions> tagger_predictions(const LinearSetting& setting, const data::ExampleTable& training,
                                            const std::vector<const data::ExampleTable*>& tables) {
  const std::uint32_t max_tokens = setting.recipe.tokenizer.max_tokens;
  const auto reader = value_or_throw(train::TaskReader::create(setting.task, setting.tokenizer, max_tokens));
  const std::vector<std::byte> section = value_or_throw(runtime::serialize_tokenizer(setting.tokenizer));
  const auto tokenizer = value_or_throw(runtime::WordPieceTokenizer::bind(section));
  const auto tagger = train::LinearTagger::train(training, tokenizer, max_tokens,
                                                 options_of<train::LinearTaggerOptions>(setting.recipe));
  std::vector<Predictions> all;
  for (const data::ExampleTable* rows : tables) {
    const TextLogits found = logits_of_words(*rows, tagger, *reader);
    all.push_back({reader->answers(*rows, found.inputs, found.logits), tagger.nonzero_weights() * sizeof(float),
                   found.median_us});
  }
  return all;
}

}  // namespace

void stop_linear_if_told() {
  train::StopSignal::throw_if_requested("the linear model was",
                                        "Nothing of it was kept; the same command goes on from here");
}

format::TaskContents calibrated(const LinearSetting& setting, const data::ExampleTable& dev, const TextLogits& found) {
  const auto reader = value_or_throw(train::TaskReader::create(setting.task));
  train::Recipe wish = setting.recipe;
  try {
    return calibrate(wish, *reader, dev, found.inputs, found.logits).task;
  } catch (const train::Failure& failure) {
    setting.progress.note(fmt::format("baseline: {}; the baseline answers everything", failure.what()));
    wish.cascade.accuracy = wish.cascade.escalation = 0.0;
    return calibrate(wish, *reader, dev, found.inputs, found.logits).task;
  }
}

double gold_share_of(const train::Recipe& recipe) {
  const train::Phase& first = recipe.phases.front();
  const double both = first.teacher_weight + first.gold_weight;
  return both > 0.0 ? first.gold_weight / both : train::kUsualGoldShare;
}

train::LinearNgram learn_ngrams(const train::Recipe& recipe, const data::ExampleTable& training,
                                std::uint32_t max_features) {
  auto options = options_of<train::LinearNgramOptions>(recipe);
  options.max_features = max_features;
  return train::LinearNgram::train(training, options);
}

std::vector<Predictions> linear_predictions(const LinearSetting& setting, const data::ExampleTable& training,
                                            const data::ExampleTable& dev,
                                            const std::vector<const data::ExampleTable*>& tables) {
  return training.per_token() ? tagger_predictions(setting, training, tables)
                              : ngram_predictions(setting, training, dev, tables);
}

}  // namespace noggin::tool
