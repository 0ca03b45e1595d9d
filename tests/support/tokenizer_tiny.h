// A small valid tokenizer for tests of format, engine and verify.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "tests/support/tokenizer_ascii_tables.h"
#include "tokenizer/contents.h"

namespace noggin::tests {

// vocabulary_size pieces in this order, as many as fit: the five special ones, letters, letters as continuations,
// digits, some punctuation, a few words, then fillers ("[unused0]", ...). At least 31 so that every single lowercase
// letter has an id; at least 57 for words of several letters; below 5 it is not a tokenizer.
inline runtime::TokenizerContents tiny_tokenizer(std::uint32_t vocabulary_size) {
  std::vector<std::string> pieces{"[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]"};
  for (char c = 'a'; c <= 'z'; ++c) pieces.emplace_back(1, c);
  for (char c = 'a'; c <= 'z'; ++c) pieces.push_back(std::string("##").append(1, c));
  for (char c = '0'; c <= '9'; ++c) pieces.emplace_back(1, c);
  for (const char c : std::string(".,?!'-")) pieces.emplace_back(1, c);
  for (const char* word : {"the", "is", "my", "where", "parcel", "not", "how", "do", "##ing", "##ed"}) {
    pieces.emplace_back(word);
  }
  for (std::uint32_t i = 0; pieces.size() < vocabulary_size; ++i) {
    pieces.push_back(std::string("[unused").append(std::to_string(i)).append("]"));
  }
  pieces.resize(vocabulary_size);
  runtime::TokenizerContents contents;
  contents.vocabulary = std::move(pieces);
  contents.pad_id = 0;
  contents.unknown_id = 1;
  contents.cls_id = 2;
  contents.sep_id = 3;
  contents.unicode_tables = ascii_tables();
  return contents;
}

}  // namespace noggin::tests
