// A pretrained folder decides the student's shape and how text is normalized; the recipe takes both over, so that the
// resolved copy says what was trained.
#pragma once

#include "data/pretrained/pretrained_folder.h"
#include "noggin/result.h"
#include "train/recipe/recipe.h"

namespace noggin::train {

// Looks that live_teacher.folder, where set, can be read. Nothing else without init.folder. Else student.{layers, width,
// heads, ffn_width, layer_norm_epsilon}, tokenizer.{lowercase, strip_accents, max_word_characters} and, when empty,
// init.keep_layers become the folder's. kInvalidArgument when the recipe sets one of these to something else (a default
// counts as not set), keeps a layer that is not there or one twice, wants words as wide as the folder's, or asks for more
// positions than it has; else the folder's own errors.
Status adopt_pretrained(Recipe& recipe);

}  // namespace noggin::train
