#include "train/recipe/word_widths.h"

#include <fmt/format.h>

namespace noggin::train {

std::optional<WordWidthProblem> word_width_problem(const Recipe& recipe) {
  std::uint32_t width = recipe.student.embedding_width > 0 ? recipe.student.embedding_width : recipe.student.width;
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
