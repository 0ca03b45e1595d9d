#include "train/recipe/stage_sections.h"

#include <algorithm>
#include <vector>

namespace noggin::train {
namespace {

using Section = std::string_view;

constexpr Section kIngestSections[] = {"task", "data", "tokenizer", "init.folder"};
constexpr Section kTrainSections[] = {"name",         "seed",    "task",  "tokenizer", "init",
                                      "live_teacher", "student", "train", "phases"};
constexpr Section kBaselineSections[] = {"name", "seed", "task", "baseline", "cascade", "export"};
constexpr Section kExportSections[] = {"name", "seed", "task", "cascade", "export"};
constexpr Section kVerifySections[] = {"name", "seed", "task", "gates"};

}  // namespace

std::span<const std::string_view> sections_of(Stage stage) {
  switch (stage) {
    case Stage::kIngest:
      return kIngestSections;
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

std::string stage_settings(Stage stage, const Recipe& recipe) { return to_yaml(recipe, sections_of(stage)); }

std::string run_settings(const Recipe& recipe) {
  std::vector<Section> sections(std::begin(kIngestSections), std::end(kIngestSections));
  sections.insert(sections.end(), std::begin(kTrainSections), std::end(kTrainSections));
  return to_yaml(recipe, sections);
}

}  // namespace noggin::train
