// The tokenizer of a pretrained folder. Private to data/: callers read the whole folder (pretrained_folder.h).
#pragma once

#include <string>

#include "noggin/result.h"
#include "tokenizer/contents.h"

namespace noggin::data {

// From tokenizer.json if it exists, else from vocab.txt; tokenizer_config.json must agree with it. Errors: see
// read_pretrained_folder.
Result<runtime::TokenizerContents> read_pretrained_tokenizer(const std::string& folder);

}  // namespace noggin::data
