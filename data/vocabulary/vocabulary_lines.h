// What read_vocabulary() is made of, for a reader of vocab.txt with other rules.
#pragma once

#include <string>
#include <vector>

#include "data/vocabulary/vocabulary.h"
#include "noggin/result.h"

namespace noggin::data {

// Without line ends ("\n" or "\r\n"). Errors: those of read_input_file.
Result<std::vector<std::string>> read_vocabulary_lines(const std::string& path);

// contents_of() whose errors end with `fix`, what to do about them.
Result<runtime::TokenizerContents> contents_of(std::vector<std::string> pieces, const std::string& where,
                                               const VocabularyOptions& options, const std::string& fix);

}  // namespace noggin::data
