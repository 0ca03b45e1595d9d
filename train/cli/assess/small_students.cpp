#include "train/cli/assess/small_students.h"

#include <algorithm>
#include <chrono>
#include <filesystem>
#include <functional>
#include <iostream>
#include <optional>
#include <span>
#include <utility>

#include "data/shards/row_subset.h"
#include "data/shards/sampler.h"
#include "data/shards/shard.h"
#include "train/baseline/target_gradient.h"
#include "train/cli/ingest_into.h"
#include "train/cli/linear_answers.h"
#include "train/cli/static_student.h"
#include "train/loop/trainer.h"
#include "train/run/failure.h"
#include "train/run/stop_signal.h"

namespace noggin::tool {
namespace {

using train::value_or_throw;

constexpr std::size_t kLinearDraws = 3;

bool says_something(const data::ExampleTable& rows, std::size_t row) {
  const std::size_t tokens = rows.per_token() ? rows.tokens_of(row).size() : 1;
  for (std::size_t token = 0; token < tokens; ++token)
    if (train::target_of(rows, row, token).says_something()) return true;
  return false;
}

std::vector<std::uint32_t> usable_rows(const data::ExampleTable& rows) {
  std::vector<std::uint32_t> usable;
  for (std::uint32_t row = 0; row < rows.rows(); ++row)
    if (says_something(rows, row)) usable.push_back(row);
  return usable;
}

// In an order that only seed and draw decide.
std::vector<std::uint32_t> shuffled(std::span<const std::uint32_t> rows, std::uint64_t seed, std::uint64_t draw) {
  constexpr std::uint64_t kStream = 0x617373657373ULL;  // not one that another use of the seed has
  std::vector<std::pair<std::uint64_t, std::uint32_t>> keys;
  for (const std::uint32_t row : rows) keys.emplace_back(data::random_bits(seed, kStream + draw, row), row);
  std::ranges::sort(keys);
  std::vector<std::uint32_t> order;
  for (const auto& [key, row] : keys) order.push_back(row);
  return order;
}

std::vector<data::Confidence> confidences_of(const std::vector<train::Prediction>& answers,
                                             const std::vector<data::RowScore>& scores) {
  std::vector<data::Confidence> confidences;
  for (std::size_t row = 0; row < answers.size(); ++row) {
    const auto* answer = std::get_if<runtime::ClassAnswer>(&answers[row]);
    if (answer != nullptr && scores[row].of > 0.0)
      confidences.push_back({answer->probability, scores[row].right > 0.0});
  }
  return confidences;
}

// The sizes, ascending: all rows, half of them, ...
std::vector<std::uint64_t> sizes_of(std::uint64_t all) {
  std::vector<std::uint64_t> sizes;
  for (std::uint64_t rows = all; sizes.size() < kSizes && rows >= kFewestLearnt; rows /= 2) sizes.push_back(rows);
  std::ranges::reverse(sizes);
  return sizes;
}

// Learns from these rows and answers dev.
using Learn = std::function<std::vector<train::Prediction>(const data::ExampleTable& rows)>;

// `students` says which ones and how many draws.
SmallStudents measured(SmallStudents students, const AssessedJob& subject, const data::ExampleTable& training,
                       const Learn& learn, Console& console) {
  const auto start = std::chrono::steady_clock::now();
  const std::vector<std::uint32_t> usable = usable_rows(training);
  students.usable = usable.size();
  students.used = std::min<std::uint64_t>(usable.size(), kMostRows);
  const std::vector<std::uint64_t> sizes = sizes_of(students.used);
  for (const std::uint64_t rows : sizes) students.sizes.push_back({rows, {}});
  train::Progress& progress = console.progress();
  progress.begin("learning curve, " + students.kind, sizes.size() * students.draws, "models");
  for (std::size_t draw = 0; draw < students.draws; ++draw) {
    const std::vector<std::uint32_t> order = shuffled(usable, subject.recipe.seed, draw);
    for (std::size_t size = 0; size < sizes.size(); ++size) {
      progress.update(draw * sizes.size() + size);
      if (draw > 0 && sizes[size] == usable.size()) continue;  // all rows can be drawn in one way only
      const auto answers = learn(data::rows_at(training, std::span(order).first(sizes[size])));
      students.sizes[size].draws.push_back(subject.reader->scores(subject.dev, answers));
      if (draw == 0 && size + 1 == sizes.size())
        students.confidences = confidences_of(answers, students.sizes[size].draws.front());
    }
  }
  progress.end();
  students.seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
  return students;
}

// Trains static students of the rows in a folder of the job, one after the other.
class StaticLearner {
 public:
  StaticLearner(const AssessedJob& subject, Console& console)
      : subject_(subject),
        recipe_(static_recipe(subject.recipe, subject.task.labels.size())),
        folder_(subject.folder.path() + "/static") {
    recipe_.phases.resize(1);  // what calibrating to integers costs is known to be little: experiments/few_rows
    recipe_.train.tensorboard = false;
    std::filesystem::create_directories(folder_);
    if (!static_has_own_rows(subject.recipe)) return;
    own_.emplace(ingest_into(recipe_, folder_ + "/data", console));
    own_training_ = value_or_throw(data::read_shards(shards("train")));
    own_dev_ = value_or_throw(data::read_shards(shards("dev")));
  }

