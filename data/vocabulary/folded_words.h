// The words of a text, for comparing texts: split by BERT's basic tokenization (tokenizer/normalizer.h), without case.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "noggin/text_span.h"

namespace noggin::data {

struct FoldedWord {
  std::string letters;  // lowercase, accents kept; a word of more than 256 characters is left as written
  TextSpan place;
  bool punctuation;  // one punctuation character by the normalizer's rule: in ASCII all but letters and digits
};

class WordFolder {
 public:
  WordFolder();
  std::vector<FoldedWord> words(std::string_view text) const;

 private:
  std::vector<std::byte> unicode_;  // character facts, tokenizer/unicode_tables.h
};

}  // namespace noggin::data
