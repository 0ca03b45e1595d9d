#include "train/cli/ingest_vocabulary.h"

#include <utility>

#include "data/pretrained/pretrained_folder.h"
#include "train/run/failure.h"

namespace noggin::tool {

VocabularyChoice vocabulary_choice(const train::Recipe& recipe) {
  using train::value_or_throw;
  const train::TokenizerRecipe& tokenizer = recipe.tokenizer;
  if (tokenizer.vocabulary_file.empty() && recipe.init.folder.empty()) return tokenizer.training;
  runtime::TokenizerContents contents =
      tokenizer.vocabulary_file.empty()
          ? value_or_throw(data::read_pretrained_folder(recipe.init.folder)).tokenizer
          : value_or_throw(data::read_vocabulary(tokenizer.vocabulary_file, tokenizer.training));
  if (!tokenizer.trim) return contents;
  return data::IngestPlan::Trimmed{std::move(contents), tokenizer.training.size, tokenizer.training.min_frequency,
                                   tokenizer.fill};
}

}  // namespace noggin::tool
