// Pieces of a vocabulary that no text can give, because its tokenizer folds them away. Private to data/.
#pragma once

#include <string>

#include "tokenizer/contents.h"

namespace noggin::data {

// What to tell about the pieces that lower-casing or the stripping of accents makes unreachable, with their share and
// examples; empty if there are none. Many mean that the encoder keeps case and its folder does not say so. Pieces that
// no setting reaches ([unused7], "##!") do not count. `folder`: for the text.
std::string note_on_unreachable_pieces(const std::string& folder, const runtime::TokenizerContents& tokenizer);

}  // namespace noggin::data
