#include "train/recipe/declared_checks.h"

#include <fmt/format.h>

#include <algorithm>
#include <string_view>

#include "spec/tag_scheme.h"
#include "train/recipe/nearest_name.h"

namespace noggin::train {

Result<std::vector<spec::Check>> declared_checks(const ChecksRecipe& checks, spec::TaskKind task,
                                                 const std::vector<std::string>& classes) {
  std::vector<spec::Check> declared;
  if (std::ranges::all_of(checks.types, [](const std::string& type) { return type.empty(); })) return declared;
  const std::vector<std::string_view> views(classes.begin(), classes.end());
  const Result<spec::TagScheme> scheme = spec::make_tag_scheme(task, views);
  if (!scheme) return scheme.error();
  for (std::size_t i = 0; i < checks.types.size(); ++i) {
    const std::string& type = checks.types[i];
    if (type.empty()) continue;
    const std::string key = fmt::format("checks.{}", spec::kCheckNames[i]);
    const auto found = std::ranges::find(scheme->types, type);
    if (found == scheme->types.end()) {
      return Error{ErrorCode::kInvalidArgument,
                   fmt::format("{} is \"{}\", which is no type of the classes (B-x and I-x are of type x). Fix: "
                               "take the nearest, \"{}\", or remove the key",
                               key, type, nearest_name(type, {scheme->types.begin(), scheme->types.end()}))};
    }
    declared.push_back(
        {static_cast<spec::CheckKind>(i + 1), static_cast<std::uint32_t>(found - scheme->types.begin())});
  }
  return declared;
}

Result<format::TaskContents> task_of(const Recipe& recipe, const data::LabelSet& labels) {
  format::TaskContents task{labels.names(), labels.none_class(), recipe.task};
  if (spec::traits_of(recipe.task).is_number()) task.thresholds = {static_cast<float>(recipe.data.score_threshold)};
  Result<std::vector<spec::Check>> checks = declared_checks(recipe.checks, recipe.task, labels.names());
  if (!checks) return checks.error();
  task.checks = *std::move(checks);
  return task;
}

}  // namespace noggin::train
