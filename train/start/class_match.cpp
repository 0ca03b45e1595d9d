#include "train/start/class_match.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <span>
#include <unordered_map>

namespace noggin::train {
namespace {

constexpr std::size_t kShownNames = 5;

std::string obstacle_of(const StartDescription& start, spec::TaskKind task) {
  if (start.labels.empty()) return "the start has no classifier that a student can use";
  const bool per_token = start.config.pooling == spec::Pooling::kEveryToken;
  if (start.task.value_or(task) != task) {
    return fmt::format("the start answers task {}, this recipe {}", spec::task_name(*start.task),
                       spec::task_name(task));
  }
  if (per_token != spec::traits_of(task).per_token())
    return fmt::format("the start answers per {}", per_token ? "word" : "text");
  return {};
}

std::string named(const std::vector<std::string>& names) {
  const std::span<const std::string> shown(names.data(), std::min(names.size(), kShownNames));
  return fmt::format("({}{})", fmt::join(shown, ", "), names.size() > kShownNames ? ", ..." : "");
}

}  // namespace

std::size_t ClassMatch::kept() const { return rows.size() - static_cast<std::size_t>(std::ranges::count(rows, -1)); }

ClassMatch match_classes(const StartDescription& start, spec::TaskKind task, const std::vector<std::string>& labels) {
  ClassMatch match{std::vector<std::int64_t>(labels.size(), -1), {}, obstacle_of(start, task)};
  if (!match.obstacle.empty()) return match;
  std::unordered_map<std::string, std::int64_t> rows;
  for (std::size_t row = 0; row < start.labels.size(); ++row)
    rows.emplace(start.labels[row], static_cast<std::int64_t>(row));
  for (std::size_t i = 0; i < labels.size(); ++i) {
    const auto row = rows.find(labels[i]);
    if (row != rows.end()) match.rows[i] = row->second;
  }
  for (const std::string& label : start.labels)
    if (std::ranges::find(labels, label) == labels.end()) match.dropped.push_back(label);
  return match;
}

std::string text_of(const ClassMatch& match, const std::vector<std::string>& labels) {
  if (!match.obstacle.empty()) return fmt::format("classifier: starts at random, because {}", match.obstacle);
  std::vector<std::string> added;
  for (std::size_t i = 0; i < labels.size(); ++i)
    if (match.rows[i] < 0) added.push_back(labels[i]);
  std::string text = fmt::format("classifier: {} of {} classes as they are", match.kept(), labels.size());
  if (!added.empty()) text += fmt::format(", {} new at random {}", added.size(), named(added));
  if (!match.dropped.empty()) text += fmt::format(", {} dropped {}", match.dropped.size(), named(match.dropped));
  return text;
}

}  // namespace noggin::train
