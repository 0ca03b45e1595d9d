#include "train/cli/compress/search.h"

#include <fmt/format.h>

#include <algorithm>

#include "export/report/text_table.h"
#include "train/cli/budget.h"
#include "train/cli/static_student.h"
#include "train/run/failure.h"

namespace noggin::tool {
namespace {

using train::Trial;

constexpr double kPoint = 0.01;

train::Standing standing_of(const Trial& trial) { return {trial.shape, trial.dev.value, trial.bytes}; }

bool meets_limits(const Trial& trial, const train::BudgetRecipe& budget) {
  return (budget.size_mb <= 0.0 || trial.bytes <= budget_bytes(budget)) &&
         (budget.latency_us <= 0.0 || trial.measured_us <= budget.latency_us);
}

// One rung: trains all, keeps those that the next one has room for.
std::vector<Candidate> better_part(const std::vector<Candidate>& candidates, const train::Rung& rung, std::size_t kept,
                                   const train::Goal& goal, const train::BudgetRecipe& budget, TrialRunner& runner,
                                   std::vector<Trial>& trials) {
  std::vector<train::Standing> standings;
  for (const Candidate& candidate : candidates) {
    const std::optional<Trial> trial = runner.student(candidate, rung, budget);
    if (!trial) continue;
    trials.push_back(*trial);
    standings.push_back(standing_of(*trial));
  }
  std::vector<Candidate> next;
  for (const std::string& name : train::ranked(std::move(standings), goal)) {
    if (next.size() == kept) break;
    next.push_back(*std::ranges::find(candidates, name, &Candidate::name));
  }
  return next;
}

// The smallest of those that the best is not clearly better than.
void choose_best(const std::vector<Trial>& eligible, const TrialRunner& runner, SearchResult& result) {
  std::vector<train::Standing> standings;
  std::vector<std::vector<data::RowScore>> scores;
  for (const Trial& trial : eligible) {
    standings.push_back(standing_of(trial));
    scores.push_back(runner.scores(trial));
  }
  result.best = eligible[train::smallest_equal(standings, scores, runner.bootstrap())];
  const Trial& first = *std::ranges::max_element(eligible, {}, [](const Trial& trial) { return trial.dev.value; });
  result.reason = first == *result.best
                      ? "the best on dev"
                      : fmt::format("the smallest that {} ({}, {}) is not clearly better than (95 % paired bootstrap)",
                                    first.name, exporter::percent(first.dev), exporter::format_bytes(first.bytes));
}

// The smallest that loses no more than budget.drop.
void choose_smallest(const std::vector<Trial>& eligible, double least, SearchResult& result) {
  std::vector<Trial> good;
  std::ranges::copy_if(eligible, std::back_inserter(good), [&](const Trial& one) { return one.dev.value >= least; });
  if (good.empty()) {
    const Trial& nearest = *std::ranges::max_element(eligible, {}, [](const Trial& one) { return one.dev.value; });
    result.reason = fmt::format(
        "no candidate has {:.2f} % on dev, which budget.drop asks for; the nearest is {} with {} and {} "
        "bytes. Fix: a larger budget.drop, longer prune and qat phases, or a larger budget.size_mb",
        100.0 * least, nearest.name, exporter::percent(nearest.dev), train::format_count(nearest.bytes));
    return;
  }
  result.best = *std::ranges::min_element(good, {}, &Trial::bytes);
  result.reason = fmt::format("the smallest with at least {:.2f} % on dev", 100.0 * least);
}

std::string out_of_limits(const std::vector<Trial>& whole, const train::BudgetRecipe& budget) {
  const Trial& nearest = *std::ranges::min_element(whole, {}, &Trial::bytes);
  std::string text = fmt::format("no trained file meets the budget; the nearest is {} with {} bytes and {:.0f} us",
                                 nearest.name, train::format_count(nearest.bytes), nearest.measured_us);
  if (budget.size_mb > 0.0)
    text += fmt::format("; budget.size_mb allows {}", train::format_count(budget_bytes(budget)));
  if (budget.latency_us > 0.0) text += fmt::format("; budget.latency_us allows {:.0f}", budget.latency_us);
  return text + ". Fix: a larger budget, or a quieter machine if it is the time";
}

}  // namespace

std::vector<Candidate> candidates_for(const train::BudgetRecipe& budget, const RunContext& search,
                                      const data::LabelSet& labels, const KnownTexts& known, ShapePlanner& planner) {
  std::vector<Candidate> found = planner.that_fit(budget);
  if (!found.empty()) return found;
  const std::string obstacle = planner.obstacle(budget);
  train::Recipe recipe = search.recipe;
  recipe.budget = budget;
  const bool per_text = !spec::traits_of(recipe.task).per_token();
  if (per_text && recipe.static_student.trained) {
    const train::Recipe small = static_recipe(recipe, labels.names().size());
    const std::uint64_t bytes = planned_bytes(small, labels, with_pieces(small, known, small.tokenizer.training.size));
    if (budget.size_mb <= 0.0 || bytes <= budget_bytes(budget)) {
      search.console.progress().warn(obstacle + ". Only the static student and the linear model are candidates");
      return found;
    }
  }
  throw train::Failure(train::ExitCode::kUsage, obstacle);
}

SearchResult best_within(const train::BudgetRecipe& budget, const std::vector<Candidate>& candidates,
                         TrialRunner& runner) {
  SearchResult result;
  train::Goal goal;
  if (!candidates.empty()) {
    result.whole = runner.whole_student();
    if (budget.drop > 0.0) goal.least_quality = result.whole->dev.value - budget.drop * kPoint;
  }
  result.linear_tagger = runner.linear_tagger();
  result.trials = runner.rivals(budget.size_mb);
  std::vector<Candidate> left = candidates;
  const std::vector<train::Rung> rungs = train::rungs_of(candidates.size());
  for (std::size_t i = 0; i < rungs.size(); ++i) {
    const std::size_t kept = i + 1 < rungs.size() ? rungs[i + 1].trials : left.size();
    left = better_part(left, rungs[i], kept, goal, budget, runner, result.trials);
  }
  std::vector<Trial> whole, eligible;
  std::ranges::copy_if(result.trials, std::back_inserter(whole), [](const Trial& one) { return one.length == 1.0; });
  std::ranges::copy_if(whole, std::back_inserter(eligible),
                       [&](const Trial& one) { return meets_limits(one, budget); });
  if (eligible.empty())
    result.reason = whole.empty() ? std::string("no candidate could be trained") : out_of_limits(whole, budget);
  else if (budget.drop > 0.0 && result.whole)
    choose_smallest(eligible, goal.least_quality, result);
  else
    choose_best(eligible, runner, result);
  return result;
}

SearchResult frontier_of(const std::vector<double>& sizes_mb, const std::vector<std::vector<Candidate>>& candidates,
                         TrialRunner& runner) {
  constexpr train::Rung kWhole{1.0, 1, "all steps"};
  SearchResult result;
  const auto add = [&](const Trial& trial) {
    if (std::ranges::find(result.trials, trial.name, &Trial::name) == result.trials.end())
      result.trials.push_back(trial);
  };
  if (std::ranges::any_of(candidates, [](const auto& of_size) { return !of_size.empty(); }))
    result.whole = runner.whole_student();
  result.linear_tagger = runner.linear_tagger();
  for (std::size_t i = 0; i < sizes_mb.size(); ++i) {
    for (const Trial& rival : runner.rivals(sizes_mb[i])) add(rival);
    if (candidates[i].empty()) continue;
    if (const auto trial = runner.student(candidates[i].front(), kWhole, {.size_mb = sizes_mb[i]})) add(*trial);
  }
  return result;
}

}  // namespace noggin::tool
