#include "train/recipe/static_problems.h"

#include <fmt/format.h>

#include <algorithm>

namespace noggin::train {

std::vector<StaticProblem> static_problems(const Recipe& recipe) {
  std::vector<StaticProblem> problems;
  if (recipe.student.layers > 0) return problems;
  const auto refuse = [&](const char* key, bool wrong, const std::string& what) {
    if (wrong) problems.push_back({key, fmt::format("student.layers is 0, but {}", what)});
  };
  const spec::TaskTraits& task = spec::traits_of(recipe.task);
  refuse("task", task.per_token(),
         fmt::format("task {} answers per word, and without layers no word sees another. Fix: take layers", task.name));
  refuse("student.pooling", recipe.student.pooling != "mean", "student.pooling is not mean. Fix: remove that key");
  refuse("student.embedding_width", recipe.student.embedding_width > 0,
         "student.embedding_width is set. Fix: remove it, student.width is the width of the words");
  refuse("live_teacher.folder", !recipe.online_teacher.folder.empty(),
         "a live teacher is compared layer by layer. Fix: remove live_teacher.folder");
  refuse("init.keep_layers", !recipe.init.keep_layers.empty(), "init.keep_layers is set. Fix: remove it");
  refuse("phases",
         std::ranges::any_of(recipe.phases, [](const Phase& phase) { return phase.kind == PhaseKind::kPrune; }),
         "a prune phase removes heads and neurons. Fix: remove the phase");
  return problems;
}

}  // namespace noggin::train
