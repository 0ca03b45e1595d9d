#include "train/cli/loss_mix.h"

#include <fmt/format.h>

#include <algorithm>
#include <iostream>
#include <memory>
#include <optional>
#include <utility>

#include "data/ingest/ingest.h"
#include "data/shards/example_table.h"
#include "data/vocabulary/vocabulary.h"
#include "export/report/statistics.h"
#include "tokenizer/wordpiece.h"
#include "train/cli/held_out_rows.h"
#include "train/cli/linear_answers.h"
#include "train/recipe/declared_checks.h"
#include "train/run/failure.h"

namespace noggin::tool {
namespace {

using train::kUsualGoldShare;
using train::value_or_throw;

constexpr double kShares[] = {0.0, 0.2, 0.8, 1.0};  // of gold, beside the usual one
constexpr std::ptrdiff_t kFewestRows = 100;         // with both, and of dev with gold
constexpr std::size_t kMostClasses = 20;            // of a teacher's answer

// Takes what `record` lacks from another row about the same text.
void complete(data::Record& record, const data::Record& other) {
  if (!record.has_teacher()) {
    record.teacher = other.teacher;
    record.teacher_tokens = other.teacher_tokens;
  }
  if (record.has_gold() && !record.is_written) return;
  record.label = other.label;
  record.gold_values = other.gold_values;
  record.has_spans = other.has_spans;
  record.is_written = other.is_written;
  record.spans = other.spans;
  record.target = other.target;
}

// Some of the rows, by hash of their texts: a log may be sorted by class. Of each text one.
std::vector<data::Record> some_of(const std::vector<data::Record>& records) {
  std::vector<std::pair<double, const data::Record*>> by_place;
  for (const data::Record& record : records) by_place.emplace_back(data::TextShare::place_of(record.text), &record);
  std::ranges::sort(by_place);
  std::vector<data::Record> taken;
  for (const auto& [place, record] : by_place) {
    if (!taken.empty() && taken.back().text == record->text) {
      complete(taken.back(), *record);
    } else {
      if (taken.size() == kMostMixRows) break;
      taken.push_back(*record);
    }
  }
  return taken;
}

// Linear models of the same rows, of texts or of words, and what they answer on dev.
class LinearTrials {
 public:
  LinearTrials(const train::Recipe& recipe, const data::LabelSet& labels, const std::vector<data::Record>& training,
               const std::vector<data::Record>& dev)
      : recipe_(recipe),
        task_(value_or_throw(train::task_of(recipe, labels))),
        quiet_(std::cerr, train::ProgressOptions::quiet()) {
    if (spec::traits_of(recipe.task).per_token()) {
      data::VocabularyTrainer trainer(recipe.tokenizer.training);
      for (const data::Record& record : training) trainer.add(record.text);
      tokenizer_ = value_or_throw(trainer.train());
      section_ = value_or_throw(runtime::serialize_tokenizer(tokenizer_));
      bound_.emplace(value_or_throw(runtime::WordPieceTokenizer::bind(section_)));
      reader_ = value_or_throw(train::TaskReader::create(task_, tokenizer_, recipe.tokenizer.max_tokens));
    } else {
      reader_ = value_or_throw(train::TaskReader::create(task_));
    }
    training_ = table_of(training, labels);
    dev_ = table_of(dev, labels);
  }

  std::vector<data::RowScore> scores_with(double gold_share) const {
    train::Recipe recipe = recipe_;
    recipe.phases.assign(1, {});
    recipe.phases.front().teacher_weight = 1.0 - gold_share;
    recipe.phases.front().gold_weight = gold_share;
    const LinearSetting setting{recipe, task_, tokenizer_, quiet_};
    return reader_->scores(dev_, linear_predictions(setting, training_, dev_, {&dev_}).front().answers);
  }

 private:
  data::ExampleTable table_of(const std::vector<data::Record>& records, const data::LabelSet& labels) const {
    RowTable rows({labels, recipe_.task, static_cast<std::uint32_t>(std::min(kMostClasses, labels.names().size())),
                   static_cast<float>(recipe_.data.score_threshold), bound_ ? &*bound_ : nullptr,
                   recipe_.tokenizer.max_tokens});
    for (const data::Record& record : records) rows.add(record);
    return rows.take();
  }

  const train::Recipe& recipe_;
  format::TaskContents task_;
  // Tasks that answer per token: the tokenizer, as bytes, and as a view of these.
  runtime::TokenizerContents tokenizer_;
  std::vector<std::byte> section_;
  std::optional<runtime::WordPieceTokenizer> bound_;
  std::unique_ptr<const train::TaskReader> reader_;
  data::ExampleTable training_, dev_;
  mutable train::Progress quiet_;
};

}  // namespace

std::string LossMix::reason() const {
  const std::string usual = "weights: half teacher, half gold, because rows have both";
  if (trials.empty()) return usual + ": gold corrects the teacher's errors";
  std::string tried;
  for (const Trial& trial : trials)
    tried += fmt::format("{}{:g} gives {:.1f} %", tried.empty() ? "" : ", ", trial.gold_share, 100.0 * trial.quality);
  const std::string measured = fmt::format("linear models of {} rows, by the share of gold: {} on {} rows of dev",
                                           train::format_count(rows), tried, train::format_count(dev));
  if (gold_share == kUsualGoldShare)
    return fmt::format("{}, and no other share is proven better ({})", usual, measured);
  return fmt::format("weights: {:g} gold, {:g} teacher, because dev says so ({})", gold_share, 1.0 - gold_share,
                     measured);
}

LossMix choose_loss_mix(const train::Recipe& recipe, const data::LabelSet& labels,
                        const std::vector<data::Record>& training, const std::vector<data::Record>& dev) {
  std::vector<data::Record> learnt = some_of(training), measured = some_of(dev);
  std::erase_if(learnt, [](const data::Record& row) { return !row.has_gold() && !row.has_teacher(); });
  std::erase_if(measured, [](const data::Record& row) { return !row.has_gold() || row.is_written; });
  const auto gold = std::ranges::count_if(learnt, &data::Record::has_gold);
  const auto teacher = std::ranges::count_if(learnt, &data::Record::has_teacher);
  const auto all = std::ssize(learnt), both = gold + teacher - all;
  LossMix mix;
  if (both < kFewestRows || std::ssize(measured) < kFewestRows) return mix;

  const LinearTrials models(recipe, labels, learnt, measured);
  mix.rows = learnt.size();
  mix.dev = measured.size();
  exporter::BootstrapOptions bootstrap;
  bootstrap.seed = recipe.seed;
  bootstrap.level = 1.0 - 0.05 / static_cast<double>(std::size(kShares));  // Bonferroni's correction
  const std::vector<data::RowScore> usual = models.scores_with(kUsualGoldShare);
  double best = data::ratio(usual);
  mix.trials.push_back({kUsualGoldShare, best});
  for (const double share : kShares) {
    // A row whose only target has no weight would teach nothing.
    if ((share == 0.0 && teacher < all) || (share == 1.0 && gold < all)) continue;
    const std::vector<data::RowScore> scores = models.scores_with(share);
    const double quality = data::ratio(scores);
    mix.trials.push_back({share, quality});
    if (quality <= best || exporter::bootstrap_drop(scores, usual, bootstrap).low <= 0.0) continue;
    best = quality;
    mix.gold_share = share;
  }
  std::ranges::sort(mix.trials, {}, &LossMix::Trial::gold_share);
  return mix;
}

}  // namespace noggin::tool
