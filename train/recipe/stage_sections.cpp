#include "train/recipe/stage_sections.h"

#include <algorithm>
#include <vector>

#include "train/recipe/recipe_fields.h"

namespace noggin::train {
namespace {

using Section = std::string_view;

constexpr Section kIngestSections[] = {"task", "data", "tokenizer", "init.folder", "init.from"};
constexpr Section kStaticSections[] = {"static_student"};
constexpr Section kTrainSections[] = {"seed",    "task",     "checks", "tokenizer", "init",   "live_teacher",
                                      "student", "quantize", "train",  "phases",    "shipped"};
constexpr Section kBaselineSections[] = {"name", "seed", "task", "checks", "baseline", "cascade", "export"};
constexpr Section kExportSections[] = {"name", "seed", "task", "checks", "cascade", "export"};
// And what is read after a run, by commands that keep nothing.
constexpr Section kVerifySections[] = {"name",    "seed",    "task",    "gates", "budget",
                                       "compare", "nightly", "publish", "drift", "card"};

// Contents are what counts: whether a file is given changes results, where it lies does not.
void forget_place(std::string& path) {
  if (!path.empty()) path = "given";
}

Recipe without_side_issues(Recipe recipe) {
  const TrainRecipe defaults;
  recipe.train.threads = defaults.threads;
  recipe.train.device = defaults.device;
  recipe.train.checkpoint_minutes = defaults.checkpoint_minutes;
  recipe.data.root.clear();
  if (!asks_shipped_model(recipe)) recipe.shipped = {};
  for (std::string* path : {&recipe.data.labels_file, &recipe.tokenizer.vocabulary_file, &recipe.init.folder,
                            &recipe.init.from, &recipe.online_teacher.folder, &recipe.shipped.model}) {
    forget_place(*path);
  }
  for (auto* split : {&recipe.data.train, &recipe.data.dev, &recipe.data.test}) {
    for (data::Source& source : *split) {
      forget_place(source.path);
      forget_place(source.requests_path);
    }
  }
  return recipe;
}

}  // namespace

std::span<const std::string_view> sections_of(Stage stage) {
  switch (stage) {
    case Stage::kIngest:
      return kIngestSections;
    case Stage::kStatic:
      return kStaticSections;
    case Stage::kTrain:
      return kTrainSections;
    case Stage::kBaseline:
      return kBaselineSections;
    case Stage::kExport:
      return kExportSections;
    case Stage::kVerify:
      return kVerifySections;
  }
  return {};
}

bool in_sections(std::string_view key, std::span<const std::string_view> sections) {
  return std::ranges::any_of(sections, [&](std::string_view section) {
    return key.starts_with(section) && (key.size() == section.size() || key[section.size()] == '.');
  });
}

std::string stage_settings(Stage stage, const Recipe& recipe) {
  return to_yaml(without_side_issues(recipe), sections_of(stage));
}

Recipe first_phases(Recipe recipe, std::size_t count) {
  recipe.phases.resize(std::min(count, recipe.phases.size()));
  const auto has = [&](PhaseKind kind) {
    return std::ranges::find(recipe.phases, kind, &Phase::kind) != recipe.phases.end();
  };
  const QuantizeRecipe usual;
  if (has(PhaseKind::kQat)) return recipe;
  recipe.quantize.embedding_bits = usual.embedding_bits;
  recipe.quantize.widen_bytes = usual.widen_bytes;
  if (has(PhaseKind::kPrune)) return recipe;  // it removes whole groups
  recipe.quantize = usual;
  return recipe;
}

std::string run_settings(const Recipe& recipe) {
  std::vector<Section> sections(std::begin(kIngestSections), std::end(kIngestSections));
  sections.insert(sections.end(), std::begin(kTrainSections), std::end(kTrainSections));
  return to_yaml(without_side_issues(recipe), sections);
}

}  // namespace noggin::train
