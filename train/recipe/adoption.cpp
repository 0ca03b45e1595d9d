#include "train/recipe/adoption.h"

#include <algorithm>

namespace noggin::train {

bool is_adopted(const InitRecipe& init, std::string_view key) {
  static constexpr std::string_view kOfAnyStart[] = {"student.layers",
                                                     "student.width",
                                                     "student.heads",
                                                     "student.ffn_width",
                                                     "student.layer_norm_epsilon",
                                                     "tokenizer.lowercase",
                                                     "tokenizer.strip_accents",
                                                     "tokenizer.max_word_characters"};
  if (!init.given()) return false;
  if (std::ranges::find(kOfAnyStart, key) != std::end(kOfAnyStart)) return true;
  if (init.from.empty()) return key == "init.keep_layers";
  return key == "student.embedding_width" || key == "student.pooling";
}

}  // namespace noggin::train
