#include "train/loop/shipped_answers.h"

#include <fmt/format.h>

#include <algorithm>
#include <numeric>

#include "data/rows/class_name.h"
#include "train/recipe/recipe_fields.h"
#include "train/run/failure.h"

namespace noggin::train {
namespace {

constexpr std::size_t kMaxListed = 8;
constexpr std::size_t kMaxCachedBytes = std::size_t{64} << 20;

// -1: nothing says what is right.
std::int32_t right_label(const data::ExampleTable& table, std::uint32_t row) {
  const std::int32_t gold = table.label_of(row)[0];
  if (gold >= 0 || table.top_k == 0) return gold;
  return table.teacher_classes_of(row)[0];
}

}  // namespace

std::unique_ptr<ShippedAnswers> ShippedAnswers::open(const Recipe& recipe, const format::TaskContents& task) {
  if (!asks_shipped_model(recipe)) return nullptr;
  const std::string& path = recipe.shipped.model;
  const auto refuse = [&](const std::string& why) {
    return Failure(ExitCode::kBadData, fmt::format("shipped.model {} {}. Fix: name the .nog file that this recipe's "
                                                   "model replaces, or remove keep_weight",
                                                   path, why));
  };
  Result<Model> model = Model::open(path);
  if (!model) throw Failure(ExitCode::kBadData, "shipped.model: " + model.error().message);
  if (static_cast<int>(model->task()) != static_cast<int>(recipe.task))
    throw refuse("answers another kind of task than the recipe");
  Session session = value_or_throw(Session::create(*model));
  std::unique_ptr<ShippedAnswers> answers(new ShippedAnswers(std::move(*model), std::move(session), task));
  if (std::ranges::all_of(answers->label_of_, [](std::int32_t label) { return label < 0; }))
    throw refuse("has none of the recipe's classes");
  return answers;
}

ShippedAnswers::ShippedAnswers(Model model, Session session, const format::TaskContents& task)
    : model_(std::move(model)), session_(std::move(session)), width_(std::min(kMaxListed, model_.labels().size())) {
  std::unordered_map<std::string, std::int32_t> labels;
  for (std::size_t i = 0; i < task.labels.size(); ++i)
    labels.emplace(data::class_key(task.labels[i]), static_cast<std::int32_t>(i));
  for (const std::string_view name : model_.labels()) {
    const auto same = labels.find(data::class_key(name));
    label_of_.push_back(same == labels.end() ? -1 : same->second);
  }
}

const std::vector<ShippedAnswers::Listed>& ShippedAnswers::answer(std::uint64_t key, std::string_view text) {
  if (const auto known = answers_.find(key); known != answers_.end()) return known->second;
  const std::span<const float> probabilities = value_or_throw(session_.probabilities(text));
  std::vector<std::size_t> order(probabilities.size());
  std::iota(order.begin(), order.end(), std::size_t{0});
  std::ranges::partial_sort(
      order, order.begin() + static_cast<std::ptrdiff_t>(width_), [&](std::size_t a, std::size_t b) {
        return probabilities[a] > probabilities[b] || (probabilities[a] == probabilities[b] && a < b);
      });
  std::vector<Listed> listed;
  for (std::size_t k = 0; k < width_; ++k) listed.push_back({label_of_[order[k]], probabilities[order[k]]});
  const bool cached = (answers_.size() + 1) * width_ * sizeof(Listed) <= kMaxCachedBytes;
  std::vector<Listed>& place = cached ? answers_[key] : uncached_;
  place = std::move(listed);
  return place;
}

distill::TeacherTargets ShippedAnswers::targets(const data::ExampleTable& table, std::span<const std::uint32_t> rows) {
  const auto count = static_cast<std::int64_t>(rows.size());
  const auto width = static_cast<std::int64_t>(width_);
  distill::TeacherTargets targets{torch::empty({count, width}, torch::kInt64), torch::empty({count, width})};
  auto* classes = targets.classes.data_ptr<std::int64_t>();
  auto* probabilities = targets.probabilities.data_ptr<float>();
  std::fill_n(classes, targets.classes.numel(), -1);
  std::fill_n(probabilities, targets.probabilities.numel(), 0.0F);
  for (const std::uint32_t row : rows) {
    const std::vector<Listed>& listed = answer(table.key[row], table.text_of(row));
    const std::int32_t right = right_label(table, row);
    std::size_t used = 0;
    for (std::size_t k = 0; right >= 0 && listed[0].label == right && k < width_; ++k) {
      if (listed[k].label < 0) continue;
      classes[used] = listed[k].label;
      probabilities[used++] = listed[k].probability;
    }
    classes += width;
    probabilities += width;
  }
  return targets;
}

}  // namespace noggin::train