  const data::ExampleTable& training() const { return own_ ? own_training_ : subject_.training; }

  std::vector<train::Prediction> answers_after(const data::ExampleTable& rows) const {
    const std::string shard = folder_ + "/rows.h5";
    train::throw_unless_ok(data::write_shard(rows, shard));
    train::Progress quiet(std::cerr, train::ProgressOptions::quiet());
    const train::TrainOutcome outcome = train::train({.recipe = recipe_,
                                                      .train_shards = {shard},
                                                      .dev_shards = shards("dev"),
                                                      .tokenizer = report().tokenizer,
                                                      .task = subject_.task,
                                                      .folder = folder_,
                                                      .fresh = true},
                                                     quiet);
    train::StopSignal::throw_if_requested("the learning curve was",
                                          "Nothing of it was kept; the same command begins again");
    return checkpoint_predictions(nullptr, outcome.final_checkpoint(), own_ ? own_dev_ : subject_.dev).answers;
  }

 private:
  const data::IngestReport& report() const { return own_ ? *own_ : subject_.report; }
  std::vector<std::string> shards(const std::string& split) const {
    return shards_of(*std::ranges::find(report().splits, split, &data::SplitSummary::name));
  }

  const AssessedJob& subject_;
  train::Recipe recipe_;
  std::string folder_;
  std::optional<data::IngestReport> own_;  // where the rows of the job are not those of the student
  data::ExampleTable own_training_, own_dev_;
};

}  // namespace

SmallStudents linear_students(const AssessedJob& subject, Console& console) {
  const LinearSetting setting{subject.recipe, subject.task, subject.report.tokenizer, console.progress()};
  const Learn learn = [&](const data::ExampleTable& rows) {
    return linear_predictions(setting, rows, subject.dev, {&subject.dev}).front().answers;
  };
  return measured({.kind = "linear model", .draws = kLinearDraws}, subject, subject.training, learn, console);
}

SmallStudents static_students(const AssessedJob& subject, Console& console) {
  const train::Recipe& recipe = subject.recipe;
  const SmallStudents students{.kind = "static student", .draws = 1};
  if (!recipe.static_student.trained || recipe.student.layers == 0 || subject.training.per_token()) return students;
  const StaticLearner learner(subject, console);
  const Learn learn = [&](const data::ExampleTable& rows) { return learner.answers_after(rows); };
  return measured(students, subject, learner.training(), learn, console);
}

}  // namespace noggin::tool
