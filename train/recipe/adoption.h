// What a start decides of a recipe (adopt_pretrained.h; train/start/adopt_start.h), and how it is said.
#pragma once

#include <fmt/format.h>

#include <string>
#include <string_view>
#include <vector>

#include "noggin/result.h"
#include "tokenizer/contents.h"
#include "train/recipe/recipe.h"

namespace noggin::train {

struct AdoptionProblem {
  std::string key;  // of the recipe, which it is about
  Error error;
};

struct Adoption {
  std::vector<std::string> notes;  // what a user should know of the folders: notes of theirs (data::PretrainedFolder),
                                   // and another pooling than student.pooling
  std::vector<AdoptionProblem> problems;  // all of them; empty: adopted
  std::vector<std::string> start{};       // where the weights come from, a line each; nothing unusual
  explicit operator bool() const { return problems.empty(); }

  void require(const char* key, const Status& status) {
    if (!status) problems.push_back({key, status.error()});
  }
};

// Sets values that still have their default; reports those that were set to something else.
class ValuesOfStart {
 public:
  // `path`: of the start, in the recipe. `noun`: what it is, "folder" or "start". The adoption must outlive this.
  ValuesOfStart(Adoption& adoption, std::string path, const char* noun)
      : adoption_(adoption), path_(std::move(path)), noun_(noun) {}

  template <typename T>
  void take(const char* key, T& value, const T& usual, const T& wanted) {
    if (value != usual && value != wanted) {
      adoption_.require(key, Error{ErrorCode::kInvalidArgument,
                                   fmt::format("{} is {}, but {} says {}. Fix: remove the key; the {} sets it", key,
                                               value, path_, wanted, noun_)});
    }
    value = wanted;
  }

  // How text is normalized.
  void take_normalization(const runtime::TokenizerContents& says, data::VocabularyOptions& tokenizer) {
    const data::VocabularyOptions plain;
    take("tokenizer.lowercase", tokenizer.lowercase, plain.lowercase, says.lowercase);
    take("tokenizer.strip_accents", tokenizer.strip_accents, plain.strip_accents, says.strip_accents);
    take("tokenizer.max_word_characters", tokenizer.max_word_characters, plain.max_word_characters,
         says.max_word_characters);
  }

 private:
  Adoption& adoption_;
  std::string path_;
  const char* noun_;
};

// Whether the start of a recipe sets this key.
bool is_adopted(const InitRecipe& init, std::string_view key);

}  // namespace noggin::train
