// The tokenizer of a pretrained folder. Private to data/: callers read the whole folder (pretrained_folder.h).
#pragma once

#include <string>
#include <vector>

#include "noggin/result.h"
#include "tokenizer/contents.h"

namespace noggin::data {

struct PretrainedTokenizer {
  runtime::TokenizerContents contents;  // the id of a piece is the row of its embedding
  std::vector<std::string> notes;       // what a user should know: doubled pieces, pieces that no text reaches
};

// From tokenizer.json if it exists, else from vocab.txt; every other file that decides ids must agree with it or be
// refused. config_class: "tokenizer_class" of config.json, or empty. Errors: see read_pretrained_folder.
Result<PretrainedTokenizer> read_pretrained_tokenizer(const std::string& folder, const std::string& config_class);

}  // namespace noggin::data
