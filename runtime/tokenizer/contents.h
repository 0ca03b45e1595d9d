// What the tokenizers are made of, as plain values: training fills them, serialize_tokenizer() and serialize_ngrams()
// turn them into the tokenizer section.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

namespace noggin::runtime {

// WordPiece, as BERT defines it, over text normalized with the tables below (tokenizer/normalizer.h).
struct TokenizerContents {
  std::vector<std::string> vocabulary;  // [V], id = index; continuation pieces start with "##"
  bool lowercase = true;
  bool strip_accents = true;
  std::uint32_t unknown_id = 0, cls_id = 0, sep_id = 0, pad_id = 0;
  std::uint32_t max_word_characters = 100;
  // Unicode facts frozen at export, so that a model behaves the same on every machine (tokenizer/unicode_tables.h).
  std::vector<std::byte> unicode_tables;
};

// Text as a bag of hashed n-grams (tokenizer/ngram_features.h).
struct NgramContents {
  std::uint32_t buckets = 0;                 // of the hash
  std::vector<std::uint32_t> known_buckets;  // [V], ascending, each below `buckets`: the index is the n-gram's id
};

}  // namespace noggin::runtime
