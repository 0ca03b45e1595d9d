#include "train/cli/assess/small_students.h"

#include <algorithm>
#include <chrono>
#include <span>
#include <utility>

#include "data/shards/row_subset.h"
#include "data/shards/sampler.h"
#include "train/baseline/target_gradient.h"
#include "train/cli/linear_answers.h"

namespace noggin::tool {
namespace {

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

Predictions answers_after(const AssessedJob& subject, const data::ExampleTable& training, Console& console) {
  const LinearSetting setting{subject.recipe, subject.task, subject.report.tokenizer, console.progress()};
  if (training.per_token()) return tagger_predictions(setting, training, subject.dev);
  return ngram_predictions(setting, learn_ngrams(subject.recipe, training, 0), subject.dev, subject.dev);
}

// The sizes, ascending: all rows, half of them, ...
std::vector<std::uint64_t> sizes_of(std::uint64_t all) {
  std::vector<std::uint64_t> sizes;
  for (std::uint64_t rows = all; sizes.size() < kSizes && rows >= kFewestLearnt; rows /= 2) sizes.push_back(rows);
  std::ranges::reverse(sizes);
  return sizes;
}

}  // namespace

SmallStudents small_students(const AssessedJob& subject, Console& console) {
  const auto start = std::chrono::steady_clock::now();
  const std::vector<std::uint32_t> usable = usable_rows(subject.training);
  SmallStudents students;
  students.usable = usable.size();
  students.used = std::min<std::uint64_t>(usable.size(), kMostRows);
  const std::vector<std::uint64_t> sizes = sizes_of(students.used);
  for (const std::uint64_t rows : sizes) students.sizes.push_back({rows, {}});
  train::Progress& progress = console.progress();
  progress.begin("learning curve", sizes.size() * kDraws, "models");
  for (std::size_t draw = 0; draw < kDraws; ++draw) {
    const std::vector<std::uint32_t> order = shuffled(usable, subject.recipe.seed, draw);
    for (std::size_t size = 0; size < sizes.size(); ++size) {
      progress.update(draw * sizes.size() + size);
      if (draw > 0 && sizes[size] == usable.size()) continue;  // all rows can be drawn in one way only
      const auto training = data::rows_at(subject.training, std::span(order).first(sizes[size]));
      const Predictions found = answers_after(subject, training, console);
      students.sizes[size].draws.push_back(subject.reader->scores(subject.dev, found.answers));
      if (draw == 0 && size + 1 == sizes.size())
        students.confidences = confidences_of(found.answers, students.sizes[size].draws.front());
    }
  }
  progress.end();
  students.seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
  return students;
}

}  // namespace noggin::tool
