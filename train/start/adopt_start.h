// A trained student decides the shape of the one that goes on from it, and how text is normalized; the recipe adopts
// both, so that the resolved copy says what is trained (adopt_pretrained.h does the same for an encoder). No LibTorch.
#pragma once

#include <string>
#include <vector>

#include "train/recipe/adoption.h"

namespace noggin::train {

// Nothing without init.from, nor with init.folder beside it, which the recipe's own rules refuse. Otherwise
// student.{layers, width, heads, ffn_width, embedding_width, layer_norm_epsilon}, student.pooling if the start has one,
// tokenizer.{lowercase, strip_accents, max_word_characters} and init.from_{layers, pieces, classifier} are set from it.
// Of a pruned start student.heads is the number before pruning and student.ffn_width the widest layer's; from_layers
// has each. The lines in Adoption::start say where the weights come from and, where `labels` are the recipe's classes,
// how many keep their rows; empty: they are not known.
//
// Problems: those of describe_start; kInvalidArgument if the recipe sets one of these keys to something else (a default
// counts as not set), reads longer texts than the start, names a vocabulary with pieces that it lacks, has phases or a
// task that a static start cannot have, int4 groups that do not divide its widths, or a live teacher without its
// pieces. With problems, the recipe is adopted in part.
Adoption adopt_start(Recipe& recipe, const std::vector<std::string>& labels);

}  // namespace noggin::train
