// Tokens that transformers cuts out of a text before WordPiece sees it. A folder can name them in four files; the
// runtime's tokenizer has none. Private to data/.
#pragma once

#include <string>

#include "noggin/result.h"
#include "tokenizer/contents.h"

namespace noggin::data {

// Success if all of them, in added_tokens.json, special_tokens_map.json, tokenizer_config.json and tokenizer.json, are
// BERT's own [PAD], [UNK], [CLS], [SEP] and [MASK], in their usual roles and with the ids of `tokenizer`. These are
// control tokens: a text that quotes one is read as text. kUnsupported names any other token and its file; kBadData: a
// file is not JSON, an entry is not a token, or the ids differ.
Status check_added_tokens(const std::string& folder, const runtime::TokenizerContents& tokenizer);

}  // namespace noggin::data
