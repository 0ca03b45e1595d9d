#include "train/search/student_shape.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "spec/model_config.h"

namespace noggin::train {
namespace {

constexpr QuantizeRecipe kForms[] = {{.embedding_bits = 8, .weight_bits = 8},
                                     {.embedding_bits = 4, .weight_bits = 8},
                                     {.embedding_bits = 4, .weight_bits = 4, .group = 32}};
constexpr int kHalf = kCutsToHalf / 2;
constexpr std::uint32_t kNarrowest = 64, kNarrowStep = 32;

// `count` of 0..of-1, evenly, first and last among them.
std::vector<std::uint32_t> spread(std::uint32_t count, std::uint32_t of) {
  std::vector<std::uint32_t> kept;
  for (std::uint32_t i = 0; i < count; ++i)
    kept.push_back(count == 1 ? 0 : (i * (of - 1) + (count - 1) / 2) / (count - 1));
  return kept;
}

}  // namespace

std::span<const QuantizeRecipe> weight_forms() { return kForms; }

std::string name_of(const QuantizeRecipe& form) {
  if (form.weight_bits == 4) return "int4";
  return form.embedding_bits == 4 ? "int4-words" : "int8";
}

bool allows(const StudentRecipe& student, const QuantizeRecipe& form) {
  return form.weight_bits == 8 ||
         (spec::check_group("", form.group, student.width) && spec::check_group("", form.group, student.ffn_width));
}

Cut cut_at(int step) {
  const int beyond = std::max(0, step - kCutsToHalf);
  return {std::min(step, kHalf) + beyond, std::clamp(step - kHalf, 0, kHalf)};
}

int least_cut(int most, const std::function<bool(int)>& fits) {
  int low = -1, high = most;
  while (high - low > 1) {
    const int middle = low + (high - low) / 2;
    (fits(middle) ? high : low) = middle;
  }
  return high;
}

std::vector<std::uint32_t> layer_counts(std::uint32_t layers) {
  std::vector<std::uint32_t> counts{layers};
  for (const auto& [part, of] : {std::pair{2U, 3U}, {1U, 2U}, {1U, 3U}, {0U, 1U}}) {
    const std::uint32_t fewer = std::max(1U, (2 * layers * part + of) / (2 * of));  // rounded
    if (fewer < counts.back()) counts.push_back(fewer);
  }
  return counts;
}

std::uint32_t narrow_words(std::uint32_t width, bool per_token, const std::function<bool(std::uint32_t)>& fits) {
  if (width <= kNarrowest) return 0;
  std::uint32_t words = std::max(kNarrowest, width * (per_token ? 1 : 2) / 3 / kNarrowest * kNarrowest);
  while (words > kNarrowest && !fits(words)) words -= kNarrowStep;
  return words;
}

std::string layers_text(std::uint32_t layers) { return fmt::format("{}-layer{}", layers, layers == 1 ? "" : "s"); }

std::string name_of(const StudentShape& shape) {
  const Cut cut = cut_at(shape.cut);
  std::string name = name_of(shape.form) + "-" + layers_text(shape.layers);
  if (cut.neurons > 0) name += fmt::format("-ffn{}", 5 * cut.neurons);
  if (cut.heads > 0) name += fmt::format("-heads{}", 5 * cut.heads);
  if (shape.words > 0) name += fmt::format("-rows{}", shape.words);
  return name;
}

void set_pruning(const Cut& cut, Recipe& recipe, std::uint32_t word_width) {
  const bool any = cut.any() || word_width > 0;
  if (!any) std::erase_if(recipe.phases, [](const Phase& phase) { return phase.kind == PhaseKind::kPrune; });
  for (Phase& phase : recipe.phases) {
    if (phase.kind != PhaseKind::kPrune) continue;
    phase.word_width = std::exchange(word_width, 0);
    phase.ffn_fraction = cut.neurons / kTwentieths;
    phase.heads_fraction = cut.heads / kTwentieths;
  }
}

Recipe with_layers(Recipe recipe, std::uint32_t layers) {
  std::vector<std::uint32_t>& kept = recipe.init.keep_layers;
  if (!recipe.init.folder.empty() && layers < kept.size()) {
    std::vector<std::uint32_t> fewer;
    for (const std::uint32_t index : spread(layers, static_cast<std::uint32_t>(kept.size())))
      fewer.push_back(kept[index]);
    kept = fewer;
  }
  recipe.student.layers = layers;
  return recipe;
}

}  // namespace noggin::train
