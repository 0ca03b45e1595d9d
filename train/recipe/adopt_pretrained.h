// A pretrained folder decides the student's shape and how text is normalized; the recipe adopts both, so that the
// resolved copy says what was trained.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "data/pretrained/pretrained_folder.h"
#include "noggin/result.h"
#include "train/recipe/adoption.h"

namespace noggin::train {

// Checks that live_teacher.folder, if set, can be read. Without init.folder that is all. Otherwise
// student.{layers, width, heads, ffn_width, layer_norm_epsilon}, tokenizer.{lowercase, strip_accents,
// max_word_characters} and, if empty, init.keep_layers are set from the folder. kInvalidArgument if the recipe sets one
// of these to something else (a default counts as not set), keeps a layer that does not exist or keeps one twice, sets
// an embedding_width not below the folder's width, needs more positions than the folder has, or has a live teacher
// without some of its pieces; else the folder's own errors. With problems, the recipe is adopted in part.
Adoption adopt_pretrained(Recipe& recipe);

// A live teacher reads the student's tokens, so each of `pieces` needs a row of its own table. A trimmed vocabulary is
// known only later, and not judged. kInvalidArgument; `owner`: whose pieces they are, for the message.
Status check_common_pieces(const Recipe& recipe, const data::PretrainedFolder& teacher,
                           const std::vector<std::string>& pieces, const std::string& owner);

}  // namespace noggin::train
