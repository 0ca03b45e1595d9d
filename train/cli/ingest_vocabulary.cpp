#include "train/cli/ingest_vocabulary.h"

#include <utility>

#include "data/pretrained/pretrained_folder.h"
#include "train/run/failure.h"
#include "train/start/start_description.h"

namespace noggin::tool {
namespace {

using train::value_or_throw;

// A start's pieces are read as a vocab.txt of them would be, which is how the run keeps them.
runtime::TokenizerContents given_vocabulary(const train::Recipe& recipe) {
  const train::TokenizerRecipe& tokenizer = recipe.tokenizer;
  if (!tokenizer.vocabulary_file.empty())
    return value_or_throw(data::read_vocabulary(tokenizer.vocabulary_file, tokenizer.training));
  if (!recipe.init.folder.empty()) return value_or_throw(data::read_pretrained_folder(recipe.init.folder)).tokenizer;
  std::vector<std::string> pieces = value_or_throw(train::describe_start(recipe.init.from)).tokenizer.vocabulary;
  return value_or_throw(data::contents_of(std::move(pieces), recipe.init.from, tokenizer.training));
}

}  // namespace

VocabularyChoice vocabulary_choice(const train::Recipe& recipe) {
  const train::TokenizerRecipe& tokenizer = recipe.tokenizer;
  if (tokenizer.vocabulary_file.empty() && !recipe.init.given()) return tokenizer.training;
  runtime::TokenizerContents contents = given_vocabulary(recipe);
  if (!tokenizer.trim) return contents;
  return data::IngestPlan::Trimmed{std::move(contents), tokenizer.training.size, tokenizer.training.min_frequency,
                                   tokenizer.fill};
}

}  // namespace noggin::tool
