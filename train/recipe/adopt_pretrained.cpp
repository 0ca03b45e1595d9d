#include "train/recipe/adopt_pretrained.h"

#include <fmt/format.h>

#include <numeric>

namespace noggin::train {

Status adopt_pretrained(Recipe& recipe) {
  if (recipe.init.folder.empty()) return {};
  const Result<data::PretrainedFolder> folder = data::read_pretrained_folder(recipe.init.folder);
  if (!folder) return folder.error();
  std::vector<std::uint32_t>& kept = recipe.init.keep_layers;
  if (kept.empty()) {
    kept.resize(folder->layers);
    std::iota(kept.begin(), kept.end(), 0U);
  }
  for (const std::uint32_t layer : kept) {
    if (layer < folder->layers) continue;
    return Error{ErrorCode::kInvalidArgument, fmt::format("init.keep_layers names layer {}; {} has layers 0 to {}", layer,
                                                          folder->path, folder->layers - 1)};
  }
  const StudentRecipe otherwise;
  std::string clash;
  const auto adopt = [&](const char* key, auto& value, auto usual, auto wanted) {
    if (value != usual && value != wanted && clash.empty()) {
      clash = fmt::format("student.{} is {}, but {} says {}. Fix: remove the key", key, value, folder->path, wanted);
    }
    value = wanted;
  };
  StudentRecipe& student = recipe.student;
  adopt("layers", student.layers, otherwise.layers, static_cast<std::uint32_t>(kept.size()));
  adopt("width", student.width, otherwise.width, folder->width);
  adopt("heads", student.heads, otherwise.heads, folder->heads);
  adopt("ffn_width", student.ffn_width, otherwise.ffn_width, folder->ffn_width);
  adopt("layer_norm_epsilon", student.layer_norm_epsilon, otherwise.layer_norm_epsilon,
        static_cast<double>(folder->layer_norm_epsilon));
  if (!clash.empty()) return Error{ErrorCode::kInvalidArgument, clash};
  data::VocabularyOptions& tokenizer = recipe.tokenizer.training;
  tokenizer.lowercase = folder->tokenizer.lowercase;
  tokenizer.strip_accents = folder->tokenizer.strip_accents;
  tokenizer.max_word_characters = folder->tokenizer.max_word_characters;
  return {};
}

}  // namespace noggin::train
