#include "train/cli/compress/shape_planner.h"

#include <fmt/format.h>

#include <algorithm>
#include <tuple>

#include "train/cli/budget.h"
#include "train/recipe/word_widths.h"
#include "train/search/trial_recipe.h"

namespace noggin::tool {
namespace {

using train::StudentShape;

// How much further than needed a search for the smallest file goes.
constexpr int kFurtherCuts[] = {train::kCutsToHalf / 2, train::kCutsToHalf, train::kMostCuts};

}  // namespace

ShapePlanner::ShapePlanner(const train::Recipe& recipe, const data::LabelSet& labels, const KnownTexts& known,
                           train::SearchState& state)
    : recipe_(recipe), labels_(labels), known_(known), state_(state) {
  // The layers of a trained start stay together.
  const std::uint32_t layers = recipe.student.layers;
  layer_counts_ = recipe.init.from.empty() ? train::layer_counts(layers) : std::vector{layers};
}

ModelPlan ShapePlanner::plan_of(const StudentShape& shape) const {
  return plan_model(train::trial_recipe(recipe_, shape, 1.0), labels_, known_);
}

const ShapePlanner::Bytes& ShapePlanner::bytes_of(const StudentShape& shape) {
  const auto [found, added] = bytes_.try_emplace(train::name_of(shape));
  if (!added) return found->second;
  const ModelPlan plan = plan_of(shape);
  const exporter::FileParts& parts = plan.largest.parts;
  return found->second = {plan.smallest.parts.total, parts.total, parts.words + parts.vocabulary, plan.shape.heads,
                          plan.shape.neurons};
}

train::TimedShape ShapePlanner::timed(const StudentShape& shape) const {
  ModelPlan plan = plan_of(shape);
  time_plan(recipe_, known_, plan, kShortLook);
  return {shape.layers, plan.shape.heads, plan.shape.neurons, plan.timed->texts.front().median_us};
}

// Words in four bits are looked up, which takes no time that a clock would notice: one model for each kind of layers.
const train::LatencyModel& ShapePlanner::latency_of(const train::QuantizeRecipe& form) {
  train::QuantizeRecipe of_layers = form;
  if (form.weight_bits == 8) of_layers.embedding_bits = 8;
  return state_.latency_model(train::name_of(of_layers), [&] {
    const std::uint32_t layers = recipe_.student.layers;
    return train::LatencyModel::fit({.whole = timed({of_layers, layers, 0}),
                                     .one_layer = timed({of_layers, layer_counts_.back(), 0}),
                                     .fewer_neurons = timed({of_layers, layers, train::kCutsToHalf / 2}),
                                     .fewer_heads_too = timed({of_layers, layers, train::kCutsToHalf})});
  });
}

double ShapePlanner::predicted(const StudentShape& shape) {
  const Bytes& bytes = bytes_of(shape);
  return latency_of(shape.form).predict(shape.layers, bytes.heads, bytes.neurons);
}

bool ShapePlanner::fits(const StudentShape& shape, const train::BudgetRecipe& budget) {
  if (budget.size_mb > 0.0 && bytes_of(shape).most > budget_bytes(budget)) return false;
  return budget.latency_us <= 0.0 || predicted(shape) <= budget.latency_us;
}

bool ShapePlanner::same_size(const StudentShape& a, const StudentShape& b) {
  const Bytes &first = bytes_of(a), &second = bytes_of(b);
  return first.heads == second.heads && first.neurons == second.neurons;
}

Candidate ShapePlanner::candidate(const StudentShape& shape) {
  const std::string name = train::name_of(shape);
  const Bytes& bytes = bytes_of(shape);
  const double clocked = state_.clocked(name, [&] { return timed(shape).microseconds; });
  return {shape, name, bytes.least, bytes.most, predicted(shape), clocked};
}

// 0: as the recipe has them, which its own narrow rows may be.
std::uint32_t ShapePlanner::words_for(const train::QuantizeRecipe& form, std::uint32_t layers,
                                      const train::BudgetRecipe& budget) {
  const auto fit = [&](std::uint32_t width) {
    return bytes_of({form, layers, 0, width}).words <= room_for_words(budget);
  };
  if (budget.size_mb <= 0.0 || fit(0)) return 0;
  const train::StudentRecipe& student = recipe_.student;
  const std::uint32_t now = train::word_width(student);
  const std::uint32_t words = train::narrow_words(student.width, spec::traits_of(recipe_.task).per_token(),
                                                  [&](std::uint32_t width) { return width < now && fit(width); });
  return words < now ? words : 0;
}

void ShapePlanner::add_layers(std::uint32_t layers, const train::BudgetRecipe& budget, std::vector<Candidate>& found) {
  for (const train::QuantizeRecipe& form : train::weight_forms()) {
    if (!train::allows(recipe_.student, form)) continue;
    const std::uint32_t words = words_for(form, layers, budget);
    if (!fits({form, layers, train::kMostCuts, words}, budget)) continue;
    const int least =
        train::least_cut(train::kMostCuts, [&](int step) { return fits({form, layers, step, words}, budget); });
    int last = least;
    found.push_back(candidate({form, layers, least, words}));
    if (budget.drop > 0.0) {
      for (const int further : kFurtherCuts) {
        // Where only whole groups go, a further cut may leave the same shape.
        if (further <= last || same_size({form, layers, further, words}, {form, layers, last, words})) continue;
        found.push_back(candidate({form, layers, further, words}));
        last = further;
      }
    } else if (least == 0 || budget.size_mb <= 0.0) {
      return;
    }
  }
}

std::vector<Candidate> ShapePlanner::that_fit(const train::BudgetRecipe& budget) {
  std::vector<Candidate> found;
  for (const std::uint32_t layers : layer_counts_) add_layers(layers, budget, found);
  // The clock has the last word on what the model let through.
  if (budget.latency_us > 0.0)
    std::erase_if(found, [&](const Candidate& one) { return one.clocked_us > budget.latency_us; });
  const std::uint32_t fewest = std::min(layer_counts_.front(), train::kFewestLayers);
  const auto removed = [&](const Candidate& one) {
    return std::tuple(one.shape.cut > train::kCutsToHalf || one.shape.layers < fewest,
                      -static_cast<int>(one.shape.layers), one.shape.cut, -static_cast<double>(one.most_bytes));
  };
  std::ranges::sort(found, {}, removed);
  return found;
}

std::string ShapePlanner::obstacle(const train::BudgetRecipe& budget) {
  train::QuantizeRecipe smallest;
  for (const train::QuantizeRecipe& form : train::weight_forms())
    if (train::allows(recipe_.student, form)) smallest = form;
  const StudentShape shape{smallest, layer_counts_.back(), train::kMostCuts,
                           words_for(smallest, layer_counts_.back(), budget)};
  train::Recipe recipe = train::trial_recipe(recipe_, shape, 1.0);
  recipe.budget = budget;
  ModelPlan plan = plan_model(recipe, labels_, known_);
  time_plan(recipe, known_, plan, kShortLook);
  std::string text = fmt::format("no student fits the budget. The nearest, {}, takes {} and {:.0f} us",
                                 train::name_of(shape), plan.size_text(), plan.timed->texts.front().median_us);
  const std::vector<BudgetFindings::Problem> problems = judge_budget(recipe, labels_, known_, plan).problems;
  for (const BudgetFindings::Problem& problem : problems)
    text += fmt::format(". In the way is {}: {}", problem.key, problem.message);
  return problems.empty() ? text + ". Fix: a larger budget" : text;
}

}  // namespace noggin::tool
