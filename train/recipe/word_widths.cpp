#include "train/recipe/word_widths.h"

#include <fmt/format.h>

namespace noggin::train {

std::uint32_t word_width(const StudentRecipe& student) {
  return student.embedding_width > 0 ? student.embedding_width : student.width;
}

std::optional<WordWidthProblem> word_width_problem(const Recipe& recipe) {
  std::uint32_t width = word_width(recipe.student);
  for (std::size_t i = 0; i < recipe.phases.size(); ++i) {
    const std::uint32_t wanted = recipe.phases[i].word_width;
    if (wanted == 0) continue;
    const std::string key = fmt::format("phases.{}.word_width", i);
    if (wanted >= width) {
      return WordWidthProblem{key,
                              fmt::format("{} is {}, but word rows are only {} wide then. Fix: take a narrower one, "
                                          "or remove the key",
                                          key, wanted, width)};
    }
    width = wanted;
  }
  return std::nullopt;
}

}  // namespace noggin::train
