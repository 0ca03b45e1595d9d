// A pretrained folder decides the student's shape and how text is normalized; the recipe adopts both, so that the
// resolved copy says what was trained.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "data/pretrained/pretrained_folder.h"
#include "noggin/result.h"
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
  explicit operator bool() const { return problems.empty(); }
};

// Checks that live_teacher.folder, if set, can be read. Without init.folder that is all. Otherwise
// student.{layers, width, heads, ffn_width, layer_norm_epsilon}, tokenizer.{lowercase, strip_accents,
// max_word_characters} and, if empty, init.keep_layers are set from the folder. kInvalidArgument if the recipe sets one
// of these to something else (a default counts as not set), keeps a layer that does not exist or keeps one twice, sets
// an embedding_width not below the folder's width, needs more positions than the folder has, or has a live teacher
// without some of its pieces; else the folder's own errors. With problems, the recipe is adopted in part.
Adoption adopt_pretrained(Recipe& recipe);

// The keys that adoption sets.
inline constexpr std::string_view kAdoptedKeys[] = {
    "init.keep_layers",    "student.layers",          "student.width",
    "student.heads",       "student.ffn_width",       "student.layer_norm_epsilon",
    "tokenizer.lowercase", "tokenizer.strip_accents", "tokenizer.max_word_characters"};

}  // namespace noggin::train
